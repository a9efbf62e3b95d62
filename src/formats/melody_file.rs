//! A melody from any file that holds one.

use std::path::Path;

use super::table::{Table, read_text};
use super::{FormatError, pv, svl_read};
use crate::melody::pitch::midi_to_hz;
use crate::melody::{F0Frame, F0Track, FrameGrid};

/// Unit of the pitches in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PitchUnit {
    /// Frequency.
    Hertz,
    /// Semitones, A4 = 69.
    Midi,
}

impl PitchUnit {
    /// A pitch in Hz; 0 stays 0 and a sign is kept.
    pub fn to_hz(self, value: f64) -> f64 {
        match self {
            Self::Hertz => value,
            Self::Midi if value == 0.0 => 0.0,
            Self::Midi => midi_to_hz(value.abs()).copysign(value),
        }
    }
}

/// A melody as a file gives it, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct MelodyFile {
    /// Times in seconds.
    pub times: Vec<f64>,
    /// Frequencies in Hz, at least 0; 0 where the file gives none.
    pub f0_hz: Vec<f64>,
    /// Whether the melody sounds, by the file's own convention.
    pub voiced: Vec<bool>,
    /// Confidence, 0 to 1, if the file gives it.
    pub confidence: Option<Vec<f64>>,
    /// The pitches as written.
    pub values: Vec<f64>,
    /// Their unit.
    pub unit: PitchUnit,
}

impl MelodyFile {
    /// A melody whose unvoiced frames are written 0, or negative with a guess.
    pub fn from_values(times: Vec<f64>, values: Vec<f64>, unit: PitchUnit) -> Self {
        Self {
            times,
            f0_hz: values
                .iter()
                .map(|&value| unit.to_hz(value).abs())
                .collect(),
            voiced: values.iter().map(|&value| value > 0.0).collect(),
            confidence: None,
            values,
            unit,
        }
    }

    /// Frequencies in Hz, negative where unvoiced, as metrics take them.
    pub fn signed_hz(&self) -> Vec<f64> {
        let signed = |(&hz, &voiced): (&f64, &bool)| if voiced { hz } else { -hz };
        self.f0_hz.iter().zip(&self.voiced).map(signed).collect()
    }

    /// The median distance of frames, and how far the others are from it, in seconds.
    ///
    /// `None` of fewer than two frames.
    pub fn step_secs(&self) -> Option<(f64, f64)> {
        let mut steps: Vec<f64> = self.times.windows(2).map(|w| w[1] - w[0]).collect();
        steps.sort_by(f64::total_cmp);
        let median = *steps.get(steps.len() / 2)?;
        let spread = (median - steps[0]).max(steps[steps.len() - 1] - median);
        Some((median, spread))
    }

    /// The melody on a uniform grid at its median step, unvoiced where the file leaves frames out.
    pub fn to_track(&self) -> F0Track {
        const DEFAULT_HOP_SECS: f64 = 0.01;
        let hop_secs = self
            .step_secs()
            .map_or(DEFAULT_HOP_SECS, |(step, _)| step)
            .max(1e-3);
        let first_secs = self.times.first().copied().unwrap_or(hop_secs);
        let grid = FrameGrid {
            first_secs,
            hop_secs,
        };
        let n_frames = self
            .times
            .last()
            .and_then(|&last| grid.nearest(last))
            .map_or(0, |last| last + 1);
        let mut frames = vec![F0Frame::default(); n_frames];
        for (i, &time) in self.times.iter().enumerate() {
            let confidence = self
                .confidence
                .as_ref()
                .map_or(f64::from(self.voiced[i]), |c| c[i]);
            if let Some(frame) = grid
                .nearest(time)
                .and_then(|nearest| frames.get_mut(nearest))
            {
                *frame = F0Frame {
                    f0_hz: self.f0_hz[i] as f32,
                    confidence: confidence as f32,
                    voiced: self.voiced[i],
                };
            }
        }
        F0Track { grid, frames }
    }
}

/// Confidence from which a frame is voiced when a file says nothing else.
const CONFIDENT: f64 = 0.5;

/// Reads a melody: text with time and Hz in columns, `.pv` or `.svl`.
///
/// Text may have commas, tabs or blanks between columns, and a header. Columns
/// named confidence (or activation) and voiced are understood; without the
/// latter a frame is voiced where its frequency is above 0 and its confidence,
/// if there is one, at least 0.5.
///
/// # Errors
/// [`FormatError`] if the file cannot be read or holds something else.
pub fn read_melody(path: &Path) -> Result<MelodyFile, FormatError> {
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or("")
        .to_lowercase();
    if matches!(extension.as_str(), "mid" | "midi") {
        return Err(FormatError::content(
            path,
            "a melody frame by frame",
            "a MIDI file, which holds notes",
        ));
    }
    let text = read_text(path)?;
    match extension.as_str() {
        "pv" => pv::read(path, &text),
        "svl" => svl_read::read_melody(path, &text),
        _ => read_columns(path, &text),
    }
}

/// Reads columns of text, time and Hz first; `path` is named in errors.
///
/// # Errors
/// As [`read_melody`].
pub fn read_columns(path: &Path, text: &str) -> Result<MelodyFile, FormatError> {
    let table = Table::parse(path, text);
    if table.column(&["onset", "offset", "duration"]).is_some() {
        return Err(FormatError::content(
            path,
            "a melody frame by frame",
            "a list of notes",
        ));
    }
    let confidence = table.column(&["confidence", "activation", "probability"]);
    let voiced = table.column(&["voiced", "voicing"]);
    let mut frames = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let optional = |column: Option<usize>, expected| {
            column.map(|c| table.number(row, c, expected)).transpose()
        };
        frames.push((
            table.number(row, 0, "a time in seconds")?,
            table.number(row, 1, "a frequency in Hz")?,
            optional(confidence, "a confidence from 0 to 1")?,
            optional(voiced, "0 or 1 for unvoiced or voiced")?,
        ));
    }
    frames.sort_by(|a, b| a.0.total_cmp(&b.0));
    let values = frames.iter().map(|f| f.1).collect();
    let mut file = MelodyFile::from_values(
        frames.iter().map(|f| f.0).collect(),
        values,
        PitchUnit::Hertz,
    );
    file.confidence = confidence.map(|_| {
        frames
            .iter()
            .filter_map(|f| f.2)
            .map(|c| c.clamp(0.0, 1.0))
            .collect()
    });
    for (sounds, frame) in file.voiced.iter_mut().zip(&frames) {
        *sounds &= match (frame.3, frame.2) {
            (Some(voiced), _) => voiced >= CONFIDENT,
            (None, Some(confidence)) => confidence >= CONFIDENT,
            (None, None) => true,
        };
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{csv, mirex, tony};
    use proptest::prelude::*;

    fn read(text: &str) -> Result<MelodyFile, FormatError> {
        read_columns(Path::new("a.txt"), text)
    }

    #[test]
    fn voicing_is_as_the_file_says() {
        let crepe = read("time,frequency,confidence\n0,220,0.9\n0.01,221,0.1\n").unwrap();
        assert_eq!(crepe.voiced, [true, false]);
        assert_eq!(crepe.confidence, Some(vec![0.9, 0.1]));
        assert_eq!(crepe.signed_hz(), [220.0, -221.0]);
        let mirex = read("0.00\t-220\n0.01\t221\n0.02\t0").unwrap();
        assert_eq!(mirex.voiced, [false, true, false]);
        assert_eq!(mirex.f0_hz, [220.0, 221.0, 0.0]);
    }

    #[test]
    fn frames_are_sorted_and_gaps_become_unvoiced() {
        let file = read("0.05 220\n0.02 210\n0.03 211\n0.04 212\n0.08 230").unwrap();
        assert_eq!(file.times, [0.02, 0.03, 0.04, 0.05, 0.08]);
        let track = file.to_track();
        assert_eq!(track.frames.len(), 7);
        let voiced: Vec<bool> = track.frames.iter().map(|f| f.voiced).collect();
        assert_eq!(voiced, [true, true, true, true, false, false, true]);
        assert!(read("").unwrap().to_track().frames.is_empty());
    }

    #[test]
    fn what_is_no_melody_is_named() {
        let error = read("0.01,220\n0.02,x\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.txt, line 2: expected a frequency in Hz, found \"x\""
        );
        assert!(read("onset,offset,midi,confidence\n0,1,60,1").is_err());
        assert!(read_melody(Path::new("a.mid")).is_err());
    }

    type Writer = fn(&F0Track, &mut dyn std::io::Write) -> std::io::Result<()>;

    fn frame() -> impl Strategy<Value = F0Frame> {
        (30.0f32..1300.0, 0.0f32..1.0, any::<bool>(), 0..10).prop_map(
            |(hz, confidence, voiced, none)| match none {
                0 => F0Frame::default(),
                _ => F0Frame {
                    f0_hz: hz,
                    confidence,
                    voiced,
                },
            },
        )
    }

    proptest! {
        #[test]
        fn written_contours_come_back(
            frames in proptest::collection::vec(frame(), 2..80),
            hop_secs in prop_oneof![Just(0.01), Just(0.02), Just(256.0 / 44_100.0)],
        ) {
            let track = F0Track { grid: FrameGrid::from_hop(hop_secs), frames };
            for (i, write) in [csv::write as Writer, mirex::write, tony::write].into_iter().enumerate() {
                let mut text = Vec::new();
                write(&track, &mut text).unwrap();
                let back = read(std::str::from_utf8(&text).unwrap()).unwrap().to_track();
                prop_assert_eq!(back.frames.len(), track.frames.len());
                for (a, b) in track.frames.iter().zip(&back.frames) {
                    prop_assert_eq!(a.voiced, b.voiced);
                    let hz = if i == 2 && !a.voiced { 0.0 } else { a.f0_hz };
                    prop_assert!((hz - b.f0_hz).abs() <= 6e-4);
                    prop_assert!(i != 0 || (a.confidence - b.confidence).abs() <= 6e-5);
                }
                prop_assert!((back.grid.first_secs - track.grid.first_secs).abs() < 1e-6);
            }
        }
    }
}
