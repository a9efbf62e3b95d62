//! The one pipeline: recording → features → networks → melody.
//!
//! - [`result`]: what an analysis is.
//! - [`picture`]: the spectrogram as it is drawn, eight bits a cell.
//! - [`models`]: the networks of an analysis, loaded on a device.
//! - [`ahead`]: work that runs ahead on a thread of its own.
//! - [`survey`]: the first pass, which finds the recording's range and draws it.
//! - [`blocks`]: which frames can be decided, and what they need around them.
//! - `decider`: frames that wait for theirs, and the networks that decide them.
//! - [`cache`]: results kept on disk, so that a recording opens at once the second time.
//! - [`pipeline`]: both passes, from a file to an [`Analysis`].

pub mod ahead;
pub mod blocks;
pub mod cache;
mod decider;
pub mod models;
pub mod picture;
pub mod pipeline;
pub mod result;
pub mod survey;

pub use cache::Cache;
pub use models::{ModelChoice, Models};
pub use picture::{Picture, PictureKind};
pub use pipeline::{Partial, analyze};
pub use result::{Analysis, AnalysisError};
pub use survey::draw;
