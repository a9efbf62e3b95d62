//! A tone above all rows with nothing below it: whistle register, or somebody who whistles.
//!
//! A pitch network can only fold such a tone down onto its rows, where an octave below looks alike.

use super::CfpConfig;

/// Power below this is no sound; lower bins hold rumble.
const LOWEST_HZ: f64 = 60.0;

/// Of the power there is, the least that the tone has.
const TONE_SHARE: f64 = 0.6;

/// Of the tone's power, the most that lies below it: 13 dB less.
const BELOW_SHARE: f64 = 0.05;

/// How near to its peak a tone's power lies, in widths of the transform's main lobe of a Hann window.
const LOBES: f64 = 1.25;

/// The same as a share of its frequency, where that is more: a vibrato sweeps within a window.
const SWEEP: f64 = 0.05;

/// Finds tones above the rows of a CFP in its power spectra.
pub struct WhistleFinder {
    lowest: usize,
    /// The first bin above all rows.
    above: usize,
    reach: usize,
    bin_hz: f64,
}

impl WhistleFinder {
    /// For spectra of these settings.
    pub fn new(config: &CfpConfig) -> Self {
        let (axis, bin_hz) = (config.axis(), config.bin_hz());
        let highest_hz = axis.row_to_hz(axis.n_rows as f64 + 0.5);
        let lobe_hz = 2.0 * f64::from(config.rate_hz) / config.window_len as f64;
        Self {
            lowest: (LOWEST_HZ / bin_hz).ceil() as usize,
            above: (highest_hz / bin_hz).floor() as usize + 1,
            reach: (LOBES * lobe_hz / bin_hz).ceil() as usize,
            bin_hz,
        }
    }

    /// Frequency of the tone in Hz; 0 if there is none. `power` is of bins from zero on.
    pub fn find(&self, power: &[f64]) -> f32 {
        let mut peak = (0, 0.0);
        for (bin, &value) in power.iter().enumerate().skip(self.lowest) {
            if value > peak.1 {
                peak = (bin, value);
            }
        }
        let (peak, _) = peak;
        if peak < self.above {
            return 0.0;
        }
        let reach = self.reach.max((SWEEP * peak as f64) as usize);
        let first = peak.saturating_sub(reach).max(self.lowest);
        let end = (peak + reach + 1).min(power.len());
        let sum = |bins: &[f64]| bins.iter().sum::<f64>();
        let (below, tone) = (sum(&power[self.lowest..first]), sum(&power[first..end]));
        let all = below + tone + sum(&power[end..]);
        if tone >= TONE_SHARE * all && below <= BELOW_SHARE * tone {
            (peak as f64 * self.bin_hz) as f32
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::Cfp;

    /// The tones found in half a second of these partials, Hz and amplitude.
    fn found(partials: &[(f64, f64)]) -> Vec<f32> {
        let sample = |i: usize| {
            let turn = std::f64::consts::TAU * i as f64 / 8000.0;
            let waves = partials.iter().map(|(hz, level)| level * (turn * hz).sin());
            waves.sum::<f64>() as f32
        };
        let samples: Vec<f32> = (0..4000).map(sample).collect();
        let layers = Cfp::new(CfpConfig::voices()).compute(&samples);
        layers.whistle_hz[10..40].to_vec()
    }

    #[test]
    fn a_tone_above_the_rows_is_found() {
        for hz in [1568.0, 2637.0, 3500.0] {
            let tones = found(&[(hz, 0.3), (2.0 * hz, 0.05)]);
            assert!(
                tones.iter().all(|&tone| (f64::from(tone) - hz).abs() < 6.0),
                "{tones:?}"
            );
        }
    }

    #[test]
    fn what_has_anything_below_is_none() {
        let voice = [(700.0, 0.3), (1400.0, 0.3), (2100.0, 0.6)];
        for partials in [
            &voice[..],
            &[(1500.0, 0.4)],
            &[(2600.0, 0.4), (110.0, 0.2)],
            &[],
        ] {
            assert!(
                found(partials).iter().all(|&tone| tone == 0.0),
                "{partials:?}"
            );
        }
    }

    #[test]
    fn a_hiss_is_none() {
        let mut state = 1u32;
        let mut last = 0.0;
        let mut hiss = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = state as f32 / u32::MAX as f32 - 0.5;
            let high = white - last;
            last = white;
            high
        };
        let samples: Vec<f32> = (0..8000).map(|_| hiss()).collect();
        let layers = Cfp::new(CfpConfig::voices()).compute(&samples);
        assert_eq!(layers.whistle_hz, vec![0.0; layers.n_frames()]);
    }
}
