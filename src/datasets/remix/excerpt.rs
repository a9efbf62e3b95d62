//! A mixture with the labels of its voice.

use rand::Rng;

use crate::datasets::{HOP, RATE_HZ, Voice, n_frames};

/// A mixture with the labels of its voice.
///
/// Frame `c` is centered on sample `160 * (c + 1)`, like the frames of CFP set B.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Excerpt {
    /// 16 kHz mono.
    pub mix: Vec<f32>,
    /// What of it the voice is, as long; the rest is the accompaniment.
    pub voice: Vec<f32>,
    /// f0 of the voice in Hz, 0 where unvoiced.
    pub f0_hz: Vec<f32>,
    /// Whether a frame counts in the loss.
    pub mask: Vec<bool>,
}

impl Excerpt {
    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.f0_hz.len()
    }

    /// Whether the voice is pitched, for each frame.
    pub fn voiced(&self) -> impl Iterator<Item = bool> + '_ {
        self.f0_hz.iter().map(|&f0_hz| f0_hz > 0.0)
    }

    /// A stretch of `seconds` of a clip as it was recorded, from a random frame on.
    ///
    /// A shorter clip is followed by silence that does not count.
    pub fn as_recorded(voice: &Voice, seconds: f64, rng: &mut impl Rng) -> Self {
        let samples = (seconds * f64::from(RATE_HZ)).round() as usize;
        let frames = n_frames(samples);
        let latest_start = voice.f0_hz.len().saturating_sub(frames);
        let start = if latest_start > 0 {
            rng.random_range(0..=latest_start)
        } else {
            0
        };
        let stretch = |mut samples_of: Vec<f32>| {
            let mut stretch = samples_of.split_off(start * HOP);
            stretch.resize(samples, 0.0);
            stretch
        };
        let mix = stretch(voice.mixture());
        let alone = stretch(voice.samples.clone());
        let mut f0_hz = voice.f0_hz[start..].to_vec();
        f0_hz.resize(frames, 0.0);
        let mut mask = voice.mask[start..].to_vec();
        mask.resize(frames, false);
        Self {
            mix,
            voice: alone,
            f0_hz,
            mask,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn a_short_clip_is_followed_by_silence_that_does_not_count() {
        let voice = Voice {
            samples: vec![0.5; 1600],
            f0_hz: vec![220.0; n_frames(1600)],
            mask: vec![true; n_frames(1600)],
            accompaniment: Some(vec![0.25; 1600]),
            ..Voice::default()
        };
        let excerpt = Excerpt::as_recorded(&voice, 0.2, &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(excerpt.mix.len(), 3200);
        assert_eq!(excerpt.n_frames(), n_frames(3200));
        assert_eq!(excerpt.mix[..1600], [0.75; 1600]);
        assert_eq!(excerpt.voice[..1600], [0.5; 1600]);
        assert_eq!(excerpt.voice.len(), 3200);
        assert!(excerpt.mix[1600..].iter().all(|&x| x == 0.0));
        let known = n_frames(1600);
        assert!(excerpt.mask[..known].iter().all(|&counts| counts));
        assert!(excerpt.mask[known..].iter().all(|&counts| !counts));
    }
}
