//! BSS Eval (Vincent et al. 2006): what of an estimate is its source, what other sources, what neither.
//!
//! Version 3, as `mir_eval` computes it: a source may be filtered by 512 taps before it counts as an error,
//! the same over the whole recording. Version 4 (`museval`) takes seconds one by one; its SDR allows
//! no filter.
//!
//! - [`version_3`], [`sdr_version_4`]: the measures.
//! - `correlation`: how sources and estimates go together, lag by lag.
//! - `solve`: systems of equations.

mod correlation;
mod solve;

use correlation::Correlator;
use solve::Factored;

/// Taps that a source may be filtered by.
const TAPS: usize = 512;

/// Version 3's measures of one estimate, in dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BssScores {
    /// The source over all errors.
    pub sdr: f64,
    /// The source over the other sources.
    pub sir: f64,
    /// The sources over what is none of them.
    pub sar: f64,
}

/// Scores estimates of sources, each against the source of its place.
///
/// All are of one length; there is nothing to score (`None`) where they are empty, silent or
/// more alike than can be told apart.
pub fn version_3(sources: &[&[f64]], estimates: &[&[f64]]) -> Vec<Option<BssScores>> {
    let correlator = Correlator::new(TAPS);
    let all: Vec<usize> = (0..sources.len()).collect();
    let projection = |among: &[usize]| SourceProjection::new(&correlator, sources, among);
    let Some(onto_all) = projection(&all) else {
        return vec![None; estimates.len()];
    };
    let score = |(j, estimate): (usize, &&[f64])| {
        let own = projection(&[j])?.of(estimate);
        let both = onto_all.of(estimate);
        Some(BssScores::new(&own, &both, estimate))
    };
    estimates.iter().enumerate().map(score).collect()
}

impl BssScores {
    /// From an estimate's part that is its source, filtered, and that which is any source.
    fn new(own: &[f64], all: &[f64], estimate: &[f64]) -> Self {
        let padded = estimate.iter().copied().chain(std::iter::repeat(0.0));
        let (mut source, mut interference, mut artifacts) = (0.0, 0.0, 0.0);
        let (mut sources, mut errors) = (0.0, 0.0);
        for ((own, all), estimate) in own.iter().zip(all).zip(padded) {
            source += own * own;
            interference += (all - own).powi(2);
            artifacts += (estimate - all).powi(2);
            sources += all * all;
            errors += (estimate - own).powi(2);
        }
        let db = |wanted: f64, other: f64| 10.0 * (wanted / other).log10();
        Self {
            sdr: db(source, errors),
            sir: db(source, interference),
            sar: db(sources, artifacts),
        }
    }
}

/// Takes the part of a signal that is sources, each filtered.
struct SourceProjection<'a> {
    correlator: &'a Correlator,
    sources: Vec<&'a [f64]>,
    gram: Factored,
}

impl<'a> SourceProjection<'a> {
    /// Onto some of the sources; `None` if they are not independent.
    fn new(correlator: &'a Correlator, sources: &[&'a [f64]], among: &[usize]) -> Option<Self> {
        let sources: Vec<&[f64]> = among.iter().map(|&i| sources[i]).collect();
        let size = sources.len() * TAPS;
        let mut gram = vec![0.0; size * size];
        for (i, first) in sources.iter().enumerate() {
            for (k, second) in sources.iter().enumerate() {
                let lags = correlator.correlate(first, second);
                for row in 0..TAPS {
                    for column in 0..TAPS {
                        let at = (i * TAPS + row) * size + k * TAPS + column;
                        gram[at] = lags[TAPS - 1 + row - column];
                    }
                }
            }
        }
        Some(Self {
            correlator,
            sources,
            gram: Factored::new(gram, size)?,
        })
    }

    /// The part of `signal`, longer by a filter's tail.
    fn of(&self, signal: &[f64]) -> Vec<f64> {
        let mut products = Vec::new();
        for source in &self.sources {
            let lags = self.correlator.correlate(source, signal);
            products.extend_from_slice(&lags[TAPS - 1..]);
        }
        let filters = self.gram.solve(products);
        let mut sum = vec![0.0; signal.len() + TAPS - 1];
        for (source, filter) in self.sources.iter().zip(filters.chunks_exact(TAPS)) {
            self.correlator.add_filtered(source, filter, &mut sum);
        }
        sum
    }
}

/// Version 4's SDR: the median over seconds, of `rate_hz` samples each, in which something sounds.
///
/// Channels count together. `None` if all is silent.
pub fn sdr_version_4(source: &[Vec<f32>], estimate: &[Vec<f32>], rate_hz: u32) -> Option<f64> {
    let second = rate_hz.max(1) as usize;
    let length = source.iter().chain(estimate).map(Vec::len).min()?;
    let score = |start: usize| {
        let range = start..length.min(start + second);
        let (mut wanted, mut wrong, mut found) = (0.0, 0.0, 0.0);
        for (source, estimate) in source.iter().zip(estimate) {
            for (s, e) in source[range.clone()].iter().zip(&estimate[range.clone()]) {
                let (s, e) = (f64::from(*s), f64::from(*e));
                wanted += s * s;
                found += e * e;
                wrong += (e - s).powi(2);
            }
        }
        // As in `museval` a second does not count in which either is silent.
        (wanted > 0.0 && found > 0.0).then(|| 10.0 * (wanted / wrong).log10())
    };
    let mut scores: Vec<f64> = (0..length).step_by(second).filter_map(score).collect();
    scores.sort_by(f64::total_cmp);
    let middle = scores.len() / 2;
    match scores.len() % 2 {
        1 => Some(scores[middle]),
        _ => Some(0.5 * (scores.get(middle.checked_sub(1)?)? + scores.get(middle)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_over_seconds_leaves_silent_ones_out() {
        let second = |level: f32| vec![level; 10];
        let source = [[second(1.0), second(0.0), second(1.0), second(1.0)].concat()];
        let estimate = [[second(0.9), second(0.5), second(0.5), second(0.0)].concat()];
        let found = sdr_version_4(&source, &estimate, 10).unwrap();
        assert!((found - 0.5 * (20.0 + 6.0206)).abs() < 1e-3, "{found}");
        assert_eq!(sdr_version_4(&[vec![0.0; 30]], &[vec![1.0; 30]], 10), None);
        assert_eq!(sdr_version_4(&[], &[], 10), None);
    }

    #[test]
    fn what_cannot_be_told_apart_has_no_scores() {
        let silence = vec![0.0; 2000];
        let found = version_3(&[&silence, &silence], &[&silence, &silence]);
        assert_eq!(found, [None, None]);
    }
}
