//! A key of the pitch axis as it sounds, over what plays or alone.

use super::tone::Tone;

/// How loud it is beside a recording.
const LEVEL: f32 = 0.35;
/// It sounds at least so long, in seconds, however short it was pressed.
const LEAST_SECS: f64 = 0.25;

/// A key that is pressed, or was.
#[derive(Default)]
pub struct PianoKey {
    /// What sounds.
    hz: Option<f64>,
    is_held: bool,
    /// Frames that it still sounds although it was let go.
    n_left: usize,
    tone: Option<Tone>,
}

impl PianoKey {
    /// Sounds at this pitch until it is let go.
    pub fn press(&mut self, hz: f64, rate_hz: u32) {
        self.hz = Some(hz);
        self.is_held = true;
        self.n_left = (LEAST_SECS * f64::from(rate_hz)) as usize;
        self.tone.get_or_insert_with(|| Tone::of_notes(rate_hz));
    }

    /// Falls silent soon.
    pub fn release(&mut self) {
        self.is_held = false;
    }

    /// Whether there is something to hear.
    pub fn is_sounding(&self) -> bool {
        self.tone.is_some()
    }

    /// Adds it to frames, the next to be heard.
    pub fn mix<'a>(&mut self, frames: impl ExactSizeIterator<Item = &'a mut [f32; 2]>) {
        let Some(tone) = &mut self.tone else {
            return;
        };
        let hz = self.hz.filter(|_| self.is_held || self.n_left > 0);
        let mut samples = vec![0.0; frames.len()];
        tone.render(|_| hz, 0.0, 1.0, &mut samples);
        self.n_left = self.n_left.saturating_sub(samples.len());
        if hz.is_none() && tone.is_silent() {
            self.tone = None;
        }
        for (frame, sample) in frames.zip(samples) {
            for side in frame {
                *side += LEVEL * sample;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_sounds_for_a_while_and_falls_silent() {
        let rate_hz = 8000;
        let mut key = PianoKey::default();
        key.press(440.0, rate_hz);
        key.release();
        let mut frames = vec![[0.0; 2]; 4000];
        for block in frames.chunks_mut(100) {
            key.mix(block.iter_mut());
        }
        let loudest = |part: &[[f32; 2]]| part.iter().fold(0.0, |most: f32, it| most.max(it[0]));
        assert!(loudest(&frames[..1000]) > 0.2);
        assert_eq!(loudest(&frames[3000..]), 0.0);
        assert!(!key.is_sounding());
        let rises = frames[..1600].windows(2);
        let n_waves = rises.filter(|it| it[0][0] <= 0.0 && it[1][0] > 0.0).count();
        assert!(
            (86..=90).contains(&n_waves),
            "{n_waves} waves in a fifth of a second"
        );
    }
}
