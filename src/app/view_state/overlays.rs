//! What is drawn over the spectrogram, and how strongly.

use serde::{Deserialize, Serialize};

/// A kind of thing drawn over the spectrogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// The f0 contour.
    Contour,
    /// Twice the f0, as the network labels it.
    Harmonic,
    /// Half the f0, as the network labels it.
    Subharmonic,
    /// Notes.
    Notes,
}

impl Overlay {
    /// All overlays, the most important first.
    pub const ALL: [Self; 4] = [
        Self::Contour,
        Self::Notes,
        Self::Harmonic,
        Self::Subharmonic,
    ];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Overlay::Contour => "Pitch",
            Overlay::Harmonic => "Harmonic",
            Overlay::Subharmonic => "Sub-harmonic",
            Overlay::Notes => "Notes",
        }
    }
}

/// Which overlays are visible, and how strongly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overlays {
    shown: [bool; Overlay::ALL.len()],
    opacity: [f32; Overlay::ALL.len()],
}

impl Default for Overlays {
    fn default() -> Self {
        Self {
            shown: [true; Overlay::ALL.len()],
            opacity: [1.0; Overlay::ALL.len()],
        }
    }
}

impl Overlays {
    /// Whether `overlay` is visible.
    pub fn shows(&self, overlay: Overlay) -> bool {
        self.shown[overlay as usize]
    }

    /// Shows what is hidden, hides what is shown.
    pub fn toggle(&mut self, overlay: Overlay) {
        self.shown[overlay as usize] ^= true;
    }

    /// How strongly `overlay` shows, 0 to 1.
    pub fn opacity(&self, overlay: Overlay) -> f32 {
        self.opacity[overlay as usize].clamp(0.0, 1.0)
    }

    /// Shows `overlay` more or less strongly.
    pub fn set_opacity(&mut self, overlay: Overlay, opacity: f32) {
        self.opacity[overlay as usize] = opacity;
    }
}
