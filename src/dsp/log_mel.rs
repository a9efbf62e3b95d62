//! The log-mel spectrogram of the voicing network.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use realfft::{RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex;

use super::filterbank::Filterbank;
use super::framing::{SampleSpan, n_frames};
use super::stream::Feed;
use super::{LogMelConfig, WindowKind};

/// Added to each band's power: white noise 80 dB below full scale, so that
/// digital silence and faint noise look alike.
pub const POWER_FLOOR: f64 = 1e-8;

/// Frames that a thread takes at a time.
const FRAMES_PER_JOB: usize = 16;

/// Frames of a recording: log-mel bands, and the power spectra they were summed from.
///
/// Power is divided by the window's, so white noise of variance 1 has power 1 in every bin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MelFrames {
    /// Bands of a frame.
    pub n_bands: usize,
    /// Bins of a frame's spectrum.
    pub n_bins: usize,
    /// `ln(power + POWER_FLOOR)`, frame after frame: `frame * n_bands + band`.
    pub bands: Vec<f32>,
    /// Power: `frame * n_bins + bin`.
    pub power: Vec<f32>,
}

impl MelFrames {
    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.bands.len().checked_div(self.n_bands).unwrap_or(0)
    }

    /// Adds the frames of `later` at the end.
    pub fn append(&mut self, later: &MelFrames) {
        (self.n_bands, self.n_bins) = (later.n_bands, later.n_bins);
        self.bands.extend_from_slice(&later.bands);
        self.power.extend_from_slice(&later.power);
    }

    /// Forgets the first `n_frames` frames.
    pub fn drop_front(&mut self, n_frames: usize) {
        self.bands.drain(..n_frames * self.n_bands);
        self.power.drain(..n_frames * self.n_bins);
    }
}

/// Log-mel spectrogram of a mono recording, on the frame grid of a CFP.
///
/// A band is the weighted sum of its bins' power. Beyond the ends there is silence.
pub struct LogMel {
    config: LogMelConfig,
    /// Hann window of unit norm.
    window: Vec<f64>,
    fft: Arc<dyn RealToComplex<f64>>,
    bank: Filterbank,
}

/// One thread's buffers.
struct LogMelScratch {
    frame: Vec<f64>,
    bins: Vec<Complex<f64>>,
    fft: Vec<Complex<f64>>,
    power: Vec<f64>,
}

impl LogMel {
    /// Plans the transform and the bands.
    ///
    /// # Panics
    /// If [`LogMelConfig::check`] refuses the settings: check first what comes from a file.
    pub fn new(config: LogMelConfig) -> Self {
        if let Err(error) = config.check() {
            panic!("{error}");
        }
        let window = WindowKind::Hann.taps(config.window_len);
        let norm = window.iter().map(|w| w * w).sum::<f64>().sqrt();
        Self {
            window: window.iter().map(|w| w / norm).collect(),
            fft: RealFftPlanner::new().plan_fft_forward(config.n_fft()),
            bank: config.filterbank(),
            config,
        }
    }

    /// The settings.
    pub fn config(&self) -> &LogMelConfig {
        &self.config
    }

    /// Number of frames of a recording: `ceil(n_samples / hop) - 1`, or none.
    pub fn n_frames(&self, n_samples: usize) -> usize {
        n_frames(n_samples, self.config.hop)
    }

    /// All frames of a recording at `rate_hz`, on all cores.
    ///
    /// Frames whose samples are not finite are silent.
    pub fn compute(&self, samples: &[f32]) -> MelFrames {
        let excerpt = SampleSpan { samples, start: 0 };
        self.compute_frames(excerpt, 0..self.n_frames(samples.len()))
    }

    fn compute_frames(&self, excerpt: SampleSpan, frames: Range<usize>) -> MelFrames {
        let (n_bands, n_bins) = (self.config.n_bands, self.config.n_bins());
        let mut bands = vec![0.0; frames.len() * n_bands];
        let mut power = vec![0.0; frames.len() * n_bins];
        bands
            .par_chunks_exact_mut(n_bands)
            .zip(power.par_chunks_exact_mut(n_bins))
            .zip(frames)
            .with_min_len(FRAMES_PER_JOB)
            .for_each_init(
                || self.scratch(),
                |scratch, ((bands, power), frame)| {
                    self.compute_frame(excerpt, frame, scratch);
                    self.bank.apply(&scratch.power, bands);
                    for band in bands {
                        *band = (f64::from(*band) + POWER_FLOOR).ln() as f32;
                    }
                    let bins = power.iter_mut().zip(&scratch.power);
                    bins.for_each(|(to, &from)| *to = from as f32);
                },
            );
        MelFrames {
            n_bands,
            n_bins,
            bands,
            power,
        }
    }

    fn scratch(&self) -> LogMelScratch {
        LogMelScratch {
            frame: self.fft.make_input_vec(),
            bins: self.fft.make_output_vec(),
            fft: self.fft.make_scratch_vec(),
            power: vec![0.0; self.config.n_bins()],
        }
    }

    /// Leaves the power of a frame in `s`.
    fn compute_frame(&self, excerpt: SampleSpan, frame: usize, s: &mut LogMelScratch) {
        self.fill(excerpt, self.config.hop * (frame + 1), &mut s.frame);
        self.fft
            .process_with_scratch(&mut s.frame, &mut s.bins, &mut s.fft)
            .expect("the buffers were made for this plan");
        for (power, bin) in s.power.iter_mut().zip(&s.bins) {
            let value = bin.norm_sqr();
            *power = if value.is_finite() { value } else { 0.0 };
        }
    }

    /// Writes the windowed samples around `center` to the front of `frame`, zeros elsewhere.
    fn fill(&self, excerpt: SampleSpan, center: usize, frame: &mut [f64]) {
        frame.fill(0.0);
        let before = center.min(self.config.window_len / 2);
        let skipped = self.config.window_len / 2 - before;
        let samples = &excerpt.samples[center - before - excerpt.start..];
        let pairs = samples.iter().zip(&self.window[skipped..]);
        for (out, (&sample, tap)) in frame[skipped..].iter_mut().zip(pairs) {
            *out = f64::from(sample) * tap;
        }
    }
}

/// A [`LogMel`] fed block by block; the frames, put together, are those of
/// [`LogMel::compute`] bit for bit.
pub struct LogMelStream {
    log_mel: Arc<LogMel>,
    feed: Feed,
}

impl LogMelStream {
    /// A stream at the start of a recording.
    pub fn new(log_mel: Arc<LogMel>) -> Self {
        let config = log_mel.config();
        let before = config.window_len / 2;
        let feed = Feed::new(config.hop, (before, config.window_len - before));
        Self { log_mel, feed }
    }

    /// Takes the next samples; returns the frames that became computable, possibly none.
    pub fn push(&mut self, samples: &[f32]) -> MelFrames {
        let frames = self.feed.push(samples);
        let new = self
            .log_mel
            .compute_frames(self.feed.excerpt(), frames.clone());
        self.feed.advance(frames.end);
        new
    }

    /// Returns the last frames; the stream is then at the start of another recording.
    pub fn finish(&mut self) -> MelFrames {
        let last = self
            .log_mel
            .compute_frames(self.feed.excerpt(), self.feed.rest());
        *self = Self::new(Arc::clone(&self.log_mel));
        last
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use proptest::prelude::*;

    use super::*;
    use crate::dsp::log_mel_config::hz_to_mel;

    fn config() -> LogMelConfig {
        LogMelConfig {
            rate_hz: 16_000,
            hop: 160,
            window_len: 400,
            n_bands: 80,
            fmin_hz: 30.0,
            fmax_hz: 8000.0,
        }
    }

    fn tone(hz: f64, n: usize) -> Vec<f32> {
        (0..n)
            .map(|i| (TAU * hz * i as f64 / 16_000.0).sin() as f32)
            .collect()
    }

    #[test]
    fn a_tone_peaks_in_its_band() {
        let log_mel = LogMel::new(config());
        let (low, high) = (hz_to_mel(30.0), hz_to_mel(8000.0));
        let bands = log_mel.compute(&tone(1000.0, 16_000)).bands;
        assert_eq!(bands.len(), 99 * 80);
        let frame = &bands[50 * 80..51 * 80];
        let peak = (0..80).max_by(|&a, &b| frame[a].total_cmp(&frame[b]));
        let band = (hz_to_mel(1000.0) - low) / (high - low) * 81.0 - 1.0;
        assert_eq!(peak, Some(band.round() as usize));
    }

    #[test]
    fn silence_and_what_is_not_finite_give_the_floor() {
        let log_mel = LogMel::new(config());
        for sample in [0.0, f32::NAN, f32::INFINITY] {
            let bands = log_mel.compute(&[sample; 1600]).bands;
            assert_eq!(bands, vec![POWER_FLOOR.ln() as f32; 9 * 80]);
        }
        assert_eq!(log_mel.compute(&[]).n_frames(), 0);
        assert_eq!(log_mel.compute(&[0.5]).n_frames(), 0);
    }

    #[test]
    fn noise_of_variance_one_has_power_one_a_bin() {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((f64::from(state) / f64::from(u32::MAX) - 0.5) * 12_f64.sqrt()) as f32
        };
        let samples: Vec<f32> = (0..160_000).map(|_| next()).collect();
        let log_mel = LogMel::new(config());
        let MelFrames { bands, power, .. } = log_mel.compute(&samples);
        let n_bins = log_mel.config().n_bins();
        let at_2_khz = power
            .chunks(n_bins)
            .map(|frame| f64::from(frame[n_bins / 4]));
        let mean_power = at_2_khz.sum::<f64>() / 999.0;
        assert!((mean_power - 1.0).abs() < 0.1, "{mean_power}");
        let mean = bands
            .chunks(80)
            .map(|f| f64::from(f[60]).exp())
            .sum::<f64>()
            / 999.0;
        let weight: f64 = log_mel.bank.rows()[60].weights.iter().sum();
        assert!((mean / weight - 1.0).abs() < 0.05, "{mean} {weight}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn any_cut_gives_the_whole_bit_for_bit(
            n in 0_usize..5000,
            cuts in prop::collection::vec(0_usize..5000, 0..12),
        ) {
            let log_mel = Arc::new(LogMel::new(config()));
            let samples = tone(440.0, n);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(n)).collect();
            cuts.extend([0, n]);
            cuts.sort();
            let mut stream = LogMelStream::new(Arc::clone(&log_mel));
            let mut parts = log_mel.compute(&[]);
            for pair in cuts.windows(2) {
                parts.append(&stream.push(&samples[pair[0]..pair[1]]));
            }
            parts.append(&stream.finish());
            prop_assert_eq!(parts, log_mel.compute(&samples));
        }
    }
}
