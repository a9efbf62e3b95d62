//! Combined frequency and periodicity of a whole recording.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use realfft::{RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex;

use super::cosine::{CosineScratch, CosineTransform};
use super::elementwise::raise;
use super::filterbank::{Filter, Filterbank};
use super::framing::{FrameWindow, SampleSpan, n_frames};
use super::whistle::WhistleFinder;
use super::{CfpConfig, Layers};

/// Frames that a thread takes at a time, so that its buffers are worth making.
const FRAMES_PER_JOB: usize = 16;

/// Combined frequency and periodicity (CFP) of a mono recording (Su & Yang 2015).
///
/// A pitch peaks in both spectrum and cepstrum; harmonics only in the one,
/// subharmonics only in the other. Computed in f64, as fractional powers lift
/// rounding noise; agrees with the programs of Lu & Su (2018), MSNet and FTANet.
///
/// Frame `c` is centered on sample `hop * (c + 1)`; row `k` is
/// `fmin_hz * 2^(k / bins_per_octave)` Hz.
pub struct Cfp {
    config: CfpConfig,
    n_rows: usize,
    framing: FrameWindow,
    fft: Arc<dyn RealToComplex<f64>>,
    cosine: CosineTransform,
    frequency_bank: Filterbank,
    quefrency_bank: Filterbank,
    whistle: WhistleFinder,
    first_quefrency: usize,
    first_bin: usize,
}

/// One thread's buffers.
struct CfpScratch {
    frame: Vec<f64>,
    bins: Vec<Complex<f64>>,
    fft: Vec<Complex<f64>>,
    spectrum: Vec<f64>,
    cepstrum: Vec<f64>,
    cosine: CosineScratch,
}

/// Where a frame's rows go, one slice a layer.
struct FrameRows<'a> {
    spectrum: &'a mut [f32],
    gcos: &'a mut [f32],
    cepstrum: &'a mut [f32],
    whistle_hz: &'a mut f32,
}

impl Cfp {
    /// Plans the transforms and filters.
    ///
    /// # Panics
    /// If [`CfpConfig::check`] refuses the settings: check first what comes from a file.
    pub fn new(config: CfpConfig) -> Self {
        if let Err(error) = config.check() {
            panic!("{error}");
        }
        let mut planner = RealFftPlanner::new();
        Self {
            n_rows: config.axis().n_rows,
            framing: FrameWindow::new(&config),
            fft: planner.plan_fft_forward(config.n_fft),
            cosine: CosineTransform::new(config.n_fft, &mut planner),
            frequency_bank: Filterbank::frequency(&config),
            quefrency_bank: Filterbank::quefrency(&config),
            whistle: WhistleFinder::new(&config),
            first_quefrency: config.first_quefrency(),
            first_bin: config.first_bin(),
            config,
        }
    }

    /// The settings.
    pub fn config(&self) -> &CfpConfig {
        &self.config
    }

    /// Sum of the weights of each row's filter, of the spectrum, the GCoS and the cepstrum; 0 where a
    /// filter holds no bin.
    pub fn row_weights(&self) -> [Vec<f32>; 3] {
        let banks = [
            &self.frequency_bank,
            &self.frequency_bank,
            &self.quefrency_bank,
        ];
        banks.map(|bank| {
            let sum = |row: &Filter| row.weights.iter().sum::<f64>() as f32;
            bank.rows().iter().map(sum).collect()
        })
    }

    /// Number of frames of a recording: `ceil(n_samples / hop) - 1`, or none.
    pub fn n_frames(&self, n_samples: usize) -> usize {
        n_frames(n_samples, self.config.hop)
    }

    /// All frames of a recording at `rate_hz`, on all cores.
    ///
    /// No more than a hop of samples gives no frames. Frames whose samples are
    /// not finite are silent.
    pub fn compute(&self, samples: &[f32]) -> Layers {
        let excerpt = SampleSpan { samples, start: 0 };
        self.compute_frames(excerpt, 0..self.n_frames(samples.len()))
    }

    /// Magnitude of the short-time spectrum of `frame`, bins 0 to `n_fft / 2`;
    /// `None` if there is no such frame.
    pub fn magnitudes(&self, samples: &[f32], frame: usize) -> Option<Vec<f64>> {
        if frame >= self.n_frames(samples.len()) {
            return None;
        }
        let mut scratch = self.scratch();
        let excerpt = SampleSpan { samples, start: 0 };
        self.transform(excerpt, frame, &mut scratch);
        Some(scratch.bins.iter().map(|bin| bin.norm()).collect())
    }

    /// How many samples before and after its center an uncut frame depends on.
    pub(super) fn needs(&self) -> (usize, usize) {
        self.framing.needs()
    }

    /// Some frames of a recording, whose samples `excerpt` holds; frames are cut at its end.
    pub(super) fn compute_frames(&self, excerpt: SampleSpan, frames: Range<usize>) -> Layers {
        let n_rows = self.n_rows;
        let mut layers = Layers::zeros(frames.len(), n_rows);
        layers
            .spectrum
            .par_chunks_exact_mut(n_rows)
            .zip(layers.gcos.par_chunks_exact_mut(n_rows))
            .zip(layers.cepstrum.par_chunks_exact_mut(n_rows))
            .zip(&mut layers.whistle_hz)
            .zip(frames)
            .with_min_len(FRAMES_PER_JOB)
            .for_each_init(
                || self.scratch(),
                |scratch, ((((spectrum, gcos), cepstrum), whistle_hz), frame)| {
                    let rows = FrameRows {
                        spectrum,
                        gcos,
                        cepstrum,
                        whistle_hz,
                    };
                    self.compute_frame(excerpt, frame, scratch, rows);
                },
            );
        layers
    }

    fn scratch(&self) -> CfpScratch {
        let n_bins = self.config.n_fft / 2 + 1;
        CfpScratch {
            frame: self.fft.make_input_vec(),
            bins: self.fft.make_output_vec(),
            fft: self.fft.make_scratch_vec(),
            spectrum: vec![0.0; n_bins],
            cepstrum: vec![0.0; n_bins],
            cosine: self.cosine.scratch(),
        }
    }

    /// Samples to `scratch.bins`.
    fn transform(&self, excerpt: SampleSpan, frame: usize, scratch: &mut CfpScratch) {
        let center = self.config.hop * (frame + 1);
        self.framing.fill(excerpt, center, &mut scratch.frame);
        self.fft
            .process_with_scratch(&mut scratch.frame, &mut scratch.bins, &mut scratch.fft)
            .expect("the buffers were made for this plan");
    }

    fn compute_frame(
        &self,
        excerpt: SampleSpan,
        frame: usize,
        s: &mut CfpScratch,
        rows: FrameRows,
    ) {
        let [gamma_spectrum, gamma_cepstrum, gamma_gcos] = self.config.gammas;
        self.transform(excerpt, frame, s);
        for (power, bin) in s.spectrum.iter_mut().zip(&s.bins) {
            *power = bin.norm_sqr();
        }
        *rows.whistle_hz = self.whistle.find(&s.spectrum);
        raise(&mut s.spectrum, gamma_spectrum / 2.0);
        self.frequency_bank.apply(&s.spectrum, rows.spectrum);

        self.cosine
            .process(&s.spectrum, &mut s.cepstrum, &mut s.cosine);
        clear_and_raise(&mut s.cepstrum, self.first_quefrency, gamma_cepstrum);
        self.quefrency_bank.apply(&s.cepstrum, rows.cepstrum);

        // The reference clears one sample more at the far end, so the cepstrum is
        // not quite even; a cosine sum sees its even part.
        if self.first_quefrency > 0 {
            s.cepstrum[self.first_quefrency] *= 0.5;
        }
        let gcos = &mut s.spectrum[..self.frequency_bank.n_bins()];
        self.cosine.process(&s.cepstrum, gcos, &mut s.cosine);
        clear_and_raise(gcos, self.first_bin, gamma_gcos);
        self.frequency_bank.apply(gcos, rows.gcos);
    }
}

/// Half-wave rectifies, clears the values before `first`, and raises the rest to `gamma`.
fn clear_and_raise(values: &mut [f64], first: usize, gamma: f64) {
    let (cleared, kept) = values.split_at_mut(first.min(values.len()));
    cleared.fill(0.0);
    if gamma != 1.0 {
        return raise(kept, gamma);
    }
    for value in kept {
        *value = if *value > 0.0 { *value } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_short_recordings_have_no_frames() {
        let cfp = Cfp::new(CfpConfig::hkdsme());
        for n in [0, 1, 80] {
            let layers = cfp.compute(&vec![0.5; n]);
            assert_eq!(layers.n_frames(), 0);
            assert_eq!(layers.n_rows, 320);
        }
        assert_eq!(cfp.compute(&[0.5; 81]).n_frames(), 1);
        assert_eq!(cfp.magnitudes(&[0.5; 81], 1), None);
    }

    #[test]
    fn silence_is_zero_and_all_is_finite() {
        let cfp = Cfp::new(CfpConfig::hkdsme());
        assert_eq!(cfp.compute(&[0.0; 800]), Layers::zeros(9, 320));
        for sample in [f32::MAX, f32::MIN_POSITIVE, f32::NAN, f32::INFINITY] {
            let layers = cfp.compute(&[sample; 900]);
            for channel in layers.channels() {
                assert!(channel.iter().all(|v| v.is_finite()), "{sample}");
            }
        }
    }

    #[test]
    fn empty_filters_leave_empty_rows() {
        let cfp = Cfp::new(CfpConfig::hkdsme());
        let samples: Vec<f32> = (0..4000).map(|i| (i as f32 * 0.17).sin()).collect();
        let layers = cfp.compute(&samples);
        let banks = [
            &cfp.frequency_bank,
            &cfp.frequency_bank,
            &cfp.quefrency_bank,
        ];
        for (channel, bank) in layers.channels().into_iter().zip(banks) {
            for (row, filter) in bank.rows().iter().enumerate() {
                let values = channel.iter().skip(row).step_by(320);
                assert!(!filter.weights.is_empty() || values.sum::<f32>() == 0.0);
            }
        }
    }

    #[test]
    fn the_salience_of_a_tone_peaks_at_its_pitch() {
        let config = CfpConfig::lu_su();
        let axis = config.axis();
        let tone = |i: usize| {
            let phase = std::f64::consts::TAU * 220.0 * i as f64 / 16_000.0;
            (1..6)
                .map(|k| (phase * f64::from(k)).sin() / f64::from(k))
                .sum::<f64>() as f32
        };
        let samples: Vec<f32> = (0..16_000).map(tone).collect();
        let salience = Cfp::new(config).compute(&samples).salience();
        let frame = &salience[20 * 352..21 * 352];
        let peak = (0..352).max_by(|&a, &b| frame[a].total_cmp(&frame[b]));
        assert_eq!(peak, Some(axis.hz_to_row(220.0).round() as usize));
    }
}
