//! BSS Eval (Vincent et al. 2006): what of an estimate is its source, what other sources, what neither.
//!
//! Version 3, as `mir_eval` computes it: a source may be filtered by 512 taps before it counts as an error,
//! the same over the whole recording. Version 4 (`museval`) finds such filters over the whole recording too,
//! from all channels of a source to each of the estimate, and tells of seconds one by one how much is
//! error of any kind, and what of it a filter of the source explains, what other sources do.
//!
//! - [`version_3`], [`version_4`]: the measures.
//! - `correlation`: how sources and estimates go together, lag by lag.
//! - `solve`: systems of equations.

mod correlation;
mod solve;

use std::ops::Range;

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

/// Share of the sources' mean power that tells equal sources apart.
const RIDGE: f64 = 1e-10;

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
        let power: f64 = (0..size).map(|i| gram[i * size + i]).sum();
        let mut ridged = gram.clone();
        let factored = Factored::new(gram, size).or_else(|| {
            // two channels of the same sound: all solutions project alike, and one of them is taken
            (0..size).for_each(|i| ridged[i * size + i] += RIDGE * power / size as f64);
            Factored::new(ridged, size)
        });
        Some(Self {
            correlator,
            sources,
            gram: factored?,
        })
    }

    /// The part of `signal`, longer by a filter's tail.
    fn of(&self, signal: &[f64]) -> Vec<f64> {
        self.filtered(&self.filters(signal), 0..signal.len())
    }

    /// The filters, one of each source, whose sum is nearest to a signal.
    fn filters(&self, signal: &[f64]) -> Vec<f64> {
        let mut products = Vec::new();
        for source in &self.sources {
            let lags = self.correlator.correlate(source, signal);
            products.extend_from_slice(&lags[TAPS - 1..]);
        }
        self.gram.solve(products)
    }

    /// A range of the sources, filtered and summed; longer by a filter's tail.
    fn filtered(&self, filters: &[f64], range: Range<usize>) -> Vec<f64> {
        let mut sum = vec![0.0; range.len() + TAPS - 1];
        for (source, filter) in self.sources.iter().zip(filters.chunks_exact(TAPS)) {
            let source = &source[range.clone()];
            self.correlator.add_filtered(source, filter, &mut sum);
        }
        sum
    }
}

/// Version 4's measures of one estimate, in dB: medians over seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FramewiseScores {
    /// The source over all errors.
    pub sdr: f64,
    /// The source over what a filter of it makes wrong.
    pub isr: f64,
    /// The source, filtered, over the other sources.
    pub sir: f64,
    /// The sources over what is none of them.
    pub sar: f64,
}

/// Scores estimates of sources by version 4, each against the source of its place.
///
/// Each is `[channel][sample]`, all of one length and of one number of channels; `rate_hz` samples are a
/// second. A second in which one of them is silent does not count, nor does what remains behind the
/// last whole one. `None` if no second counts, or the sources are more alike than can be told apart.
pub fn version_4(
    sources: &[Vec<Vec<f64>>],
    estimates: &[Vec<Vec<f64>>],
    rate_hz: u32,
) -> Vec<Option<FramewiseScores>> {
    let correlator = Correlator::new(TAPS);
    let channels: Vec<&[f64]> = sources.iter().flatten().map(Vec::as_slice).collect();
    let all: Vec<usize> = (0..channels.len()).collect();
    let Some(onto_all) = SourceProjection::new(&correlator, &channels, &all) else {
        return vec![None; estimates.len()];
    };
    let seconds = seconds(sources, estimates, rate_hz);
    let score = |j: usize| {
        let n = sources[j].len();
        let own: Vec<usize> = (j * n..(j + 1) * n).collect();
        let onto_own = SourceProjection::new(&correlator, &channels, &own)?;
        let filters = |onto: &SourceProjection| -> Vec<Vec<f64>> {
            let channels = estimates[j].iter();
            channels.map(|channel| onto.filters(channel)).collect()
        };
        let (own_filters, all_filters) = (filters(&onto_own), filters(&onto_all));
        let scores = seconds.iter().map(|second| {
            let mut sums = ErrorSums::default();
            for c in 0..n {
                let own = onto_own.filtered(&own_filters[c], second.clone());
                let all = onto_all.filtered(&all_filters[c], second.clone());
                let (source, estimate) = (&sources[j][c], &estimates[j][c]);
                let pair = (&source[second.clone()], &estimate[second.clone()]);
                sums.add(pair, &own, &all);
            }
            sums.scores()
        });
        median_of_each(scores.collect())
    };
    (0..estimates.len()).map(score).collect()
}

/// The whole seconds in which all sound; where there is none, all there is.
fn seconds(
    sources: &[Vec<Vec<f64>>],
    estimates: &[Vec<Vec<f64>>],
    rate_hz: u32,
) -> Vec<Range<usize>> {
    let all = || sources.iter().chain(estimates);
    let length = all().flatten().map(Vec::len).min().unwrap_or(0);
    let second = (rate_hz.max(1) as usize).min(length.max(1));
    let ranges = (0..length / second).map(|i| i * second..(i + 1) * second);
    let sounds = |range: &Range<usize>| {
        let is_heard = |it: &Vec<Vec<f64>>| {
            it.iter()
                .any(|x| x[range.clone()].iter().any(|x| *x != 0.0))
        };
        all().all(is_heard)
    };
    ranges.filter(sounds).collect()
}

/// Energies of a second, over all channels.
#[derive(Default)]
struct ErrorSums {
    source: f64,
    error: f64,
    /// The source, filtered; how it differs from itself.
    filtered: f64,
    distortion: f64,
    interference: f64,
    /// All sources, filtered; what is none of them.
    explained: f64,
    artifacts: f64,
}

impl ErrorSums {
    fn add(&mut self, (source, estimate): (&[f64], &[f64]), own: &[f64], all: &[f64]) {
        let padded = |x: &[f64], i: usize| x.get(i).copied().unwrap_or(0.0);
        for (i, (own, all)) in own.iter().zip(all).enumerate() {
            let (source, estimate) = (padded(source, i), padded(estimate, i));
            self.source += source * source;
            self.error += (estimate - source).powi(2);
            self.filtered += own * own;
            self.distortion += (own - source).powi(2);
            self.interference += (all - own).powi(2);
            self.explained += all * all;
            self.artifacts += (estimate - all).powi(2);
        }
    }

    fn scores(&self) -> [f64; 4] {
        let db = |wanted: f64, other: f64| 10.0 * (wanted / other).log10();
        [
            db(self.source, self.error),
            db(self.source, self.distortion),
            db(self.filtered, self.interference),
            db(self.explained, self.artifacts),
        ]
    }
}

fn median_of_each(scores: Vec<[f64; 4]>) -> Option<FramewiseScores> {
    let median = |measure: usize| {
        let mut values: Vec<f64> = scores.iter().map(|scores| scores[measure]).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        match values.len() % 2 {
            1 => Some(values[middle]),
            _ => Some(0.5 * (values.get(middle.checked_sub(1)?)? + values.get(middle)?)),
        }
    };
    Some(FramewiseScores {
        sdr: median(0)?,
        isr: median(1)?,
        sir: median(2)?,
        sar: median(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_that_are_whole_and_sound_count() {
        let second = |level: f64| vec![level; 10];
        let source = vec![vec![
            [second(1.0), second(0.0), second(1.0), vec![1.0; 5]].concat(),
        ]];
        let other = vec![vec![vec![1.0; 35]]];
        let found = seconds(&[source[0].clone()], &other, 10);
        assert_eq!(found, [0..10, 20..30]);
        assert_eq!(
            seconds(&source, &other, 100).as_slice(),
            std::slice::from_ref(&(0..35))
        );
        assert!(seconds(&[], &[], 10).is_empty());
    }

    #[test]
    fn an_even_number_of_seconds_has_a_median_between_two() {
        let scores = [3.0, 1.0, 7.0, 5.0].map(|x| [x, x, x, -x]);
        let found = median_of_each(scores.to_vec()).unwrap();
        assert_eq!((found.sdr, found.sar), (4.0, -4.0));
        assert_eq!(median_of_each(Vec::new()), None);
    }

    #[test]
    fn what_cannot_be_told_apart_has_no_scores() {
        let silence = vec![0.0; 2000];
        let found = version_3(&[&silence, &silence], &[&silence, &silence]);
        assert_eq!(found, [None, None]);
        let silence = vec![vec![vec![0.0; 2000]]; 2];
        assert_eq!(version_4(&silence, &silence, 1000), [None, None]);
    }
}
