//! Both melodies on the same frames, before they are scored.

use super::EvaluationError;
use crate::formats::MelodyFile;
use crate::melody::F0Track;

/// A melody as time-frequency pairs, in order of time.
///
/// Without `voicing` a frequency above 0 is voiced, one below 0 unvoiced with a
/// guess of its pitch, and 0 unvoiced without. With `voicing` (0 to 1 a frame)
/// the sign says nothing. The voicing of a reference weights its frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MelodySeries {
    /// Times in seconds.
    pub times: Vec<f64>,
    /// Frequencies in Hz.
    pub hz: Vec<f64>,
    /// Voicing, 0 to 1, if it is given apart.
    pub voicing: Option<Vec<f64>>,
}

impl MelodySeries {
    /// A melody whose voicing is in the sign of its frequencies.
    pub fn new(times: Vec<f64>, hz: Vec<f64>) -> Self {
        Self {
            times,
            hz,
            voicing: None,
        }
    }

    fn check(&self, side: &'static str) -> Result<(), EvaluationError> {
        let mismatch = |what, values| EvaluationError::LengthMismatch {
            side,
            what,
            times: self.times.len(),
            values,
        };
        if self.hz.len() != self.times.len() {
            return Err(mismatch("frequencies", self.hz.len()));
        }
        if let Some(voicing) = self
            .voicing
            .as_ref()
            .filter(|v| v.len() != self.times.len())
        {
            return Err(mismatch("voicing values", voicing.len()));
        }
        let bad = |what, frame, value| {
            Err(EvaluationError::BadFrame {
                side,
                what,
                frame,
                value,
            })
        };
        for frame in 0..self.times.len() {
            let (time, hz) = (self.times[frame], self.hz[frame]);
            if !time.is_finite() || frame > 0 && time < self.times[frame - 1] {
                return bad("time", frame, time);
            }
            if !hz.is_finite() {
                return bad("frequency", frame, hz);
            }
            if let Some(voicing) = self
                .voicing
                .as_ref()
                .map(|v| v[frame])
                .filter(|v| !(0.0..=1.0).contains(v))
            {
                return bad("voicing", frame, voicing);
            }
        }
        Ok(())
    }
}

impl From<&F0Track> for MelodySeries {
    /// Unvoiced frames keep their estimate, as a guess.
    fn from(track: &F0Track) -> Self {
        let signed =
            |f: &crate::melody::F0Frame| f64::from(if f.voiced { f.f0_hz } else { -f.f0_hz });
        Self::new(
            track.times().collect(),
            track.frames.iter().map(signed).collect(),
        )
    }
}

impl From<&MelodyFile> for MelodySeries {
    fn from(file: &MelodyFile) -> Self {
        Self::new(file.times.clone(), file.signed_hz())
    }
}

/// How a melody is brought to other times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// Linear in cents between voiced frames, voicing held.
    #[default]
    Linear,
    /// The nearest frame.
    Nearest,
}

/// Settings of [`align`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AlignOptions {
    /// Brings both melodies to a grid of this many seconds; without it the
    /// estimate comes to the times of the reference.
    pub hop_secs: Option<f64>,
    /// How.
    pub interpolation: Interpolation,
}

/// Reference and estimate frame by frame, all of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aligned {
    /// Voicing of the reference, 0 to 1.
    pub ref_voicing: Vec<f64>,
    /// Pitch of the reference in cents above 10 Hz, 0 for none.
    pub ref_cents: Vec<f64>,
    /// Voicing of the estimate, 0 to 1.
    pub est_voicing: Vec<f64>,
    /// Pitch of the estimate in cents above 10 Hz, 0 for none.
    pub est_cents: Vec<f64>,
}

/// Brings an estimate and a reference to the same frames, as `mir_eval` does.
///
/// An empty estimate counts as unvoiced throughout.
///
/// # Errors
/// [`EvaluationError`] if the reference is empty, or values are missing, out of
/// range or out of order.
pub fn align(
    reference: &MelodySeries,
    estimate: &MelodySeries,
    options: &AlignOptions,
) -> Result<Aligned, EvaluationError> {
    reference.check("reference")?;
    estimate.check("estimate")?;
    if let Some(hop) = options
        .hop_secs
        .filter(|hop| !(hop.is_finite() && *hop > 0.0))
    {
        return Err(EvaluationError::BadHop(hop));
    }
    if reference.times.is_empty() {
        return Err(EvaluationError::EmptyReference);
    }
    let mut reference = Curve::new(reference);
    let mut estimate = Curve::new(estimate);
    let kind = options.interpolation;
    if estimate.times.is_empty() {
        estimate = Curve {
            cents: vec![0.0],
            voicing: vec![0.0],
            times: vec![0.0],
        };
    }
    match options.hop_secs {
        Some(hop) => {
            let times = [reference.end(), estimate.end()].map(|end| constant_hop(hop, end));
            reference = reference.at(&times[0], kind);
            estimate = estimate.at(&times[1], kind);
        }
        None => estimate = estimate.at(&reference.times, kind),
    }
    let n = reference.cents.len();
    estimate.cents.resize(n, 0.0);
    estimate.voicing.resize(n, 0.0);
    Ok(Aligned {
        ref_voicing: reference.voicing,
        ref_cents: reference.cents,
        est_voicing: estimate.voicing,
        est_cents: estimate.cents,
    })
}

/// A melody in cents with its voicing, from time 0 on.
struct Curve {
    times: Vec<f64>,
    cents: Vec<f64>,
    voicing: Vec<f64>,
}

impl Curve {
    fn new(series: &MelodySeries) -> Self {
        let mut curve = Self {
            times: series.times.clone(),
            cents: series.hz.iter().map(|&hz| hz_to_cents(hz)).collect(),
            voicing: match &series.voicing {
                None => series.hz.iter().map(|&hz| f64::from(hz > 0.0)).collect(),
                Some(voicing) => voicing
                    .iter()
                    .zip(&series.hz)
                    .map(|(&v, &hz)| if hz == 0.0 { 0.0 } else { v })
                    .collect(),
            },
        };
        if curve.times.first().is_some_and(|&time| time > 0.0) {
            curve.times.insert(0, 0.0);
            curve.cents.insert(0, curve.cents[0]);
            curve.voicing.insert(0, curve.voicing[0]);
        }
        curve
    }

    fn end(&self) -> f64 {
        self.times.last().copied().unwrap_or(0.0)
    }

    fn at(mut self, times: &[f64], kind: Interpolation) -> Self {
        if all_close(&self.times, times) {
            return self;
        }
        let times: Vec<f64> = times.iter().map(|&t| round_to(t, 1e10)).collect();
        self.times.iter_mut().for_each(|t| *t = round_to(*t, 1e10));
        let last = times.last().copied().unwrap_or(0.0);
        if last > self.end() {
            self.times.push(last);
            self.cents.push(0.0);
            self.voicing.push(0.0);
        }
        let is_binary = self.voicing.iter().all(|&v| v == 0.0 || v == 1.0);
        let (cents, voicing) = match kind {
            Interpolation::Nearest => (
                self.nearest(&self.cents, &times),
                self.nearest(&self.voicing, &times),
            ),
            Interpolation::Linear if is_binary => {
                (self.masked(&times), self.previous(&self.voicing, &times))
            }
            Interpolation::Linear => (self.masked(&times), self.linear(&self.voicing, &times)),
        };
        Self {
            times,
            cents,
            voicing,
        }
    }

    /// Cents interpolated across unvoiced frames, then 0 again where those are.
    fn masked(&self, times: &[f64]) -> Vec<f64> {
        let mut held = self.cents.clone();
        for i in 1..held.len() {
            if held[i] == 0.0 {
                held[i] = held[i - 1];
            }
        }
        let mask = self.previous(&self.cents, times);
        let cents = self.linear(&held, times);
        cents
            .iter()
            .zip(mask)
            .map(|(&c, m)| if m == 0.0 { 0.0 } else { c })
            .collect()
    }

    /// The frame at or before each time.
    fn previous(&self, values: &[f64], times: &[f64]) -> Vec<f64> {
        let at = |&t: &f64| values[self.times.partition_point(|&x| x <= t).saturating_sub(1)];
        times.iter().map(at).collect()
    }

    fn linear(&self, values: &[f64], times: &[f64]) -> Vec<f64> {
        let at = |&t: &f64| {
            let next = self.times.partition_point(|&x| x <= t);
            if next == 0 || next == self.times.len() {
                return values[next.saturating_sub(1)];
            }
            let (x, y) = (self.times[next - 1], values[next - 1]);
            (values[next] - y) / (self.times[next] - x) * (t - x) + y
        };
        times.iter().map(at).collect()
    }

    /// The nearest frame; the earlier one halfway between.
    fn nearest(&self, values: &[f64], times: &[f64]) -> Vec<f64> {
        let middles: Vec<f64> = self
            .times
            .windows(2)
            .map(|w| w[0] / 2.0 + w[1] / 2.0)
            .collect();
        times
            .iter()
            .map(|&t| values[middles.partition_point(|&m| m < t)])
            .collect()
    }
}

fn hz_to_cents(hz: f64) -> f64 {
    if hz == 0.0 {
        0.0
    } else {
        1200.0 * (hz.abs() / 10.0).log2()
    }
}

fn constant_hop(hop: f64, end: f64) -> Vec<f64> {
    let n = (round_to(end, 1e10) / hop).floor() as usize;
    (0..=n).map(|i| i as f64 * hop).collect()
}

fn round_to(value: f64, scale: f64) -> f64 {
    (value * scale).round_ties_even() / scale
}

fn all_close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| (a - b).abs() <= 1e-8 + 1e-5 * b.abs())
}
