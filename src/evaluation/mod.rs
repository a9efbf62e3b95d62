//! How good an estimate is: metrics and their reports.
//!
//! - [`melody`]: voicing recall and false alarm, raw pitch, raw chroma, overall accuracy.
//! - [`mod@align`]: both melodies on the same frames, before they are scored.
//! - [`clip`]: one clip of a validation set.
//! - [`sparse`]: contours that leave their unvoiced frames out.
//! - [`transcription`]: notes, by onset, pitch and offset.
//! - [`matching`]: the largest one-to-one matching of notes.
//! - [`papers`]: what papers report, to be printed beside one's own scores.
//! - [`reliability`]: whether confidence means what it says.
//! - [`separation`], [`bss_eval`]: separated voices against the voices themselves.
//! - [`report`]: named scores and their mean.
//! - [`error`]: why there is no score.
//!
//! Definitions and numbers are those of `mir_eval` (Raffel et al. 2014).

pub mod align;
pub mod bss_eval;
pub mod clip;
pub mod error;
pub mod matching;
pub mod melody;
pub mod papers;
pub mod reliability;
pub mod report;
pub mod separation;
pub mod sparse;
pub mod transcription;

pub use align::{AlignOptions, Aligned, Interpolation, MelodySeries};
pub use clip::{Measure, Scorecard, score_clip, score_notes, score_voice, score_voicing};
pub use error::EvaluationError;
pub use melody::MelodyScores;
pub use papers::PublishedScores;
pub use reliability::{MelodyReliability, Reliability};
pub use report::{ClipScores, Scores};
pub use transcription::{HzNote, NoteScores};
