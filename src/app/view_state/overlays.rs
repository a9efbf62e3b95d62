//! What is drawn over the spectrogram, and how strongly.

use serde::{Deserialize, Deserializer, Serialize};

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
    /// The separated voice, in the picture.
    Voice,
}

impl Overlay {
    /// All overlays, the most important first.
    pub const ALL: [Self; 5] = [
        Self::Contour,
        Self::Notes,
        Self::Voice,
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
            Overlay::Voice => "Voice",
        }
    }
}

/// Which overlays are visible, and how strongly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overlays {
    #[serde(deserialize_with = "shown_before")]
    shown: [bool; Overlay::ALL.len()],
    #[serde(deserialize_with = "opacity_before")]
    opacity: [f32; Overlay::ALL.len()],
}

/// An earlier version knew fewer overlays: those that are new are as they are by default.
fn shown_before<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<[bool; Overlay::ALL.len()], D::Error> {
    filled_up(deserializer, Overlays::default().shown)
}

fn opacity_before<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<[f32; Overlay::ALL.len()], D::Error> {
    filled_up(deserializer, Overlays::default().opacity)
}

fn filled_up<'de, D: Deserializer<'de>, T: Deserialize<'de>, const N: usize>(
    deserializer: D,
    mut all: [T; N],
) -> Result<[T; N], D::Error> {
    let known: Vec<T> = deserializer.deserialize_tuple(N, Sequence(std::marker::PhantomData))?;
    all.iter_mut()
        .zip(known)
        .for_each(|(value, known)| *value = known);
    Ok(all)
}

/// A list, or the tuple that an array is stored as.
struct Sequence<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Sequence<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("a value for each overlay")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut values: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = values.next_element()? {
            all.push(value);
        }
        Ok(all)
    }
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
