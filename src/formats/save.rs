//! Writes a file of a format, whole or not at all.

use std::path::Path;

use super::format::FormatFile;
use super::{Export, FormatError, atomic};

/// Writes one file of a format.
///
/// # Errors
/// [`FormatError::Io`], which names the file.
pub fn save_file(file: &FormatFile, export: &Export, path: &Path) -> Result<(), FormatError> {
    atomic::write(path, |out| (file.write)(export, out))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::analysis::Analysis;
    use crate::annotation::{Annotation, Operation, Selection};
    use crate::formats::{Aspect, Content, FORMATS, Format, read_melody, read_notes, sample};
    use crate::melody::{F0Frame, F0Track, FrameGrid, Note};

    /// A second at 220 Hz with gaps, and one note.
    fn analysis() -> Analysis {
        let frame = |i: usize| F0Frame {
            f0_hz: 220.0,
            confidence: 0.75,
            voiced: !i.is_multiple_of(10),
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: (0..100).map(frame).collect(),
        };
        let note = Note {
            onset_secs: 0.1,
            offset_secs: 0.9,
            midi: 57.0,
            confidence: 0.75,
        };
        Analysis {
            level: vec![0.1; 100],
            ..sample::analysis(f0, &[note])
        }
    }

    /// All files of a format, called as the command line calls them.
    fn save(format: &Format, export: &Export, folder: &Path, stem: &str) -> Vec<PathBuf> {
        let save = |file: &FormatFile| {
            let path = folder.join(format!("{stem}{}", file.suffix));
            save_file(file, export, &path).unwrap();
            path
        };
        format.files.iter().map(save).collect()
    }

    #[test]
    fn every_file_written_is_read_as_what_it_holds() {
        let analysis = analysis();
        let folder = tempfile::tempdir().unwrap();
        for format in &FORMATS {
            let export = Export::of(&analysis);
            let paths = save(format, &export, folder.path(), "Lied 1.final");
            for (file, path) in format.files.iter().zip(paths) {
                let name = path.file_name().unwrap().to_str().unwrap();
                assert!(name.starts_with("Lied 1.final."), "{name}");
                match file.holds {
                    Content::Figure => check_figure(&path),
                    Content::F0 => check_melody(&path),
                    Content::Notes => check_notes(&path, file),
                    Content::F0AndNotes => {
                        check_melody(&path);
                        check_notes(&path, file);
                    }
                }
            }
        }
    }

    fn check_melody(path: &Path) {
        let melody = read_melody(path).unwrap();
        let mut frames = melody.f0_hz.iter().zip(&melody.voiced);
        assert!(frames.all(|(hz, v)| !v || (hz - 220.0).abs() < 1e-3));
        assert!(melody.voiced.iter().filter(|v| **v).count() >= 40);
    }

    fn check_notes(path: &Path, file: &FormatFile) {
        let exact = file.keeps.contains(&Aspect::NoteTimes);
        let tolerance = if exact { 1e-3 } else { 0.04 };
        let notes = read_notes(path).unwrap();
        assert_eq!(notes.len(), 1);
        assert!((notes[0].midi - 57.0).abs() < 1e-3);
        assert!((notes[0].offset_secs - 0.9).abs() < tolerance);
    }

    fn check_figure(path: &Path) {
        let bytes = fs::read(path).unwrap();
        let begins = |with: &[u8]| bytes.starts_with(with);
        assert!(begins(b"\x89PNG\r\n\x1a\n") || begins(b"<?xml"));
    }

    #[test]
    fn every_file_holds_the_corrections_and_not_what_the_networks_said() {
        let heard = analysis();
        let mut annotation = Annotation::new(heard.f0.clone(), heard.notes.clone()).unwrap();
        let middle = Selection::Span(0.05..0.95);
        let octave = Operation::OctaveUp.transaction(&annotation, &middle);
        annotation.apply(octave.unwrap()).unwrap();
        let as_corrected = Analysis {
            f0: annotation.f0().clone(),
            notes: annotation.notes().to_vec(),
            ..heard.clone()
        };
        let folder = tempfile::tempdir().unwrap();
        for format in &FORMATS {
            let written = |export: Export| {
                let paths = save(format, &export, folder.path(), "song");
                let files = paths.iter().map(|path| fs::read(path).unwrap());
                files.collect::<Vec<_>>()
            };
            let corrected = written(Export::corrected(&heard, &annotation));
            let same = Export {
                provenance: annotation.provenance(),
                ..Export::of(&as_corrected)
            };
            assert!(corrected == written(same), "{format}");
            let before = written(Export::of(&heard));
            let mut files = corrected.iter().zip(&before);
            assert!(files.all(|(after, before)| after != before), "{format}");
        }
    }
}
