//! The recording as it is, its voice, and all else: three sounds that run side by side.

use std::sync::Arc;

use super::pcm_file::PcmFile;

/// Sounds that run side by side: the recording, its voice, its accompaniment.
pub const N_SOUNDS: usize = 3;

/// Left and right of each sound, all of one length.
pub type SoundFrames = [[Vec<f32>; 2]; N_SOUNDS];

/// Where the sounds are read.
#[derive(Clone)]
pub struct Sources {
    recording: Arc<PcmFile>,
    /// The voice, as far as it is separated.
    vocals: Option<Arc<PcmFile>>,
}

impl Sources {
    /// A recording, and its voice if that is being separated or was.
    pub fn new(recording: Arc<PcmFile>, vocals: Option<Arc<PcmFile>>) -> Self {
        Self { recording, vocals }
    }

    /// The recording.
    pub fn recording(&self) -> &PcmFile {
        &self.recording
    }

    /// Takes another voice.
    pub fn set_vocals(&mut self, vocals: Arc<PcmFile>) {
        self.vocals = Some(vocals);
    }

    /// Whether the voice is known before this frame.
    pub fn knows_voice(&self, end: i64) -> bool {
        self.vocals.as_ref().is_some_and(|it| it.is_ready(end))
    }

    /// Reads frames from `start` on; the accompaniment is the recording less its voice.
    ///
    /// Without a voice both stems are silent.
    pub fn read(&self, start: i64, sounds: &mut SoundFrames) {
        let [recording, voice, accompaniment] = sounds;
        let [left, right] = recording;
        self.recording.read(start, left, right);
        let stems = voice.iter_mut().chain(accompaniment.iter_mut());
        let Some(vocals) = &self.vocals else {
            return stems.for_each(|side| side.fill(0.0));
        };
        let [left, right] = voice;
        vocals.read(start, left, right);
        for side in 0..2 {
            let known = recording[side].iter().zip(&voice[side]);
            for (rest, (sum, voice)) in accompaniment[side].iter_mut().zip(known) {
                *rest = sum - voice;
            }
        }
    }
}

/// Sounds of so many frames.
pub fn silence(n_frames: usize) -> SoundFrames {
    std::array::from_fn(|_| std::array::from_fn(|_| vec![0.0; n_frames]))
}

/// Lets voice and accompaniment come and go without a step where the voice is not known everywhere.
///
/// Where it is not, there is no voice, and all of the recording counts as accompaniment.
pub struct VoiceGate {
    level: Option<f32>,
    /// Change of the level in a frame.
    pace: f32,
}

impl VoiceGate {
    /// At rest; a change takes `n_frames`.
    pub fn new(n_frames: usize) -> Self {
        Self {
            level: None,
            pace: 1.0 / n_frames.max(1) as f32,
        }
    }

    /// Opens or closes over the next frames; the first ones of all find it as they need it.
    pub fn pass(&mut self, sounds: &mut SoundFrames, opens: bool) {
        let aim = f32::from(u8::from(opens));
        let start = *self.level.get_or_insert(aim);
        let [recording, voice, accompaniment] = sounds;
        let mut level = start;
        for side in 0..2 {
            level = start;
            let stems = voice[side].iter_mut().zip(&mut accompaniment[side]);
            for (sum, (voice, rest)) in recording[side].iter().zip(stems) {
                level += (aim - level).clamp(-self.pace, self.pace);
                *voice *= level;
                *rest = sum + level * (*rest - sum);
            }
        }
        self.level = Some(level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_opens_and_closes_in_a_line() {
        let mut gate = VoiceGate::new(4);
        let mut pass = |opens| {
            let mut sounds = silence(6);
            for (sound, value) in sounds.iter_mut().zip([1.0, 0.75, 0.25]) {
                sound.iter_mut().for_each(|side| side.fill(value));
            }
            gate.pass(&mut sounds, opens);
            assert_eq!(sounds[1][0], sounds[1][1]);
            [1, 2].map(|sound| sounds[sound][0].clone())
        };
        let [voice, rest] = pass(true);
        assert_eq!((voice, rest), (vec![0.75; 6], vec![0.25; 6]));
        let [voice, rest] = pass(false);
        assert_eq!(voice, [0.5625, 0.375, 0.1875, 0.0, 0.0, 0.0]);
        assert_eq!(rest, [0.4375, 0.625, 0.8125, 1.0, 1.0, 1.0]);
        assert_eq!(pass(true)[0][3], 0.75);
    }
}
