//! A melody from text in columns.

use std::path::Path;

use super::note_columns::NAMES_OF_NOTES;
use super::table::{Row, Table, text};
use super::{Contents, FormatError, MelodyFile, PitchUnit};

/// Confidence from which a frame is voiced when a file says nothing else.
const CONFIDENT: f64 = 0.5;

/// Names of the columns of times and of frequencies; without them these are the first two.
const TIMES: [&str; 6] = ["time", "times", "time_secs", "seconds", "secs", "timestamp"];
const FREQUENCIES: [&str; 7] = [
    "frequency",
    "freq",
    "f0",
    "f0_hz",
    "hz",
    "pitch",
    "pitch_hz",
];

/// What stands for no frequency: of NumPy, pandas and Praat.
const UNDEFINED: [&str; 5] = ["", "nan", "na", "none", "--undefined--"];

/// Reads columns of text, time and Hz first unless a header says otherwise; `path` is named in
/// errors.
///
/// # Errors
/// [`FormatError`] if it is no text, a line lacks a number, or it is a list of notes.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let text = text(path, bytes)?;
    let table = Table::parse(path, &text);
    if table.column(&NAMES_OF_NOTES).is_some() {
        let expected = "a melody frame by frame";
        return Err(FormatError::content(path, expected, "a list of notes"));
    }
    let mut lines = lines(&table)?;
    lines.sort_by(|a, b| a.secs.total_cmp(&b.secs));
    Ok(Contents::of_melody(melody(&lines)))
}

/// A frame as written.
struct Line {
    secs: f64,
    hz: f64,
    confidence: Option<f64>,
    voiced: Option<f64>,
}

fn lines(table: &Table) -> Result<Vec<Line>, FormatError> {
    let confidence = table.column(&["confidence", "activation", "probability"]);
    let voiced = table.column(&["voiced", "voicing"]);
    let times = table.column(&TIMES);
    let frequencies = table.column(&FREQUENCIES).filter(|_| times.is_some());
    let (times, frequencies) = (times.unwrap_or(0), frequencies.unwrap_or(1));
    let line = |row: &Row| {
        let optional = |column: Option<usize>, expected| {
            let number = column.map(|column| table.number(row, column, expected));
            number.transpose()
        };
        Ok(Line {
            secs: table.number(row, times, "a time in seconds")?,
            hz: match row.field(frequencies).is_some_and(is_undefined) {
                true => 0.0,
                false => table.number(row, frequencies, "a frequency in Hz")?,
            },
            confidence: optional(confidence, "a confidence from 0 to 1")?,
            voiced: optional(voiced, "0 or 1 for unvoiced or voiced")?,
        })
    };
    table.rows.iter().map(line).collect()
}

fn is_undefined(field: &str) -> bool {
    UNDEFINED.iter().any(|it| field.eq_ignore_ascii_case(it))
}

fn melody(lines: &[Line]) -> MelodyFile {
    let times = lines.iter().map(|line| line.secs).collect();
    let values = lines.iter().map(|line| line.hz).collect();
    let mut file = MelodyFile::from_values(times, values, PitchUnit::Hertz);
    for (voiced, line) in file.voiced.iter_mut().zip(lines) {
        *voiced &= line
            .voiced
            .or(line.confidence)
            .is_none_or(|it| it >= CONFIDENT);
    }
    let confidence = lines.iter().map(|line| line.confidence);
    let confidence = confidence.map(|it| it.map(|it| it.clamp(0.0, 1.0)));
    file.confidence = confidence
        .collect::<Option<Vec<f64>>>()
        .filter(|confidence| !confidence.is_empty());
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Export, csv, mirex, sample, tony};
    use crate::melody::{F0Frame, F0Track, FrameGrid};
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<MelodyFile, FormatError> {
        let contents = read(Path::new("a.txt"), text.as_bytes())?;
        Ok(contents.melody.unwrap())
    }

    #[test]
    fn voicing_is_as_the_file_says() {
        let crepe = parsed("time,frequency,confidence\n0,220,0.9\n0.01,221,0.1\n").unwrap();
        assert_eq!(crepe.voiced, [true, false]);
        assert_eq!(crepe.confidence, Some(vec![0.9, 0.1]));
        assert_eq!(crepe.signed_hz(), [220.0, -221.0]);
        let mirex = parsed("0.00\t-220\n0.01\t221\n0.02\t0").unwrap();
        assert_eq!(mirex.voiced, [false, true, false]);
        assert_eq!(mirex.f0_hz, [220.0, 221.0, 0.0]);
    }

    #[test]
    fn frames_without_a_frequency_are_unvoiced_however_it_is_written() {
        for text in [
            "time,f0\n0.01,nan\n0.02,220\n",
            "0.01\t--undefined--\n0.02\t220\n",
            ",time,frequency\n0,0.01,\n1,0.02,220.0\n",
            "frequency,time\nNaN,0.01\n220,0.02\n",
        ] {
            let file = parsed(text).unwrap();
            assert_eq!(file.times, [0.01, 0.02], "{text}");
            assert_eq!(file.f0_hz, [0.0, 220.0], "{text}");
            assert_eq!(file.voiced, [false, true], "{text}");
        }
    }

    #[test]
    fn frames_are_sorted_and_gaps_become_unvoiced() {
        let file = parsed("0.05 220\n0.02 210\n0.03 211\n0.04 212\n0.08 230").unwrap();
        assert_eq!(file.times, [0.02, 0.03, 0.04, 0.05, 0.08]);
        let track = file.to_track();
        assert_eq!(track.frames.len(), 7);
        let voiced: Vec<bool> = track.frames.iter().map(|f| f.voiced).collect();
        assert_eq!(voiced, [true, true, true, true, false, false, true]);
        assert!(parsed("").unwrap().to_track().frames.is_empty());
    }

    #[test]
    fn what_is_no_melody_is_named() {
        let error = parsed("0.01,220\n0.02,x\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.txt, line 2, column 6: expected a frequency in Hz, found \"x\""
        );
        assert!(parsed("onset,offset,midi,confidence\n0,1,60,1").is_err());
    }

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
            let analysis = sample::analysis(track.clone(), &[]);
            for (i, format) in [csv::FORMAT, mirex::FORMAT, tony::FORMAT].into_iter().enumerate() {
                let mut text = Vec::new();
                (format.files[0].write)(&Export::of(&analysis), &mut text).unwrap();
                let back = read(Path::new("a.txt"), &text).unwrap().melody.unwrap().to_track();
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
