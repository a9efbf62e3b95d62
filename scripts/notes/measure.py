"""What the note stage of Melograph reads of a recording, computed apart from the program.

Times are frames of 10 ms, frame i centered at 0.01 * (i + 1) s, as the program's.
"""

import csv
import subprocess

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

RATE, HOP, WINDOW, FFT = 16_000, 160, 1024, 2048
FLOOR = 1e-8  # of power, as dsp::log_mel
BANDS = slice(8, 66)  # of the 80 mel bands: 200 to 4000 Hz
DB = 10 / np.log(10)
QUIET_DB = 40.0  # softer than the loud frames by more counts as silent
STEP_FRAMES = 18  # a cycle of a vibrato of 5.5 Hz


def decode(path):
    """Mono samples at 16 kHz."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.float32)


def spectra(samples):
    """Power of each frame's bins, divided by the window's."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    window /= np.sqrt((window**2).sum())
    n = -(-len(samples) // HOP) - 1
    padded = np.concatenate([np.zeros(WINDOW // 2), samples, np.zeros(WINDOW)])
    frames = sliding_window_view(padded, WINDOW)[(np.arange(n) + 1) * HOP]
    return np.abs(np.fft.rfft(frames * window, FFT)) ** 2


def voice_level(power, f0_hz):
    """Mean level in dB of the harmonics of f0 at the mel bands, as dsp::Timbre reads them."""
    edges = np.linspace(*(2595 * np.log10(1 + np.array([40, 6500]) / 700)), 82)
    centers = 700 * (10 ** (edges[1:-1] / 2595) - 1)
    bin_hz = RATE / FFT
    level = np.log(power + FLOOR)
    padded = np.pad(level, ((0, 0), (2, 2)), constant_values=np.log(FLOOR))
    peaks = sliding_window_view(padded, 5, axis=1).max(axis=2)
    out = np.zeros(len(f0_hz))
    for t, hz in enumerate(f0_hz):
        number = np.arange(int(centers[-1] / hz) + 2)
        bins = np.minimum(np.round((number + 1) * hz / bin_hz).astype(int), FFT // 2)
        out[t] = np.interp(centers / hz - 1, number, peaks[t, bins])[BANDS].mean()
    return out * DB


def contour(path):
    """f0 in Hz, confidence and voicing of a file of `melograph analyze --format csv`."""
    with open(path) as file:
        rows = np.array([[float(value) for value in row] for row in list(csv.reader(file))[1:]])
    return rows[:, 1], rows[:, 2], rows[:, 3] > 0


def signed_odds(confidence, voiced):
    """Log-odds of a voice, with the sign of what was decided, so that people are heard too."""
    c = np.clip(confidence, 1e-4, 1 - 1e-4)
    odds = np.log(c / (1 - c))
    return np.where(voiced, np.clip(odds, 0.5, 4), np.clip(odds, -4, -0.5))


def shifted(x, by):
    return x[np.clip(np.arange(len(x)) + by, 0, len(x) - 1)]


def around(x, first, last):
    return np.stack([shifted(x, by) for by in range(first, last + 1)])


def pitch_step(midi, voiced):
    """How far the mean pitch of the next cycle of a vibrato lies from that of the last one."""
    weight = voiced.astype(float)
    total = np.concatenate([[0], np.cumsum(midi * weight)])
    count = np.concatenate([[0], np.cumsum(weight)])
    t = np.arange(len(midi))
    left, right = np.maximum(t - STEP_FRAMES, 0), np.minimum(t + STEP_FRAMES, len(midi))
    before, after = count[t] - count[left], count[right] - count[t]
    both = np.minimum(before, after) >= 0.8 * STEP_FRAMES
    step = (total[right] - total[t]) / np.maximum(after, 1) - (total[t] - total[left]) / np.maximum(before, 1)
    return np.where(both, np.abs(step), 0.0)


def measures(level_db, odds):
    """What is measured around each frame, `[frames, measures]`; see melody/note_measures.rs."""
    level = np.maximum(level_db - np.quantile(level_db, 0.95), -QUIET_DB)
    mean = lambda x, a, b: around(x, a, b).mean(0)
    root = lambda x: np.sqrt(np.maximum(x, 0))
    least = around(level, -5, 1).min(0)
    up = around(level, 1, 10).max(0) - least
    down = around(level, -14, -2).max(0) - least
    dip = np.minimum(up, down)
    rise = mean(level, 0, 3) - mean(level, -4, -1)
    return np.stack(
        [
            dip,
            root(dip),
            root(up),
            root(down),
            mean(level, 0, 2) - mean(level, -3, -1),
            root(rise),
            root(-rise),
            mean(level, 4, 7) + mean(level, -8, -5) - 2 * mean(level, -2, 1),
            mean(odds, 1, 8),
            mean(odds, -8, -1),
            mean(odds, 0, 3) - mean(odds, -4, -1),
            around(odds, -5, 1).min(0),
        ],
        axis=1,
    )
