//! Which files a recording becomes, and writing them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::UsageError;
use super::inputs::Input;
use crate::analysis::Analysis;
use crate::formats::{Export, FORMATS, Format, save, save::paths};

/// One format of one recording.
#[derive(Clone, Debug)]
pub struct OutputFiles {
    /// Its files.
    pub paths: Vec<PathBuf>,
    format: &'static Format,
    folder: PathBuf,
    stem: String,
}

impl OutputFiles {
    /// The files of `format` for a recording called `stem`: folder and name without ending.
    pub fn new(format: &'static Format, stem: &Path) -> Self {
        let folder = stem.parent().unwrap_or(Path::new("")).to_path_buf();
        let stem = stem.file_name().unwrap_or_default().to_string_lossy();
        Self {
            paths: paths(format, &folder, &stem),
            format,
            folder,
            stem: stem.into_owned(),
        }
    }

    /// Whether all files are there.
    pub fn exists(&self) -> bool {
        self.paths.iter().all(|path| path.exists())
    }

    /// Writes the files, each whole or not at all; `tempo_bpm` is the MIDI file's.
    ///
    /// # Errors
    /// A file that cannot be written, a figure that cannot be drawn.
    pub fn write(&self, analysis: &Analysis, tempo_bpm: f64) -> anyhow::Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot make the folder {}", self.folder.display()))?;
        let export = Export {
            tempo_bpm,
            ..Export::of(analysis)
        };
        save(self.format, &export, &self.folder, &self.stem)?;
        Ok(())
    }
}

/// Reads `--format`; help and errors list the names.
pub fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    let value = |format: &Format| PossibleValue::new(format.name).help(format.help);
    let values = FORMATS.iter().map(value);
    PossibleValuesParser::new(values).try_map(|name| Format::named(&name))
}

/// Finds two recordings that would become the same file.
///
/// # Errors
/// [`UsageError`] that names both and the file.
pub fn check_collisions(planned: &[(Input, Vec<OutputFiles>)]) -> Result<(), UsageError> {
    let mut owners: HashMap<&Path, &Path> = HashMap::new();
    for (input, outputs) in planned {
        for path in outputs.iter().flat_map(|output| &output.paths) {
            if let Some(other) = owners.insert(path, &input.path) {
                return Err(UsageError(format!(
                    "{} and {} would both be written to {}; \
                     rename one or analyze them into different folders (nothing was written)",
                    other.display(),
                    input.path.display(),
                    path.display()
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svl() -> &'static Format {
        Format::named("svl").unwrap()
    }

    fn planned(path: &str, stem: &str) -> (Input, Vec<OutputFiles>) {
        let input = Input {
            path: path.into(),
            stem: stem.into(),
        };
        (input, vec![OutputFiles::new(svl(), Path::new(stem))])
    }

    #[test]
    fn outputs_are_named_after_the_recording() {
        let output = OutputFiles::new(svl(), Path::new("out/live/No. 5"));
        let expected = ["out/live/No. 5.f0.svl", "out/live/No. 5.notes.svl"];
        assert_eq!(output.paths, expected.map(PathBuf::from));
    }

    #[test]
    fn recordings_of_one_name_collide_unless_their_folders_differ() {
        let error = check_collisions(&[planned("a.mp3", "out/a"), planned("a.wav", "out/a")]);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("a.mp3 and a.wav"), "{text}");
        let apart = [planned("1/a.mp3", "out/1/a"), planned("2/a.mp3", "out/2/a")];
        assert!(check_collisions(&apart).is_ok());
    }
}
