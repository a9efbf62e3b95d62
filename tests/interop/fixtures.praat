form Where to
    sentence folder files
endform
# two tones with a gap
Create Sound from formula: "song", 1, 0, 1.2, 16000, "if x < 0.4 then 0.4*sin(2*pi*220*x) else if x > 0.7 then 0.3*sin(2*pi*(330 + 20*x)*x) else 0 fi fi"
To Pitch: 0.01, 75, 600
Save as text file: folder$ + "/praat-long.Pitch"
Save as short text file: folder$ + "/praat-short.Pitch"
Down to PitchTier
Save as text file: folder$ + "/praat-long.PitchTier"
Save as short text file: folder$ + "/praat-short.PitchTier"
Save as PitchTier spreadsheet file: folder$ + "/praat-sheet.PitchTier"
Save as headerless spreadsheet file: folder$ + "/praat-bare.PitchTier"
Create TextGrid: 0, 1.2, "notes words", ""
Insert boundary: 1, 0.4
Insert boundary: 1, 0.7
Insert boundary: 2, 0.4
Insert boundary: 2, 0.7
Set interval text: 1, 1, "A3"
Set interval text: 1, 3, "E4+12"
Set interval text: 2, 1, "l""a"
Set interval text: 2, 3, "夜 é"
Save as text file: folder$ + "/praat-long.TextGrid"
Save as short text file: folder$ + "/praat-short.TextGrid"
