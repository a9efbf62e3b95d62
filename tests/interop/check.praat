form Where the files are
    sentence folder .
endform
Read from file: folder$ + "/contour.Pitch"
frames = Get number of frames
hz = Get value at time: 0.3, "Hertz", "linear"
gap = Get value at time: 0.55, "Hertz", "linear"
appendInfoLine: "Praat, Pitch: ", frames, " frames, ", fixed$ (hz, 2), " Hz at 0.3 s, ", fixed$ (gap, 2), " in the gap"
if frames <> 100 or abs (hz - 220) > 5 or gap <> undefined
    exitScript: "Pitch is not as written"
endif
Read from file: folder$ + "/contour.PitchTier"
points = Get number of points
appendInfoLine: "Praat, PitchTier: ", points, " points"
if points <> 90
    exitScript: "PitchTier is not as written"
endif
Read from file: folder$ + "/notes.TextGrid"
tiers = Get number of tiers
label$ = Get label of interval: 1, 4
word$ = Get label of interval: 2, 4
appendInfoLine: "Praat, TextGrid: ", tiers, " tiers, ", label$, ", ", word$
if tiers <> 2 or label$ <> "C#4+12"
    exitScript: "TextGrid is not as written"
endif
