//! Which run of the program works on something, and whether it still does.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Folder of the files that runs hold, in the data folder.
const FOLDER: &str = "runs";

/// This run of the program: others know by a file that it holds locked. The system releases the lock
/// however the run ends.
pub struct Run {
    id: String,
    _held: File,
}

impl Run {
    /// Makes this run known in a data folder.
    ///
    /// # Errors
    /// Of the file system.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        let id = format!("{:016x}", rand::random::<u64>());
        let path = place(folder, &id);
        fs::create_dir_all(folder.join(FOLDER))?;
        let held = File::create_new(path)?;
        match held.try_lock() {
            Ok(()) => Ok(Self { id, _held: held }),
            Err(TryLockError::Error(error)) => Err(error),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::ResourceBusy.into()),
        }
    }

    /// Its name among all runs.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether a run has ended.
    pub fn has_ended(folder: &Path, id: &str) -> bool {
        match File::open(place(folder, id)) {
            Ok(file) => file.try_lock().is_ok(),
            Err(_) => true,
        }
    }

    /// Takes away the files of runs that have ended.
    pub fn sweep(folder: &Path) {
        let entries = folder.join(FOLDER).read_dir().into_iter().flatten();
        for entry in entries.flatten() {
            let name = entry.file_name();
            if Self::has_ended(folder, &name.to_string_lossy()) {
                let _ = fs::remove_file(entry.path()); // another run may have been faster
            }
        }
    }
}

fn place(folder: &Path, id: &str) -> PathBuf {
    folder.join(FOLDER).join(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_when_it_lets_go_and_others_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| Run::begin(folder.path()).unwrap());
        let gone = first.id().to_owned();
        assert!(!Run::has_ended(folder.path(), first.id()));
        drop(first);
        assert!(Run::has_ended(folder.path(), &gone));
        Run::sweep(folder.path());
        assert!(!Run::has_ended(folder.path(), second.id()));
        assert_eq!(folder.path().join(FOLDER).read_dir().unwrap().count(), 1);
    }
}
