//! Notes sung in one breath.

use std::ops::Range;

use crate::melody::Note;

/// A longer silence, in seconds, ends a phrase.
pub const PAUSE_SECS: f64 = 0.5;

/// Stretches of notes with no pause between them, in order; `notes` are by onset.
pub fn phrases(notes: &[Note]) -> Vec<Range<usize>> {
    let mut phrases: Vec<Range<usize>> = Vec::new();
    let mut end_secs = f64::NEG_INFINITY;
    for (i, note) in notes.iter().enumerate() {
        match phrases.last_mut() {
            Some(last) if note.onset_secs < end_secs + PAUSE_SECS => last.end = i + 1,
            _ => phrases.push(i..i + 1),
        }
        end_secs = end_secs.max(note.offset_secs);
    }
    phrases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_a_phrase_unless_a_note_lasts_through_it() {
        let note = |onset_secs: f64, offset_secs: f64| Note {
            onset_secs,
            offset_secs,
            midi: 60.0,
            confidence: 1.0,
        };
        let notes = [
            note(0.0, 3.0),
            note(0.2, 0.4),
            note(3.1, 3.5),
            note(4.1, 5.0),
        ];
        assert_eq!(phrases(&notes), [0..3, 3..4]);
        assert!(phrases(&[]).is_empty());
    }
}
