"""The rows of tests/benches/layers.json: sizes, random values, and how much there is to compute.

A row is a layer or a network, read by both sides (here and in tests/benches/networks.rs):

kind "conv"   one convolution with bias, then ReLU. The input is [batch, cin, height, width]; pairs
              are [height, width]; padding is the same on both sides; output_padding counts only
              where transposed. Step: forward, then backward of sum(output * fixed random tensor)
              to input, weight and bias; no optimizer.
kind "msnet"  MSNet with a head of `maps` maps on [batch, 3, height, width]. Step, with step_batch
              examples: forward, softmax cross-entropy over the 321 rows of the first map against
              random targets, backward, Adam.
"""

import json
from pathlib import Path

import numpy

LAYERS = Path(__file__).parent.parent.parent / "tests/benches/layers.json"
ROWS = {row["name"]: row for row in json.loads(LAYERS.read_text())}


def msnet_layers(row):
    """MSNet's convolutions in order: name → cin, cout, height of the output, padding of rows."""
    height, maps = row["height"], row["maps"]
    return {
        "conv1": (3, 32, height, 2),
        "conv2": (32, 64, height // 4, 2),
        "conv3": (64, 128, height // 16, 2),
        "bottom": (128, maps, 1, 0),
        "up3": (128, 64, height // 16, 2),
        "up2": (64, 32, height // 4, 2),
        "up1": (32, maps, height, 2),
    }


def flops(row):
    """Two for each product of the forward pass's convolutions, products with padding included."""
    if row["kind"] == "msnet":
        places = row["batch"] * row["width"] * 25
        return sum(2 * places * i * o * h for i, o, h, _ in msnet_layers(row).values())
    # a transposed convolution spreads each input over the kernel, others gather each output
    sizes = [row["height"], row["width"]] if row["transposed"] else output_size(row)
    products = row["cin"] * row["cout"] * row["kernel"][0] * row["kernel"][1]
    return 2 * row["batch"] * sizes[0] * sizes[1] * products


def output_size(row):
    """Height and width of a convolution's output, not transposed."""
    axes = zip(row["kernel"], row["stride"], row["padding"], row["dilation"])
    inputs = [row["height"], row["width"]]
    return [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, (k, s, p, d) in zip(inputs, axes)]


def batch_of(row, direction):
    return row.get("step_batch", row["batch"]) if direction == "step" else row["batch"]


def random_input(row, direction):
    """The same for every engine."""
    shape = [batch_of(row, direction), row.get("cin", 3), row["height"], row["width"]]
    return numpy.random.default_rng(1).standard_normal(shape, dtype="float32")


def random_weights(row):
    """Parameters by name, scaled so that the values of a deep network neither grow nor vanish."""
    random = numpy.random.default_rng(2)

    def conv(cin, cout, kernel, transposed=False):
        shape = [cin, cout, *kernel] if transposed else [cout, cin, *kernel]
        scale = (cin * kernel[0] * kernel[1]) ** -0.5
        weight = random.standard_normal(shape, dtype="float32") * numpy.float32(scale)
        return {"weight": weight, "bias": random.uniform(-0.1, 0.1, cout).astype("float32")}

    def norm(channels):
        ranges = {"gamma": (0.5, 1.5), "beta": (-0.5, 0.5), "mean": (-0.5, 0.5), "var": (0.5, 1.5)}
        return {k: random.uniform(*r, channels).astype("float32") for k, r in ranges.items()}

    if row["kind"] == "conv":
        return conv(row["cin"], row["cout"], row["kernel"], row["transposed"])
    layers = {name: norm(i) | conv(i, o, (5, 5)) for name, (i, o, *_) in msnet_layers(row).items()}
    return {f"{name}.{k}": v for name, layer in layers.items() for k, v in layer.items()}
