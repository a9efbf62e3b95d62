//! Scores as matrices (Lu & Su 2018): which keys sound at each step, and which is the melody's.

use crate::dsp::score::{KEYS, LOWEST_KEY, ScoreConfig, ScoreStep};
use crate::formats::{ScoreNote, ScoreTime};

/// A piece of symbolic music with a melody.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Folder and file.
    pub id: String,
    /// Its notes, drums apart.
    pub notes: Vec<ScoreNote>,
}

/// A score step by step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreMatrix {
    /// Whether a key sounds: step after step, [`KEYS`] each.
    pub sounds: Vec<bool>,
    /// The melody's key of each step, counted from the lowest; the highest, where it has several.
    pub melody: Vec<Option<u8>>,
}

impl Score {
    /// The matrix of the score in steps of this kind; the melody an octave lower, if asked for, where a
    /// key is left.
    ///
    /// Where melody and accompaniment are one, the key is the melody's. Steps are those nearest to the
    /// notes' times from the start, so that errors do not add up.
    pub fn matrix(&self, step: ScoreStep, melody_octave_down: bool) -> ScoreMatrix {
        let at = |time: ScoreTime| match step {
            ScoreStep::Note => (time.beats * ScoreConfig::STEPS_A_BEAT).round() as usize,
            ScoreStep::Time => (time.secs / ScoreConfig::STEP_SECS).round() as usize,
        };
        let n_steps = self.notes.iter().map(|note| at(note.off)).max();
        let n_steps = n_steps.unwrap_or(0).min(MAX_STEPS);
        let mut matrix = ScoreMatrix {
            sounds: vec![false; n_steps * KEYS],
            melody: vec![None; n_steps],
        };
        for note in &self.notes {
            let lowered = u8::from(melody_octave_down && note.is_melody) * 12;
            let key = note.key.checked_sub(LOWEST_KEY + lowered);
            let Some(key) = key.filter(|&key| usize::from(key) < KEYS) else {
                continue;
            };
            for step in at(note.on)..at(note.off).min(n_steps) {
                matrix.sounds[step * KEYS + usize::from(key)] = true;
                if note.is_melody {
                    let melody = &mut matrix.melody[step];
                    *melody = (*melody).max(Some(key));
                }
            }
        }
        matrix
    }
}

/// Steps beyond which a score is cut: five hours, in case a file says so.
const MAX_STEPS: usize = 1_000_000;

impl ScoreMatrix {
    /// Number of steps.
    pub fn n_steps(&self) -> usize {
        self.melody.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(on: f64, off: f64, key: u8, is_melody: bool) -> ScoreNote {
        // half a second a beat
        let time = |beats: f64| ScoreTime {
            beats,
            secs: 0.5 * beats,
        };
        ScoreNote {
            on: time(on),
            off: time(off),
            key,
            is_melody,
        }
    }

    fn score() -> Score {
        Score {
            id: "song".into(),
            notes: vec![
                note(0.0, 2.0, 45, false),
                note(1.0, 2.0, 69, true),
                note(1.5, 2.0, 69, false),
                note(0.0, 0.5, 10, false), // below the piano
            ],
        }
    }

    #[test]
    fn steps_are_notes_or_time() {
        let by_note = score().matrix(ScoreStep::Note, false);
        assert_eq!(by_note.n_steps(), 16);
        assert!(by_note.melody[..8].iter().all(Option::is_none));
        assert!(by_note.melody[8..].iter().all(|&key| key == Some(48)));
        assert!(by_note.sounds[24] && by_note.sounds[15 * KEYS + 48]);
        assert_eq!(by_note.sounds.iter().filter(|&&it| it).count(), 16 + 8);
        let by_time = score().matrix(ScoreStep::Time, false);
        assert_eq!(by_time.n_steps(), 50);
        assert_eq!(by_time.melody.iter().flatten().count(), 25);
    }

    #[test]
    fn the_melody_alone_goes_down_an_octave() {
        let lowered = score().matrix(ScoreStep::Note, true);
        assert_eq!(lowered.melody[8], Some(36));
        assert!(lowered.sounds[8 * KEYS + 36] && !lowered.sounds[8 * KEYS + 48]);
        assert!(lowered.sounds[12 * KEYS + 48], "the accompaniment stays");
    }
}
