//! Other tools' files: what a melody and its notes are written to and read from.
//!
//! - [`mod@format`]: the formats by name, and the files each writes.
//! - [`mod@save`]: writes one format beside another, whole or not at all.
//! - [`melody_file`]: a melody from any file that holds one.
//! - [`notes_file`]: notes from any file that holds some.
//! - [`csv`], [`mirex`], [`tony`], [`pv`]: contours as text.
//! - [`notes`]: notes as text.
//! - [`midi`], [`midi_read`]: notes with bends.
//! - [`svl`], [`svl_read`]: layers of Sonic Visualiser.
//! - [`figure`]: pictures for print.
//! - [`table`]: lines and columns of text, with their line numbers.
//! - [`atomic`]: files that are never half written.
//! - [`error`]: which file, where, what was expected.

pub mod atomic;
pub mod csv;
pub mod error;
pub mod figure;
pub mod format;
pub mod melody_file;
pub mod midi;
pub mod midi_read;
pub mod mirex;
pub mod notes;
pub mod notes_file;
pub mod pv;
pub mod save;
pub mod svl;
pub mod svl_read;
pub mod table;
pub mod tony;

pub use error::FormatError;
pub use format::{Content, Format};
pub use melody_file::{MelodyFile, PitchUnit, read_melody};
pub use notes_file::read_notes;
pub use save::{Export, save};
