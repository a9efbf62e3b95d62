"""The segmentation of melody/note_path.rs, in Python."""

import numpy as np

PARAMS = dict(
    gain=2.5, pitch_cost=0.12, tolerance=0.4, most=2.5, cycle=9, shortest=8, gap=10,
    least_odds=-4.0, phrase_odds=-1.2, step_slope=8.0, step_half=1.0, step_most=1.6, step_alone=16, step_odds=-3.0,
)


def peaks(x, least):
    inner = (x[1:-1] > least) & (x[1:-1] > x[:-2]) & (x[1:-1] >= x[2:])
    return np.flatnonzero(inner) + 1


def smooth(x):
    return np.convolve(np.pad(x, 1, "edge"), [0.25, 0.5, 0.25], "valid")


def with_steps(onset, offset, step, midi, p):
    """Where the pitch moves on and nothing else tells of a note, the step tells."""
    onset, offset = onset.copy(), offset.copy()
    heard = onset.copy()
    for t in peaks(step, 0.4):
        reach = slice(max(0, t - p["step_alone"]), t + p["step_alone"] + 1)
        if step[t] < step[reach].max() or heard[reach].max() > p["step_odds"]:
            continue
        odds = p["step_slope"] * (min(step[t], p["step_most"]) - p["step_half"])
        t = crossing(midi, t)
        onset[t], offset[t] = max(onset[t], odds), max(offset[t], odds)
    return onset, offset


def crossing(midi, t, reach=18):
    """Where the pitch passes from what it was to what it becomes, near a step."""
    first, end = max(0, t - reach), min(len(midi), t + reach)
    part = midi[first:end]
    left, right = np.median(midi[first:t]), np.median(midi[t:end])
    cost = np.concatenate([[0], np.cumsum(np.abs(part - left) - np.abs(part - right))])
    half = reach // 2
    lo, hi = max(t - half - first, 0), min(t + half - first, len(part))
    return first + lo + int(cost[lo : hi + 1].argmin())


def phrases(voiced, gap, longest=3000):
    found = []
    for at in np.flatnonzero(voiced):
        if found and at - found[-1][1] < gap and at - found[-1][0] < longest:
            found[-1][1] = at + 1
        else:
            found.append([at, at + 1])
    return found


def unsteadiness(total, a, b, p):
    """What the pitch of frames a..b costs as one note: vibrato costs nothing."""
    if b - a > 3:
        a, b = a + 1, b - 1
    stride = -(-(b - a) // 64)
    t = np.arange(a, b, stride)
    left, right = np.maximum(a, t - p["cycle"]), np.minimum(b, t + p["cycle"] + 1)
    steady = (total[right] - total[left]) / (right - left)
    middle = np.sort(steady)[len(t) // 2]
    off = np.abs(steady - middle) - p["tolerance"]
    return stride * np.clip(off, 0, p["most"]).sum()


def best_notes(first, end, onset, offset, starts, ends, total, p):
    n = len(starts)
    best, choice = np.zeros(n + 1), [None] * n
    for i in reversed(range(n)):
        best[i], choice[i] = best[i + 1], (None, i + 1)
        for e in ends[np.searchsorted(ends, starts[i] + p["shortest"]) :]:
            j = np.searchsorted(starts, e)
            cost = p["pitch_cost"] * unsteadiness(total, starts[i], e, p)
            value = onset[starts[i]] + offset[min(e, len(offset) - 1)] + p["gain"] - cost + best[j]
            if value > best[i]:
                best[i], choice[i] = value, (e, j)
    notes, i = [], 0
    while i < n:
        e, j = choice[i]
        if e is not None:
            notes.append((starts[i], e))
        i = j
    return notes


def segment(onset, offset, step, midi, voiced, p=PARAMS):
    """Notes as rows of onset and offset in seconds and MIDI pitch."""
    onset, offset = with_steps(smooth(onset), smooth(offset), step, midi, p)
    total = np.concatenate([[0], np.cumsum(midi)])
    all_starts, all_ends = peaks(onset, p["least_odds"]), peaks(offset, p["least_odds"])
    notes = []
    for first, end in phrases(voiced, p["gap"]):
        if end - first < p["shortest"]:
            continue
        starts = all_starts[(all_starts >= first) & (all_starts < end)]
        ends = all_ends[(all_ends > first) & (all_ends <= end)]
        # that a voice begins and ends there was decided
        onset[first] = max(onset[first], p["phrase_odds"])
        last = min(end, len(offset) - 1)
        offset[last] = max(offset[last], p["phrase_odds"])
        starts, ends = np.union1d(starts, [first]), np.union1d(ends, [end])
        for a, b in best_notes(first, end, onset, offset, starts, ends, total, p):
            sung = np.flatnonzero(voiced[a:b])
            if 2 * len(sung) < b - a:
                continue
            a, b = a + sung[0], a + sung[-1] + 1
            if b - a < p["shortest"] - 2:
                continue
            trim = (b - a) // 5
            middle = midi[a + trim : b - trim][voiced[a + trim : b - trim]]
            notes.append((0.01 * (a + 1), 0.01 * (b + 1), np.median(middle if len(middle) else midi[a:b])))
    return np.array(notes).reshape(-1, 3)
