//! What is remembered of files between two runs: which were opened, and how each was looked at.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::view_state::ViewState;

/// Recent files kept.
const MOST_RECENT: usize = 12;
/// Files whose view is remembered.
const MOST_VIEWS: usize = 200;

/// Recent files, and their views.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Files opened last, newest first.
    recent: Vec<PathBuf>,
    /// How files were looked at, newest first.
    views: Vec<(PathBuf, ViewState)>,
}

impl Memory {
    /// Files opened last, newest first.
    pub fn recent(&self) -> &[PathBuf] {
        &self.recent
    }

    /// Puts a file first among the recent ones.
    pub fn remember(&mut self, path: &Path) {
        self.forget(path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(MOST_RECENT);
    }

    /// Takes a file from the recent ones.
    pub fn forget(&mut self, path: &Path) {
        self.recent.retain(|recent| recent != path);
    }

    /// How a file was last looked at.
    pub fn view(&self, path: &Path) -> Option<&ViewState> {
        let found = self.views.iter().find(|(known, _)| known == path);
        found.map(|(_, view)| view)
    }

    /// Remembers how a file is looked at.
    pub fn remember_view(&mut self, path: &Path, view: &ViewState) {
        self.views.retain(|(known, _)| known != path);
        self.views.insert(0, (path.to_owned(), view.clone()));
        self.views.truncate(MOST_VIEWS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_files_are_few_and_newest_first() {
        let mut memory = Memory::default();
        for i in 0..20 {
            memory.remember(Path::new(&format!("/{i}.wav")));
        }
        memory.remember(Path::new("/15.wav"));
        assert_eq!(memory.recent().len(), MOST_RECENT);
        assert_eq!(memory.recent()[0], Path::new("/15.wav"));
        assert_eq!(memory.recent()[1], Path::new("/19.wav"));
    }

    #[test]
    fn a_file_is_seen_again_as_it_was_left() {
        let mut memory = Memory::default();
        let mut view = ViewState::default();
        view.a4_hz = 442.0;
        memory.remember_view(Path::new("/song.wav"), &view);
        let text = serde_json::to_string(&memory).unwrap();
        let again: Memory = serde_json::from_str(&text).unwrap();
        assert_eq!(again.view(Path::new("/song.wav")), Some(&view));
        assert_eq!(again.view(Path::new("/other.wav")), None);
    }
}
