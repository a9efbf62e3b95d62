//! Why there is no score.

/// What makes a reference or an estimate impossible to score.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvaluationError {
    /// There is nothing to compare with.
    #[error("the reference holds no frames, so nothing can be scored")]
    EmptyReference,
    /// Times, frequencies and voicing differ in number.
    #[error("the {side} has {times} times but {values} {what}")]
    LengthMismatch {
        /// "reference" or "estimate".
        side: &'static str,
        /// What does not fit: "frequencies" or "voicing values".
        what: &'static str,
        /// Number of times.
        times: usize,
        /// Number of the others.
        values: usize,
    },
    /// A value out of its range, such as a time that is not a number or goes back.
    #[error("frame {frame} of the {side} has {what} {value}")]
    BadFrame {
        /// "reference" or "estimate".
        side: &'static str,
        /// Which value.
        what: &'static str,
        /// Index of the frame, from 0.
        frame: usize,
        /// The value found.
        value: f64,
    },
    /// The resampling hop is not a positive number of seconds.
    #[error("a hop of {0} s is not positive")]
    BadHop(f64),
    /// A note that ends before it starts, starts before 0, or has no pitch.
    #[error("note {note} of the {side} is not a note: {onset} s to {offset} s at {hz} Hz")]
    BadNote {
        /// "reference" or "estimate".
        side: &'static str,
        /// Index of the note, from 0.
        note: usize,
        /// Its onset in seconds.
        onset: f64,
        /// Its offset in seconds.
        offset: f64,
        /// Its pitch in Hz.
        hz: f64,
    },
}
