//! Contours that leave their unvoiced frames out, as layers of Sonic Visualiser and Tony do.

use super::MelodySeries;
use crate::formats::MelodyFile;
use crate::formats::melody_file::MAX_FRAMES;

/// How far a time may be from its place among the frames, as part of their distance.
const TOLERANCE: f64 = 0.5;

/// Reference and estimate as two files give them, the frames that a file leaves out unvoiced.
///
/// What such a file says nothing of is unvoiced up to the end of the longer of both.
pub fn series_of(reference: &MelodyFile, estimate: &MelodyFile) -> [MelodySeries; 2] {
    let end = |file: &MelodyFile| file.times.last().copied().unwrap_or(0.0);
    let end_secs = end(reference).max(end(estimate));
    [
        match reference.leaves_out_unvoiced() {
            true => with_all_frames(reference, end_secs),
            false => reference.into(),
        },
        match estimate.leaves_out_unvoiced() {
            true => with_edges(estimate),
            false => estimate.into(),
        },
    ]
}

/// A reference says which frames are scored: those left out are added as unvoiced, from one distance
/// of frames on.
fn with_all_frames(file: &MelodyFile, end_secs: f64) -> MelodySeries {
    let hop_secs = file.usual_hop_secs();
    let end_secs = end_secs.min(MAX_FRAMES as f64 * hop_secs);
    let mut all = MelodySeries::default();
    let mut add = |time: f64, hz: f64| {
        all.times.push(time);
        all.hz.push(hz);
    };
    let first = file.times.first().copied().unwrap_or(end_secs);
    let n_before = ((first / hop_secs + TOLERANCE).floor() - 1.0).max(0.0) as u64;
    for i in (1..=n_before).rev() {
        add((first - i as f64 * hop_secs).max(0.0), 0.0);
    }
    for (i, (&time, &hz)) in file.times.iter().zip(&file.f0_hz).enumerate() {
        add(time, hz);
        let next = file.times.get(i + 1).copied();
        let until = next.unwrap_or(end_secs + hop_secs) - TOLERANCE * hop_secs;
        for time in (1..)
            .map(|i| time + f64::from(i) * hop_secs)
            .take_while(|&time| time < until)
        {
            add(time, 0.0);
        }
    }
    all
}

/// An estimate is looked up at times that need not be its own: a frame stands for half a distance on
/// either side, and what lies beyond is unvoiced.
fn with_edges(file: &MelodyFile) -> MelodySeries {
    let hop_secs = file.usual_hop_secs();
    let half = TOLERANCE * hop_secs;
    let mut edged = MelodySeries::new(vec![0.0], vec![0.0]);
    let mut add = |time: f64, hz: f64| {
        edged.times.push(time);
        edged.hz.push(hz);
    };
    for (i, (&time, &hz)) in file.times.iter().zip(&file.f0_hz).enumerate() {
        let before = i.checked_sub(1).map(|before| file.times[before]);
        let after = file.times.get(i + 1).copied();
        let is_far =
            |other: Option<f64>| other.is_none_or(|it| (it - time).abs() > hop_secs + half);
        if is_far(before) {
            add((time - half).max(0.0), hz);
        }
        add(time, hz);
        if is_far(after) {
            add(time + half, 0.0);
        }
    }
    edged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::melody::evaluate;
    use crate::formats::PitchUnit;

    fn file(frames: impl IntoIterator<Item = (f64, f64)>) -> MelodyFile {
        let (times, hz) = frames.into_iter().unzip();
        MelodyFile::from_values(times, hz, PitchUnit::Hertz)
    }

    /// Three seconds, every other half second sung.
    fn whole() -> MelodyFile {
        file((1..300).map(|i| {
            let hz = if i / 50 % 2 == 1 { 220.0 } else { 0.0 };
            (f64::from(i) * 0.01, hz)
        }))
    }

    /// The same as a layer at 22.05 kHz has it, whose positions are whole samples.
    fn layer() -> MelodyFile {
        let whole = whole();
        let frames = whole.times.iter().copied().zip(whole.f0_hz);
        let sung = frames.filter(|&(_, hz)| hz > 0.0);
        let mut layer = file(sung.map(|(time, hz)| ((time * 22_050.0).round() / 22_050.0, hz)));
        layer.hop_secs = Some(221.0 / 22_050.0);
        layer
    }

    #[test]
    fn a_contour_is_the_same_with_its_unvoiced_frames_and_without() {
        for (reference, estimate) in [(whole(), layer()), (layer(), whole()), (layer(), layer())] {
            let [reference, estimate] = series_of(&reference, &estimate);
            let scores = evaluate(&reference, &estimate).unwrap();
            assert!(scores.overall_accuracy > 0.99, "{scores:?}");
            assert!(scores.voicing_false_alarm < 0.01, "{scores:?}");
            assert!(scores.voicing_recall > 0.99, "{scores:?}");
        }
    }

    #[test]
    fn what_is_sung_in_a_gap_is_a_false_alarm() {
        let everywhere = file((1..300).map(|i| (f64::from(i) * 0.01, 220.0)));
        let [reference, estimate] = series_of(&layer(), &everywhere);
        let scores = evaluate(&reference, &estimate).unwrap();
        assert!(scores.voicing_false_alarm > 0.99, "{scores:?}");
        assert!((scores.overall_accuracy - 0.5).abs() < 0.02, "{scores:?}");
    }

    #[test]
    fn a_contour_with_every_frame_is_taken_as_it_is() {
        let [reference, estimate] = series_of(&whole(), &whole());
        assert_eq!(reference, MelodySeries::from(&whole()));
        assert_eq!(reference, estimate);
    }
}
