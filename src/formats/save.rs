//! Writes one format beside another, whole or not at all.

use std::path::{Path, PathBuf};

use super::midi::MidiOptions;
use super::{Format, FormatError, atomic, csv, midi, mirex, notes, pv, svl, tony};
use crate::melody::{F0Track, Note};

/// What is written: a recording's melody and its notes.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// The contour.
    pub f0: &'a F0Track,
    /// Its notes.
    pub notes: &'a [Note],
    /// Name of the recording, for formats that hold one.
    pub title: &'a str,
    /// Sample rate of the recording, for formats that count in samples.
    pub rate_hz: u32,
    /// Quarter notes a minute, for formats that count in beats.
    pub tempo_bpm: f64,
    /// Root mean square of the recording a frame of the contour, if it is known.
    pub level: Option<&'a [f32]>,
}

/// The files that [`save`] writes for a recording called `stem`.
pub fn paths(format: Format, folder: &Path, stem: &str) -> Vec<PathBuf> {
    format
        .suffixes()
        .iter()
        .map(|suffix| folder.join(format!("{stem}{suffix}")))
        .collect()
}

/// Writes a recording in one format into `folder`, as `stem` with the format's suffix.
///
/// Returns the files written. Figures need the spectrogram too and are written
/// by [`figure`](super::figure): they give no file here.
///
/// # Errors
/// [`FormatError::Io`], which names the file.
pub fn save(
    format: Format,
    export: &Export,
    folder: &Path,
    stem: &str,
) -> Result<Vec<PathBuf>, FormatError> {
    let &Export {
        f0,
        notes,
        title,
        rate_hz,
        tempo_bpm,
        level,
    } = export;
    let paths = paths(format, folder, stem);
    let path = &paths[0];
    match format {
        Format::Csv => atomic::write(path, |out| csv::write(f0, out))?,
        Format::Mirex => atomic::write(path, |out| mirex::write(f0, out))?,
        Format::Tony => atomic::write(path, |out| tony::write(f0, out))?,
        Format::Pv => atomic::write(path, |out| pv::write(f0, out))?,
        Format::Notes => atomic::write(path, |out| notes::write(notes, out))?,
        Format::Midi => {
            let options = MidiOptions {
                title,
                tempo_bpm,
                level,
            };
            atomic::write(path, |out| midi::write(Some(f0), notes, &options, out))?;
        }
        Format::Svl => {
            atomic::write(path, |out| svl::write_f0(f0, title, rate_hz, out))?;
            atomic::write(&paths[1], |out| {
                svl::write_notes(notes, title, rate_hz, out)
            })?;
        }
        Format::Png | Format::Svg => return Ok(Vec::new()),
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Content, read_melody, read_notes};
    use crate::melody::{F0Frame, FrameGrid};

    #[test]
    fn every_file_written_is_read_as_what_it_holds() {
        let frame = |i: usize| F0Frame {
            f0_hz: 220.0,
            confidence: 0.75,
            voiced: !i.is_multiple_of(10),
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: (0..100).map(frame).collect(),
        };
        let notes = [Note {
            onset_secs: 0.1,
            offset_secs: 0.9,
            midi: 57.0,
            confidence: 0.75,
        }];
        let export = Export {
            f0: &f0,
            notes: &notes,
            title: "Wind & Wetter",
            rate_hz: 16_000,
            tempo_bpm: 90.0,
            level: Some(&[0.1; 100]),
        };
        let folder = tempfile::tempdir().unwrap();
        for format in Format::ALL {
            for path in save(format, &export, folder.path(), "Lied 1.final").unwrap() {
                let name = path.file_name().unwrap().to_str().unwrap();
                assert!(name.starts_with("Lied 1.final."), "{name}");
                if format.content() == Content::F0 || name.ends_with(".f0.svl") {
                    let melody = read_melody(&path).unwrap();
                    assert!(
                        melody
                            .f0_hz
                            .iter()
                            .zip(&melody.voiced)
                            .all(|(hz, v)| !v || (hz - 220.0).abs() < 1e-3)
                    );
                    assert!(melody.voiced.iter().filter(|v| **v).count() >= 40);
                } else {
                    let read = read_notes(&path).unwrap();
                    assert_eq!(read.len(), 1);
                    assert!(
                        (read[0].midi - 57.0).abs() < 1e-3
                            && (read[0].offset_secs - 0.9).abs() < 1e-3
                    );
                }
            }
        }
    }
}
