//! Harmonic and sub-harmonic rows, kept compactly.

use serde::{Deserialize, Serialize};

use super::{FrameGrid, PitchAxis};

/// The strongest harmonic and sub-harmonic class of a frame (HKDSME section 3.2).
///
/// A class of 0 means none; strengths are the network's probability over
/// frequency, 0 to 255 for 0 to 1. Six bytes a frame: three hours take 6.5 MB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassFrame {
    /// Class labelled as twice the f0.
    pub harmonic: u16,
    /// Class labelled as half the f0.
    pub subharmonic: u16,
    /// Probability of `harmonic`.
    pub harmonic_strength: u8,
    /// Probability of `subharmonic`.
    pub subharmonic_strength: u8,
}

/// Classes on the grid of the f0 track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassTrack {
    /// What a class is in Hz.
    pub axis: PitchAxis,
    /// Times of the frames.
    pub grid: FrameGrid,
    /// One value a frame.
    pub frames: Vec<ClassFrame>,
}
