//! From channels to one, without losing what cancels in their mean.
//!
//! The mean is right for most recordings. Where one channel is inverted it is silent, and where
//! the voice alone is (wide stereo, a plug wired the wrong way) the voice is gone. A channel that is
//! all inverted is turned back; one that partly is, is turned by a quarter of a period: then
//! neither what the channels share nor what they have inverted cancels, and spectra, which is all
//! that is looked at, have the magnitudes of both.

use serde::{Deserialize, Serialize};

/// Half the length of the quarter-turn filter in seconds: it turns all from about 60 Hz on.
const HALF_FILTER_SECS: f64 = 0.02;

/// What becomes of a channel before channels are added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turn {
    /// Left as it is.
    #[default]
    None,
    /// Its sign is changed.
    Half,
    /// Its phase is turned by 90 degrees.
    Quarter,
}

/// How channels become one: the mean of the channels, each turned. Without turns, their mean.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mixdown {
    /// One for each channel, or none at all.
    pub turns: Vec<Turn>,
}

impl Mixdown {
    /// Whether it is the mean.
    pub fn is_mean(&self) -> bool {
        self.turns.iter().all(|turn| *turn == Turn::None)
    }

    /// What the user is to know; `None` of a mean.
    pub fn remark(&self) -> Option<&'static str> {
        if self.is_mean() {
            None
        } else if self.turns.contains(&Turn::Quarter) {
            Some(
                "What the channels hold in common and what they hold inverted would cancel in \
                 their mean; they are mixed with their phases apart.",
            )
        } else {
            Some("The channels cancel each other, as one is inverted; its sign is changed.")
        }
    }
}

/// Mixes a stream; the result does not depend on where it is cut into blocks.
pub struct ChannelMixer {
    turns: Vec<Turn>,
    /// Odd taps of the quarter turn, from the middle outward; empty if nothing is turned so.
    taps: Vec<f32>,
    /// Channels that are not turned by a quarter, and those that are, each mixed; those frames
    /// that the next outputs need.
    in_phase: Vec<f32>,
    quadrature: Vec<f32>,
}

impl ChannelMixer {
    /// A mixer at the start of a recording of `rate_hz`.
    pub fn new(mixdown: &Mixdown, rate_hz: u32) -> Self {
        let mut taps = Vec::new();
        if mixdown.turns.contains(&Turn::Quarter) {
            taps = quarter_turn((HALF_FILTER_SECS * f64::from(rate_hz)) as usize);
        }
        let half = 2 * taps.len();
        Self {
            turns: mixdown.turns.clone(),
            in_phase: vec![0.0; half],
            quadrature: vec![0.0; half],
            taps,
        }
    }

    /// The next frames, mixed; fewer at the start, where a filter looks ahead.
    pub fn push(&mut self, channels: &[Vec<f32>]) -> Vec<f32> {
        if self.turns.len() != channels.len() || self.turns.iter().all(|it| *it == Turn::None) {
            return super::downmix(channels);
        }
        let scale = 1.0 / channels.len() as f32;
        let mix = |wanted: &dyn Fn(Turn) -> f32| -> Vec<f32> {
            let mut sum = vec![0.0; channels.first().map_or(0, Vec::len)];
            for (channel, turn) in channels.iter().zip(&self.turns) {
                let gain = scale * wanted(*turn);
                for (sum, sample) in sum.iter_mut().zip(channel) {
                    *sum += gain * sample;
                }
            }
            sum
        };
        let in_phase = mix(&|turn| match turn {
            Turn::None => 1.0,
            Turn::Half => -1.0,
            Turn::Quarter => 0.0,
        });
        if self.taps.is_empty() {
            return in_phase;
        }
        let quadrature = mix(&|turn| f32::from(u8::from(turn == Turn::Quarter)));
        self.in_phase.extend(in_phase);
        self.quadrature.extend(quadrature);
        self.turn()
    }

    /// The last frames; none after them.
    pub fn finish(&mut self) -> Vec<f32> {
        let half = 2 * self.taps.len();
        if half == 0 {
            return Vec::new();
        }
        self.in_phase.resize(self.in_phase.len() + half, 0.0);
        self.quadrature.resize(self.quadrature.len() + half, 0.0);
        let rest = self.turn();
        self.taps.clear();
        rest
    }

    /// Turns the frames whose surroundings are there.
    fn turn(&mut self) -> Vec<f32> {
        let half = 2 * self.taps.len();
        let n_frames = self.quadrature.len().saturating_sub(2 * half);
        let output = (half..half + n_frames).map(|i| {
            let quadrature = self.taps.iter().enumerate().map(|(k, tap)| {
                let distance = 2 * k + 1;
                tap * (self.quadrature[i - distance] - self.quadrature[i + distance])
            });
            self.in_phase[i] + quadrature.sum::<f32>()
        });
        let output = output.collect();
        self.in_phase.drain(..n_frames);
        self.quadrature.drain(..n_frames);
        output
    }
}

/// Odd taps of a Hilbert transformer with a Hann window of `half` frames to each side.
fn quarter_turn(half: usize) -> Vec<f32> {
    let tap = |k: usize| {
        let distance = (2 * k + 1) as f64;
        let window = (std::f64::consts::FRAC_PI_2 * distance / (half + 1) as f64)
            .cos()
            .powi(2);
        (window * 2.0 / (std::f64::consts::PI * distance)) as f32
    };
    (0..half.max(2) / 2).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn sine(f0_hz: f64) -> Vec<f32> {
        let sample = |i: usize| (TAU * f0_hz * i as f64 / 8000.0).sin() as f32;
        (0..8000).map(sample).collect()
    }

    fn mix(turns: &[Turn], channels: &[Vec<f32>], cut: usize) -> Vec<f32> {
        let turns = turns.to_vec();
        let mut mixer = ChannelMixer::new(&Mixdown { turns }, 8000);
        let mut mono = Vec::new();
        let n_frames = channels[0].len();
        for start in (0..n_frames).step_by(cut) {
            let end = n_frames.min(start + cut);
            let block: Vec<_> = channels.iter().map(|it| it[start..end].to_vec()).collect();
            mono.extend(mixer.push(&block));
        }
        mono.extend(mixer.finish());
        assert!(mixer.finish().is_empty());
        mono
    }

    #[test]
    fn a_quarter_turn_keeps_what_is_shared_and_what_is_inverted() {
        let (shared, inverted) = (sine(440.0), sine(1000.0));
        let add = |sign: f32| -> Vec<f32> {
            let pairs = shared.iter().zip(&inverted);
            pairs.map(|(a, b)| a + sign * b).collect()
        };
        let mono = mix(&[Turn::None, Turn::Quarter], &[add(1.0), add(-1.0)], 1000);
        assert_eq!(mono.len(), 8000);
        for tone in [&shared, &inverted] {
            let dot: f32 = (2000..6000).map(|i| mono[i] * tone[i]).sum();
            // At 0.71 of its level, an eighth of a period away: 0.5 of it in phase.
            assert!((dot / 2000.0 - 0.5).abs() < 0.01, "{dot}");
        }
        assert_eq!(
            mono,
            mix(&[Turn::None, Turn::Quarter], &[add(1.0), add(-1.0)], 77)
        );
    }

    #[test]
    fn a_half_turn_puts_a_channel_right() {
        let tone = sine(440.0);
        let inverted = tone.iter().map(|it| -it).collect();
        assert_eq!(
            mix(&[Turn::None, Turn::Half], &[tone.clone(), inverted], 500),
            tone
        );
    }
}
