//! What a melody is: pitch units, the frame grid, the f0 track, classes and notes.
//!
//! - [`pitch`]: Hz, MIDI, cents and note names.
//! - [`grid`]: the times of frames.
//! - [`activations`]: pitch of activations, one for each row.
//! - [`axis`]: the log-frequency rows of features and network outputs.
//! - [`f0`]: the contour, with confidence and voicing kept apart.
//! - [`classes`]: harmonic and sub-harmonic rows, kept compactly.
//! - [`harmonics`]: where a frame's harmonic and sub-harmonic are labelled, and which a ridge is.
//! - [`column_maxima`]: a map of melody probabilities → pitch and voicing.
//! - [`decode`]: network scores → f0 and classes, finer than a row.
//! - [`pitch_path`]: the most likely course of the pitch through the scores.
//! - [`salience`]: how much speaks for each pitch, from a picture and what else is known.
//! - [`mod@ridge`]: a line of pitch followed from a point.
//! - [`mod@candidates`]: other courses that the pitch of a passage may take.
//! - [`calibrate`]: confidence in the light of the whole recording.
//! - [`note`]: what a note is.
//! - [`note_segments`]: f0 → notes.
//! - `note_measures`: what is measured around a frame for it.
//! - `note_boundaries`: where notes may begin and end.
//! - `note_path`: which beginnings and ends are taken.
//! - `note_constants`: its constants, fitted on labeled singing.
//! - [`note_rule`]: the semitones that pitch classes belong to.

pub mod activations;
pub mod axis;
pub mod calibrate;
pub mod candidates;
pub mod classes;
pub mod column_maxima;
pub mod decode;
pub mod f0;
pub mod grid;
pub mod harmonics;
pub mod note;
mod note_boundaries;
mod note_constants;
mod note_measures;
mod note_path;
pub mod note_rule;
pub mod note_segments;
pub mod pitch;
pub mod pitch_path;
pub mod ridge;
pub mod salience;

pub use activations::CentRows;
pub use axis::PitchAxis;
pub use calibrate::Calibration;
pub use candidates::{Candidate, CandidateKind, candidates, likeliest};
pub use classes::{ClassFrame, ClassTrack};
pub use decode::{Decoded, MelodyDecoder, PitchFrame};
pub use f0::{F0Frame, F0Track};
pub use grid::FrameGrid;
pub use harmonics::Partial;
pub use note::Note;
pub use note_rule::NoteRule;
pub use note_segments::segment_notes;
pub use ridge::{near_line, ridge};
pub use salience::Salience;
