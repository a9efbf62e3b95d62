//! Reads the arrays.

use std::io::{Cursor, Read};
use std::path::Path;

use npyz::{Deserialize, NpyFile};
use zip::ZipArchive;

use super::PROVENANCES;
use crate::annotation::Provenance;
use crate::formats::melody_file::MAX_FRAMES;
use crate::formats::{Contents, FormatError, MelodyFile, PitchUnit};

/// More of an array is not read.
const MAX_BYTES: u64 = 8 * MAX_FRAMES as u64 + 4096;
/// A longer header is none of an array of numbers.
const MAX_HEADER_BYTES: usize = 512;

/// Reads times, f0, and as far as they are there voicing, confidence and provenance; `path` is named in
/// errors.
///
/// # Errors
/// [`FormatError::Content`], which names the array that is not as it should be.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let expected = "soft labels: a zip of NumPy arrays times, f0 and others";
    let refused = |found: String| FormatError::content(path, expected, found);
    let archive = ZipArchive::new(Cursor::new(bytes));
    let mut archive = NpzReader(archive.map_err(|error| refused(error.to_string()))?);
    archive.contents().map_err(refused)
}

struct NpzReader<'a>(ZipArchive<Cursor<&'a [u8]>>);

impl NpzReader<'_> {
    fn contents(&mut self) -> Result<Contents, String> {
        let times = self.numbers("times")?.ok_or("no array \"times\"")?;
        let f0_hz = self.numbers("f0")?.ok_or("no array \"f0\"")?;
        let n_frames = times.len();
        let voiced = self.numbers("voiced")?;
        let confidence = self.numbers("confidence")?;
        let provenance = self.numbers("provenance")?;
        let others = [
            ("f0", Some(&f0_hz)),
            ("voiced", voiced.as_ref()),
            ("confidence", confidence.as_ref()),
            ("provenance", provenance.as_ref()),
        ];
        for (name, values) in others {
            if let Some(values) = values.filter(|it| it.len() != n_frames) {
                let n = values.len();
                return Err(format!("{n} values in \"{name}\" and {n_frames} times"));
            }
        }
        if let Some(i) = (1..n_frames).find(|&i| times[i] <= times[i - 1]) {
            return Err(format!("times that do not rise at frame {i}"));
        }
        let mut melody = MelodyFile::from_values(times, f0_hz, PitchUnit::Hertz);
        let voiced = voiced.iter().flatten();
        for (is_voiced, said) in melody.voiced.iter_mut().zip(voiced) {
            *is_voiced &= *said != 0.0;
        }
        melody.confidence = confidence.map(|it| it.iter().map(|it| it.clamp(0.0, 1.0)).collect());
        Ok(Contents {
            provenance: provenance.map(decisions).transpose()?,
            ..Contents::of_melody(melody)
        })
    }

    /// The numbers of an array, whatever their type; `None` if it is not there.
    fn numbers(&mut self, name: &str) -> Result<Option<Vec<f64>>, String> {
        let Ok(entry) = self.0.by_name(&format!("{name}.npy")) else {
            return Ok(None);
        };
        let told = |error: String| format!("{name}.npy: {error}");
        let mut bytes = Vec::new();
        let read = entry.take(MAX_BYTES).read_to_end(&mut bytes);
        read.map_err(|error| told(error.to_string()))?;
        numbers(&bytes).map(Some).map_err(told)
    }
}

fn decisions(numbers: Vec<f64>) -> Result<Vec<Provenance>, String> {
    let decision = |number: f64| {
        let at = (number >= 0.0 && number.fract() == 0.0).then_some(number as usize);
        let by = at.and_then(|at| PROVENANCES.get(at)).copied();
        by.ok_or_else(|| format!("a provenance of {number}"))
    };
    numbers.into_iter().map(decision).collect()
}

/// The finite numbers of an array of one axis.
fn numbers(bytes: &[u8]) -> Result<Vec<f64>, String> {
    check_header(bytes)?;
    let array = NpyFile::new(bytes).map_err(|error| error.to_string())?;
    if array.shape().len() != 1 {
        return Err(format!("{} axes", array.shape().len()));
    }
    let array = match values::<f64>(array) {
        Ok(values) => return finite(values?),
        Err(array) => array,
    };
    let array = match values::<f32>(array) {
        Ok(values) => return finite(values?.into_iter().map(f64::from).collect()),
        Err(array) => array,
    };
    let array = match values::<bool>(array) {
        Ok(values) => {
            return Ok(values?
                .into_iter()
                .map(|it| f64::from(u8::from(it)))
                .collect());
        }
        Err(array) => array,
    };
    let array = match values::<i64>(array) {
        Ok(values) => return Ok(values?.into_iter().map(|it| it as f64).collect()),
        Err(array) => array,
    };
    match values::<u8>(array) {
        Ok(values) => Ok(values?.into_iter().map(f64::from).collect()),
        Err(array) => Err(format!("numbers of the type {}", array.dtype().descr())),
    }
}

type ArrayValues<T> = Result<Vec<T>, String>;

/// The values of an array if they are of a type; else the array.
fn values<T: Deserialize>(array: NpyFile<&[u8]>) -> Result<ArrayValues<T>, NpyFile<&[u8]>> {
    let values = array.try_data()?;
    // what a header says of their number may be wrong
    let mut all = Vec::new();
    for value in values {
        match value {
            Ok(value) => all.push(value),
            Err(error) => return Ok(Err(error.to_string())),
        }
    }
    Ok(Ok(all))
}

fn finite(values: Vec<f64>) -> Result<Vec<f64>, String> {
    match values.iter().position(|it| !it.is_finite()) {
        Some(i) => Err(format!("value {i} is {}", values[i])),
        None => Ok(values),
    }
}

/// What a header is parsed by goes as deep as its brackets; one of numbers has a single pair of each.
fn check_header(bytes: &[u8]) -> Result<(), String> {
    let [_, _, _, _, _, _, 1, _, low, high, rest @ ..] = bytes else {
        return Err("no array of version 1".into());
    };
    let len = usize::from(u16::from_le_bytes([*low, *high]));
    let header = rest.get(..len.min(MAX_HEADER_BYTES)).unwrap_or(rest);
    let count = |bracket| header.iter().filter(|byte| **byte == bracket).count();
    if len > MAX_HEADER_BYTES || count(b'(') > 1 || count(b'{') > 1 || count(b'[') > 0 {
        return Err("no array of numbers".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Export, sample};
    use crate::melody::{F0Frame, F0Track, FrameGrid};

    #[test]
    fn decisions_come_back_beside_the_contour() {
        let frame = |i: usize| F0Frame {
            f0_hz: 220.0 + i as f32 / 7.0,
            confidence: i as f32 / 100.0,
            voiced: !i.is_multiple_of(3),
        };
        let track = F0Track {
            grid: FrameGrid::from_hop(256.0 / 44_100.0),
            frames: (0..100).map(frame).collect(),
        };
        let provenance: Vec<_> = (0..100).map(|i| PROVENANCES[i % 3]).collect();
        let analysis = sample::analysis(track, &[]);
        let export = Export {
            provenance: &provenance,
            ..Export::of(&analysis)
        };
        let mut bytes = Vec::new();
        super::super::write::write(&export, &mut bytes).unwrap();
        let back = read(Path::new("a.npz"), &bytes).unwrap();
        assert_eq!(back.provenance, Some(provenance));
        let melody = back.melody.unwrap();
        let times: Vec<f64> = analysis.f0.times().collect();
        assert_eq!(melody.times, times);
        let confidence = melody.confidence.unwrap();
        for (i, frame) in analysis.f0.frames.iter().enumerate() {
            assert_eq!(melody.f0_hz[i], f64::from(frame.f0_hz));
            assert_eq!(melody.voiced[i], frame.voiced);
            assert_eq!(confidence[i], f64::from(frame.confidence));
        }
    }

    #[test]
    fn an_archive_of_numpy_is_read() {
        let bytes = include_bytes!("../../../tests/interop/files/numpy.npz");
        let contents = read(Path::new("a.npz"), bytes).unwrap();
        let melody = contents.melody.unwrap();
        assert_eq!(melody.times, [0.0, 0.5]);
        assert_eq!(melody.signed_hz(), [220.0, -221.5]);
        assert_eq!(contents.provenance.unwrap()[1], Provenance::Human);
    }

    #[test]
    fn what_is_no_such_archive_is_named() {
        let error = |bytes: &[u8]| read(Path::new("a.npz"), bytes).unwrap_err().to_string();
        assert!(error(b"PK\x03\x04").starts_with("a.npz: expected soft labels"));
        let deep = [b"\x93NUMPY\x01\x00\x05\x00".as_slice(), b"(((((", &[0; 9]].concat();
        assert_eq!(numbers(&deep).unwrap_err(), "no array of numbers");
    }
}
