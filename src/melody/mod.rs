//! What a melody is: pitch units, the frame grid, the f0 track, classes and notes.
//!
//! - [`pitch`]: Hz, MIDI, cents and note names.
//! - [`grid`]: the times of frames.
//! - [`axis`]: the log-frequency rows of features and network outputs.
//! - [`f0`]: the contour, with confidence and voicing kept apart.
//! - [`classes`]: harmonic and sub-harmonic rows, kept compactly.
//! - [`harmonics`]: where a frame's harmonic and sub-harmonic are labelled.
//! - [`decode`]: network scores → f0 and classes, finer than a row.
//! - [`calibrate`]: confidence in the light of the whole recording.
//! - [`note`]: what a note is.
//! - [`note_model`]: probabilities of a hidden Markov model of notes.
//! - [`note_path`]: the most likely course of notes under that model.
//! - [`note_hmm`]: f0 → notes.
//! - [`note_rule`]: the semitones that pitch classes belong to.

pub mod axis;
pub mod calibrate;
pub mod classes;
pub mod decode;
pub mod f0;
pub mod grid;
pub mod harmonics;
pub mod note;
pub mod note_hmm;
pub mod note_model;
pub mod note_path;
pub mod note_rule;
pub mod pitch;

pub use axis::PitchAxis;
pub use calibrate::Calibration;
pub use classes::{ClassFrame, ClassTrack};
pub use decode::{Decoded, PitchFrame};
pub use f0::{F0Frame, F0Track};
pub use grid::FrameGrid;
pub use note::Note;
pub use note_rule::NoteRule;
