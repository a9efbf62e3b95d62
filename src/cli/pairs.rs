//! Which estimate belongs to which reference.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::UsageError;
use super::evaluate::EvaluationTask;
use crate::audio::is_recording;
use crate::files::shown;
use crate::formats::format::{FormatFile, has_ending};
use crate::formats::read::format_by_content;
use crate::formats::{Content, FORMATS, Format};

/// Endings of pictures and of documents, which no folder of labels means to be scored.
const NO_LABELS: [&str; 8] = ["png", "svg", "jpg", "jpeg", "gif", "pdf", "json", "md"];
/// What our names have between a recording's name and the ending.
const INFIXES: [&str; 8] = [
    ".f0",
    ".notes",
    ".mirex",
    ".tony",
    ".mpe",
    ".labels",
    ".soft",
    ".melograph",
];

/// One clip: its name, and its two files or why there are not two.
pub struct Pair {
    /// The file's name without what formats add to it, below the folder that was named.
    pub name: String,
    /// Reference and estimate.
    pub files: Result<(PathBuf, PathBuf), PairError>,
}

/// Why a clip cannot be scored.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// A reference alone.
    #[error("no estimate for {}", shown(.0))]
    NoEstimate(PathBuf),
    /// An estimate alone.
    #[error("no reference for {}", shown(.0))]
    NoReference(PathBuf),
    /// Two files of one clip, neither of which is to be preferred.
    #[error("{} and {} are of the same clip; leave one of them in the folder", shown(.0), shown(.1))]
    Ambiguous(PathBuf, PathBuf),
    /// A folder that cannot be searched through.
    #[error(transparent)]
    Unreadable(#[from] walkdir::Error),
}

/// The clips of two files, or of two folders and all below them.
///
/// # Errors
/// [`UsageError`] if a file is to be compared with a folder.
pub fn pairs(
    reference: &Path,
    estimate: &Path,
    task: EvaluationTask,
) -> Result<Vec<Pair>, UsageError> {
    match (reference.is_dir(), estimate.is_dir()) {
        (false, false) => Ok(vec![Pair {
            name: clip_name(reference),
            files: Ok((reference.to_path_buf(), estimate.to_path_buf())),
        }]),
        (true, true) => Ok(pairs_of_folders(reference, estimate, task)),
        _ => Err(UsageError(
            "--reference and --estimate must be two files or two folders".into(),
        )),
    }
}

fn pairs_of_folders(reference: &Path, estimate: &Path, task: EvaluationTask) -> Vec<Pair> {
    let mut estimates = files_by_clip(estimate, task);
    let mut pairs: Vec<Pair> = Vec::new();
    for (name, reference) in files_by_clip(reference, task) {
        let files = match (reference, estimates.remove(&name)) {
            (Ok(reference), Some(Ok(estimate))) => Ok((reference, estimate)),
            (Ok(reference), None) => Err(PairError::NoEstimate(reference)),
            (Err(error), _) | (_, Some(Err(error))) => Err(error),
        };
        pairs.push(Pair { name, files });
    }
    let alone = estimates.into_iter().map(|(name, estimate)| Pair {
        name,
        files: Err(estimate.map_or_else(|error| error, PairError::NoReference)),
    });
    pairs.extend(alone);
    pairs
}

type Files = BTreeMap<String, Result<PathBuf, PairError>>;

/// The files of a folder and below that may hold what is scored, by clip.
fn files_by_clip(folder: &Path, task: EvaluationTask) -> Files {
    let mut clips: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut files = Files::new();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && may_hold(entry.path(), task) => {
                let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
                let paths = clips.entry(clip_name(below)).or_default();
                paths.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(folder);
                files.insert(shown(path).into_owned(), Err(error.into()));
            }
        }
    }
    let chosen = clips.into_iter().map(|(name, paths)| (name, choose(paths)));
    files.extend(chosen);
    files
}

/// The file to score of several of one clip: of the formats that we write the first of the list, each
/// holds the same melody; among others nothing tells.
fn choose(mut paths: Vec<PathBuf>) -> Result<PathBuf, PairError> {
    paths.sort_by_cached_key(|path| file_of(path).map(|(rank, _)| rank));
    match &paths[..] {
        [first, second, ..] if file_of(first).is_none() => {
            Err(PairError::Ambiguous(first.clone(), second.clone()))
        }
        _ => Ok(paths.remove(0)),
    }
}

/// Whether a file may hold what is scored, by its name.
fn may_hold(path: &Path, task: EvaluationTask) -> bool {
    let name = shown(path.file_name().unwrap_or_default().as_ref()).to_lowercase();
    let is_other = NO_LABELS
        .iter()
        .any(|ending| name.ends_with(&format!(".{ending}")));
    if name.starts_with('.') || is_other {
        return false;
    }
    if task == EvaluationTask::Separation || is_recording(path) {
        return task == EvaluationTask::Separation && is_recording(path);
    }
    let held = match file_of(path) {
        Some((_, file)) => file.holds,
        // .midi
        None => match Format::of_file(&name) {
            Some(format) => format.content,
            None => return true,
        },
    };
    match task {
        EvaluationTask::Melody => [Content::F0, Content::F0AndNotes].contains(&held),
        EvaluationTask::Notes => [Content::Notes, Content::F0AndNotes].contains(&held),
        EvaluationTask::Separation => false,
    }
}

/// The file of ours that has such a name, and its place in the list of all.
fn file_of(path: &Path) -> Option<(usize, &'static FormatFile)> {
    let name = shown(path.file_name().unwrap_or_default().as_ref()).to_lowercase();
    let all = FORMATS.iter();
    let files = all.flat_map(|format| format.files.iter().map(move |file| (format, file)));
    let is_so_named = |format: &Format, file: &FormatFile| match file.suffix {
        // any text may be called so
        ".txt" => name.ends_with(".txt") && format_by_content(path) == Some(format),
        suffix => has_ending(&name, suffix),
    };
    let files = files.enumerate();
    let fitting = files.filter(|(_, (format, file))| is_so_named(format, file));
    let longest = fitting.max_by_key(|(_, (_, file))| file.suffix.len());
    longest.map(|(rank, (_, file))| (rank, file))
}

/// A file's name without what formats add to it, and the folders that it is in.
fn clip_name(path: &Path) -> String {
    let mut name = shown(path).replace('\\', "/");
    name.truncate(name.len() - ending_of(&name).len());
    while let Some(infix) = INFIXES.iter().find(|infix| name.ends_with(*infix)) {
        name.truncate(name.len() - infix.len());
    }
    name
}

/// The ending with its dot, if it is one: the 5 of `No. 5` is none.
fn ending_of(name: &str) -> &str {
    let ending = name.rfind('.').map_or("", |dot| &name[dot..]);
    let letters = ending.strip_prefix('.').unwrap_or_default();
    let is_ending = letters.bytes().all(|b| b.is_ascii_alphanumeric())
        && letters.bytes().any(|b| b.is_ascii_alphabetic());
    if is_ending { ending } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn clips_are_named_by_their_whole_stem() {
        let name = |path: &str| clip_name(Path::new(path));
        assert_eq!(name("a/Ani_1_01.f0.csv"), "a/Ani_1_01");
        assert_eq!(name("Ani_1_01.pv"), "Ani_1_01");
        assert_eq!(name("Mr. A.csv"), "Mr. A");
        assert_eq!(name("No. 5.notes.svl"), "No. 5");
        assert_eq!(name("No. 5"), "No. 5");
        assert_eq!(name("song.v2.melograph.f0.csv"), "song.v2");
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

    /// What each clip is scored by, or why it is not.
    fn found(reference: &[&str], estimate: &[&str], task: EvaluationTask) -> Vec<String> {
        let [reference, estimate] = [reference, estimate].map(folder_with);
        let pairs = pairs(reference.path(), estimate.path(), task).unwrap();
        let told = |pair: Pair| match pair.files {
            Ok((_, file)) => {
                let below = file.strip_prefix(estimate.path()).unwrap();
                format!("{}: {}", pair.name, shown(below).replace('\\', "/"))
            }
            Err(PairError::NoEstimate(_)) => format!("{}: no estimate", pair.name),
            Err(PairError::NoReference(_)) => format!("{}: no reference", pair.name),
            Err(error) => format!("{}: {error}", pair.name),
        };
        pairs.into_iter().map(told).collect()
    }

    #[test]
    fn files_of_folders_are_paired_and_none_is_forgotten() {
        let melody = EvaluationTask::Melody;
        assert_eq!(
            found(&["Mr. A.csv"], &["Mr. B.csv"], melody),
            ["Mr. A: no estimate", "Mr. B: no reference"]
        );
        let numbers = ["No. 5.csv", "No. 6.csv", "x/No. 5.csv"];
        assert_eq!(
            found(&numbers, &numbers, melody),
            [
                "No. 5: No. 5.csv",
                "No. 6: No. 6.csv",
                "x/No. 5: x/No. 5.csv"
            ]
        );
    }

    #[test]
    fn our_own_folder_is_scored_by_the_file_that_holds_most() {
        let ours = [
            "a.f0.csv",
            "a.f0.svl",
            "a.mid",
            "a.mirex.txt",
            "a.notes.csv",
            "a.notes.svl",
            "a.png",
            "a.pv",
            "a.wav",
        ];
        assert_eq!(
            found(&["a.csv"], &ours, EvaluationTask::Melody),
            ["a: a.f0.csv"]
        );
        assert_eq!(
            found(&["a.txt"], &ours, EvaluationTask::Notes),
            ["a: a.notes.csv"]
        );
        assert_eq!(
            found(&["a.csv"], &["a.svl"], EvaluationTask::Melody),
            ["a: a.svl"]
        );
    }

    #[test]
    fn two_labels_of_one_clip_are_named() {
        let told = found(&["a.csv", "a.txt"], &["a.csv"], EvaluationTask::Melody);
        assert!(told[0].contains("are of the same clip"), "{told:?}");
    }
}
