//! What a tool is doing while the mouse button is held: shown at once, done when it is let go.

use std::ops::Range;

use crate::annotation::NoteId;
use crate::melody::Note;

/// A drag that will be one step of the history.
#[derive(Clone, Debug, PartialEq)]
pub enum Gesture {
    /// A contour is drawn through points in seconds and MIDI numbers.
    Draw {
        /// The points, in the order they were drawn.
        points: Vec<(f64, f64)>,
        /// Whether it goes to the ridges beside it.
        snaps: bool,
    },
    /// A time is made unvoiced, in seconds.
    Erase(Range<f64>),
    /// A note is drawn, or moved.
    Note {
        /// Which note; none for a new one.
        id: Option<NoteId>,
        /// What of it is held.
        held: Held,
        /// As it was, or where it begins.
        from: Note,
        /// As it will be.
        to: Note,
    },
    /// It was taken back; nothing happens until the button is let go.
    TakenBack,
}

/// What of a note is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Its beginning.
    Onset,
    /// Its end.
    Offset,
    /// All of it.
    Whole,
}

/// Shorter than this, in seconds, no note is made.
const LEAST_SECS: f64 = 0.03;

impl Held {
    /// The note once it was dragged by seconds and semitones.
    pub fn dragged(self, from: &Note, secs: f64, semitones: f64) -> Note {
        let (onset, offset) = (from.onset_secs, from.offset_secs);
        match self {
            Held::Onset => Note {
                onset_secs: (onset + secs).clamp(0.0, (offset - LEAST_SECS).max(0.0)),
                ..*from
            },
            Held::Offset => Note {
                offset_secs: (offset + secs).max(onset + LEAST_SECS),
                ..*from
            },
            Held::Whole => {
                let secs = secs.max(-onset);
                Note {
                    onset_secs: onset + secs,
                    offset_secs: offset + secs,
                    midi: (f64::from(from.midi) + semitones) as f32,
                    ..*from
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_keeps_its_other_end_and_its_length() {
        let note = Note {
            onset_secs: 1.0,
            offset_secs: 2.0,
            midi: 60.0,
            confidence: 0.5,
        };
        let ends = |held: Held, secs| {
            let note = held.dragged(&note, secs, 2.0);
            (note.onset_secs, note.offset_secs, note.midi)
        };
        assert_eq!(ends(Held::Onset, 0.25), (1.25, 2.0, 60.0));
        assert_eq!(ends(Held::Onset, 5.0), (2.0 - LEAST_SECS, 2.0, 60.0));
        assert_eq!(ends(Held::Offset, -5.0), (1.0, 1.0 + LEAST_SECS, 60.0));
        assert_eq!(ends(Held::Whole, -3.0), (0.0, 1.0, 62.0));
    }
}
