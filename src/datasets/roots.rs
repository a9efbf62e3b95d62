//! Where corpora lie on this machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::DatasetError;

use crate::files::shown;

/// Folders of corpora by name, so that recipes need no paths.
///
/// A root is a folder that holds corpora under their own names, or a TOML file of
/// lines `name = "folder"`, whose relative folders are counted from the file's own.
/// Where several have a corpus, the first counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataRoots(Vec<Root>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Root {
    Folder(PathBuf),
    Map {
        file: PathBuf,
        folders: BTreeMap<String, PathBuf>,
    },
}

impl DataRoots {
    /// Takes folders and TOML files as they are named on the command line.
    ///
    /// # Errors
    /// [`DatasetError::Io`] or [`DatasetError::Roots`] of a file.
    pub fn open<P: AsRef<Path>>(paths: &[P]) -> Result<Self, DatasetError> {
        let root = |path: &P| {
            let path = path.as_ref();
            if path.extension().is_some_and(|ending| ending == "toml") {
                read_map(path)
            } else {
                Ok(Root::Folder(path.to_path_buf()))
            }
        };
        paths.iter().map(root).collect::<Result<_, _>>().map(Self)
    }

    /// The folder of a corpus.
    ///
    /// # Errors
    /// [`DatasetError::NotThere`] with the roots that were looked through.
    pub fn folder(&self, corpus: &str) -> Result<PathBuf, DatasetError> {
        let found = self.0.iter().find_map(|root| match root {
            Root::Folder(folder) => Some(folder.join(corpus)).filter(|path| path.is_dir()),
            Root::Map { folders, .. } => folders.get(corpus).filter(|path| path.is_dir()).cloned(),
        });
        found.ok_or_else(|| DatasetError::NotThere {
            corpus: corpus.to_owned(),
            looked_in: self.to_string(),
        })
    }
}

impl std::fmt::Display for DataRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        for (i, root) in self.0.iter().enumerate() {
            let gap = if i > 0 { ", " } else { "" };
            let (Root::Folder(path) | Root::Map { file: path, .. }) = root;
            write!(f, "{gap}{}", shown(path))?;
        }
        Ok(())
    }
}

fn read_map(file: &Path) -> Result<Root, DatasetError> {
    let text = fs::read_to_string(file).map_err(DatasetError::io(file))?;
    let map: BTreeMap<String, PathBuf> =
        toml::from_str(&text).map_err(|error| DatasetError::Roots {
            path: file.to_path_buf(),
            reason: error.to_string(),
        })?;
    let beside = file.parent().unwrap_or(Path::new(""));
    let folders = map.into_iter();
    Ok(Root::Map {
        file: file.to_path_buf(),
        folders: folders
            .map(|(name, folder)| (name, beside.join(folder)))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_root_that_has_a_corpus_counts() {
        let there = tempfile::tempdir().unwrap();
        let root = there.path();
        for folder in ["a/mir1k", "b/mir1k", "b/pjs", "music/battle"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let map = root.join("data.toml");
        fs::write(
            &map,
            "battle = \"music/battle\"\npjs = \"a/mir1k\"\ngone = \"x\"",
        )
        .unwrap();
        let roots = DataRoots::open(&[root.join("a"), map, root.join("b")]).unwrap();
        let folder = |name: &str| roots.folder(name).ok();
        assert_eq!(folder("mir1k"), Some(root.join("a/mir1k")));
        assert_eq!(folder("pjs"), Some(root.join("a/mir1k")));
        assert_eq!(folder("battle"), Some(root.join("music/battle")));
        let error = roots.folder("gone").unwrap_err().to_string();
        assert!(
            error.contains("gone") && error.contains("data.toml"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_maps_nothing_is_named() {
        let there = tempfile::tempdir().unwrap();
        let map = there.path().join("data.toml");
        fs::write(&map, "pjs = 3").unwrap();
        let error = DataRoots::open(&[&map]).unwrap_err().to_string();
        assert!(
            error.contains("data.toml") && error.contains("pjs"),
            "{error}"
        );
    }
}
