//! The constants of the note stage, fitted on labeled singing.
//!
//! `scripts/notes/fit.py` fits [`ONSET`] and [`OFFSET`] on half of SSVD 2.0 by
//! logistic regression, from this program's own contours; the other constants were chosen on the
//! same half, and with synthesized vibrato and legato. Frames are of 10 ms.

use super::note_measures::N_MEASURES;

/// How a boundary of a note looks: odds are a weighted sum of measures.
pub(super) struct BoundaryModel {
    /// One weight a measure, in the order of [`super::note_measures`].
    pub weights: [f64; N_MEASURES],
    /// Log-odds where all measures are 0.
    pub bias: f64,
}

/// Where a note begins.
pub(super) const ONSET: BoundaryModel = BoundaryModel {
    weights: [
        -0.3306, 1.5288, 0.1944, 0.5419, -0.0488, 1.1198, 0.1646, 0.0119, 0.5791, 0.4024, 0.4743,
        -0.2256,
    ],
    bias: -9.9653,
};

/// Where a note ends.
pub(super) const OFFSET: BoundaryModel = BoundaryModel {
    weights: [
        -0.1784, 0.3141, 0.7194, 0.2136, 0.0168, 0.1737, 1.3192, 0.0378, -0.5089, 0.5961, 0.2881,
        0.2237,
    ],
    bias: -7.0942,
};

/// Log-odds that are no boundary, whatever follows from them.
pub(super) const LEAST_ODDS: f64 = -4.0;
/// Log-odds of the ends of a voiced stretch, at least: that a voice begins and ends was decided.
pub(super) const PHRASE_ODDS: f64 = -1.2;
/// What a note gains beside the log-odds of its ends: they are rarer than frames, not than notes.
pub(super) const NOTE_GAIN: f64 = 2.5;
/// What a frame costs for each semitone that its pitch lies off the note's.
pub(super) const PITCH_COST: f64 = 0.12;
/// Semitones that cost nothing, and the most that count.
pub(super) const PITCH_TOLERANCE: f64 = 0.4;
/// See [`PITCH_TOLERANCE`].
pub(super) const PITCH_MOST: f64 = 2.5;

/// Frames on each side over which the pitch is averaged: a cycle of a vibrato of 5.3 Hz in all.
pub(super) const HALF_CYCLE: i32 = 9;
/// Frames on each side that a step of the pitch is measured by: a cycle of 5.6 Hz.
pub(super) const STEP_REACH: i32 = 18;
/// A step tells of a note only where it is the widest within so many frames on each side, and where
/// no onset within them has log-odds above [`STEP_ODDS`].
pub(super) const STEP_ALONE: i32 = 16;
/// See [`STEP_ALONE`].
pub(super) const STEP_ODDS: f64 = -3.0;
/// Steps in semitones: none is narrower, the one as likely a note as not, none counts as wider.
pub(super) const STEP_WIDTHS: [f64; 3] = [0.4, 1.0, 1.6];
/// Log-odds that a semitone of a step adds.
pub(super) const STEP_SLOPE: f64 = 8.0;

/// Frames of the shortest voiced stretch that has notes although its pitch nowhere stays; a set value.
pub(super) const LONG_GLIDE: i32 = 100;
/// Semitones after which such a stretch goes on with another note; a set value.
pub(super) const GLIDE_STEP: f64 = 1.5;

/// Frames of the shortest note.
pub(super) const SHORTEST: i32 = 8;
/// Frames of the longest voiced stretch, 30 s: no breath lasts longer, and a drone is divided.
pub(super) const LONGEST: i32 = 3000;
/// Frames without a voice that no note bridges.
pub(super) const GAP: i32 = 10;
/// Part of a note at each end that does not count for its pitch.
pub(super) const PITCH_TRIM: f64 = 0.2;
