//! A line of pitch followed from a point, frame by frame.

use super::pitch_path::PitchPath;
use super::salience::Salience;

/// How far, in rows, a ridge may lie from where it was pointed at: a semitone.
const REACH: usize = 5;

/// Score of a row that the ridge does not begin at.
const ELSEWHERE: f32 = -1e4;

/// The pitch in Hz of every frame along the ridge that passes near `f0_hz` at frame `at`.
///
/// It glides and never leaps, and stays in the octave it was pointed at: its course is told by all
/// octaves alike. Where it fades away it goes on level until it is found again.
///
/// # Panics
/// If there is no frame `at`.
pub fn ridge(salience: &Salience, at: usize, f0_hz: f64) -> Vec<f32> {
    let salience = &salience.in_all_octaves();
    let row = salience.axis().hz_to_row(f0_hz);
    let last = salience.axis().n_rows - 1;
    let row = row.round().clamp(0.0, last as f64) as usize;
    let before = one_way((0..at + 1).rev(), salience, row);
    let behind = one_way(at..salience.n_frames(), salience, row);
    let rows = before.into_iter().rev().chain(behind.into_iter().skip(1));
    let hz = rows
        .enumerate()
        .map(|(frame, row)| salience.hz_near(frame, row) as f32);
    hz.collect()
}

/// The pitch in Hz of every frame along what is most salient within a semitone of a line.
///
/// `line_hz` has a value for each frame of `salience`, all above 0.
pub fn near_line(salience: &Salience, line_hz: &[f32]) -> Vec<f32> {
    let axis = salience.axis();
    let mut path = PitchPath::without_leaps();
    let mut rows = Vec::new();
    for (frame, &hz) in line_hz.iter().enumerate().take(salience.n_frames()) {
        let row = axis.hz_to_row(hz.into());
        let beside = salience
            .column(frame)
            .iter()
            .enumerate()
            .map(|(at, value)| {
                let away = (at as f64 - row).abs();
                value
                    + if away <= REACH as f64 {
                        0.0
                    } else {
                        ELSEWHERE * away as f32
                    }
            });
        rows.extend(path.push(&beside.collect::<Vec<_>>()));
    }
    rows.extend(path.finish());
    let found = rows.into_iter().enumerate();
    let mut hz: Vec<f32> = found
        .map(|(frame, row)| salience.hz_near(frame, row) as f32)
        .collect();
    hz.extend_from_slice(&line_hz[hz.len()..]);
    hz
}

/// The rows of frames in this order, beginning near `row`.
fn one_way(frames: impl Iterator<Item = usize>, salience: &Salience, row: usize) -> Vec<usize> {
    let mut path = PitchPath::without_leaps();
    let mut rows = Vec::new();
    let mut begun = false;
    for frame in frames {
        let column = salience.column(frame);
        let decided = if begun {
            path.push(column)
        } else {
            let begin = column.iter().enumerate().map(|(at, value)| {
                value
                    + if at.abs_diff(row) <= REACH {
                        0.0
                    } else {
                        ELSEWHERE
                    }
            });
            path.push(&begin.collect::<Vec<_>>())
        };
        begun = true;
        rows.extend(decided);
    }
    rows.extend(path.finish());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::PitchAxis;

    const AXIS: PitchAxis = PitchAxis::HKDSME;

    /// Frames in which the voice pauses.
    const PAUSE: std::ops::Range<usize> = 100..110;

    /// A gliding voice with partials, which pauses, and a level tone above it.
    fn glide() -> (Vec<f64>, Salience) {
        let hz = |t: usize| 200.0 * (0.3 * (t as f64 * 0.02).sin()).exp2();
        let mut cells = vec![8u8; 300 * AXIS.n_rows];
        for (t, column) in cells.chunks_exact_mut(AXIS.n_rows).enumerate() {
            let voice = if PAUSE.contains(&t) { 0 } else { 160 };
            for (f0_hz, level) in [(hz(t), voice), (1100.0, 220)] {
                for h in 1..6 {
                    let row = AXIS.hz_to_row(f0_hz * f64::from(h)).round() as usize;
                    if row < AXIS.n_rows {
                        column[row] = column[row].max(level);
                    }
                }
            }
        }
        (
            (0..300).map(hz).collect(),
            Salience::of_picture(AXIS, &cells),
        )
    }

    #[test]
    fn a_glide_is_followed_both_ways_beside_what_is_louder() {
        let (hz, salience) = glide();
        for at in [0, 40, 250, 299] {
            let found = ridge(&salience, at, 1.02 * hz[at]);
            assert_eq!(found.len(), 300);
            let heard = |it: &(usize, (&f32, &f64))| !PAUSE.contains(&it.0);
            for (_, (found, hz)) in found.iter().zip(&hz).enumerate().filter(heard) {
                let cents = 1200.0 * (f64::from(*found) / hz).log2();
                assert!(cents.abs() < 50.0, "{cents} from {at}");
            }
        }
    }

    #[test]
    fn the_octave_that_was_pointed_at_stays() {
        let (hz, salience) = glide();
        for times in [0.5, 2.0] {
            let found = ridge(&salience, 40, times * hz[40]);
            let off = |(found, hz): (&f32, &f64)| (f64::from(*found) / (times * hz)).log2().abs();
            let right = found.iter().zip(&hz).filter(|it| off(*it) < 50.0 / 1200.0);
            let n = right.count();
            assert!(n > 280, "{n} at {times}");
        }
    }

    #[test]
    fn a_drawn_line_takes_the_ridge_beside_it() {
        let (hz, salience) = glide();
        let drawn: Vec<f32> = hz.iter().map(|hz| (0.97 * hz) as f32).collect();
        let found = near_line(&salience, &drawn);
        let off = |(found, hz): (&f32, &f64)| (f64::from(*found) / hz).log2().abs();
        let right = found.iter().zip(&hz).filter(|it| off(*it) < 25.0 / 1200.0);
        assert!(right.count() > 280);
        // beyond the picture the line stays as it is
        let beyond = near_line(&Salience::of_picture(AXIS, &[]), &drawn);
        assert_eq!(beyond, drawn);
    }
}
