//! Which files a recording becomes, and writing them. A file that somebody else wrote is never
//! replaced.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::analysis::Analysis;
use crate::files::{folder_of, shown};
use crate::formats::format::FormatFile;
use crate::formats::{Export, Extract, FORMATS, Format, mark, save_file};

/// One file of one recording.
#[derive(Clone, Debug)]
pub struct OutputFile {
    /// Where it goes.
    pub path: PathBuf,
    file: &'static FormatFile,
}

/// What becomes of the files of one recording.
#[derive(Debug, Default)]
pub struct OutputPlan {
    /// To be written.
    pub todo: Vec<OutputFile>,
    /// Ours from before, kept.
    pub kept: Vec<PathBuf>,
    /// Somebody else's files, and the names that ours get instead.
    pub foreign: Vec<(PathBuf, PathBuf)>,
}

/// Chooses names; none is given twice.
#[derive(Default)]
pub struct OutputNames {
    /// In lower case: names that differ in capitals alone are the same to many disks.
    taken: HashSet<String>,
}

impl OutputNames {
    /// The files of some formats for a recording called `stem`: folder and name without ending.
    /// Files that we wrote before are kept unless they are to be replaced.
    pub fn plan(&mut self, formats: &[&'static Format], stem: &Path, replace: bool) -> OutputPlan {
        let mut plan = OutputPlan::default();
        for file in formats.iter().flat_map(|format| format.files) {
            let (path, is_there) = self.choose(file, stem);
            let usual = with_suffix(stem, file.suffix);
            if path != usual {
                plan.foreign.push((usual, path.clone()));
            }
            match is_there && !replace {
                true => plan.kept.push(path),
                false => plan.todo.push(OutputFile { path, file }),
            }
        }
        plan
    }

    /// The first name that is free or ours, and whether it is there already.
    fn choose(&mut self, file: &FormatFile, stem: &Path) -> (PathBuf, bool) {
        let mut number = 1;
        let mut names = std::iter::once(String::new())
            .chain(is_short(file.suffix).then(|| ".f0".into()))
            .chain(std::iter::once(".melograph".into()))
            .chain(std::iter::repeat_with(|| {
                number += 1;
                format!(".melograph-{number}")
            }))
            .map(|infix| with_suffix(stem, &format!("{infix}{}", file.suffix)));
        loop {
            let path = names.next().unwrap_or_default();
            let is_there = path.symlink_metadata().is_ok();
            let is_ours = || mark::wrote(&path, file.is_ours).unwrap_or(false);
            if (!is_there || is_ours()) && self.taken.insert(shown(&path).to_lowercase()) {
                return (path, is_there);
            }
        }
    }
}

/// Whether a suffix is an ending alone, as other programs' files have it too.
fn is_short(suffix: &str) -> bool {
    suffix.matches('.').count() == 1
}

/// A path with something after its name, whatever the name's bytes are.
fn with_suffix(stem: &Path, suffix: &str) -> PathBuf {
    let mut path = stem.as_os_str().to_os_string();
    path.push(suffix);
    path.into()
}

impl OutputFile {
    /// Writes the file, whole or not at all; `tempo_bpm` is the MIDI file's.
    ///
    /// # Errors
    /// A file that cannot be written, a figure that cannot be drawn.
    pub fn write(
        &self,
        analysis: &Analysis,
        extract: &Extract,
        tempo_bpm: f64,
    ) -> anyhow::Result<()> {
        let folder = folder_of(&self.path);
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", shown(folder)))?;
        let export = Export {
            tempo_bpm,
            ..Export::of(analysis)
        };
        let save = |export: &Export| save_file(self.file, export, &self.path);
        Ok(extract.write(self.file.holds, &export, save)?)
    }
}

/// Reads `--format`; help and errors list the names.
pub fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    let value = |format: &Format| PossibleValue::new(format.name).help(format.help);
    let values = FORMATS.iter().map(value);
    PossibleValuesParser::new(values).try_map(|name| Format::named(&name))
}

/// Reads a time, in seconds from the start.
pub fn secs(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(secs) if secs.is_finite() && secs >= 0.0 => Ok(secs),
        _ => Err("expected seconds, such as 12.5".into()),
    }
}

/// Reads `--tempo`, in quarter notes a minute.
pub fn tempo(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(bpm) if (4.0..=1000.0).contains(&bpm) => Ok(bpm),
        _ => Err("expected a number from 4 to 1000".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(format: &str, stem: &Path, replace: bool) -> OutputPlan {
        let format = Format::named(format).unwrap();
        OutputNames::default().plan(&[format], stem, replace)
    }

    fn paths(plan: &OutputPlan) -> Vec<&Path> {
        plan.todo.iter().map(|output| &*output.path).collect()
    }

    #[test]
    fn outputs_are_named_after_the_recording() {
        let plan = plan("svl", Path::new("out/live/No. 5"), false);
        let expected = ["out/live/No. 5.f0.svl", "out/live/No. 5.notes.svl"];
        assert_eq!(paths(&plan), expected.map(Path::new));
    }

    #[test]
    fn a_file_of_somebody_else_is_left_and_ours_gets_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("song");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("song.png"), "COVER").unwrap();
        for replace in [false, true] {
            let plan = plan("png", &stem, replace);
            assert_eq!(paths(&plan), [at("song.f0.png")]);
            assert_eq!(plan.foreign, [(at("song.png"), at("song.f0.png"))]);
        }
        fs::write(at("song.f0.png"), mark::MARK).unwrap();
        assert_eq!(plan("png", &stem, false).kept, [at("song.f0.png")]);
        assert_eq!(paths(&plan("png", &stem, true)), [at("song.f0.png")]);
        fs::write(at("song.f0.csv"), "mine").unwrap();
        let csv = plan("csv", &stem, true);
        assert_eq!(paths(&csv), [at("song.melograph.f0.csv")]);
    }

    #[test]
    fn only_the_missing_file_of_a_format_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("song");
        let f0 = folder.path().join("song.f0.svl");
        fs::write(&f0, mark::MARK).unwrap();
        let svl = plan("svl", &stem, false);
        assert_eq!(svl.kept, [f0]);
        assert_eq!(paths(&svl), [folder.path().join("song.notes.svl")]);
    }

    #[test]
    fn no_name_is_given_twice() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("song.png"), "COVER").unwrap();
        let mut names = OutputNames::default();
        let png = [Format::named("png").unwrap()];
        let first = names.plan(&png, &folder.path().join("song"), false);
        let second = names.plan(&png, &folder.path().join("SONG.F0"), false);
        assert_eq!(paths(&first), [folder.path().join("song.f0.png")]);
        assert_eq!(paths(&second), [folder.path().join("SONG.F0.f0.png")]);
    }
}
