//! Other tools' files: what a melody and its notes are written to and read from, and figures.
//!
//! - [`mod@format`]: what a format is, and the list of all.
//! - [`export`]: what is written: a recording and its melody, corrected or not.
//! - [`save`]: writes a file of a format.
//! - [`read`]: a melody or notes from any file that holds some.
//!
//! The formats:
//!
//! - [`csv`], [`mirex`], [`tony`], [`pv`]: contours as text.
//! - [`notes`]: notes as text.
//! - [`midi`]: notes with bends.
//! - [`svl`]: layers of Sonic Visualiser.
//! - [`figure`]: PNG and SVG, for print.
//!
//! Beside them [`stems`]: vocals and accompaniment as sound.
//!
//! What they share:
//!
//! - [`melody_file`]: a melody as a file gives it.
//! - [`melody_columns`], [`note_columns`]: melodies and notes from text in columns.
//! - [`table`]: lines and columns of text, with their line numbers.
//! - [`atomic`]: files that are never half written.
//! - [`mark`]: how the program knows a file that it wrote itself.
//! - [`error`]: which file, where, what was expected.

pub mod atomic;
pub mod csv;
pub mod error;
pub mod export;
pub mod figure;
pub mod format;
pub mod mark;
pub mod melody_columns;
pub mod melody_file;
pub mod midi;
pub mod mirex;
pub mod note_columns;
pub mod notes;
pub mod pv;
pub mod read;
pub mod save;
pub mod stems;
pub mod svl;
pub mod table;
pub mod tony;

#[cfg(test)]
mod sample;

pub use error::FormatError;
pub use export::{Export, Shown};
pub use format::{Content, FORMATS, Format};
pub use melody_file::{MelodyFile, PitchUnit};
pub use read::{melody_of, notes_of, read_melody, read_notes};
pub use save::save_file;
pub use stems::StemPaths;
