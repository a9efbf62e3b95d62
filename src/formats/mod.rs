//! Other tools' files: what a melody and its notes are written to and read from, and figures.
//!
//! - [`mod@format`]: what a format is, and the list of all.
//! - [`export`]: what is written: a recording and its melody, corrected or not.
//! - [`save`]: writes a file of a format.
//! - [`read`]: a melody or notes from any file that holds some.
//! - [`convert`]: from one of them to another, and what is lost on the way.
//!
//! The formats:
//!
//! - [`csv`], [`mirex`], [`tony`], [`pv`]: contours as text.
//! - [`notes`], [`labels`]: notes as text.
//! - [`midi`], [`mpe`]: notes with bends.
//! - [`jams`], [`svl`], [`praat`]: annotations of JAMS, Sonic Visualiser and Praat.
//! - [`ultrastar`], [`ds`]: songs to sing along and to have sung.
//! - [`soft`]: what training takes.
//! - [`figure`]: PNG and SVG, for print.
//!
//! Beside them [`stems`]: vocals and accompaniment as sound.
//!
//! What they share:
//!
//! - [`contents`]: what a file holds; [`aspect`]: what of it a format keeps.
//! - [`extract`]: a part of a melody as a whole.
//! - [`melody_file`]: a melody as a file gives it.
//! - [`melody_columns`], [`note_columns`]: melodies and notes from text in columns.
//! - [`table`]: lines and columns of text; [`place`]: where in a text something is.
//! - [`note_label`]: a pitch as people write it in labels; [`phrases`]: notes sung in one breath.
//! - [`json`]: parts of JSON files.
//! - [`atomic`]: files that are never half written.
//! - [`mark`]: how the program knows a file that it wrote itself.
//! - [`error`]: which file, where, what was expected.

pub mod aspect;
pub mod atomic;
pub mod contents;
pub mod convert;
pub mod csv;
pub mod ds;
pub mod error;
pub mod export;
pub mod extract;
pub mod figure;
pub mod format;
pub mod jams;
pub mod json;
pub mod labels;
pub mod mark;
pub mod melody_columns;
pub mod melody_file;
pub mod midi;
pub mod mirex;
pub mod mpe;
pub mod note_columns;
pub mod note_label;
pub mod notes;
pub mod phrases;
pub mod place;
pub mod praat;
pub mod pv;
pub mod read;
pub mod save;
pub mod soft;
pub mod stems;
pub mod svl;
pub mod table;
pub mod tony;
pub mod ultrastar;

#[cfg(test)]
mod sample;

pub use aspect::Aspect;
pub use contents::{Contents, SungNote};
pub use error::FormatError;
pub use export::{Export, Shown};
pub use extract::Extract;
pub use format::{Content, FORMATS, Format};
pub use melody_file::{MelodyFile, PitchUnit};
pub use midi::{ScoreNote, ScoreTime, read_score};
pub use read::{Found, found_in, read_any, read_melody, read_notes};
pub use save::save_file;
pub use stems::StemPaths;
