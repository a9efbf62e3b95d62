//! Which stretches of unlabeled songs a network may learn from: those in which its maps of melody,
//! harmonic and sub-harmonic agree (HKDSME's harmonic consistency regularization).
//!
//! A selection is made anew at each epoch, by the network as it is. What it takes gets the labels that
//! the melody map says.

use burn::tensor::Device;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::excerpt_cache::{Crop, ExcerptCache};
use super::loss::rows::{ScoreLayout, melody_probabilities};
use super::loss::values;
use super::tasks::TrainingTask;
use crate::melody::PitchAxis;
use crate::models::AnyNetwork;

/// Fewer frames with a melody make no stretch to learn from.
const LEAST_VOICED: usize = 8;

/// Rows around where a map should have its peak, in which it is looked for.
const REACH: usize = 30;

/// A stretch whose mean agreement is less than this is left out.
const LEAST_AGREEMENT: f32 = 0.4;

/// Agreement of a frame from which it has a label.
const LABELED: f32 = 0.8;

/// Probability of no melody from which a frame is labeled so.
const SILENT: f32 = 0.95;

/// How a selection is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionConfig {
    /// By which rule.
    #[serde(default)]
    pub rule: SelectionRule,
    /// Steps from one selection to the next; validations are at multiples of it.
    pub every: usize,
    /// Rows that a map may be off.
    #[serde(default = "tolerance")]
    pub tolerance: usize,
    /// Share of a stretch's frames that must agree.
    #[serde(default = "accept")]
    pub accept: f32,
    /// Whether frames that are surely without a melody are learned from as such.
    #[serde(default)]
    pub unvoiced: bool,
}

/// A rule of selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SelectionRule {
    /// Frames are graded by how many of their partials agree, within a tolerance; a stretch counts by
    /// the mean of its frames, and wholly from the share that is accepted on.
    #[default]
    Ours,
    /// As the published program: frames in which the octaves agree to the row are counted, and a
    /// stretch with more than the accepted share of them is taken whole.
    Reference,
}

fn tolerance() -> usize {
    1
}

fn accept() -> f32 {
    0.75
}

/// What a selection took.
#[derive(Clone, Debug, Default)]
pub struct SelectedStretches {
    taken: Vec<Stretch>,
    /// What it says for the log.
    pub summary: SelectionSummary,
}

/// How much was taken, and how much of it is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SelectionSummary {
    /// Share of the stretches that were taken.
    pub share: f64,
    /// Frames that have a label now.
    pub frames: usize,
    /// Share of those frames, where the truth is known, whose label is right within a quarter tone.
    pub accuracy: Option<f64>,
}

/// A stretch that was taken.
#[derive(Clone, Debug)]
struct Stretch {
    excerpt: usize,
    start: usize,
    f0_hz: Vec<f32>,
    mask: Vec<u8>,
    weight: f32,
}

/// What a rule says of a stretch.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgment {
    /// Class of each frame, 0 for no melody.
    pub classes: Vec<usize>,
    /// Which frames have a label.
    pub labeled: Vec<bool>,
    /// How much the stretch counts, 0 to 1.
    pub weight: f32,
}

impl SelectedStretches {
    /// Looks through all stretches of `frames` frames of unlabeled excerpts, whose own labels are only
    /// compared with; `net` carries no gradients.
    pub fn of(
        config: &SelectionConfig,
        cache: &ExcerptCache,
        frames: usize,
        (task, net, device): (&dyn TrainingTask, &AnyNetwork, &Device),
        (axis, partials): (PitchAxis, &[usize]),
    ) -> Self {
        let (mut taken, mut n_seen) = (Vec::new(), 0usize);
        for excerpt in 0..cache.len() {
            let starts: Vec<usize> = (0..cache.n_frames / frames).map(|i| i * frames).collect();
            let crops: Vec<Crop> = starts
                .iter()
                .map(|&start| cache.crop(excerpt, start, frames))
                .collect();
            n_seen += crops.len();
            if crops.is_empty() {
                continue;
            }
            let scores = net
                .forward(task.examples(&crops).tensor(device))
                .swap_remove(0);
            let (layout, scores) = (ScoreLayout::of(&scores), values(&scores));
            let judged: Vec<_> = scores
                .par_chunks_exact(layout.example_len())
                .map(|scores| judge(config, scores, layout, partials))
                .collect();
            for (start, judgment) in starts.into_iter().zip(judged) {
                let Some(judgment) = judgment else { continue };
                let hz = |&class: &usize| match class {
                    0 => 0.0,
                    class => axis.row_to_hz(class as f64) as f32,
                };
                taken.push(Stretch {
                    excerpt,
                    start,
                    f0_hz: judgment.classes.iter().map(hz).collect(),
                    mask: judgment.labeled.into_iter().map(u8::from).collect(),
                    weight: judgment.weight,
                });
            }
        }
        let summary = SelectionSummary {
            share: taken.len() as f64 / n_seen.max(1) as f64,
            frames: taken.iter().map(Stretch::n_labeled).sum(),
            accuracy: accuracy(&taken, cache, frames),
        };
        Self { taken, summary }
    }

    /// Number of stretches.
    pub fn len(&self) -> usize {
        self.taken.len()
    }

    /// Whether none was taken.
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// A stretch with the labels it was given, and how much it counts.
    pub fn stretch<'a>(&'a self, at: usize, cache: &'a ExcerptCache) -> (Crop<'a>, f32) {
        let stretch = &self.taken[at];
        let crop = cache.crop(stretch.excerpt, stretch.start, stretch.f0_hz.len());
        let labeled = crop.labeled(&stretch.f0_hz, &stretch.mask);
        (labeled, stretch.weight)
    }
}

impl Stretch {
    fn n_labeled(&self) -> usize {
        self.mask.iter().filter(|&&labeled| labeled != 0).count()
    }
}

/// Share of the labels that are right, of the frames whose truth is known.
fn accuracy(taken: &[Stretch], cache: &ExcerptCache, frames: usize) -> Option<f64> {
    let (mut n_known, mut n_right) = (0usize, 0usize);
    for stretch in taken {
        let truth = cache.crop(stretch.excerpt, stretch.start, frames);
        for t in 0..frames {
            if stretch.mask[t] == 0 || truth.mask[t] == 0 {
                continue;
            }
            n_known += 1;
            let (label, truth) = (stretch.f0_hz[t], truth.f0_hz[t]);
            let right = match label > 0.0 && truth > 0.0 {
                true => (12.0 * (label / truth).log2()).abs() <= 0.5,
                false => label == truth,
            };
            n_right += usize::from(right);
        }
    }
    (n_known > 0).then(|| n_right as f64 / n_known as f64)
}

/// What a rule says of the scores of a stretch, `[maps, classes, frames]`; `None` if it is left out.
///
/// `partials` are the rows between a pitch and its multiples, nearest first.
pub fn judge(
    config: &SelectionConfig,
    scores: &[f32],
    layout: ScoreLayout,
    partials: &[usize],
) -> Option<Judgment> {
    let melody: Vec<usize> = (0..layout.frames)
        .map(|t| peak(scores, layout, (0, t), 0, layout.classes))
        .collect();
    match config.rule {
        SelectionRule::Reference => by_count(config, scores, layout, partials, melody),
        SelectionRule::Ours => by_grade(config, scores, layout, partials, melody),
    }
}

fn by_count(
    config: &SelectionConfig,
    scores: &[f32],
    layout: ScoreLayout,
    partials: &[usize],
    melody: Vec<usize>,
) -> Option<Judgment> {
    let octave = *partials.first()?;
    let agrees = |t: usize| {
        let above = peak(scores, layout, (1, t), 0, layout.classes);
        let below = peak(scores, layout, (2, t), 0, layout.classes);
        above == melody[t] + octave && below + octave == melody[t]
    };
    let n = (0..layout.frames).filter(|&t| agrees(t)).count();
    (n as f32 > config.accept * layout.frames as f32).then(|| Judgment {
        labeled: vec![true; melody.len()],
        classes: melody,
        weight: 1.0,
    })
}

fn by_grade(
    config: &SelectionConfig,
    scores: &[f32],
    layout: ScoreLayout,
    partials: &[usize],
    melody: Vec<usize>,
) -> Option<Judgment> {
    let voiced: Vec<usize> = (0..layout.frames).filter(|&t| melody[t] != 0).collect();
    let silent = match config.unvoiced {
        true => silent_frames(scores, layout),
        false => vec![false; layout.frames],
    };
    let mut labeled: Vec<bool> = (0..layout.frames)
        .map(|t| melody[t] == 0 && silent[t])
        .collect();
    if voiced.len() < LEAST_VOICED {
        let whole = config.unvoiced && labeled.iter().all(|&it| it);
        return whole.then_some(Judgment {
            classes: melody,
            labeled,
            weight: 1.0,
        });
    }
    let grades: Vec<f32> = voiced
        .iter()
        .map(|&t| grade(config.tolerance, scores, layout, partials, (melody[t], t)))
        .collect();
    let n = voiced.len() as f32;
    let mean = grades.iter().sum::<f32>() / n;
    let n_whole = grades.iter().filter(|&&grade| grade == 1.0).count() as f32;
    let weight = if n_whole >= config.accept * n {
        1.0
    } else {
        mean
    };
    for (&t, &grade) in voiced.iter().zip(&grades) {
        labeled[t] = grade >= LABELED;
    }
    (weight >= LEAST_AGREEMENT).then_some(Judgment {
        classes: melody,
        labeled,
        weight,
    })
}

/// Share of a frame's partials within the rows that are where the pitch says; the pitch itself counts
/// as one.
fn grade(
    tolerance: usize,
    scores: &[f32],
    layout: ScoreLayout,
    partials: &[usize],
    (class, t): (usize, usize),
) -> f32 {
    let (mut n_checked, mut n_passed) = (1.0, 1.0);
    let mut check = |map: usize, expected: usize| {
        let near = expected.saturating_sub(REACH).max(1);
        let end = (expected + REACH + 1).min(layout.classes);
        let found = peak(scores, layout, (map, t), near, end);
        n_checked += 1.0;
        n_passed += f32::from(u8::from(found.abs_diff(expected) <= tolerance));
    };
    for &rows in partials {
        if class + rows < layout.classes {
            check(1, class + rows);
        }
        if class > rows {
            check(2, class - rows);
        }
    }
    n_passed / n_checked
}

/// The row of a map's highest score in a frame, among `first..end`.
fn peak(
    scores: &[f32],
    layout: ScoreLayout,
    (map, t): (usize, usize),
    first: usize,
    end: usize,
) -> usize {
    let at = |row: usize| scores[map * layout.map_len() + row * layout.frames + t];
    let better = |best: usize, row: usize| if at(row) > at(best) { row } else { best };
    (first..end).fold(first, better)
}

fn silent_frames(scores: &[f32], layout: ScoreLayout) -> Vec<bool> {
    let probabilities = melody_probabilities(scores, layout);
    probabilities[..layout.frames]
        .iter()
        .map(|&p| p > SILENT)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: ScoreLayout = ScoreLayout {
        maps: 4,
        classes: 321,
        frames: 16,
    };

    fn config(rule: SelectionRule) -> SelectionConfig {
        SelectionConfig {
            rule,
            every: 1,
            tolerance: 1,
            accept: 0.75,
            unvoiced: false,
        }
    }

    /// Scores whose maps have their peaks at these rows in every frame.
    fn scores(rows: [usize; 3]) -> Vec<f32> {
        let mut scores = vec![0.0; LAYOUT.example_len()];
        for (map, row) in rows.into_iter().enumerate() {
            for t in 0..LAYOUT.frames {
                scores[map * LAYOUT.map_len() + row * LAYOUT.frames + t] = 9.0;
            }
        }
        scores
    }

    #[test]
    fn maps_that_agree_are_taken_whole() {
        for rule in [SelectionRule::Ours, SelectionRule::Reference] {
            let found = judge(&config(rule), &scores([150, 210, 90]), LAYOUT, &[60]).unwrap();
            assert_eq!(found.weight, 1.0);
            assert_eq!(found.classes, [150; 16]);
            assert!(found.labeled.iter().all(|&labeled| labeled));
        }
    }

    #[test]
    fn a_row_off_is_tolerated_by_grade_alone_and_two_have_no_label() {
        let off = |rows: usize| scores([150, 210 + rows, 90]);
        let ours = config(SelectionRule::Ours);
        assert_eq!(judge(&ours, &off(1), LAYOUT, &[60]).unwrap().weight, 1.0);
        // Two of three agree: the stretch counts by that, but no frame is sure enough for a label.
        let partly = judge(&ours, &off(2), LAYOUT, &[60]).unwrap();
        assert!((partly.weight - 2.0 / 3.0).abs() < 1e-6);
        assert!(partly.labeled.iter().all(|&labeled| !labeled));
        let reference = config(SelectionRule::Reference);
        assert_eq!(judge(&reference, &off(1), LAYOUT, &[60]), None);
    }

    #[test]
    fn partials_beyond_the_rows_are_not_asked_for() {
        // 310 has no octave above within 321 rows; the reference finds none and leaves it out.
        let high = scores([310, 5, 250]);
        let ours = judge(&config(SelectionRule::Ours), &high, LAYOUT, &[60]).unwrap();
        assert_eq!(ours.weight, 1.0);
        let reference = judge(&config(SelectionRule::Reference), &high, LAYOUT, &[60]);
        assert_eq!(reference, None);
    }

    #[test]
    fn a_third_partial_is_graded_too() {
        let found = judge(
            &config(SelectionRule::Ours),
            &scores([150, 210, 90]),
            LAYOUT,
            &[60, 95],
        );
        // The maps have one peak each: the octaves agree, a twelfth up and down does not.
        let found = found.unwrap();
        assert!((found.weight - 0.6).abs() < 1e-6, "{}", found.weight);
    }

    #[test]
    fn silence_is_learned_from_only_where_it_is_asked_for() {
        let silent = scores([0, 7, 7]);
        let without = config(SelectionRule::Ours);
        assert_eq!(judge(&without, &silent, LAYOUT, &[60]), None);
        let with = SelectionConfig {
            unvoiced: true,
            ..without
        };
        let found = judge(&with, &silent, LAYOUT, &[60]).unwrap();
        assert_eq!(found.classes, [0; 16]);
    }
}
