//! Network scores → f0 and classes, finer than a row.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ClassFrame, PitchAxis};

/// What the scores of one recording (or a block of it) say, one value a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// Most likely f0, also where "no melody" is likelier still.
    pub pitch: Vec<PitchFrame>,
    /// Strongest harmonic and sub-harmonic.
    pub classes: Vec<ClassFrame>,
}

/// What a pitch network says of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PitchFrame {
    /// Most likely f0 in Hz.
    pub f0_hz: f32,
    /// Probability of the best pitch class against "no melody": above a half where the papers'
    /// rule, the most likely row of all, calls the frame voiced.
    pub confidence: f32,
}

impl Decoded {
    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.pitch.len()
    }

    /// Adds the frames of `later` at the end.
    pub fn append(&mut self, mut later: Decoded) {
        self.pitch.append(&mut later.pitch);
        self.classes.append(&mut later.classes);
    }

    /// Takes the first `n_frames` frames out.
    pub fn take_front(&mut self, n_frames: usize) -> Decoded {
        Decoded {
            pitch: self.pitch.drain(..n_frames).collect(),
            classes: self.classes.drain(..n_frames).collect(),
        }
    }
}

/// Rows on each side of the best one that take part in the refined f0.
const REFINE_ROWS: usize = 2;

/// Maps of a head with harmonic supervision: melody, harmonic, sub-harmonic, none.
const SUPERVISED_MAPS: usize = 4;

/// Decodes raw scores `[n_maps, n_classes, n_frames]`, of the melody map alone or of four.
///
/// The f0 of a frame is the posterior-weighted mean row within two rows of the best pitch class, so
/// it is finer than a row. Classes are the best rows above row 0 of their maps; a strength is the
/// softmax over all rows of that map. A head of one map tells no classes.
///
/// Frames do not influence each other: decoding in blocks gives the same values.
///
/// # Panics
/// If `scores` is not a whole number of frames.
pub fn decode(scores: &[f32], n_maps: usize, axis: &PitchAxis) -> Decoded {
    let n_classes = axis.n_classes();
    let frame_len = n_maps * n_classes;
    assert_eq!(scores.len() % frame_len, 0, "scores of {n_maps} maps");
    let n_frames = scores.len() / frame_len;
    let n_read = if n_maps == SUPERVISED_MAPS { 3 } else { 1 };
    let size = n_classes * n_frames;
    let maps: Vec<Map> = (0..n_read)
        .into_par_iter()
        .map(|i| Map::new(&scores[i * size..][..size], n_frames))
        .collect();
    let pitch = |t| PitchFrame {
        f0_hz: maps[0].refined_hz(t, axis),
        confidence: maps[0].confidence(t),
    };
    let class = |t| match &maps[..] {
        [_, harmonic, subharmonic] => class_frame(harmonic, subharmonic, t),
        _ => ClassFrame::default(),
    };
    Decoded {
        pitch: (0..n_frames).map(pitch).collect(),
        classes: (0..n_frames).map(class).collect(),
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

    /// Probability of the best class against row 0.
    fn confidence(&self, t: usize) -> f32 {
        1.0 / (1.0 + (self.score(0, t) - self.best_score[t]).exp())
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
        let decoded = decode(
            &scores(&[(0.0, &[(0, 100, 20.0), (0, 101, 20.0)])]),
            4,
            &AXIS,
        );
        let row = AXIS.hz_to_row(f64::from(decoded.pitch[0].f0_hz));
        assert!((row - 100.5).abs() < 1e-4, "{row}");
        assert!(decoded.pitch[0].confidence > 0.999);
    }

    #[test]
    fn there_is_a_pitch_where_no_melody_wins() {
        let frame = (200.0, &[(0, 50, 20.0), (1, 110, 9.0), (2, 7, 4.0)][..]);
        let decoded = decode(&scores(&[(0.0, &[]), frame]), 4, &AXIS);
        assert_eq!(decoded.pitch[1].confidence, 0.0);
        let row = AXIS.hz_to_row(f64::from(decoded.pitch[1].f0_hz));
        assert!((row - 50.0).abs() < 1e-4);
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
        for frame in decode(&scores(&frames), 4, &AXIS).pitch {
            let row = AXIS.hz_to_row(f64::from(frame.f0_hz));
            assert!((0.99..=320.01).contains(&row), "{row}");
        }
        assert_eq!(decode(&[], 4, &AXIS), Decoded::default());
    }

    #[test]
    fn a_head_of_one_map_has_a_pitch_and_no_classes() {
        let four = scores(&[(0.0, &[(0, 60, 9.0), (1, 120, 9.0)]), (3.0, &[(0, 9, 1.0)])]);
        let one = &four[..AXIS.n_classes() * 2];
        let (four, one) = (decode(&four, 4, &AXIS), decode(one, 1, &AXIS));
        assert_eq!(one.pitch, four.pitch);
        assert_eq!(one.classes, [ClassFrame::default(); 2]);
        assert_eq!(four.classes[0].harmonic, 120);
    }
}
