//! Notes from text in columns.

use std::path::Path;

use super::table::{Row, Table, text};
use super::{Contents, FormatError, PitchUnit};
use crate::melody::Note;
use crate::melody::pitch::hz_to_midi;

/// Reads notes from columns of text; `path` is named in errors.
///
/// # Errors
/// [`FormatError`] if it is no text, or neither header nor numbers tell the columns.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let text = text(path, bytes)?;
    notes(path, &Table::parse(path, &text)).map(Contents::of_notes)
}

/// Whether columns of text can only be notes, by their header or else by their numbers; `path` is
/// named in errors.
///
/// # Errors
/// [`FormatError`] if it is no text.
pub fn are_notes(path: &Path, bytes: &[u8]) -> Result<bool, FormatError> {
    let text = text(path, bytes)?;
    let table = Table::parse(path, &text);
    if !table.header.is_empty() {
        return Ok(table.column(&NAMES_OF_NOTES).is_some());
    }
    let column = |c| {
        let number = |row| table.number(row, c, "a number").ok();
        table.rows.iter().map(number).collect::<Option<Vec<f64>>>()
    };
    let (Some(times), Some(second), Some(_)) = (column(0), column(1), column(2)) else {
        return Ok(false);
    };
    let are_ends = second.iter().all(|&it| 0.0 < it && it < LEAST_HZ);
    Ok(!table.rows.is_empty() && (are_ends || !are_frames(&times)))
}

/// Whether most times are as far apart as frames are.
fn are_frames(times: &[f64]) -> bool {
    let steps: Vec<f64> = times.windows(2).map(|w| w[1] - w[0]).collect();
    if steps.len() < 2 {
        return true;
    }
    let usual = median(steps.clone());
    let regular = steps.iter().filter(|it| (*it - usual).abs() < 0.05 * usual);
    2 * regular.count() > steps.len()
}

/// Names of columns that only notes have.
pub const NAMES_OF_NOTES: [&str; 3] = ["onset", "offset", "duration"];
/// A lower number is not taken for a frequency in Hz.
const LEAST_HZ: f64 = 40.0;

fn notes(path: &Path, table: &Table) -> Result<Vec<Note>, FormatError> {
    if table.rows.is_empty() {
        return Ok(Vec::new());
    }
    let columns = match Columns::named(table) {
        Some(columns) => columns,
        None if table.header.is_empty() => Columns::guessed(table)?,
        None => {
            let found = format!("columns {}", table.header.join(", "));
            return Err(FormatError::content(
                path,
                "columns onset, offset or duration, and pitch",
                found,
            ));
        }
    };
    table
        .rows
        .iter()
        .map(|row| columns.note(table, row))
        .collect()
}

enum End {
    Offset,
    Duration,
}

/// Which column holds what.
struct Columns {
    onset: usize,
    end: (usize, End),
    pitch: usize,
    unit: PitchUnit,
    confidence: Option<usize>,
}

/// The highest MIDI number that is taken for a sung pitch where nothing names the unit: C7.
const HIGHEST_SUNG_MIDI: f64 = 96.0;

/// The unit of pitches that nothing names: `usual`, unless the numbers say otherwise.
///
/// Above what anybody sings they are Hz; whole numbers below that are keys.
fn told_unit(pitches: &[f64], usual: PitchUnit) -> PitchUnit {
    if pitches.iter().any(|&pitch| pitch > HIGHEST_SUNG_MIDI) {
        PitchUnit::Hertz
    } else if pitches.iter().all(|pitch| pitch.fract() == 0.0) {
        PitchUnit::Midi
    } else {
        usual
    }
}

impl Columns {
    fn named(table: &Table) -> Option<Self> {
        let offset = table.column(&["offset", "end"]).map(|c| (c, End::Offset));
        let (pitch, unit) = Self::named_pitch(table)?;
        Some(Self {
            onset: table.column(&["onset", "start", "time"])?,
            end: offset.or_else(|| table.column(&["duration"]).map(|c| (c, End::Duration)))?,
            pitch,
            unit,
            confidence: table.column(&["confidence"]),
        })
    }

    fn named_pitch(table: &Table) -> Option<(usize, PitchUnit)> {
        let pitches = |column| {
            let number = |row| table.number(row, column, "a pitch").ok();
            table.rows.iter().filter_map(number).collect::<Vec<f64>>()
        };
        let told = |usual| move |column| (column, told_unit(&pitches(column), usual));
        let midi = table.column(&["midi"]).map(|c| (c, PitchUnit::Midi));
        let hz = || table.column(&["frequency", "hz", "f0"]);
        midi.or_else(|| table.column(&["note"]).map(told(PitchUnit::Midi)))
            .or_else(|| hz().map(|c| (c, PitchUnit::Hertz)))
            .or_else(|| table.column(&["pitch"]).map(told(PitchUnit::Hertz)))
    }

    fn guessed(table: &Table) -> Result<Self, FormatError> {
        let column = |c| -> Result<Vec<f64>, FormatError> {
            table
                .rows
                .iter()
                .map(|row| table.number(row, c, "a note: onset, offset and pitch"))
                .collect()
        };
        let [onsets, second, third] = [column(0)?, column(1)?, column(2)?];
        let order = |end, pitch, unit| Self {
            onset: 0,
            end,
            pitch,
            unit,
            confidence: None,
        };
        // Only a frequency is ever this large beside so small a length.
        let is_hz_then_duration =
            second.iter().all(|&v| v >= LEAST_HZ) && median(third.clone()) < 20.0;
        let are_offsets = onsets.iter().zip(&second).all(|(on, off)| off > on)
            && onsets
                .iter()
                .skip(1)
                .zip(&second)
                .all(|(on, off)| *on > off - 0.05);
        Ok(if is_hz_then_duration {
            order((2, End::Duration), 1, told_unit(&second, PitchUnit::Hertz))
        } else if are_offsets {
            order((1, End::Offset), 2, told_unit(&third, PitchUnit::Midi))
        } else {
            order((1, End::Duration), 2, told_unit(&third, PitchUnit::Hertz))
        })
    }

    fn midi(&self, table: &Table, row: &Row) -> Result<f64, FormatError> {
        match self.unit {
            PitchUnit::Hertz => Ok(hz_to_midi(table.number(
                row,
                self.pitch,
                "a pitch in Hz",
            )?)),
            PitchUnit::Midi => table.number(row, self.pitch, "a MIDI number"),
        }
    }

    fn note(&self, table: &Table, row: &Row) -> Result<Note, FormatError> {
        let onset_secs = table.number(row, self.onset, "an onset in seconds")?;
        let end = table.number(row, self.end.0, "an offset or duration in seconds")?;
        let pitch = self.midi(table, row)?;
        let confidence = self
            .confidence
            .map(|c| table.number(row, c, "a confidence from 0 to 1"))
            .transpose()?;
        Ok(Note {
            onset_secs,
            offset_secs: match self.end.1 {
                End::Offset => end,
                End::Duration => onset_secs + end,
            },
            midi: pitch as f32,
            confidence: confidence.unwrap_or(1.0).clamp(0.0, 1.0) as f32,
        })
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Export, notes, sample};

    fn notes_of(text: &str) -> Vec<Note> {
        let contents = read(Path::new("a.csv"), text.as_bytes()).unwrap();
        let notes = contents.notes.unwrap().into_iter();
        notes.map(|it| it.note).collect()
    }

    #[test]
    fn the_order_of_columns_is_told_from_header_or_numbers() {
        for text in [
            "onset,offset,midi,confidence\n0.5,0.9,57,1\n1.0,1.25,69,1\n",
            "0.5\t0.9\t57\n1.0\t1.25\t69\n",
            "0.5,220.0,0.4\n1.0,440.0,0.25\n",
            "0.5,0.4,220\n1.0,0.25,440\n",
            "time,pitch,duration\n0.5,220,0.4\n1,440,0.25",
        ] {
            let notes = notes_of(text);
            let flat = notes.iter().flat_map(|n| {
                [
                    n.onset_secs,
                    n.offset_secs,
                    f64::from(n.midi),
                    f64::from(n.confidence),
                ]
            });
            let expected = [0.5, 0.9, 57.0, 1.0, 1.0, 1.25, 69.0, 1.0];
            assert!(
                flat.zip(expected).all(|(a, b)| (a - b).abs() < 1e-6),
                "{text}: {notes:?}"
            );
        }
        assert!(notes_of("").is_empty());
        assert!(notes_of("onset,offset,midi,confidence\n").is_empty());
    }

    #[test]
    fn a_melody_is_no_list_of_notes() {
        assert!(
            read(
                Path::new("a"),
                b"time,frequency,confidence,voiced\n0,220,1,1"
            )
            .is_err()
        );
        let error = read(Path::new("a.csv"), b"0.1,220\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.csv, line 1, column 8: expected a note: onset, offset and pitch, found only 2 columns"
        );
    }

    #[test]
    fn hz_are_not_taken_for_midi_nor_keys_for_hz() {
        for (text, midi) in [
            ("0,1,82.41\n1,2,98.0\n2,3,110.0", 40.0),
            ("0,1,110\n1,2,123", 45.0),
            ("0,1,60\n1,2,62", 60.0),
            ("0,1,60.25\n1,2,62", 60.25),
            ("0.5,60,0.4\n1,64,0.2", 60.0),
            ("onset,offset,note\n0,1,220\n1,2,246.9", 57.0),
            ("onset,offset,pitch\n0,1,57\n1,2,60", 57.0),
            ("onset,offset,pitch\n0,1,82.41\n1,2,87.31", 40.0),
        ] {
            let found = notes_of(text)[0].midi;
            assert!((found - midi).abs() < 0.01, "{text}: {found}");
        }
    }

    proptest::proptest! {
        #[test]
        fn written_notes_come_back(raw in proptest::collection::vec((0.05f64..2.0, 0.0f64..1.0, 23.0f32..88.0, 0.0f32..1.0), 0..40)) {
            let mut end = 0.0;
            let written: Vec<Note> = raw.into_iter().map(|(length, gap, midi, confidence)| {
                let onset_secs = end + gap;
                end = onset_secs + length;
                Note { onset_secs, offset_secs: end, midi, confidence }
            }).collect();
            let mut text = Vec::new();
            let analysis = sample::analysis(sample::no_contour(), &written);
            (notes::FORMAT.files[0].write)(&Export::of(&analysis), &mut text).unwrap();
            let back = notes_of(std::str::from_utf8(&text).unwrap());
            proptest::prop_assert_eq!(back.len(), written.len());
            for (a, b) in written.iter().zip(&back) {
                proptest::prop_assert!((a.onset_secs - b.onset_secs).abs() < 1e-6);
                proptest::prop_assert!((a.offset_secs - b.offset_secs).abs() < 1e-6);
                proptest::prop_assert!((a.midi - b.midi).abs() < 1e-4);
                proptest::prop_assert!((a.confidence - b.confidence).abs() < 1e-4);
            }
        }
    }
}
