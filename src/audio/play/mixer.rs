//! How loud each sound is, and on which side.

use super::FADE_SECS;

/// Sounds that are mixed: the recording, its voice, its accompaniment, the f0 tone, the note tone.
pub const N_STRIPS: usize = 5;

/// Settings of one sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strip {
    /// Level in dB; 0 leaves the sound as it is.
    pub level_db: f32,
    /// Balance, from -1 (left) to 1 (right).
    pub pan: f32,
    /// Silent.
    pub mute: bool,
    /// Heard alone, with the others that are soloed; even if it is muted otherwise.
    pub solo: bool,
}

/// Settings of every sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixerSettings {
    /// The recording itself.
    pub mix: Strip,
    /// Its voice, as far as it is separated.
    pub vocals: Strip,
    /// All else of the recording.
    pub accompaniment: Strip,
    /// The contour as a tone.
    pub f0_tone: Strip,
    /// The notes as a tone.
    pub note_tone: Strip,
}

impl Default for MixerSettings {
    /// The recording alone; stems and tones are muted.
    fn default() -> Self {
        let mix = Strip {
            level_db: 0.0,
            pan: 0.0,
            mute: false,
            solo: false,
        };
        let tone = Strip {
            level_db: -12.0,
            mute: true,
            ..mix
        };
        let stem = Strip { mute: true, ..mix };
        Self {
            mix,
            vocals: stem,
            accompaniment: stem,
            f0_tone: tone,
            note_tone: tone,
        }
    }
}

/// What of a recording is heard, besides tones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// All of it.
    Recording,
    /// The voice alone.
    Voice,
    /// All but the voice, to sing to.
    Accompaniment,
}

impl MixerSettings {
    /// Factors of each sound, left and right.
    pub fn gains(&self) -> [[f32; 2]; N_STRIPS] {
        let Self {
            mix,
            vocals,
            accompaniment,
            f0_tone,
            note_tone,
        } = *self;
        let strips = [mix, vocals, accompaniment, f0_tone, note_tone];
        let any_solo = strips.iter().any(|strip| strip.solo);
        strips.map(|strip| match any_solo {
            true if !strip.solo => [0.0; 2],
            false if strip.mute => [0.0; 2],
            _ => strip.sides(),
        })
    }

    /// What of the recording is heard; `None` if it is none of them alone.
    pub fn heard(&self) -> Option<Heard> {
        let sounds = |gains: [f32; 2]| gains != [0.0; 2];
        let [mix, vocals, accompaniment, ..] = self.gains().map(sounds);
        match (mix, vocals, accompaniment) {
            (true, false, false) => Some(Heard::Recording),
            (false, true, false) => Some(Heard::Voice),
            (false, false, true) => Some(Heard::Accompaniment),
            _ => None,
        }
    }

    /// Lets one of them be heard alone; tones stay as they are, and levels.
    pub fn hear(&mut self, heard: Heard) {
        let strips = [
            (&mut self.mix, Heard::Recording),
            (&mut self.vocals, Heard::Voice),
            (&mut self.accompaniment, Heard::Accompaniment),
        ];
        for (strip, sound) in strips {
            strip.mute = sound != heard;
            strip.solo = false;
        }
        // a tone that is soloed would keep it from being heard
        for tone in [&mut self.f0_tone, &mut self.note_tone] {
            if std::mem::take(&mut tone.solo) {
                tone.mute = false;
            }
        }
    }
}

impl Strip {
    fn sides(&self) -> [f32; 2] {
        let gain = 10f32.powf(self.level_db.clamp(-120.0, 24.0) / 20.0);
        [-1.0, 1.0].map(|side| gain * (1.0 + side * self.pan.clamp(-1.0, 1.0)).min(1.0))
    }
}

/// Gains on their way to the mixer's, so that no change clicks.
pub struct Faders {
    now: [[f32; 2]; N_STRIPS],
    /// How much of the way they go in a frame.
    pace: f32,
}

impl Faders {
    /// At rest at the mixer's gains, for sound of this rate.
    pub fn new(mixer: &MixerSettings, rate_hz: u32) -> Self {
        let time_constant = FADE_SECS * f64::from(rate_hz);
        Self {
            now: mixer.gains(),
            pace: (1.0 - (-1.0 / time_constant).exp()) as f32,
        }
    }

    /// One frame of the sum, from the frames of the sounds; moves on towards `aim`.
    pub fn mix(&mut self, frames: [[f32; 2]; N_STRIPS], aim: &[[f32; 2]; N_STRIPS]) -> [f32; 2] {
        let mut sum = [0.0; 2];
        for (strip, frame) in frames.iter().enumerate() {
            for side in 0..2 {
                let gain = &mut self.now[strip][side];
                *gain += self.pace * (aim[strip][side] - *gain);
                sum[side] += *gain * frame[side];
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mute_solo_pan_and_level_decide_the_gains() {
        let mut mixer = MixerSettings::default();
        let silent = [0.0; 2];
        assert_eq!(mixer.gains(), [[1.0; 2], silent, silent, silent, silent]);
        mixer.f0_tone.solo = true;
        mixer.f0_tone.level_db = 20.0 * 0.5f32.log10();
        mixer.f0_tone.pan = 1.0;
        let [mix, vocals, accompaniment, f0, note] = mixer.gains();
        assert_eq!([mix, vocals, accompaniment, note], [silent; 4]);
        assert!(f0[0] == 0.0 && (f0[1] - 0.5).abs() < 1e-6);
        mixer.f0_tone.solo = false;
        mixer.mix.mute = true;
        assert_eq!(mixer.gains(), [silent; 5]);
    }

    #[test]
    fn one_of_three_is_heard_alone_and_tones_stay() {
        let mut mixer = MixerSettings::default();
        mixer.note_tone.solo = true;
        assert_eq!(mixer.heard(), None);
        for heard in [Heard::Voice, Heard::Accompaniment, Heard::Recording] {
            mixer.hear(heard);
            assert_eq!(mixer.heard(), Some(heard));
            assert_ne!(mixer.gains()[4], [0.0; 2]);
        }
        mixer.vocals.mute = false;
        assert_eq!(mixer.heard(), None);
    }

    #[test]
    fn a_gain_moves_without_a_step_and_arrives() {
        let mut mixer = MixerSettings::default();
        let mut faders = Faders::new(&mixer, 48_000);
        mixer.mix.mute = true;
        let mut last = 1.0;
        for _ in 0..4800 {
            let frames = [[1.0; 2], [0.0; 2], [0.0; 2], [0.0; 2], [0.0; 2]];
            let [left, _] = faders.mix(frames, &mixer.gains());
            assert!(last - left < 0.01);
            last = left;
        }
        assert!(last < 1e-6);
    }
}
