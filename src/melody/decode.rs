//! Network scores → f0 and classes, finer than a row.

use std::collections::VecDeque;
use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::pitch_path::PitchPath;
use super::{ClassFrame, PitchAxis};

/// What the scores of one recording (or a block of it) say, one value a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// f0 of the most likely path, also where "no melody" is likelier still.
    pub pitch: Vec<PitchFrame>,
    /// Strongest harmonic and sub-harmonic.
    pub classes: Vec<ClassFrame>,
}

/// What a pitch network says of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PitchFrame {
    /// f0 in Hz of the most likely path through all frames.
    pub f0_hz: f32,
    /// f0 in Hz by the frame's own scores alone. Where nobody sings it leaps about; the path hides that.
    pub own_hz: f32,
    /// Probability of the frame's own best pitch class against "no melody": above a half where the papers'
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

/// Decodes the scores of a recording, block by block; see [`decode`].
#[derive(Clone, Debug)]
pub struct MelodyDecoder {
    axis: PitchAxis,
    path: PitchPath,
    /// Frames whose pitch is not decided, with the melody map's scores of each.
    waiting: Decoded,
    columns: VecDeque<Vec<f32>>,
}

/// Decodes raw scores `[n_maps, n_classes, n_frames]`, of the melody map alone or of four.
///
/// The pitch class of a frame is that of the most likely path through all frames ([`PitchPath`]). The
/// f0 is the posterior-weighted mean row within two rows of it, so it is finer than a row. Classes are
/// the best rows above row 0 of their maps; a strength is the softmax over all rows of that map. A head
/// of one map tells no classes.
///
/// # Panics
/// If `scores` is not a whole number of frames.
pub fn decode(scores: &[f32], n_maps: usize, axis: &PitchAxis) -> Decoded {
    let n_frames = scores.len() / (n_maps * axis.n_classes());
    let mut decoder = MelodyDecoder::new(*axis);
    let mut decoded = decoder.push(scores, n_maps, 0..n_frames);
    decoded.append(decoder.finish());
    decoded
}

impl MelodyDecoder {
    /// Before the first frame.
    pub fn new(axis: PitchAxis) -> Self {
        Self {
            axis,
            path: PitchPath::default(),
            waiting: Decoded::default(),
            columns: VecDeque::new(),
        }
    }

    /// Takes the frames `within` of a block of scores, which follow those before; returns the frames
    /// that are decided by now.
    ///
    /// # Panics
    /// As [`decode`].
    pub fn push(&mut self, scores: &[f32], n_maps: usize, within: Range<usize>) -> Decoded {
        let n_classes = self.axis.n_classes();
        let frame_len = n_maps * n_classes;
        assert_eq!(scores.len() % frame_len, 0, "scores of {n_maps} maps");
        let n_frames = scores.len() / frame_len;
        let n_read = if n_maps == SUPERVISED_MAPS { 3 } else { 1 };
        let size = n_classes * n_frames;
        let maps: Vec<Map> = (0..n_read)
            .into_par_iter()
            .map(|i| Map::new(&scores[i * size..][..size], n_frames))
            .collect();
        let mut n_decided = 0;
        for t in within {
            self.waiting.classes.push(match &maps[..] {
                [_, harmonic, subharmonic] => class_frame(harmonic, subharmonic, t),
                _ => ClassFrame::default(),
            });
            let column: Vec<f32> = (1..n_classes)
                .map(|class| maps[0].score(class, t))
                .collect();
            self.waiting.pitch.push(PitchFrame {
                f0_hz: 0.0,
                own_hz: self.hz(&column, usize::from(maps[0].best[t]) - 1),
                confidence: maps[0].confidence(t),
            });
            let row = self.path.push(&column);
            self.columns.push_back(column);
            if let Some(row) = row {
                self.decide(n_decided, row);
                n_decided += 1;
            }
        }
        self.waiting.take_front(n_decided)
    }

    /// Ends the recording; returns its last frames.
    pub fn finish(&mut self) -> Decoded {
        for (frame, row) in self.path.finish().into_iter().enumerate() {
            self.decide(frame, row);
        }
        std::mem::take(&mut self.waiting)
    }

    /// Gives the frame of this number among those that wait its pitch; its scores are not needed then.
    fn decide(&mut self, frame: usize, row: usize) {
        if let Some(column) = self.columns.pop_front() {
            self.waiting.pitch[frame].f0_hz = self.hz(&column, row);
        }
    }

    /// The pitch near a row, counted from 0, of a frame's scores.
    fn hz(&self, column: &[f32], row: usize) -> f32 {
        self.axis.row_to_hz(1.0 + refined(column, row)) as f32
    }
}

/// The weighted mean of the rows within two of `best`.
fn refined(scores: &[f32], best: usize) -> f64 {
    let near = best.saturating_sub(REFINE_ROWS)..(best + REFINE_ROWS + 1).min(scores.len());
    let peak = scores[near.clone()]
        .iter()
        .copied()
        .fold(f32::NEG_INFINITY, f32::max);
    let (mut weights, mut moment) = (0.0, 0.0);
    for row in near {
        let weight = (f64::from(scores[row]) - f64::from(peak)).exp();
        weights += weight;
        moment += weight * (row as f64 - best as f64);
    }
    let offset = moment / weights;
    best as f64 + if offset.is_finite() { offset } else { 0.0 }
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
    fn the_path_passes_over_a_moment_that_the_frame_itself_does_not() {
        let at = |row| (0.0, vec![(0, row, 9.0)]);
        let frames: Vec<_> = (0..120)
            .map(|t| at(if t == 70 { 200 } else { 100 }))
            .collect();
        let frames: Vec<Frame> = frames
            .iter()
            .map(|(row0, peaks)| (*row0, &peaks[..]))
            .collect();
        let whole = decode(&scores(&frames), 4, &AXIS);
        let row = |hz: f32| AXIS.hz_to_row(f64::from(hz)).round();
        let moment = whole.pitch[70];
        assert_eq!((row(moment.f0_hz), row(moment.own_hz)), (100.0, 200.0));
        // block by block, each with frames around it that others decide
        let mut decoder = MelodyDecoder::new(AXIS);
        let mut parts = Decoded::default();
        for first in (0..120usize).step_by(17) {
            let end = (first + 17).min(120);
            let around = first.saturating_sub(3)..(end + 5).min(120);
            let within = first - around.start..end - around.start;
            parts.append(decoder.push(&scores(&frames[around]), 4, within));
            assert_eq!(parts.n_frames(), end.saturating_sub(50));
        }
        parts.append(decoder.finish());
        assert_eq!(parts, whole);
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
