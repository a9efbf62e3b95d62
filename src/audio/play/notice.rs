//! What went wrong with the sound, in the user's words.

/// Trouble that leaves the program running: a sentence, and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlayNotice {
    /// No device plays; the playhead runs without sound.
    #[error(
        "No sound output works ({found}), so the playhead moves in silence; connect one, or choose another"
    )]
    Silent { found: String },
    /// The device in use went away, and another one plays.
    #[error("{gone} is gone; playing on {device}")]
    Moved { gone: String, device: String },
    /// The recording cannot be played, or only in part.
    #[error("{0}")]
    Recording(String),
    /// The temporary file cannot hold the whole recording.
    #[error(
        "The temporary folder cannot hold the decoded recording ({found}), so it plays only to {secs:.0} s; free some space and open it again"
    )]
    Disk { found: String, secs: f64 },
    /// A thread could not be started.
    #[error("The system is out of threads; close other programs and try again")]
    NoThread,
}
