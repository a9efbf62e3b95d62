//! What a note is.

use serde::{Deserialize, Serialize};

/// A sung note, sounding in `onset_secs..offset_secs` of the original recording.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Start of the pitched part in seconds.
    pub onset_secs: f64,
    /// End of voicing in seconds.
    pub offset_secs: f64,
    /// Pitch as a real MIDI number: the median of the frames.
    pub midi: f32,
    /// Mean confidence of the frames, 0 to 1.
    pub confidence: f32,
}
