//! The log-mel spectrogram of Kaldi (Povey et al. 2011), which networks of speech read.

use std::f64::consts::TAU;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use realfft::{RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex;

use super::LogMelConfig;
use super::filterbank::{Filter, Filterbank};
use super::framing::SampleSpan;
use super::log_mel_config::hz_to_mel;
use super::stream::Feed;

/// Kaldi takes samples as 16-bit integers.
const FULL_SCALE: f64 = 32_768.0;

/// How much of the sample before is subtracted from a sample.
const PRE_EMPHASIS: f64 = 0.97;

/// Exponent of the Hann window that makes it Povey's.
const POVEY: f64 = 0.85;

/// Bands are not softer than this.
const FLOOR: f64 = f32::EPSILON as f64;

/// Frames that a thread takes at a time.
const FRAMES_PER_JOB: usize = 16;

/// Which frames are wanted: so many of every period, from the first on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretches {
    /// Frames of a stretch.
    pub len: usize,
    /// Frames from the start of a stretch to that of the next.
    pub period: usize,
}

impl Stretches {
    /// All frames.
    pub const ALL: Self = Self { len: 1, period: 1 };

    fn contains(self, frame: usize) -> bool {
        frame % self.period < self.len
    }
}

/// Kaldi's log-mel bands of a mono recording, without dither.
///
/// Frame `t` is of the `window_len` samples from `t * hop` on: with 25 ms and 10 ms it is centered
/// 2.5 ms behind the frame of that number of other features. There are as many frames as of those;
/// the last ones, which the recording's end would cut, repeat the last that is whole.
pub struct KaldiMel {
    config: LogMelConfig,
    window: Vec<f64>,
    fft: Arc<dyn RealToComplex<f64>>,
    bank: Filterbank,
}

/// One thread's buffers.
struct KaldiMelScratch {
    frame: Vec<f64>,
    bins: Vec<Complex<f64>>,
    fft: Vec<Complex<f64>>,
    power: Vec<f64>,
}

impl KaldiMel {
    /// Plans the transform and the bands.
    ///
    /// # Panics
    /// If [`LogMelConfig::check`] refuses the settings: check first what comes from a file.
    pub fn new(config: LogMelConfig) -> Self {
        if let Err(error) = config.check() {
            panic!("{error}");
        }
        let n_fft = config.window_len.next_power_of_two();
        Self {
            window: povey(config.window_len),
            fft: RealFftPlanner::new().plan_fft_forward(n_fft),
            bank: filterbank(&config, n_fft),
            config,
        }
    }

    /// The settings.
    pub fn config(&self) -> &LogMelConfig {
        &self.config
    }

    /// `ln(power)` of each band, frame after frame: `frame * n_bands + band`; 0 in frames that are not
    /// wanted.
    ///
    /// Frames whose samples are not finite are silent.
    fn compute_frames(
        &self,
        excerpt: SampleSpan,
        frames: Range<usize>,
        wanted: Stretches,
    ) -> Vec<f32> {
        let n_bands = self.config.n_bands;
        let mut bands = vec![0.0; frames.len() * n_bands];
        bands
            .par_chunks_exact_mut(n_bands)
            .zip(frames)
            .with_min_len(FRAMES_PER_JOB)
            .filter(|(_, frame)| wanted.contains(*frame))
            .for_each_init(
                || self.scratch(),
                |scratch, (bands, frame)| {
                    let start = frame * self.config.hop - excerpt.start;
                    let samples = &excerpt.samples[start..start + self.config.window_len];
                    self.compute_frame(samples, scratch, bands);
                },
            );
        bands
    }

    fn scratch(&self) -> KaldiMelScratch {
        KaldiMelScratch {
            frame: self.fft.make_input_vec(),
            bins: self.fft.make_output_vec(),
            fft: self.fft.make_scratch_vec(),
            power: Vec::new(),
        }
    }

    fn compute_frame(&self, samples: &[f32], s: &mut KaldiMelScratch, bands: &mut [f32]) {
        self.fill(samples, &mut s.frame);
        self.fft
            .process_with_scratch(&mut s.frame, &mut s.bins, &mut s.fft)
            .expect("the buffers were made for this plan");
        let power = s.bins.iter().map(Complex::norm_sqr);
        s.power.clear();
        s.power
            .extend(power.map(|value| if value.is_finite() { value } else { 0.0 }));
        self.bank.apply(&s.power, bands);
        for band in bands {
            *band = f64::from(*band).max(FLOOR).ln() as f32;
        }
    }

    /// Writes the samples to the front of `frame`, without their mean, emphasized and windowed;
    /// zeros after them.
    fn fill(&self, samples: &[f32], frame: &mut [f64]) {
        let sum: f64 = samples.iter().map(|&sample| f64::from(sample)).sum();
        let mean = sum / samples.len() as f64;
        let mut before = samples
            .first()
            .map_or(0.0, |&first| f64::from(first) - mean);
        for ((out, &sample), tap) in frame.iter_mut().zip(samples).zip(&self.window) {
            let value = f64::from(sample) - mean;
            *out = FULL_SCALE * tap * (value - PRE_EMPHASIS * before);
            before = value;
        }
        frame[samples.len()..].fill(0.0);
    }
}

fn povey(len: usize) -> Vec<f64> {
    let last = (len - 1) as f64;
    let hann = |k: usize| 0.5 - 0.5 * (TAU * k as f64 / last).cos();
    (0..len).map(|k| hann(k).powf(POVEY)).collect()
}

/// Triangles of height 1 over mel.
fn filterbank(config: &LogMelConfig, n_fft: usize) -> Filterbank {
    let (low, high) = (hz_to_mel(config.fmin_hz), hz_to_mel(config.fmax_hz));
    let step = (high - low) / (config.n_bands + 1) as f64;
    let bin_hz = f64::from(config.rate_hz) / n_fft as f64;
    let filter = |band: usize| {
        let center = low + step * (band + 1) as f64;
        let height = |bin: usize| 1.0 - (hz_to_mel(bin as f64 * bin_hz) - center).abs() / step;
        let first = (0..n_fft / 2).find(|&bin| height(bin) > 0.0).unwrap_or(0);
        let weights = (first..n_fft / 2).map(height);
        Filter {
            first,
            weights: weights.take_while(|&weight| weight > 0.0).collect(),
        }
    };
    Filterbank::new((0..config.n_bands).map(filter).collect())
}

/// A [`KaldiMel`] fed block by block; the frames do not depend on how a recording is cut.
pub struct KaldiMelStream {
    mel: Arc<KaldiMel>,
    wanted: Stretches,
    feed: Feed,
    /// Bands of the last whole frame; of silence before there is one.
    last: Vec<f32>,
}

impl KaldiMelStream {
    /// A stream at the start of a recording, of which these frames are wanted.
    pub fn new(mel: Arc<KaldiMel>, wanted: Stretches) -> Self {
        let LogMelConfig {
            hop,
            window_len,
            n_bands,
            ..
        } = mel.config;
        let feed = Feed::new(hop, (hop, window_len.saturating_sub(hop)));
        let last = vec![FLOOR.ln() as f32; n_bands];
        Self {
            mel,
            wanted,
            feed,
            last,
        }
    }

    /// Takes the next samples; returns the bands of the frames that became computable, possibly none, and
    /// 0 for those that are not wanted.
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        let frames = self.feed.push(samples);
        let excerpt = self.feed.excerpt();
        let bands = self
            .mel
            .compute_frames(excerpt, frames.clone(), self.wanted);
        self.feed.advance(frames.end);
        if let Some(last) = bands.rchunks_exact(self.last.len()).next() {
            self.last.copy_from_slice(last);
        }
        bands
    }

    /// Returns the bands of the last frames; the stream is then at the start of another recording.
    pub fn finish(&mut self) -> Vec<f32> {
        let bands = self.last.repeat(self.feed.rest().len());
        *self = Self::new(Arc::clone(&self.mel), self.wanted);
        bands
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mel() -> Arc<KaldiMel> {
        Arc::new(KaldiMel::new(LogMelConfig::kaldi()))
    }

    fn whole(samples: &[f32]) -> Vec<f32> {
        stretches(samples, Stretches::ALL)
    }

    fn stretches(samples: &[f32], wanted: Stretches) -> Vec<f32> {
        let mut stream = KaldiMelStream::new(mel(), wanted);
        let mut bands = stream.push(samples);
        bands.extend(stream.finish());
        bands
    }

    fn tone(n: usize) -> Vec<f32> {
        (0..n).map(|i| (0.3 * i as f32).sin()).collect()
    }

    #[test]
    fn every_band_holds_a_bin() {
        assert!(mel().bank.rows().iter().all(|row| !row.weights.is_empty()));
    }

    #[test]
    fn frames_are_as_many_as_of_other_features_and_the_last_repeats() {
        for (n, frames) in [(0, 0), (160, 0), (161, 1), (400, 2), (16_000, 99)] {
            assert_eq!(whole(&tone(n)).len(), frames * 80, "{n}");
        }
        let bands = whole(&tone(16_000));
        assert_eq!(bands[98 * 80..], bands[97 * 80..98 * 80]);
    }

    #[test]
    fn frames_that_are_not_wanted_are_left_out() {
        let samples = tone(8000);
        let some = stretches(&samples, Stretches { len: 3, period: 10 });
        let all = whole(&samples);
        let frames = some.chunks(80).zip(all.chunks(80));
        for (i, (some, whole)) in frames.take(47).enumerate() {
            match i % 10 < 3 {
                true => assert_eq!(some, whole),
                false => assert_eq!(some, [0.0; 80]),
            }
        }
    }

    #[test]
    fn silence_and_what_is_not_finite_give_the_floor() {
        for sample in [0.0, 0.5, f32::NAN, f32::INFINITY] {
            let bands = whole(&[sample; 1600]);
            let floor = FLOOR.ln() as f32;
            assert!(
                bands.iter().all(|&band| (band - floor).abs() < 1e-3),
                "{sample}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn any_cut_gives_the_whole_bit_for_bit(
            n in 0_usize..5000,
            cuts in prop::collection::vec(0_usize..5000, 0..12),
        ) {
            let samples = tone(n);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(n)).collect();
            cuts.extend([0, n]);
            cuts.sort();
            let mut stream = KaldiMelStream::new(mel(), Stretches::ALL);
            let mut parts = Vec::new();
            for pair in cuts.windows(2) {
                parts.extend(stream.push(&samples[pair[0]..pair[1]]));
            }
            parts.extend(stream.finish());
            prop_assert_eq!(parts, whole(&samples));
        }
    }
}
