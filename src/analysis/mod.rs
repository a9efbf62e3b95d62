//! The one pipeline: recording → features → networks → melody.
//!
//! - [`store`]: what an analysis is: products, and the parts they grow by.
//! - [`picture`]: the spectrogram as it is drawn, eight bits a cell; [`mod@draw`]: of other kinds.
//! - [`level`]: how loud each frame is.
//! - [`models`]: the networks of an analysis, loaded on a device.
//! - [`attention`]: what is looked at, and analyzed first.
//! - [`source`]: where samples come from; [`prefetch`]: ahead of their use.
//! - [`front_end`]: samples → features, for analysis, training and files.
//! - [`blocks`]: which frames can be decided, and what they need around them.
//! - [`stages`]: pitch, voicing, speech; [`tracker`]: the first two, frame by frame.
//! - [`evidence`]: what of an analysis speaks for which pitch, for those who correct it.
//! - [`separation`]: voice and accompaniment.
//! - [`pipeline`]: from a file to an [`Analysis`]; `look_ahead`: what is looked at first.
//! - [`cache`]: products kept on disk, so that a recording opens at once the second time.

pub mod attention;
pub mod blocks;
pub mod cache;
pub mod draw;
pub mod evidence;
pub mod front_end;
pub mod level;
mod look_ahead;
pub mod models;
pub mod picture;
pub mod pipeline;
pub mod prefetch;
pub mod separation;
pub mod source;
pub mod stages;
pub mod store;
pub mod tracker;

pub use attention::LookedAt;
pub use cache::Cache;
pub use draw::{draw, draw_stem};
pub use front_end::{FrameBlock, FrontEnd, Scale, Transforms};
pub use models::{ModelChoice, Models};
pub use picture::{Picture, PictureKind};
pub use pipeline::{AnalysisOptions, analyze, go_on};
pub use separation::drawing::StemDrawing;
pub use separation::kept::{KeptStems, StemCache};
pub use separation::{Stem, StemBlock, VoiceSeparator, separate};
pub use stages::SpokenAndSung;
pub use store::{Analysis, AnalysisError, Part, Product};
pub use tracker::Tracker;
