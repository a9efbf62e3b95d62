"""mir_eval's note scores at its default tolerances, and labels as they may be read."""

import mir_eval.transcription as transcription
import numpy as np

# Labels are multiples of 44100 / 8192 Hz, read off a spectrogram: on average this much above the f0
# that Praat's tracker and this program find, on the half that is fitted.
READ_HIGH_HZ = 4.3


def hz(midi):
    return 440 * 2 ** ((np.asarray(midi) - 69) / 12)


def scores(reference, estimate, high_hz=0.0):
    """F1 of onset, of onset and pitch, of all with offset; of `[onset, offset, midi]` rows."""
    if len(estimate) == 0:
        return np.zeros(3)
    pitches = np.maximum(hz(reference[:, 2]) - high_hz, 1)
    pair = (reference[:, :2], pitches, estimate[:, :2], hz(estimate[:, 2]))
    onset = transcription.onset_precision_recall_f1(reference[:, :2], estimate[:, :2])[2]
    pitch = transcription.precision_recall_f1_overlap(*pair, offset_ratio=None)[2]
    return np.array([onset, pitch, transcription.precision_recall_f1_overlap(*pair)[2]])
