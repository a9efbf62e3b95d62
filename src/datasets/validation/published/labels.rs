//! Columns of published melodies.

use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::datasets::DatasetError;
use crate::melody::FrameGrid;
use crate::melody::pitch::midi_to_hz;

/// What the columns of a label file are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LabelLayout {
    /// Time in seconds and f0 in Hz.
    TimeAndHz,
    /// A MIDI number a line, on a grid.
    Semitones(FrameGrid),
    /// Frame of 10 ms, frame, a letter, f0 in Hz, power.
    RwcMelody,
}

impl LabelLayout {
    /// What a line should hold.
    fn expected(self) -> &'static str {
        match self {
            Self::TimeAndHz => "a time in seconds and a frequency in Hz",
            Self::Semitones(_) => "a MIDI number",
            Self::RwcMelody => "two frames, a letter, a frequency in Hz and a power",
        }
    }

    /// Time and Hz of the line of this number, 0 where nobody sings.
    fn value(self, i: usize, columns: &[&str]) -> Option<(f64, f64)> {
        let number = |column: usize| {
            let value: f64 = columns.get(column)?.parse().ok()?;
            value.is_finite().then_some(value)
        };
        let (time, hz) = match self {
            Self::TimeAndHz => (number(0)?, number(1)?),
            Self::RwcMelody => (0.01 * number(0)?, number(3)?),
            Self::Semitones(grid) => {
                let midi = number(0)?;
                let hz = if midi > 0.0 { midi_to_hz(midi) } else { 0.0 };
                (grid.time(i), hz)
            }
        };
        (0.0..20_000.0).contains(&hz).then_some((time, hz))
    }
}

/// Times and Hz of a label file.
///
/// # Errors
/// [`DatasetError::Io`] or [`DatasetError::Label`].
pub fn read(path: &Path, layout: LabelLayout) -> Result<Vec<(f64, f64)>, DatasetError> {
    let text = fs::read_to_string(path).map_err(DatasetError::io(path))?;
    let lines = text.lines().enumerate();
    let filled = lines.filter(|(_, line)| !line.trim().is_empty());
    let value = |(i, line): (usize, &str)| {
        let value = layout.value(i, &columns(line));
        value.ok_or_else(|| DatasetError::Label {
            path: path.to_path_buf(),
            line: i + 1,
            expected: layout.expected(),
            found: line.trim().to_owned(),
        })
    };
    filled.map(value).collect()
}

/// When a singer sings, by MedleyDB's list of instruments.
///
/// # Errors
/// [`DatasetError::Io`] or [`DatasetError::Label`].
pub fn singing(path: &Path) -> Result<Vec<Range<f64>>, DatasetError> {
    let text = fs::read_to_string(path).map_err(DatasetError::io(path))?;
    let lines = text.lines().enumerate().skip(1);
    let sung = lines.filter(|(_, line)| line.contains("singer"));
    let range = |(i, line): (usize, &str)| {
        let mut columns = line.split(',').map(|column| column.trim().parse().ok());
        let range = columns.next().flatten().zip(columns.next().flatten());
        let (start, end) = range.ok_or_else(|| DatasetError::Label {
            path: path.to_path_buf(),
            line: i + 1,
            expected: "start, end and an instrument",
            found: line.to_owned(),
        })?;
        Ok(start..end)
    };
    sung.map(range).collect()
}

fn columns(line: &str) -> Vec<&str> {
    let columns = line.split([',', '\t', ' ', ';']);
    columns.filter(|column| !column.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_holds_something_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pop1REF.txt");
        for (text, line) in [("0 220\n1 high\n", "line 2"), ("0 -5\n", "line 1")] {
            fs::write(&path, text).unwrap();
            let error = read(&path, LabelLayout::TimeAndHz).unwrap_err().to_string();
            assert!(error.contains(line) && error.contains("Hz"), "{error}");
        }
    }
}
