"""Fits the constants of melody/note_constants.rs on half of SSVD and scores the other half.

    melograph analyze SSVD/train_valid -o CONTOURS -f csv
    python scripts/notes/fit.py --ssvd SSVD/train_valid --contours CONTOURS [--swap]

Two logistic regressions tell how a note's onset and offset look in what measure.py takes of the
frames around; each label makes five frames right. Prints Rust, then the scores of both halves as
mir_eval has them, and with labels READ_HIGH_HZ lower. --swap fits the other half.
"""

import argparse
from pathlib import Path

import numpy as np

from measure import (contour, decode, measures, pitch_step, signed_odds, spectra, voice_level)
from score import READ_HIGH_HZ, scores
from segment import segment

KEPT_OUT = Path(__file__).parents[2] / "src/datasets/validation/ssvd_notes_kept_out.txt"


def recording(args, name):
    """Measures, contour and labels of a recording; kept beside the contours."""
    kept = args.contours / f"{name}.npz"
    if not kept.exists():
        f0_hz, confidence, voiced = contour(args.contours / f"{name}.f0.csv")
        power = spectra(decode(args.ssvd / f"{name}.opus"))
        n = min(len(f0_hz), len(power))
        f0_hz = np.where(f0_hz[:n] > 0, f0_hz[:n], 220.0)
        np.savez(kept, f0_hz=f0_hz, confidence=confidence[:n], voiced=voiced[:n], level=voice_level(power[:n], f0_hz))
    data = dict(np.load(kept))
    odds = signed_odds(data["confidence"], data["voiced"])
    midi = 69 + 12 * np.log2(data["f0_hz"] / 440)
    return dict(
        measures=measures(data["level"], odds),
        midi=midi,
        voiced=data["voiced"],
        step=pitch_step(midi, data["voiced"]),
        labels=np.loadtxt(args.ssvd / f"{name}.txt", ndmin=2),
    )


def right(times, n):
    near = np.zeros(n)
    for secs in times:
        at = int(round(secs / 0.01 - 1))
        near[max(0, at - 2) : at + 3] = 1
    return near


def logistic(x, y, ridge=3.0):
    """Weights and bias by Newton's method."""
    mean, deviation = x.mean(0), x.std(0)
    z = np.c_[(x - mean) / deviation, np.ones(len(x))]
    weights, penalty = np.zeros(z.shape[1]), ridge * np.eye(z.shape[1])
    penalty[-1, -1] = 0
    for _ in range(12):
        p = 1 / (1 + np.exp(-np.clip(z @ weights, -30, 30)))
        hessian = (z * (p * (1 - p) + 1e-9)[:, None]).T @ z + penalty
        weights += np.linalg.solve(hessian, z.T @ (y - p) - penalty @ weights)
    slopes = weights[:-1] / deviation
    return slopes, weights[-1] - slopes @ mean


def fitted(recordings, column):
    x = np.concatenate([r["measures"] for r in recordings])
    y = np.concatenate([right(r["labels"][:, column], len(r["midi"])) for r in recordings])
    return logistic(x, y)


def rust(name, model):
    slopes, bias = model
    values = ", ".join(f"{value:.4f}" for value in slopes)
    print(f"pub(super) const {name}: BoundaryModel = BoundaryModel {{ weights: [{values}], bias: {bias:.4f} }};")


def notes(r, onset, offset, **params):
    odds = [np.clip(r["measures"] @ slopes + bias, -30, 30) for slopes, bias in (onset, offset)]
    return segment(*odds, r["step"], r["midi"], r["voiced"], **params)


def table(name, recordings, onset, offset, **params):
    found = [(r["labels"], notes(r, onset, offset, **params)) for r in recordings]
    as_labeled = np.mean([scores(*pair) for pair in found], axis=0)
    lower = np.mean([scores(*pair, READ_HIGH_HZ) for pair in found], axis=0)
    print(f"{name}: {len(found)} recordings, as labeled", np.round(100 * as_labeled, 1), "labels lower", np.round(100 * lower, 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ssvd", type=Path, required=True)
    parser.add_argument("--contours", type=Path, required=True)
    parser.add_argument("--swap", action="store_true")
    args = parser.parse_args()
    kept_out = set(KEPT_OUT.read_text().split())
    names = sorted(path.stem for path in args.ssvd.glob("*.txt"))
    split = [[n for n in names if n not in kept_out], [n for n in names if n in kept_out]]
    halves = [[recording(args, name) for name in half] for half in split]
    fit, kept = halves[::-1] if args.swap else halves
    onset, offset = fitted(fit, 0), fitted(fit, 1)
    rust("ONSET", onset)
    rust("OFFSET", offset)
    table("fitted", fit, onset, offset)
    table("kept out", kept, onset, offset)


if __name__ == "__main__":
    main()
