//! Where notes may begin and end: log-odds of each frame.

use super::note_constants::{
    BoundaryModel, OFFSET, ONSET, STEP_ALONE, STEP_ODDS, STEP_REACH, STEP_SLOPE, STEP_WIDTHS,
};
use super::note_measures::{NoteFrames, sums};

/// Log-odds that a note begins in a frame, and that one has ended before it.
pub(super) struct NoteBoundaries {
    pub onset: Vec<f64>,
    pub offset: Vec<f64>,
}

/// Log-odds are no farther from 0.
const MOST_ODDS: f64 = 30.0;

impl NoteBoundaries {
    /// Of all frames, by the level, by the voice, and where both are silent about it, by the pitch.
    pub fn of(frames: &NoteFrames) -> Self {
        let measures = (0..frames.midi.len()).map(|at| frames.measures(at));
        let odds: (Vec<f64>, Vec<f64>) = measures
            .map(|measures| (ONSET.odds(&measures), OFFSET.odds(&measures)))
            .unzip();
        let mut boundaries = Self {
            onset: smooth(&odds.0),
            offset: smooth(&odds.1),
        };
        boundaries.add_steps(frames);
        boundaries
    }

    /// Has steps of the pitch tell where nothing else does, as within a legato.
    fn add_steps(&mut self, frames: &NoteFrames) {
        let steps = frames.steps();
        let heard = self.onset.clone();
        let alone = frames.scale.count(STEP_ALONE);
        let [narrowest, even, widest] = STEP_WIDTHS;
        for at in peaks(&steps, narrowest) {
            let near = at.saturating_sub(alone)..(at + alone + 1).min(steps.len());
            let is_widest = steps[near.clone()].iter().all(|&step| step <= steps[at]);
            if !is_widest || heard[near].iter().any(|&odds| odds > STEP_ODDS) {
                continue;
            }
            let odds = STEP_SLOPE * (steps[at].min(widest) - even);
            let at = crossing(&frames.midi, at, frames.scale.count(STEP_REACH));
            if at < heard.len() {
                self.onset[at] = self.onset[at].max(odds);
                self.offset[at] = self.offset[at].max(odds);
            }
        }
    }
}

impl BoundaryModel {
    fn odds(&self, measures: &[f64]) -> f64 {
        let products = self.weights.iter().zip(measures).map(|(w, m)| w * m);
        (products.sum::<f64>() + self.bias).clamp(-MOST_ODDS, MOST_ODDS)
    }
}

/// Frames higher than that before and no lower than that behind them.
pub(super) fn peaks(values: &[f64], least: f64) -> Vec<usize> {
    let is_peak =
        |&i: &usize| values[i] > least && values[i] > values[i - 1] && values[i] >= values[i + 1];
    (1..values.len().max(1) - 1).filter(is_peak).collect()
}

/// The frame near the step at `at` where the pitch passes from what it was to what it becomes.
fn crossing(midi: &[f64], at: usize, reach: usize) -> usize {
    let (first, end) = (at.saturating_sub(reach), (at + reach).min(midi.len()));
    let (before, after) = (median(&midi[first..at]), median(&midi[at..end]));
    let part = midi[first..end].iter();
    let costs = sums(part.map(|pitch| (pitch - before).abs() - (pitch - after).abs()));
    let near = at.saturating_sub(reach / 2).max(first)..=(at + reach / 2).min(end);
    near.min_by(|&a, &b| costs[a - first].total_cmp(&costs[b - first]))
        .unwrap_or(at)
}

/// The middle value, the upper of two; 0 of none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    let middle = sorted.len() / 2;
    match sorted.is_empty() {
        true => 0.0,
        false => *sorted.select_nth_unstable_by(middle, f64::total_cmp).1,
    }
}

/// A quarter of each neighbor and half of itself.
fn smooth(values: &[f64]) -> Vec<f64> {
    let at = |i: usize| values[i.min(values.len() - 1)];
    let value = |i: usize| 0.25 * (at(i.saturating_sub(1)) + at(i + 1)) + 0.5 * at(i);
    (0..values.len()).map(value).collect()
}
