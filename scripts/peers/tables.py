"""What was measured, as Markdown."""

import json

from rows import ROWS, batch_of, flops


def best_of(lines):
    """The fastest line of each row, pass and engine."""
    best = {}
    for line in map(json.loads, lines):
        key = line["row"], line["pass"], line["engine"]
        if key not in best or line["ms"] < best[key]["ms"]:
            best[key] = line
    return best


def number(value):
    """Three digits that count; a dash where there is no value."""
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 99.95 else f"{value:.3g}"


def table(title, columns, rows):
    print(f"\n## {title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|---|" + "---:|" * (len(columns) - 1))
    for name, *values in rows:
        print("| " + " | ".join([name, *map(number, values)]) + " |")


def cells(best, row, direction, engines, threads):
    """One line of a table: ratios, milliseconds, GFLOP/s where forward, peaks."""
    lines = [best.get((row["name"], direction, engine), {}) for engine in engines]
    ms, peaks = [line.get("ms") for line in lines], [line.get("peak_mib") for line in lines]
    ratios = [ms[0] / other if ms[0] and other else None for other in ms[1:]]
    speed = [flops(row) / ms[0] / threads / 1e6 if ms[0] else None]
    name = f"{row['name']}, batch {batch_of(row, direction)}"
    return [name, *ratios, *ms, *(speed if direction == "forward" else []), *peaks]


def tables(lines, threads):
    """Markdown of all that was measured; a ratio below 1 says that Melograph is the faster."""
    best = best_of(lines)
    names = {name for name, *_ in best}
    rows = [row for name, row in ROWS.items() if name in names]
    three, two = ["melograph", "onnxruntime", "torch"], ["melograph", "torch"]
    columns = ["Row", "ours / ONNX Runtime", "ours / PyTorch"]
    columns += ["ours, ms", "ONNX Runtime, ms", "PyTorch, ms", "ours, GFLOP/s a core"]
    columns += ["ours, peak MiB", "ONNX Runtime, peak MiB", "PyTorch, peak MiB"]
    inference = [cells(best, row, "forward", three, threads) for row in rows]
    table("Inference, batch as named", columns, inference)
    columns = ["Row", "ours / PyTorch", "ours, ms", "PyTorch, ms"]
    columns += ["ours, peak MiB", "PyTorch, peak MiB"]
    training = [cells(best, row, "step", two, threads) for row in rows]
    table("Training step", columns, training)
    bases = {}
    for (*_, engine), line in best.items():
        bases[engine] = max(bases.get(engine, 0), line.get("base_mib", 0))
    notes = [f"{number(bases[e])} MiB for {e}" for e in bases if bases[e]]
    print("\nA ratio below 1: Melograph is faster. PyTorch: the faster of two layouts.")
    print(f"Peaks are of the whole process; before the first layer: {', '.join(notes)}.")
