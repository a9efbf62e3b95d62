//! How a person wants the program to be.

use eframe::egui::ThemePreference;
use serde::{Deserialize, Serialize};

use crate::analysis::{Cache, ModelChoice, StemCache};
use crate::app::view_state::Follow;
use crate::models::store::{DEFAULT_PITCH, DEFAULT_VOICING};

/// Dark, light, or as the system is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Appearance {
    /// As the system is; dark where that is unknown.
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

    /// The toolkit's value for it.
    pub fn preference(self) -> ThemePreference {
        match self {
            Appearance::System => ThemePreference::System,
            Appearance::Dark => ThemePreference::Dark,
            Appearance::Light => ThemePreference::Light,
        }
    }
}

/// Settings, kept between two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppSettings {
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
    /// Name or folder of the network that separates; none for the one that comes with the program.
    pub separation_network: Option<String>,
    /// What the networks run on, as on the command line: `auto`, `cpu`, `gpu:0`.
    pub compute: String,
    /// Name of the sound device; none for the system's own choice.
    pub sound_device: Option<String>,
}

impl Default for AppSettings {
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
            separation_network: None,
            compute: "auto".to_owned(),
            sound_device: None,
        }
    }
}

impl AppSettings {
    /// The networks, and what they run on; a device that is gone becomes the automatic choice.
    pub fn networks(&self) -> ModelChoice {
        ModelChoice {
            pitch: self.pitch_network.clone(),
            voicing: self.voicing_network.clone(),
            device: self.compute.parse().unwrap_or_default(),
        }
    }

    /// The cache of separated voices, beside that of analyses and as large.
    pub fn stem_cache(&self) -> Option<StemCache> {
        let folder = dirs::cache_dir().filter(|_| self.cache_mib > 0)?;
        Some(StemCache {
            folder: folder.join("melograph").join("stems"),
            limit: self.cache_mib << 20,
        })
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
