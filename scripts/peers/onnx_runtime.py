"""The rows in ONNX Runtime."""

import numpy

from rows import msnet_layers, random_input, random_weights


class Graph:
    """An ONNX graph that grows node by node; tensors are named by numbers."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, array):
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def node(self, op, *inputs, outputs=1, **attributes):
        from onnx import helper

        names = [f"t{len(self.nodes)}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def model(self, shape, output):
        from onnx import TensorProto, helper

        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        y = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "row", [x], [y], self.constants)
        opset = [helper.make_opsetid("", 17)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def conv_graph(graph, row, weights):
    op = "ConvTranspose" if row["transposed"] else "Conv"
    extra = {"output_padding": row["output_padding"]} if row["transposed"] else {}
    y = graph.node(
        op,
        "x",
        graph.constant(weights["weight"]),
        graph.constant(weights["bias"]),
        kernel_shape=row["kernel"],
        strides=row["stride"],
        pads=row["padding"] * 2,
        dilations=row["dilation"],
        **extra,
    )
    return graph.node("Relu", y)


def msnet_graph(graph, row, weights):
    """Unpooling is a multiplication by "equals the maximum": one value in four survives.

    ONNX Runtime 1.31 has MaxUnpool on the CPU, but MaxPool with indices and MaxUnpool take a
    fifth longer for the whole network, and ScatterElements as long as these; Where in place of
    the multiplication, or ReduceMax in place of MaxPool, change nothing. Equal maxima would
    survive together; random scores have none.
    """
    paddings = {name: rows for name, (*_, rows) in msnet_layers(row).items()}
    axis = graph.constant(numpy.array([3]))
    # 0 keeps the channels, -1 is what remains: blocks of four rows, or rows
    blocks = graph.constant(numpy.array([row["batch"], 0, -1, 4, row["width"]]))
    plain = graph.constant(numpy.array([row["batch"], 0, -1, row["width"]]))

    def layer(name, x):
        gamma, beta, mean, var, weight, bias = (
            graph.constant(weights[f"{name}.{k}"])
            for k in ["gamma", "beta", "mean", "var", "weight", "bias"]
        )
        x = graph.node("BatchNormalization", x, gamma, beta, mean, var, epsilon=1e-5)
        return graph.node("Selu", graph.node("Conv", x, weight, bias, pads=[paddings[name], 2] * 2))

    def pool(x):
        pooled = graph.node("MaxPool", x, kernel_shape=[4, 1], strides=[4, 1])
        maxima = graph.node("Unsqueeze", pooled, axis)
        places = graph.node("Equal", graph.node("Reshape", x, blocks), maxima)
        return pooled, graph.node("Cast", places, to=1)  # 1 is float

    def unpool(x, places):
        spread = graph.node("Mul", graph.node("Unsqueeze", x, axis), places)
        return graph.node("Reshape", spread, plain)

    pooled, places1 = pool(layer("conv1", "x"))
    pooled, places2 = pool(layer("conv2", pooled))
    pooled, places3 = pool(layer("conv3", pooled))
    none = layer("bottom", pooled)
    x = layer("up3", unpool(pooled, places3))
    x = layer("up2", unpool(x, places2))
    x = layer("up1", unpool(x, places1))
    return graph.node("Concat", none, x, axis=2)


def onnxruntime_run(row, direction, threads, _variant):
    """A function that runs the row once and returns its output; the output's memory is reused."""
    import onnxruntime
    from onnxruntime import OrtValue

    x, graph = random_input(row, direction), Graph()
    build = msnet_graph if row["kind"] == "msnet" else conv_graph
    model = graph.model(x.shape, build(graph, row, random_weights(row)))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    y = session.run(None, {"x": x})[0]
    # the arrays only lend their memory, so `run` keeps them
    values = [OrtValue.ortvalue_from_numpy(array) for array in (x, y)]
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", values[0])
    binding.bind_ortvalue_output(session.get_outputs()[0].name, values[1])

    def run(_kept=(x, values)):
        session.run_with_iobinding(binding)
        return y

    return run
