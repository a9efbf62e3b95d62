//! What the program remembers between two runs.

use std::path::{Path, PathBuf};

use eframe::egui::ThemePreference;
use serde::{Deserialize, Serialize};

use super::view_state::{Follow, ViewState};
use crate::analysis::{Cache, ModelChoice};
use crate::models::store::{DEFAULT_PITCH, DEFAULT_VOICING};

/// Recent files kept.
const MOST_RECENT: usize = 12;
/// Files whose view is remembered.
const MOST_VIEWS: usize = 200;

/// Dark, light, or as the system is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Appearance {
    /// As the system is; dark where it does not tell.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

impl Appearance {
    /// All appearances.
    pub const ALL: [Self; 3] = [Self::System, Self::Dark, Self::Light];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Appearance::System => "As the system",
            Appearance::Dark => "Dark",
            Appearance::Light => "Light",
        }
    }

    /// The same in the toolkit's words.
    pub fn preference(self) -> ThemePreference {
        match self {
            Appearance::System => ThemePreference::System,
            Appearance::Dark => ThemePreference::Dark,
            Appearance::Light => ThemePreference::Light,
        }
    }
}

/// Settings, recent files, and how each was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Dark or light.
    pub appearance: Appearance,
    /// Size of all text and controls; 1 as designed.
    pub text_scale: f32,
    /// Whether the pitch axis is drawn as a piano, or as names alone.
    pub piano: bool,
    /// How the view goes with the playhead.
    pub follow: Follow,
    /// Whether the side panel is open.
    pub side_panel: bool,
    /// Largest size of the cache in MiB; with 0 there is none.
    pub cache_mib: u64,
    /// Name or folder of the pitch network.
    pub pitch_network: String,
    /// Name or folder of the voicing network; none for the pitch network's own rule.
    pub voicing_network: Option<String>,
    /// What the networks run on, as on the command line: `auto`, `cpu`, `gpu:0`.
    pub compute: String,
    /// Name of the sound device; none for the system's own choice.
    pub sound_device: Option<String>,
    /// Files opened last, newest first.
    pub recent: Vec<PathBuf>,
    /// How files were looked at, newest first.
    pub views: Vec<(PathBuf, ViewState)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            appearance: Appearance::default(),
            text_scale: 1.0,
            piano: true,
            follow: Follow::default(),
            side_panel: true,
            cache_mib: 1024,
            pitch_network: DEFAULT_PITCH.to_owned(),
            voicing_network: Some(DEFAULT_VOICING.to_owned()),
            compute: "auto".to_owned(),
            sound_device: None,
            recent: Vec::new(),
            views: Vec::new(),
        }
    }
}

impl Settings {
    /// Puts a file first among the recent ones.
    pub fn remember(&mut self, path: &Path) {
        self.recent.retain(|recent| recent != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(MOST_RECENT);
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

    /// The networks, and what they run on; a device that is gone becomes the automatic choice.
    pub fn networks(&self) -> ModelChoice {
        ModelChoice {
            pitch: self.pitch_network.clone(),
            voicing: self.voicing_network.clone(),
            device: self.compute.parse().unwrap_or_default(),
        }
    }

    /// The cache of analyses, in the place where the system keeps such things; none of size 0.
    pub fn cache(&self) -> Option<Cache> {
        let folder = dirs::cache_dir().filter(|_| self.cache_mib > 0)?;
        Some(Cache {
            folder: folder.join("melograph").join("analyses"),
            limit: self.cache_mib << 20,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_files_are_few_and_newest_first() {
        let mut settings = Settings::default();
        for i in 0..20 {
            settings.remember(Path::new(&format!("/{i}.wav")));
        }
        settings.remember(Path::new("/15.wav"));
        assert_eq!(settings.recent.len(), MOST_RECENT);
        assert_eq!(settings.recent[0], Path::new("/15.wav"));
        assert_eq!(settings.recent[1], Path::new("/19.wav"));
    }

    #[test]
    fn a_file_is_seen_again_as_it_was_left() {
        let mut settings = Settings::default();
        let mut view = ViewState::default().afresh();
        view.a4_hz = 442.0;
        settings.remember_view(Path::new("/song.wav"), &view);
        let text = serde_json::to_string(&settings).unwrap();
        let again: Settings = serde_json::from_str(&text).unwrap();
        assert_eq!(again.view(Path::new("/song.wav")), Some(&view));
        assert_eq!(again.view(Path::new("/other.wav")), None);
    }
}
