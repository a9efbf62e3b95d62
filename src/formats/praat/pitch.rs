//! Pitch: candidates of every frame with their strengths, the chosen one first.

use std::io::{self, Write};

use super::begin;
use super::tokens::Tokens;
use crate::formats::melody_file::{MAX_FRAMES, MAX_SECS};
use crate::formats::{Contents, Export, FormatError, MelodyFile, PitchUnit};
use crate::melody::{ClassFrame, ClassTrack, F0Frame};

/// The ceiling is a whole number of these, above the highest pitch.
const CEILING_STEP_HZ: f64 = 100.0;
/// Most candidates of a frame: none, the pitch, its harmonic and its sub-harmonic.
const MAX_CANDIDATES: usize = 4;

/// A candidate: Hz, 0 for unvoiced, and its strength.
type PraatCandidate = (f64, f64);

/// Writes the contour. An unvoiced frame has no pitch first and then its estimate; harmonic and
/// sub-harmonic follow.
pub fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let track = export.f0;
    let grid = track.grid;
    let highest = track.frames.iter().map(|frame| f64::from(frame.f0_hz));
    let highest = highest.fold(0.0, f64::max);
    let ceiling = CEILING_STEP_HZ * (highest / CEILING_STEP_HZ).floor() + CEILING_STEP_HZ;
    let loudest = export.level.iter().copied().fold(0.0, f32::max);
    begin(
        out,
        "Pitch 1",
        grid.first_secs.min(0.0),
        export.duration_secs(),
    )?;
    writeln!(
        out,
        "nx = {} \ndx = {} \nx1 = {} \nceiling = {ceiling} \nmaxnCandidates = {MAX_CANDIDATES} \nframes []: ",
        track.frames.len(),
        grid.hop_secs,
        grid.first_secs
    )?;
    for (i, frame) in track.frames.iter().enumerate() {
        // where the level is not known no frame is called silent
        let level = export.level.get(i).filter(|_| loudest > 0.0);
        let intensity = level.map_or(1.0, |level| level / loudest);
        let candidates = candidates(frame, export.classes, i);
        writeln!(
            out,
            "    frames [{}]:\n        intensity = {intensity} \n        nCandidates = {} \n        candidates []: ",
            i + 1,
            candidates.len()
        )?;
        for (n, (hz, strength)) in candidates.iter().enumerate() {
            writeln!(
                out,
                "            candidates [{}]:\n                frequency = {hz:.4} \n                strength = {strength:.4} ",
                n + 1
            )?;
        }
    }
    Ok(())
}

fn candidates(frame: &F0Frame, classes: &ClassTrack, i: usize) -> Vec<PraatCandidate> {
    let confidence = f64::from(frame.confidence);
    let pitch = (f64::from(frame.f0_hz), confidence);
    let none = (0.0, 1.0 - confidence);
    let mut candidates = match (frame.f0_hz > 0.0, frame.voiced) {
        (true, true) => vec![pitch, none],
        (true, false) => vec![none, pitch],
        (false, _) => vec![none],
    };
    let class = classes.frames.get(i).copied().unwrap_or_default();
    candidates.extend(others(class, classes));
    candidates
}

/// What the networks take for the harmonic and the sub-harmonic of a frame.
fn others(class: ClassFrame, classes: &ClassTrack) -> impl Iterator<Item = PraatCandidate> {
    let both = [
        (class.harmonic, class.harmonic_strength),
        (class.subharmonic, class.subharmonic_strength),
    ];
    let there = both.into_iter().filter(|(class, _)| *class > 0);
    there.map(|(class, strength)| {
        let hz = classes.axis.row_to_hz(f64::from(class));
        (hz, f64::from(strength) / 255.0)
    })
}

/// Reads what follows the class. A frame is voiced if its first candidate lies between 0 and the ceiling;
/// an unvoiced one has the first such candidate as its estimate.
///
/// # Errors
/// [`FormatError::Text`].
pub fn read(mut tokens: Tokens, has_intensity: bool) -> Result<Contents, FormatError> {
    tokens.number("xmin in seconds")?;
    let end_secs = tokens.number("xmax in seconds")?;
    let n_frames = tokens.at_least(0.0, "the number of frames nx")?;
    let hop_secs = tokens.at_least(1e-6, "the distance of frames dx in seconds, above 0")?;
    let first_secs = tokens.number("the time of the first frame x1 in seconds")?;
    let ceiling = tokens.at_least(0.0, "the ceiling in Hz")?;
    tokens.number("the most candidates of a frame")?;
    let (mut values, mut confidence) = (Vec::new(), Vec::new());
    while (values.len() as f64) < n_frames && values.len() <= MAX_FRAMES {
        if has_intensity {
            tokens.number("a frame's intensity")?;
        }
        let (hz, strength) = frame(&mut tokens, ceiling)?;
        values.push(hz);
        confidence.push(strength.clamp(0.0, 1.0));
    }
    let times = (0..values.len()).map(|i| first_secs + i as f64 * hop_secs);
    let alone = values.len() < 2;
    let melody = MelodyFile {
        confidence: Some(confidence),
        hop_secs: alone.then_some(hop_secs),
        ..MelodyFile::from_values(times.collect(), values, PitchUnit::Hertz)
    };
    Ok(Contents {
        duration_secs: (0.0..MAX_SECS).contains(&end_secs).then_some(end_secs),
        ..Contents::of_melody(melody)
    })
}

/// A frame's pitch in Hz, negative where unvoiced, and how strong it is.
fn frame(tokens: &mut Tokens, ceiling: f64) -> Result<PraatCandidate, FormatError> {
    let n_candidates = tokens.at_least(0.0, "the number of candidates")?;
    let mut found = None;
    let mut n = 0.0;
    while n < n_candidates {
        let hz = tokens.number("a candidate's frequency in Hz")?;
        let strength = tokens.number("a candidate's strength")?;
        let is_pitch = 0.0 < hz && hz < ceiling;
        if is_pitch && found.is_none() {
            found = Some((if n == 0.0 { hz } else { -hz }, strength));
        }
        n += 1.0;
    }
    Ok(found.unwrap_or((0.0, 0.0)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::read;

    #[test]
    fn files_of_praat_are_read() {
        let long = include_bytes!("../../../tests/interop/files/praat-long.Pitch");
        let short = include_bytes!("../../../tests/interop/files/praat-short.Pitch");
        let [long, short] = [&long[..], short].map(|it| read(Path::new("a.Pitch"), it).unwrap());
        assert_eq!(long, short);
        let melody = long.melody.unwrap();
        assert_eq!(long.duration_secs, Some(1.2));
        let at = |secs: f64| melody.times.iter().position(|it| *it > secs).unwrap();
        assert!((melody.f0_hz[at(0.2)] - 220.0).abs() < 0.1);
        assert!(melody.voiced[at(0.2)] && !melody.voiced[at(0.5)]);
        assert!((melody.step_secs().unwrap().0 - 0.01).abs() < 1e-9);
    }

    #[test]
    fn what_is_missing_is_named_with_its_place() {
        let text = "\"ooTextFile\"\n\"Pitch 1\"\n0\n1\n2\n0.01\n0.02\n600\n15\n1\n1\n220\nx\n";
        let error = read(Path::new("a.Pitch"), text.as_bytes()).unwrap_err();
        let expected = "a.Pitch, line 14, column 1: expected a candidate's strength, found the end \
                        of the file";
        assert_eq!(error.to_string(), expected);
    }
}
