"""Times the rows of tests/benches/layers.json in ONNX Runtime and PyTorch; see scripts/bench-peers."""

import argparse
import json
import sys
from pathlib import Path

import numpy

from measuring import ENGINES, check, measured
from rows import ROWS
from tables import tables


def versions():
    import onnx
    import onnxruntime
    import torch

    print(
        f"ONNX Runtime {onnxruntime.__version__} (onnx {onnx.__version__}),",
        f"PyTorch {torch.__version__} ({torch.backends.cpu.get_cpu_capability()}),",
        f"NumPy {numpy.__version__}, Python {sys.version.split()[0]}",
    )


def arguments():
    parser = argparse.ArgumentParser(description="Times a row in another engine")
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--row", choices=ROWS, metavar="NAME")
    parser.add_argument("--pass", dest="direction", choices=["forward", "step"], default="forward")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--variant", help="this one alone, not the fastest")
    parser.add_argument("--list", action="store_true", help="the names of the rows")
    parser.add_argument("--check", action="store_true", help="compare the engines' outputs")
    parser.add_argument("--versions", action="store_true", help="of the engines")
    parser.add_argument("--tables", metavar="FILE", help="Markdown of the measured JSON lines")
    return parser, parser.parse_args()


def main():
    parser, args = arguments()
    if args.list:
        print("\n".join(ROWS))
    elif args.versions:
        versions()
    elif args.tables:
        tables(Path(args.tables).read_text().splitlines(), args.threads)
    elif args.check:
        rows = [ROWS[args.row]] if args.row else ROWS.values()
        sys.exit(not all([check(row) for row in rows]))
    elif not args.engine or not args.row:
        parser.error("which --engine and --row?")
    elif args.engine == "onnxruntime" and args.direction == "step":
        parser.error("ONNX Runtime is measured forward only")
    else:
        print(json.dumps(measured(ROWS[args.row], args)))


if __name__ == "__main__":
    main()
