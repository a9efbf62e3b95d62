//! Network scores → f0 and classes, finer than a row.

use rayon::prelude::*;

use super::{ClassFrame, PitchAxis};

/// What the scores of one recording (or a block of it) say, one value a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// Most likely f0 in Hz, also where "no melody" is likelier still.
    pub f0_hz: Vec<f32>,
    /// 1 minus the posterior of row 0, "no melody".
    pub melody_probability: Vec<f32>,
    /// Whether row 0 is the most likely of all: unvoiced by the papers' rule.
    pub row0_wins: Vec<bool>,
    /// Strongest harmonic and sub-harmonic.
    pub classes: Vec<ClassFrame>,
}

impl Decoded {
    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.f0_hz.len()
    }

    /// Adds the frames of `later` at the end.
    pub fn append(&mut self, mut later: Decoded) {
        self.f0_hz.append(&mut later.f0_hz);
        self.melody_probability
            .append(&mut later.melody_probability);
        self.row0_wins.append(&mut later.row0_wins);
        self.classes.append(&mut later.classes);
    }

    /// Takes the first `n_frames` frames out.
    pub fn take_front(&mut self, n_frames: usize) -> Decoded {
        Decoded {
            f0_hz: self.f0_hz.drain(..n_frames).collect(),
            melody_probability: self.melody_probability.drain(..n_frames).collect(),
            row0_wins: self.row0_wins.drain(..n_frames).collect(),
            classes: self.classes.drain(..n_frames).collect(),
        }
    }
}

/// Rows on each side of the best one that take part in the refined f0.
const REFINE_ROWS: usize = 2;

/// Decodes raw scores `[4, n_classes, n_frames]`: melody, harmonic, sub-harmonic, none.
///
/// The pitch posterior is the softmax over all rows of the melody map. The f0 of
/// a frame is the posterior-weighted mean row within two rows of the best pitch
/// class, so it is finer than a row. Classes are the best rows above row 0 of
/// their maps; a strength is the softmax over all rows of that map.
///
/// Frames do not influence each other: decoding in blocks gives the same values.
///
/// # Panics
/// If `scores` is not a whole number of frames of four maps.
pub fn decode(scores: &[f32], axis: &PitchAxis) -> Decoded {
    let n_classes = axis.n_classes();
    assert_eq!(scores.len() % (4 * n_classes), 0, "scores of four maps");
    let n_frames = scores.len() / (4 * n_classes);
    let maps: Vec<Map> = (0..3)
        .into_par_iter()
        .map(|i| {
            Map::new(
                &scores[i * n_classes * n_frames..][..n_classes * n_frames],
                n_frames,
            )
        })
        .collect();
    Decoded {
        f0_hz: (0..n_frames).map(|t| maps[0].refined_hz(t, axis)).collect(),
        melody_probability: (0..n_frames)
            .map(|t| 1.0 - maps[0].probability(0, t))
            .collect(),
        row0_wins: (0..n_frames).map(|t| maps[0].row0_wins(t)).collect(),
        classes: (0..n_frames)
            .map(|t| class_frame(&maps[1], &maps[2], t))
            .collect(),
    }
}

fn class_frame(harmonic: &Map, subharmonic: &Map, t: usize) -> ClassFrame {
    ClassFrame {
        harmonic: harmonic.best[t],
        subharmonic: subharmonic.best[t],
        harmonic_strength: harmonic.strength(t),
        subharmonic_strength: subharmonic.strength(t),
    }
}

/// One map of scores with its best pitch class and softmax over rows.
struct Map<'a> {
    scores: &'a [f32], // [classes, frames]
    n_frames: usize,
    best: Vec<u16>, // highest row of 1.. a frame
    best_score: Vec<f32>,
    total: Vec<f32>, // sum of exp(score - peak) over all rows
}

impl<'a> Map<'a> {
    /// Two passes row by row, the order in memory, each over all frames at once.
    fn new(scores: &'a [f32], n_frames: usize) -> Self {
        let mut map = Self {
            scores,
            n_frames,
            best: vec![1; n_frames],
            best_score: vec![f32::NEG_INFINITY; n_frames],
            total: vec![0.0; n_frames],
        };
        if n_frames == 0 {
            return map;
        }
        for (row, line) in scores.chunks_exact(n_frames).enumerate().skip(1) {
            let state = map.best.iter_mut().zip(&mut map.best_score);
            for (&score, (best, best_score)) in line.iter().zip(state) {
                let higher = score > *best_score;
                *best = if higher { row as u16 } else { *best };
                *best_score = if higher { score } else { *best_score };
            }
        }
        let peaks: Vec<f32> = (0..n_frames).map(|t| map.peak(t)).collect();
        for line in scores.chunks_exact(n_frames) {
            for ((total, &score), &peak) in map.total.iter_mut().zip(line).zip(&peaks) {
                *total += (score - peak).exp();
            }
        }
        map
    }

    fn score(&self, row: usize, t: usize) -> f32 {
        self.scores[row * self.n_frames + t]
    }

    fn peak(&self, t: usize) -> f32 {
        self.score(0, t).max(self.best_score[t])
    }

    /// Ties go to row 0, the first, as argmax does.
    fn row0_wins(&self, t: usize) -> bool {
        self.score(0, t) >= self.best_score[t]
    }

    fn probability(&self, row: usize, t: usize) -> f32 {
        (self.score(row, t) - self.peak(t)).exp() / self.total[t]
    }

    fn strength(&self, t: usize) -> u8 {
        (255.0 * self.probability(self.best[t] as usize, t)).round() as u8
    }

    fn refined_hz(&self, t: usize, axis: &PitchAxis) -> f32 {
        let best = self.best[t] as usize;
        let first = best.saturating_sub(REFINE_ROWS).max(1);
        let last = (best + REFINE_ROWS).min(axis.n_rows);
        let peak = f64::from(self.best_score[t]);
        let (mut weights, mut moment) = (0.0, 0.0);
        for row in first..=last {
            let weight = (f64::from(self.score(row, t)) - peak).exp();
            weights += weight;
            moment += weight * (row as f64 - best as f64);
        }
        let offset = moment / weights;
        let row = best as f64 + if offset.is_finite() { offset } else { 0.0 };
        axis.row_to_hz(row) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIS: PitchAxis = PitchAxis::HKDSME;

    /// Score of row 0, and map, row and score of others that are not 0.
    type Frame<'a> = (f32, &'a [(usize, usize, f32)]);

    fn scores(frames: &[Frame]) -> Vec<f32> {
        let (n_classes, n_frames) = (AXIS.n_classes(), frames.len());
        let mut scores = vec![0.0; 4 * n_classes * n_frames];
        for (t, (row0, peaks)) in frames.iter().enumerate() {
            scores[t] = *row0;
            for &(map, row, score) in *peaks {
                scores[(map * n_classes + row) * n_frames + t] = score;
            }
        }
        scores
    }

    #[test]
    fn a_peak_between_rows_lies_between_them() {
        let decoded = decode(&scores(&[(0.0, &[(0, 100, 20.0), (0, 101, 20.0)])]), &AXIS);
        let row = AXIS.hz_to_row(f64::from(decoded.f0_hz[0]));
        assert!((row - 100.5).abs() < 1e-4, "{row}");
        assert!(decoded.melody_probability[0] > 0.999);
        assert!(!decoded.row0_wins[0]);
    }

    #[test]
    fn there_is_a_pitch_where_no_melody_wins() {
        let frame = (200.0, &[(0, 50, 20.0), (1, 110, 9.0), (2, 7, 4.0)][..]);
        let decoded = decode(&scores(&[(0.0, &[]), frame]), &AXIS);
        assert!(decoded.row0_wins[1]);
        assert_eq!(decoded.melody_probability[1], 0.0);
        assert!((AXIS.hz_to_row(f64::from(decoded.f0_hz[1])) - 50.0).abs() < 1e-4);
        let classes = decoded.classes[1];
        assert_eq!((classes.harmonic, classes.subharmonic), (110, 7));
        let expected = 255.0 * 9f32.exp() / (9f32.exp() + 320.0);
        assert_eq!(classes.harmonic_strength, expected.round() as u8);
        assert!(classes.subharmonic_strength < classes.harmonic_strength);
    }

    #[test]
    fn the_edges_and_bad_scores_stay_on_the_axis() {
        let frames: [Frame; 3] = [
            (0.0, &[(0, 1, 9.0)]),
            (0.0, &[(0, 320, 9.0)]),
            (f32::NAN, &[(0, 5, f32::NAN)]),
        ];
        for hz in decode(&scores(&frames), &AXIS).f0_hz {
            let row = AXIS.hz_to_row(f64::from(hz));
            assert!((0.99..=320.01).contains(&row), "{row}");
        }
        assert_eq!(decode(&[], &AXIS), Decoded::default());
    }
}
