"""Times and peaks of a row in an engine.

One measurement prints one JSON line: engine, row, pass, ms (median), peak_mib (the process's
VmHWM), base_mib (the same before the row was built: interpreter and libraries), variant.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from onnx_runtime import onnxruntime_run
from pytorch import torch_run

WARM_UP_SECS, SECS, LEAST_RUNS = 0.3, 1.5, 5

# What can be set without changing the result. Each is measured in a process of its own, so that
# its peak is its own, and the fastest is what counts.
VARIANTS = {"onnxruntime": ["default"], "torch": ["contiguous", "channels_last"]}
ENGINES = {"onnxruntime": onnxruntime_run, "torch": torch_run}
LIBRARIES = {"onnxruntime": ["onnx", "onnxruntime"], "torch": ["torch"]}


def peak_mib():
    """The most memory that this process held at once."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def median_ms(run):
    def timed():
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    warm = time.perf_counter() + WARM_UP_SECS
    timed()
    while time.perf_counter() < warm:
        timed()
    times = []
    while len(times) < LEAST_RUNS or sum(times) < SECS:
        times.append(timed())
    return 1e3 * median(times)


def measure(engine, row, direction, threads, variant):
    """Measures in this process."""
    for library in LIBRARIES[engine]:
        __import__(library)
    base = peak_mib()
    ms = median_ms(ENGINES[engine](row, direction, threads, variant))
    return {
        "engine": engine,
        "row": row["name"],
        "pass": direction,
        "ms": round(ms, 4),
        "peak_mib": round(peak_mib(), 1),
        "base_mib": round(base, 1),
        "variant": variant,
    }


def fastest_variant(engine, row, direction, threads):
    """Measures each variant in a process of its own."""
    command = [sys.executable, str(Path(__file__).parent), "--engine", engine, "--row", row["name"]]
    command += ["--pass", direction, "--threads", str(threads), "--variant"]
    lines = [
        subprocess.run([*command, variant], check=True, stdout=subprocess.PIPE).stdout
        for variant in VARIANTS[engine]
    ]
    return min(map(json.loads, lines), key=lambda line: line["ms"])


def measured(row, args):
    variant = args.variant or VARIANTS[args.engine][0]
    if args.variant or len(VARIANTS[args.engine]) == 1:
        return measure(args.engine, row, args.direction, args.threads, variant)
    return fastest_variant(args.engine, row, args.direction, args.threads)


def check(row):
    """Whether every engine and variant computes the same from the same weights."""
    outputs = {
        f"{engine} {variant}": ENGINES[engine](row, "forward", 1, variant)()
        for engine, variants in VARIANTS.items()
        for variant in variants
    }
    first, *others = outputs.values()
    errors = [abs(other - first).max() / abs(first).max() for other in others]
    same = all(other.shape == first.shape for other in others) and all(e < 1e-4 for e in errors)
    print(f"{'same' if same else 'DIFFERS'}  {max(errors):.1e}  {list(first.shape)}  {row['name']}")
    return same
