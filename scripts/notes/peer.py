"""Scores Spotify's Basic Pitch on the half of SSVD that Melograph's note stage is not fitted on.

    python -m venv peer && peer/bin/pip install onnxruntime librosa pretty_midi resampy mir_eval
    peer/bin/pip install --no-deps basic-pitch==0.4.0
    peer/bin/python scripts/notes/peer.py --ssvd SSVD/train_valid

As published, and with each note's pitch read off its bends, which its notes of whole semitones lack.
"""

import argparse
import tempfile
from pathlib import Path

import basic_pitch
import numpy as np
import soundfile
from basic_pitch.inference import Model, predict

from measure import RATE, decode
from score import READ_HIGH_HZ, scores

KEPT_OUT = Path(__file__).parents[2] / "src/datasets/validation/ssvd_notes_kept_out.txt"
BENDS_PER_SEMITONE = 3


def notes(model, samples):
    """`[onset, offset, midi]` rows in whole semitones, and with the median of the bends."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        soundfile.write(file.name, samples, RATE)
        _, _, events = predict(file.name, model)
    plain = np.array([event[:3] for event in events], float).reshape(-1, 3)
    bends = [np.median(event[4]) if event[4] else 0 for event in events]
    bent = plain.copy()
    bent[:, 2] += np.array(bends, float) / BENDS_PER_SEMITONE
    return plain, bent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ssvd", type=Path, required=True)
    args = parser.parse_args()
    model = Model(Path(basic_pitch.__file__).parent / "saved_models/icassp_2022/nmp.onnx")
    rows = []
    for name in KEPT_OUT.read_text().split():
        labels = np.loadtxt(args.ssvd / f"{name}.txt", ndmin=2)
        found = notes(model, decode(args.ssvd / f"{name}.opus"))
        rows.append([scores(labels, it, high) for it in found for high in (0, READ_HIGH_HZ)])
    mean = 100 * np.mean(rows, axis=0)
    kinds = ["semitones", "semitones, labels lower", "bends", "bends, labels lower"]
    for kind, values in zip(kinds, mean):
        print(f"{kind}: onset {values[0]:.1f}, onset and pitch {values[1]:.1f}, with offset {values[2]:.1f}")


if __name__ == "__main__":
    main()
