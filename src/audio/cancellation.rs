//! Whether channels cancel in their mean, learned from a whole recording.
//!
//! Sound that two channels share is louder in their sum, sound that one has inverted in their
//! difference; of independent sound neither is louder by much. So of each second it is noted how
//! much of the energy, in the range of voices, lies where the difference is far louder than the
//! sum. In ordinary stereo that is little: the difference holds reverberation and what is panned.

use std::ops::Range;
use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};

use super::mixdown::{Mixdown, Turn};

/// Where voices have most of their energy.
const BAND_HZ: Range<f64> = 100.0..4000.0;
/// Length of a spectrum.
const WINDOW_SECS: f64 = 0.046;
/// By how much one of sum and difference must be louder, in energy.
const RATIO: f32 = 8.0;
/// How much of a second's energy cancels where a voice is lost, and in how many of the seconds at
/// the least: much of it now and then, or some of it all the time.
const LOSSES: [(f32, f32); 2] = [(0.35, 0.02), (0.2, 0.33)];
/// Seconds fainter than this share of the loudest do not count.
const SILENCE: f32 = 1e-6;
/// How often more must cancel than add for a channel to be inverted as a whole.
const INVERTED: f32 = 3.0;

/// Listens to a recording and tells how to mix it.
pub struct CancellationMeter {
    fft: Arc<dyn RealToComplex<f32>>,
    bins: Range<usize>,
    windows_per_sec: usize,
    /// Frames that do not fill a window yet, by channel.
    rest: Vec<Vec<f32>>,
    n_windows: usize,
    /// For each channel but the first, its seconds against the first.
    seconds: Vec<Vec<Second>>,
}

/// Energy of two channels in a second.
#[derive(Clone, Copy, Default)]
struct Second {
    all: f32,
    /// Where the difference is far louder than the sum, and the other way round.
    cancels: f32,
    adds: f32,
}

impl CancellationMeter {
    /// A meter for a recording with this many channels at this rate in Hz.
    pub fn new(n_channels: usize, rate_hz: u32) -> Self {
        let rate = f64::from(rate_hz);
        let n = ((WINDOW_SECS * rate) as usize).next_power_of_two();
        let bin = |hz: f64| ((hz * n as f64 / rate) as usize).min(n / 2);
        Self {
            fft: RealFftPlanner::new().plan_fft_forward(n),
            bins: bin(BAND_HZ.start)..bin(BAND_HZ.end),
            windows_per_sec: (rate / n as f64).ceil() as usize,
            rest: vec![Vec::new(); n_channels],
            n_windows: 0,
            seconds: vec![Vec::new(); n_channels.saturating_sub(1)],
        }
    }

    /// Listens to the next frames.
    pub fn push(&mut self, channels: &[Vec<f32>]) {
        if self.seconds.is_empty() {
            return;
        }
        for (rest, channel) in self.rest.iter_mut().zip(channels) {
            rest.extend_from_slice(channel);
        }
        let n = self.fft.len();
        let n_frames = self.rest[0].len();
        for start in (0..n_frames / n).map(|i| i * n) {
            self.window(start..start + n);
        }
        for rest in &mut self.rest {
            rest.drain(..n_frames / n * n);
        }
    }

    /// How the recording should be mixed.
    pub fn mixdown(&self) -> Mixdown {
        let others = self.seconds.iter().map(|seconds| turn(seconds));
        let turns: Vec<Turn> = std::iter::once(Turn::None).chain(others).collect();
        Mixdown { turns }
    }

    fn window(&mut self, range: Range<usize>) {
        let spectra: Vec<_> = self
            .rest
            .iter()
            .map(|it| self.spectrum(&it[range.clone()]))
            .collect();
        let second = self.n_windows / self.windows_per_sec;
        self.n_windows += 1;
        let Some((first, others)) = spectra.split_first() else {
            return;
        };
        for (seconds, other) in self.seconds.iter_mut().zip(others) {
            seconds.resize(second + 1, Second::default());
            seconds[second].add(&first[self.bins.clone()], &other[self.bins.clone()]);
        }
    }

    fn spectrum(&self, samples: &[f32]) -> Vec<Complex32> {
        let step = std::f32::consts::PI / samples.len() as f32;
        let hann = |(i, sample): (usize, &f32)| sample * (step * i as f32).sin().powi(2);
        let mut input: Vec<f32> = samples.iter().enumerate().map(hann).collect();
        let mut spectrum = self.fft.make_output_vec();
        // Lengths fit, so it cannot fail.
        let _ = self.fft.process(&mut input, &mut spectrum);
        spectrum
    }
}

impl Second {
    fn add(&mut self, one: &[Complex32], other: &[Complex32]) {
        for (a, b) in one.iter().zip(other) {
            let (sum, difference) = ((a + b).norm_sqr(), (a - b).norm_sqr());
            let energy = sum + difference;
            self.all += energy;
            if difference > RATIO * sum {
                self.cancels += energy;
            } else if sum > RATIO * difference {
                self.adds += energy;
            }
        }
    }
}

fn turn(seconds: &[Second]) -> Turn {
    let loudest = seconds.iter().map(|it| it.all).fold(0.0, f32::max);
    let heard: Vec<&Second> = seconds
        .iter()
        .filter(|it| it.all > SILENCE * loudest)
        .collect();
    let is_lost = |&(share, secs): &(f32, f32)| {
        let n_lost = heard
            .iter()
            .filter(|it| it.cancels > share * it.all)
            .count();
        n_lost > 0 && n_lost as f32 >= secs * heard.len() as f32
    };
    let sum = |part: fn(&Second) -> f32| heard.iter().map(|it| part(it) / it.all).sum::<f32>();
    if !LOSSES.iter().any(is_lost) {
        Turn::None
    } else if sum(|it| it.cancels) > INVERTED * sum(|it| it.adds) {
        Turn::Half
    } else {
        Turn::Quarter
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;

    const RATE_HZ: u32 = 8000;

    /// A tone with harmonics.
    fn tone(f0_hz: f32, n_secs: usize) -> Vec<f32> {
        let sample = |i: usize| {
            let phase = TAU * f0_hz * i as f32 / RATE_HZ as f32;
            (1..6).map(|k| (phase * k as f32).sin() / k as f32).sum()
        };
        (0..n_secs * RATE_HZ as usize).map(sample).collect()
    }

    fn turns(channels: &[Vec<f32>], cut: usize) -> Vec<Turn> {
        let mut meter = CancellationMeter::new(channels.len(), RATE_HZ);
        for start in (0..channels[0].len()).step_by(cut) {
            let end = channels[0].len().min(start + cut);
            let block: Vec<_> = channels.iter().map(|it| it[start..end].to_vec()).collect();
            meter.push(&block);
        }
        meter.mixdown().turns
    }

    fn mixed(backing: &[f32], voice: &[f32], gain: f32) -> Vec<f32> {
        let pairs = backing.iter().zip(voice);
        pairs.map(|(a, b)| a + gain * b).collect()
    }

    #[test]
    fn inverted_channels_and_voices_are_found_and_others_are_left() {
        let (backing, voice) = (tone(110.0, 6), tone(277.0, 6));
        let silence = vec![0.0; voice.len()];
        let left = mixed(&backing, &voice, 1.0);
        let inverted: Vec<f32> = left.iter().map(|it| -it).collect();
        let cases = [
            (left.clone(), Turn::None),
            (silence, Turn::None),
            (voice.clone(), Turn::None),
            (inverted, Turn::Half),
            (mixed(&backing, &voice, -1.0), Turn::Quarter),
        ];
        for (right, expected) in cases {
            let channels = [left.clone(), right];
            assert_eq!(turns(&channels, 1000), [Turn::None, expected]);
            assert_eq!(turns(&channels, 777), [Turn::None, expected]);
        }
    }

    #[test]
    fn a_voice_inverted_only_late_is_found() {
        let (backing, voice) = (tone(110.0, 60), tone(277.0, 60));
        let late = 56 * RATE_HZ as usize;
        let mut right = mixed(&backing, &voice, 1.0);
        right.truncate(late);
        right.extend(mixed(&backing[late..], &voice[late..], -1.0));
        let left = mixed(&backing, &voice, 1.0);
        assert_eq!(turns(&[left, right], 5000), [Turn::None, Turn::Quarter]);
    }
}
