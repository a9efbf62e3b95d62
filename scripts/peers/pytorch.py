"""The rows in PyTorch."""

import numpy

from rows import batch_of, msnet_layers, random_input, random_weights


def torch_conv(row, x, weights, _training):
    from torch.nn import functional as F

    options = {k: row[k] for k in ["stride", "padding", "dilation"]}
    if row["transposed"]:
        options["output_padding"] = row["output_padding"]
    conv = F.conv_transpose2d if row["transposed"] else F.conv2d
    return F.relu_(conv(x, weights["weight"], weights["bias"], **options))


def torch_msnet(row, x, weights, training):
    import torch
    from torch.nn import functional as F

    paddings = {name: rows for name, (*_, rows) in msnet_layers(row).items()}

    def layer(name, x):
        w = {k: weights[f"{name}.{k}"] for k in ["gamma", "beta", "mean", "var", "weight", "bias"]}
        x = F.batch_norm(x, w["mean"], w["var"], w["gamma"], w["beta"], training=training)
        return F.selu_(F.conv2d(x, w["weight"], w["bias"], padding=(paddings[name], 2)))

    def pool(x):
        return F.max_pool2d(x, (4, 1), return_indices=True)

    pooled, places1 = pool(layer("conv1", x))
    pooled, places2 = pool(layer("conv2", pooled))
    pooled, places3 = pool(layer("conv3", pooled))
    none = layer("bottom", pooled)
    x = layer("up3", F.max_unpool2d(pooled, places3, (4, 1)))
    x = layer("up2", F.max_unpool2d(x, places2, (4, 1)))
    x = layer("up1", F.max_unpool2d(x, places1, (4, 1)))
    return torch.cat([none, x], 2)


def torch_run(row, direction, threads, variant):
    """A function that runs the row once; forward, it returns the output."""
    import torch

    torch.set_num_threads(threads)
    layout = torch.channels_last if variant == "channels_last" else torch.contiguous_format

    def tensor(array):
        t = torch.from_numpy(array)
        return t.to(memory_format=layout) if t.dim() == 4 else t

    x = tensor(random_input(row, direction))
    weights = {name: tensor(array) for name, array in random_weights(row).items()}
    forward = torch_msnet if row["kind"] == "msnet" else torch_conv
    if direction == "forward":

        @torch.inference_mode()
        def run():
            return forward(row, x, weights, False).numpy()

        return run
    step = torch_msnet_step if row["kind"] == "msnet" else torch_conv_step
    return step(row, x, weights)


def torch_conv_step(row, x, weights):
    import torch

    leaves = [x, *weights.values()]
    for leaf in leaves:
        leaf.requires_grad_()
    y = torch_conv(row, x, weights, True).detach()
    factor = torch.randn_like(y)

    def run():
        for leaf in leaves:
            leaf.grad = None
        # what backward of sum(output * factor) starts from
        torch_conv(row, x, weights, True).backward(factor)

    return run


def torch_msnet_step(row, x, weights):
    import torch

    learned = [w for name, w in weights.items() if not name.endswith((".mean", ".var"))]
    for weight in learned:
        weight.requires_grad_()
    adam = torch.optim.Adam(learned, lr=1e-4, fused=True)
    targets = torch.randint(row["height"] + 1, (x.shape[0], row["width"]))

    def run():
        adam.zero_grad()
        scores = torch_msnet(row, x, weights, True)[:, 0]
        torch.nn.functional.cross_entropy(scores, targets).backward()
        adam.step()

    return run
