//! What a network reads of a score: which keys sound, step by step.

use serde::{Deserialize, Serialize};

use crate::melody::{FrameGrid, PitchAxis};

/// Keys of a piano, a row each: A0 to C8.
pub const KEYS: usize = 88;

/// MIDI number of the lowest.
pub const LOWEST_KEY: u8 = 21;

/// Settings of a score's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreConfig {
    /// What a step is.
    pub step: ScoreStep,
}

/// What a step of a score is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScoreStep {
    /// A thirty-second note, an eighth of a beat, whatever the tempo.
    Note,
    /// 20 ms.
    Time,
}

impl ScoreConfig {
    /// Seconds of a step; of a note, about.
    pub const STEP_SECS: f64 = 0.02;

    /// Steps of a beat.
    pub const STEPS_A_BEAT: f64 = 8.0;

    /// What the rows are in Hz: a semitone each.
    pub fn axis(&self) -> PitchAxis {
        PitchAxis {
            fmin_hz: 27.5,
            bins_per_octave: 12.0,
            n_rows: KEYS,
        }
    }

    /// Times of the steps.
    pub fn grid(&self) -> FrameGrid {
        FrameGrid::from_hop(Self::STEP_SECS)
    }
}
