//! Which recordings are meant: files as they are, folders searched through.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::audio::is_recording;
use crate::files::shown;
use crate::formats::Format;

/// A recording, and what its outputs are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// The recording.
    pub path: PathBuf,
    /// Its place in the output folder, without an ending: below a folder that was
    /// named, the same subfolders. No two inputs have the same.
    pub stem: PathBuf,
}

/// A path that gave no recording.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A folder without a recording in it or below it.
    #[error("{}: no recordings in this folder", shown(.0))]
    NothingInside(PathBuf),
    /// A folder that cannot be listed.
    #[error(
        "{}: this folder cannot be read ({cause}); what is in it is left out",
        shown(folder)
    )]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// What some paths led to.
#[derive(Debug, Default)]
pub struct FoundInputs {
    /// Recordings, in the order given, folders sorted by name.
    pub inputs: Vec<InputFile>,
    /// Paths that gave none.
    pub errors: Vec<InputError>,
    /// What was left out of folders, one sentence each.
    pub left_out: Vec<String>,
}

/// All recordings behind `paths`.
///
/// A recording that is named twice counts once. Files that do not exist are kept:
/// opening them tells what is wrong.
pub fn collect(paths: &[PathBuf]) -> FoundInputs {
    let mut found = FoundInputs::default();
    for path in paths {
        match path.is_dir() {
            true => found.search(path),
            false => found.inputs.push(InputFile {
                path: path.clone(),
                stem: PathBuf::from(path.file_stem().unwrap_or_default()),
            }),
        }
    }
    let mut seen = HashSet::new();
    found.inputs.retain(|input| {
        let path = fs::canonicalize(&input.path).unwrap_or_else(|_| input.path.clone());
        seen.insert((path, input.stem.clone()))
    });
    keep_apart(&mut found.inputs);
    found
}

impl FoundInputs {
    /// Adds the recordings in `folder` and below. Links to folders are not followed: they could lead
    /// in a circle.
    fn search(&mut self, folder: &Path) {
        let (n_inputs, n_errors) = (self.inputs.len(), self.errors.len());
        let mut others = Others::default();
        let mut entries = WalkDir::new(folder).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Err(error) => self.errors.push(unreadable(folder, error)),
                Ok(entry) if entry.depth() > 0 && is_hidden(&entry) => {
                    if entry.file_type().is_dir() {
                        entries.skip_current_dir();
                    }
                    others.add_hidden(&entry);
                }
                Ok(entry) => self.add(folder, &entry, &mut others),
            }
        }
        self.left_out.extend(others.sentences(folder));
        if (self.inputs.len(), self.errors.len()) == (n_inputs, n_errors) {
            self.errors.push(InputError::NothingInside(folder.into()));
        }
    }

    fn add(&mut self, folder: &Path, entry: &DirEntry, others: &mut Others) {
        let path = entry.path();
        // What a link leads to; a broken one is left to the reader.
        let is_file = path.metadata().map_or(true, |it| it.is_file());
        if entry.file_type().is_dir() {
            return;
        }
        if path.is_dir() {
            self.left_out.push(format!(
                "{}: a link to a folder is not followed; name it to have it searched",
                shown(path)
            ));
        } else if !is_recording(path) {
            others.add(entry);
        } else if !is_file {
            self.left_out.push(format!(
                "{}: neither a file nor a folder, left out",
                shown(path)
            ));
        } else {
            let below = path.strip_prefix(folder).unwrap_or(path);
            self.inputs.push(InputFile {
                path: path.to_path_buf(),
                stem: below.with_extension(""),
            });
        }
    }
}

fn unreadable(folder: &Path, error: walkdir::Error) -> InputError {
    let folder = error.path().unwrap_or(folder).to_path_buf();
    let cause = error.into_io_error();
    let cause = cause.unwrap_or_else(|| io::Error::other("its links lead in a circle"));
    InputError::Unreadable { folder, cause }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// Files of a folder that are no recordings by their names.
#[derive(Default)]
struct Others {
    /// How many of each ending, and one of them.
    by_ending: BTreeMap<String, (usize, String)>,
    hidden: Vec<String>,
}

impl Others {
    /// What the program writes itself is nothing that is missed.
    fn add(&mut self, entry: &DirEntry) {
        let name = shown(Path::new(entry.file_name())).into_owned();
        if Format::of_file(&name).is_some() {
            return;
        }
        let ending = entry.path().extension().map(|it| shown(Path::new(it)));
        let ending = ending.map_or("no ending".into(), |it| format!(".{}", it.to_lowercase()));
        self.by_ending.entry(ending).or_insert((0, name)).0 += 1;
    }

    /// Macs leave a hidden file beside each file on other systems' disks; these are not told.
    fn add_hidden(&mut self, entry: &DirEntry) {
        let name = shown(Path::new(entry.file_name())).into_owned();
        let is_told = entry.file_type().is_dir() || is_recording(entry.path());
        if is_told && !name.starts_with("._") {
            self.hidden.push(name);
        }
    }

    fn sentences(&self, folder: &Path) -> Vec<String> {
        let folder = shown(folder);
        let endings = self.by_ending.iter().map(|(ending, (n, name))| match n {
            1 => format!("{ending} ({name})"),
            _ => format!("{ending} ({n}, such as {name})"),
        });
        let endings: Vec<String> = endings.collect();
        let mut sentences = Vec::new();
        if !endings.is_empty() {
            sentences.push(format!(
                "{folder}: left out as no recordings by their endings: {}; name a file to have it \
                 analyzed",
                endings.join(", ")
            ));
        }
        if !self.hidden.is_empty() {
            let hidden = self.hidden.join(", ");
            sentences.push(format!("{folder}: hidden, left out: {hidden}"));
        }
        sentences
    }
}

/// Gives inputs of one name names of their own: each keeps its ending (`a.mp3` and `a.wav` become
/// `a.mp3.f0.csv` and `a.wav.f0.csv`); whose whole names are the same are numbered (`a.mp3 (2)`).
///
/// Names that differ in capitals alone are the same to many disks.
fn keep_apart(inputs: &mut [InputFile]) {
    let mut count: HashMap<String, usize> = HashMap::new();
    for input in inputs.iter() {
        *count.entry(key(&input.stem)).or_default() += 1;
    }
    let is_shared = |input: &InputFile| count[&key(&input.stem)] > 1;
    let alone = inputs.iter().filter(|input| !is_shared(input));
    let mut taken: HashSet<String> = alone.map(|input| key(&input.stem)).collect();
    for input in inputs.iter_mut().filter(|input| is_shared(input)) {
        let name = input.path.file_name().unwrap_or_default();
        let whole = input.stem.with_file_name(name);
        let mut stem = whole.clone();
        for number in 2.. {
            if taken.insert(key(&stem)) {
                break;
            }
            let mut name = name.to_os_string();
            name.push(format!(" ({number})"));
            stem = whole.with_file_name(name);
        }
        input.stem = stem;
    }
}

fn key(stem: &Path) -> String {
    shown(stem).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(found: &FoundInputs) -> Vec<String> {
        let stem = |input: &InputFile| shown(&input.stem).replace('\\', "/");
        found.inputs.iter().map(stem).collect()
    }

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn folders_are_searched_and_mirrored_and_what_is_left_out_is_told() {
        let folder = folder_with(&[
            "b.FLAC",
            "a.mp3",
            "live/a.ogg",
            "cover.jpg",
            "back.JPG",
            "notes",
            "a.f0.csv",
            ".hidden.wav",
            "._a.mp3",
            ".trash/c.wav",
        ]);
        let found = collect(&[folder.path().to_path_buf()]);
        assert_eq!(stems(&found), ["a", "b", "live/a"]);
        assert!(found.errors.is_empty());
        let [endings, hidden] = &found.left_out[..] else {
            panic!("{:?}", found.left_out);
        };
        assert!(
            endings.contains(": .jpg (2, such as back.JPG), no ending (notes);"),
            "{endings}"
        );
        assert!(
            hidden.ends_with("hidden, left out: .hidden.wav, .trash"),
            "{hidden}"
        );
    }

    #[test]
    fn a_recording_named_twice_counts_once() {
        let folder = folder_with(&["a.mp3"]);
        let path = folder.path().join("a.mp3");
        let found = collect(&[path.clone(), path, folder.path().to_path_buf()]);
        assert_eq!(found.inputs.len(), 1);
    }

    #[test]
    fn an_empty_folder_is_an_error_and_a_missing_file_is_left_to_the_reader() {
        let folder = folder_with(&[]);
        let missing = folder.path().join("missing.mp3");
        let found = collect(&[folder.path().to_path_buf(), missing]);
        assert_eq!((found.inputs.len(), found.errors.len()), (1, 1));
    }

    #[test]
    fn recordings_of_one_name_are_kept_apart() {
        let folder = folder_with(&["a.mp3", "A.wav", "b.wav", "1/a.mp3", "2/c.mp3"]);
        let path = |name: &str| folder.path().join(name);
        let found = collect(&[
            path("a.mp3"),
            path("A.wav"),
            path("1"),
            path("b.wav"),
            path("2"),
        ]);
        assert_eq!(stems(&found), ["a.mp3", "A.wav", "a.mp3 (2)", "b", "c"]);
    }

    #[cfg(unix)]
    #[test]
    fn linked_folders_and_pipes_are_told_and_not_followed() {
        let folder = folder_with(&["a/1.wav", "real/2.wav"]);
        let below = folder.path().join("a");
        std::os::unix::fs::symlink(folder.path().join("real"), below.join("linked")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(below.join("p.wav"))
            .status();
        assert!(made.unwrap().success());
        let found = collect(&[below]);
        assert_eq!(stems(&found), ["1"]);
        assert_eq!(found.left_out.len(), 2, "{:?}", found.left_out);
        assert!(found.left_out[0].contains("linked: a link to a folder"));
        assert!(found.left_out[1].contains("p.wav: neither a file"));
    }
}
