//! The semitones that pitch classes belong to, for networks that score notes as well.

use serde::{Deserialize, Serialize};

use super::PitchAxis;

/// Pitch classes in a semitone.
const PITCHES_PER_NOTE: usize = 5;

/// Which pitch classes of [`PitchAxis::HKDSME`] belong to a note class.
///
/// Note class 0 is no note; the others are the semitones from B0 on, where the axis begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoteRule {
    /// Those from it to the next one, as the published program has it.
    #[default]
    Floor,
    /// Those nearest to it.
    Round,
}

impl NoteRule {
    /// Classes of notes: none, and the semitones from B0 to E6.
    pub const CLASSES: usize = 66;

    /// The note class of each pitch class.
    pub fn note_of_pitch(self) -> Vec<u16> {
        // how many pitch classes the first note, B0, has
        let of_first = match self {
            Self::Floor => 4,
            Self::Round => 2,
        };
        let note = |pitch: usize| match pitch {
            0 => 0,
            pitch if pitch <= of_first => 1,
            pitch => (2 + (pitch - of_first - 1) / PITCHES_PER_NOTE).min(Self::CLASSES - 1),
        };
        let pitches = 0..PitchAxis::HKDSME.n_classes();
        pitches.map(|pitch| note(pitch) as u16).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pitch_belongs_to_a_note() {
        let count = |rule: NoteRule| {
            let notes = rule.note_of_pitch();
            let of = |note| notes.iter().filter(|&&it| it == note).count();
            assert!(notes.is_sorted());
            (0..NoteRule::CLASSES as u16).map(of).collect::<Vec<_>>()
        };
        let middle = [PITCHES_PER_NOTE; 63];
        assert_eq!(
            count(NoteRule::Floor),
            [&[1, 4], &middle[..], &[1]].concat()
        );
        assert_eq!(
            count(NoteRule::Round),
            [&[1, 2], &middle[..], &[3]].concat()
        );
    }

    #[test]
    fn a_tone_belongs_to_its_semitone() {
        const B1_HZ: f64 = 61.74;
        const B1: u16 = 13;
        let note = |rule: NoteRule, cents: f64| {
            let hz = B1_HZ * (cents / 1200.0).exp2();
            rule.note_of_pitch()[PitchAxis::HKDSME.hz_to_class(hz)]
        };
        for (cents, floor, round) in [(5.0, B1, B1), (80.0, B1, B1 + 1), (-30.0, B1 - 1, B1)] {
            assert_eq!(note(NoteRule::Floor, cents), floor, "{cents}");
            assert_eq!(note(NoteRule::Round, cents), round, "{cents}");
        }
    }
}
