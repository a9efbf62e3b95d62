"""Writes the fixtures of this folder that Python's libraries make: from numbers alone."""
import sys, jams, mido, numpy as np
out = sys.argv[1]
# jams
j = jams.JAMS()
j.file_metadata.duration = 1.0
j.file_metadata.title = "Two tones"
a = jams.Annotation(namespace="pitch_contour", time=0, duration=1)
for i, (hz, voiced, sure) in enumerate([(220.0, True, 0.9), (221.5, False, 0.25), (0.0, False, 0.0)]):
    a.append(time=0.01 * i, duration=0.0, confidence=sure, value={"index": 0, "frequency": hz, "voiced": voiced})
j.annotations.append(a)
n = jams.Annotation(namespace="note_hz", time=0, duration=1)
n.append(time=0.0, duration=0.4, value=220.0, confidence=0.8)
n.append(time=0.5, duration=0.4, value=330.0, confidence=None)
j.annotations.append(n)
w = jams.Annotation(namespace="lyrics", time=0, duration=1)
w.append(time=0.0, duration=0.4, value="夜", confidence=None)
j.annotations.append(w)
b = jams.Annotation(namespace="beat", time=0, duration=1)
b.append(time=0.0, duration=0.0, value=1, confidence=None)
j.annotations.append(b)
j.save(f"{out}/jams.jams")
# mido: two tempi, a note bent a quarter tone up, words; and a zone of MPE of which the wheel of all is used
m = mido.MidiFile(ticks_per_beat=480)
t = mido.MidiTrack(); m.tracks.append(t)
t.append(mido.MetaMessage("track_name", name="Two tones"))
t.append(mido.MetaMessage("set_tempo", tempo=500000))
t.append(mido.Message("pitchwheel", pitch=2048))
t.append(mido.MetaMessage("lyrics", text="la"))
t.append(mido.Message("note_on", note=57, velocity=90))
t.append(mido.Message("note_off", note=57, velocity=0, time=480))
t.append(mido.MetaMessage("set_tempo", tempo=1000000))
t.append(mido.Message("pitchwheel", pitch=0))
t.append(mido.Message("note_on", note=60, velocity=90, time=480))
t.append(mido.Message("note_on", note=60, velocity=0, time=240))
t.append(mido.Message("note_on", channel=9, note=38, velocity=90))
m.save(f"{out}/mido.mid")
m = mido.MidiFile(ticks_per_beat=480)
t = mido.MidiTrack(); m.tracks.append(t)
cc = lambda ch, c, v: t.append(mido.Message("control_change", channel=ch, control=c, value=v))
cc(0, 101, 0); cc(0, 100, 6); cc(0, 6, 15)
for ch, note, wheel in [(1, 57, 2048), (9, 60, 0)]:
    t.append(mido.Message("pitchwheel", channel=0, pitch=4096))
    t.append(mido.Message("pitchwheel", channel=ch, pitch=wheel // 24))
    t.append(mido.Message("note_on", channel=ch, note=note, velocity=90))
    t.append(mido.Message("note_off", channel=ch, note=note, velocity=0, time=480))
m.save(f"{out}/mido.mpe.mid")
np.savez(f"{out}/numpy.npz", times=np.array([0.0, 0.5]), f0=np.array([220.0, 221.5]), voiced=np.array([True, False]), provenance=np.array([0, 1]))
