//! Other courses that the pitch of a passage may take.

use std::ops::Range;

use super::pitch::cents_between;
use super::pitch_path::PitchPath;
use super::salience::Salience;

/// Paths that are searched, each away from those before.
const N_PATHS: usize = 5;

/// Nearer to a path found before, in rows, nothing speaks for another: two semitones and a half.
const APART: usize = 12;

/// Pitches closer than this, in cents, are the same.
const SAME_CENTS: f64 = 50.0;

/// Courses are the same if they are so in this share of the frames.
const SAME_SHARE: f64 = 0.93;

/// Slips of trackers: the present course times these.
const SLIPS: [(f64, CandidateKind); 4] = [
    (2.0, CandidateKind::OctaveUp),
    (0.5, CandidateKind::OctaveDown),
    (1.5, CandidateKind::FifthUp),
    (1.0 / 1.5, CandidateKind::FifthDown),
];

/// Score of a row beyond the range that is searched.
const BEYOND: f32 = -1e4;

/// Where a candidate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateKind {
    /// A likely path through what speaks for each pitch.
    Path,
    /// The present course an octave up.
    OctaveUp,
    /// The present course an octave down.
    OctaveDown,
    /// The present course a fifth up.
    FifthUp,
    /// The present course a fifth down.
    FifthDown,
}

impl CandidateKind {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Path => "another voice",
            Self::OctaveUp => "octave up",
            Self::OctaveDown => "octave down",
            Self::FifthUp => "fifth up",
            Self::FifthDown => "fifth down",
        }
    }
}

/// A course that the pitch of a passage may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Where it comes from.
    pub kind: CandidateKind,
    /// f0 of each frame in Hz.
    pub f0_hz: Vec<f32>,
}

/// Courses other than the present one, the likeliest first, none like another.
///
/// `present_hz` is the present course, a value a frame; only frames in which it is above 0 are
/// compared, or all if there is none. Slips of an octave or a fifth and likely paths are taken in turns, the best of each
/// first.
pub fn candidates(salience: &Salience, present_hz: &[f32]) -> Vec<Candidate> {
    let mut rest = salience.clone();
    let as_paths = (0..N_PATHS).map(|_| {
        let f0_hz = likeliest(&rest, None);
        silence(&mut rest, &f0_hz);
        let kind = CandidateKind::Path;
        Candidate { kind, f0_hz }
    });
    let paths: Vec<Candidate> = as_paths.collect();
    let found = in_turns(paths, slips(salience, present_hz));
    let mut distinct: Vec<Candidate> = Vec::new();
    for candidate in found {
        let is_like = |other: &[f32]| is_same(&candidate.f0_hz, other, present_hz);
        if !is_like(present_hz) && !distinct.iter().any(|it| is_like(&it.f0_hz)) {
            distinct.push(candidate);
        }
    }
    distinct
}

/// The likeliest path, within a range of Hz if one is given.
pub fn likeliest(salience: &Salience, within_hz: Option<Range<f64>>) -> Vec<f32> {
    let axis = salience.axis();
    let rows = within_hz.map_or(0..axis.n_rows, |hz| {
        let end = (axis.hz_to_row(hz.end).floor() + 1.0).clamp(1.0, axis.n_rows as f64) as usize;
        let first = axis.hz_to_row(hz.start).ceil().max(0.0) as usize;
        first.min(end - 1)..end
    });
    let mut path = PitchPath::default();
    let mut found = Vec::with_capacity(salience.n_frames());
    for frame in 0..salience.n_frames() {
        let mut column = salience.column(frame).to_vec();
        column[..rows.start].fill(BEYOND);
        column[rows.end..].fill(BEYOND);
        found.extend(path.push(&column));
    }
    found.extend(path.finish());
    let hz = found.into_iter().enumerate();
    hz.map(|(frame, row)| salience.hz_near(frame, row) as f32)
        .collect()
}

/// The present course at the intervals of common slips, the likeliest first.
fn slips(salience: &Salience, present_hz: &[f32]) -> Vec<Candidate> {
    let mut slips: Vec<(f32, Candidate)> = Vec::new();
    if !present_hz.iter().any(|&hz| hz > 0.0) {
        return Vec::new();
    }
    for (ratio, kind) in SLIPS {
        let f0_hz: Vec<f32> = present_hz
            .iter()
            .map(|&hz| (f64::from(hz) * ratio) as f32)
            .collect();
        let scores = f0_hz
            .iter()
            .enumerate()
            .map(|(i, &hz)| salience.of(i, hz.into()));
        slips.push((scores.sum(), Candidate { kind, f0_hz }));
    }
    slips.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    slips.into_iter().map(|(_, candidate)| candidate).collect()
}

/// One of each in turns.
fn in_turns(paths: Vec<Candidate>, slips: Vec<Candidate>) -> Vec<Candidate> {
    let (mut paths, mut slips) = (paths.into_iter(), slips.into_iter());
    let mut all = Vec::new();
    loop {
        let pair = [paths.next(), slips.next()];
        if pair.iter().all(Option::is_none) {
            return all;
        }
        all.extend(pair.into_iter().flatten());
    }
}

/// Lets nothing speak for what was found.
fn silence(salience: &mut Salience, f0_hz: &[f32]) {
    for (frame, &hz) in f0_hz.iter().enumerate() {
        salience.silence(frame, hz.into(), APART);
    }
}

fn is_same(a: &[f32], b: &[f32], present_hz: &[f32]) -> bool {
    let is_silent = !present_hz.iter().any(|&hz| hz > 0.0);
    let is_sung = |&i: &usize| is_silent || present_hz.get(i).is_some_and(|&hz| hz > 0.0);
    let sung = (0..a.len()).filter(is_sung);
    let (mut n, mut n_same) = (0, 0);
    for i in sung {
        n += 1;
        let cents = cents_between(a[i].into(), b[i].into());
        n_same += usize::from(cents.abs() < SAME_CENTS);
    }
    n_same as f64 >= SAME_SHARE * f64::from(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::PitchAxis;

    const AXIS: PitchAxis = PitchAxis::HKDSME;

    /// Two level voices with partials, the second softer.
    fn duet(hz: [f64; 2]) -> Salience {
        let mut cells = vec![8u8; 200 * AXIS.n_rows];
        for column in cells.chunks_exact_mut(AXIS.n_rows) {
            for (f0_hz, level) in hz.into_iter().zip([220, 170]) {
                for h in 1..9 {
                    let row = AXIS.hz_to_row(f0_hz * f64::from(h)).round() as usize;
                    if row < AXIS.n_rows {
                        column[row] = column[row].max(level);
                    }
                }
            }
        }
        Salience::of_picture(AXIS, &cells)
    }

    fn has(candidates: &[Candidate], hz: f64) -> bool {
        candidates.iter().any(|it| {
            let near = |&f0: &f32| cents_between(hz, f0.into()).abs() < SAME_CENTS;
            it.f0_hz.iter().all(near)
        })
    }

    #[test]
    fn octaves_fifths_and_the_other_voice_are_among_them() {
        let found = candidates(&duet([220.0, 277.0]), &[220.0; 200]);
        for hz in [440.0, 110.0, 330.0, 277.0] {
            assert!(has(&found, hz), "{hz}");
        }
        assert!(!has(&found, 220.0), "the present course is none");
        let hz = |it: &Candidate| it.f0_hz[50];
        for (i, one) in found.iter().enumerate() {
            let other = found[..i]
                .iter()
                .find(|it| cents_between(hz(one).into(), hz(it).into()).abs() < 50.0);
            assert_eq!(other, None, "two are the same");
        }
    }

    #[test]
    fn a_range_holds_the_path() {
        let salience = duet([220.0, 277.0]);
        let within = likeliest(&salience, Some(250.0..300.0));
        assert!(
            within
                .iter()
                .all(|&hz| cents_between(277.0, hz.into()).abs() < SAME_CENTS)
        );
        assert_eq!(likeliest(&salience, Some(1e5..1e6)).len(), 200);
    }

    #[test]
    fn nothing_has_no_candidates() {
        let nothing = Salience::of_picture(AXIS, &[]);
        assert!(candidates(&nothing, &[]).is_empty());
    }
}
