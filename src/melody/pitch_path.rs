//! The most likely course of the pitch through the scores of frames.
//!
//! Frame by frame the best class leaps to another instrument and back; voices seldom do. The path
//! weighs a class's score against its distance from the class before (Viterbi, in the logarithm), up
//! to a leap, which costs the same however wide. It is decided half a second late, so that sound that
//! goes on can be followed, and the result does not depend on where blocks were cut.

use std::collections::VecDeque;

/// Cost of a row of glide, in natural logarithms.
const GLIDE: f32 = 0.7;

/// The most that a change of pitch costs.
const LEAP: f32 = 12.0;

/// Frames after which a class is decided: half a second.
pub const LAG: usize = 50;

/// The path so far, undecided for the last [`LAG`] frames.
#[derive(Clone, Debug)]
pub struct PitchPath {
    /// Cost of a row of glide.
    glide: f32,
    /// The most that a change of pitch costs.
    leap: f32,
    /// Score of the best path to each class of the newest frame, less the best of all.
    totals: Vec<f32>,
    /// For each undecided frame but the first, the class before each of its classes.
    origins: VecDeque<Vec<u16>>,
    n_undecided: usize,
}

impl Default for PitchPath {
    fn default() -> Self {
        Self::new(GLIDE, LEAP)
    }
}

impl PitchPath {
    /// A path that glides and never leaps, and so is slower to leave a line for a louder one.
    pub fn without_leaps() -> Self {
        Self::new(2.0 * GLIDE, f32::INFINITY)
    }

    fn new(glide: f32, leap: f32) -> Self {
        Self {
            glide,
            leap,
            totals: Vec::new(),
            origins: VecDeque::new(),
            n_undecided: 0,
        }
    }

    /// Takes the scores of the next frame's pitch classes, a value a row.
    ///
    /// Returns the row, counted from 0, of the frame [`LAG`] before, if there is one.
    pub fn push(&mut self, scores: &[f32]) -> Option<usize> {
        if self.totals.is_empty() {
            self.totals = scores.to_vec();
        } else {
            let origins = self.step(scores);
            self.origins.push_back(origins);
        }
        self.n_undecided += 1;
        if self.n_undecided <= LAG {
            return None;
        }
        let decided = self.rows_back().last();
        self.origins.pop_front();
        self.n_undecided -= 1;
        decided
    }

    /// Ends the path; returns the rows of all frames that were undecided.
    pub fn finish(&mut self) -> Vec<usize> {
        let mut rows: Vec<usize> = self.rows_back().collect();
        rows.reverse();
        *self = Self::new(self.glide, self.leap);
        rows
    }

    /// Moves to the next frame; returns where each class comes from.
    fn step(&mut self, scores: &[f32]) -> Vec<u16> {
        let (cost, leap) = (self.glide, self.leap);
        let (leap_from, best) = highest(&self.totals);
        let n = self.totals.len();
        let mut from: Vec<u16> = (0..n as u16).collect();
        let totals = &mut self.totals;
        // A glide of several rows is several of one row: once up, once down.
        for row in 1..n {
            glide(totals, &mut from, cost, row - 1, row);
        }
        for row in (1..n).rev() {
            glide(totals, &mut from, cost, row, row - 1);
        }
        for ((total, from), &score) in totals.iter_mut().zip(&mut from).zip(scores) {
            if *total < best - leap {
                (*total, *from) = (best - leap, leap_from as u16);
            }
            *total += if score.is_finite() { score } else { 0.0 };
        }
        let (_, best) = highest(totals);
        totals.iter_mut().for_each(|total| *total -= best);
        from
    }

    /// The rows of the undecided frames, newest first.
    fn rows_back(&self) -> impl Iterator<Item = usize> + '_ {
        let newest = (self.n_undecided > 0).then(|| highest(&self.totals).0);
        let mut back = self.origins.iter().rev();
        std::iter::successors(newest, move |&row| Some(usize::from(back.next()?[row])))
    }
}

/// Lets the path to row `to` come through its neighbor `by` if that is better.
fn glide(totals: &mut [f32], from: &mut [u16], cost: f32, by: usize, to: usize) {
    let through = totals[by] - cost;
    if through > totals[to] {
        (totals[to], from[to]) = (through, from[by]);
    }
}

/// Place and value of the highest, the first of several.
fn highest(values: &[f32]) -> (usize, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (i, &value) in values.iter().enumerate() {
        if value > best.1 {
            best = (i, value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(frames: &[Vec<f32>]) -> Vec<usize> {
        let mut path = PitchPath::default();
        let mut rows: Vec<usize> = frames.iter().filter_map(|frame| path.push(frame)).collect();
        rows.extend(path.finish());
        rows
    }

    fn total(frames: &[Vec<f32>], rows: &[usize]) -> f32 {
        let scores: f32 = frames
            .iter()
            .zip(rows)
            .map(|(frame, &row)| frame[row])
            .sum();
        let change = |pair: &[usize]| (GLIDE * pair[0].abs_diff(pair[1]) as f32).min(LEAP);
        scores - rows.windows(2).map(change).sum::<f32>()
    }

    /// The best total of all paths, by trying every one.
    fn best_total(frames: &[Vec<f32>]) -> f32 {
        let (n_rows, n_frames) = (frames[0].len(), frames.len());
        let all = 0..n_rows.pow(n_frames as u32);
        let rows = |number: usize| -> Vec<usize> {
            (0..n_frames)
                .map(|t| number / n_rows.pow(t as u32) % n_rows)
                .collect()
        };
        all.map(|number| total(frames, &rows(number)))
            .fold(f32::NEG_INFINITY, f32::max)
    }

    proptest! {
        #[test]
        fn no_path_is_better(
            frames in prop::collection::vec(prop::collection::vec(-20.0f32..20.0, 5), 1..6),
        ) {
            let found = total(&frames, &path(&frames));
            prop_assert!((found - best_total(&frames)).abs() < 1e-3);
        }

        #[test]
        fn wide_leaps_cost_the_same(row in 0..40usize, height in 13.0f32..14.0) {
            // Three frames at row 60, two elsewhere that are worth more than a leap there and back.
            let frame = |at: usize, score: f32| -> Vec<f32> {
                (0..100).map(|row| if row == at { score } else { 0.0 }).collect()
            };
            let high = frame(row, height);
            let frames = [frame(60, 30.0), frame(60, 30.0), high.clone(), high, frame(60, 30.0)];
            prop_assert_eq!(path(&frames), vec![60, 60, row, row, 60]);
        }
    }

    #[test]
    fn a_moment_elsewhere_is_passed_over() {
        let frame = |at: usize| -> Vec<f32> {
            (0..100)
                .map(|row| if row == at { 8.0 } else { 0.0 })
                .collect()
        };
        let mut frames = vec![frame(30); 120];
        frames[70] = frame(80);
        let rows = path(&frames);
        assert_eq!(rows, vec![30; 120]);
    }

    #[test]
    fn nothing_and_bad_scores_have_a_path() {
        assert!(path(&[]).is_empty());
        let rows = path(&vec![vec![f32::NAN; 4]; 60]);
        assert_eq!(rows.len(), 60);
        assert!(rows.iter().all(|&row| row < 4));
    }
}
