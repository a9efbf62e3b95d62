//! Labeled corpora and their splits.
//!
//! Everything is read as 16 kHz mono, labeled on the 10 ms grid of CFP frames.
//!
//! - [`voice`]: what a labeled voice and an instrumental are.
//! - [`recording`]: decoding to 16 kHz, and which files a folder holds.
//! - [`mir1k`]: MIR-1K, split by singer.
//! - [`dry`]: solo singing without f0 labels.
//! - [`yin`]: labels such singing.
//! - [`instrumentals`]: music without a voice.
//! - [`error`]: what can be wrong with a corpus.

pub mod dry;
pub mod error;
pub mod instrumentals;
pub mod mir1k;
pub mod recording;
pub mod voice;
pub mod yin;

pub use dry::DrySet;
pub use error::DatasetError;
pub use mir1k::Split;
pub use voice::{HOP, Instrumental, RATE_HZ, Voice, n_frames};
