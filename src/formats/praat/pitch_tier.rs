//! PitchTier: points of the contour, none where nobody sings.

use std::io::{self, Write};

use super::begin;
use super::tokens::Tokens;
use crate::formats::melody_file::MAX_SECS;
use crate::formats::{Contents, Export, FormatError, MelodyFile, PitchUnit};

/// Writes a point for each voiced frame.
pub fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let track = export.f0;
    let voiced = || {
        let frames = track.times().zip(&track.frames);
        frames.filter(|(_, it)| it.voiced && it.f0_hz > 0.0)
    };
    let from_secs = track.grid.first_secs.min(0.0);
    begin(out, "PitchTier", from_secs, export.duration_secs())?;
    writeln!(out, "points: size = {} ", voiced().count())?;
    for (i, (time, frame)) in voiced().enumerate() {
        let hz = frame.f0_hz;
        writeln!(
            out,
            "points [{}]:\n    number = {time:.6} \n    value = {hz:.4} ",
            i + 1
        )?;
    }
    Ok(())
}

/// Reads what follows the class.
///
/// # Errors
/// [`FormatError::Text`].
pub fn read(mut tokens: Tokens) -> Result<Contents, FormatError> {
    tokens.number("xmin in seconds")?;
    let end_secs = tokens.number("xmax in seconds")?;
    let n_points = tokens.at_least(0.0, "the number of points")?;
    let mut points = Vec::new();
    while (points.len() as f64) < n_points {
        points.push(point(&mut tokens)?);
    }
    Ok(Contents {
        duration_secs: (0.0..MAX_SECS).contains(&end_secs).then_some(end_secs),
        ..contents(points)
    })
}

/// Reads points without a header.
///
/// # Errors
/// [`FormatError::Text`].
pub fn read_pairs(mut tokens: Tokens) -> Result<Contents, FormatError> {
    let mut points = Vec::new();
    while !tokens.is_at_end() {
        points.push(point(&mut tokens)?);
    }
    Ok(contents(points))
}

fn point(tokens: &mut Tokens) -> Result<(f64, f64), FormatError> {
    let time = tokens.number("a point's time in seconds")?;
    let hz = tokens.at_least(0.0, "a point's pitch in Hz")?;
    Ok((time, hz))
}

fn contents(mut points: Vec<(f64, f64)>) -> Contents {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (times, values) = points.into_iter().unzip();
    Contents::of_melody(MelodyFile::from_values(times, values, PitchUnit::Hertz))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::read;

    #[test]
    fn files_of_praat_are_read_in_all_layouts() {
        let files: [&[u8]; 4] = [
            include_bytes!("../../../tests/interop/files/praat-long.PitchTier"),
            include_bytes!("../../../tests/interop/files/praat-short.PitchTier"),
            include_bytes!("../../../tests/interop/files/praat-sheet.PitchTier"),
            include_bytes!("../../../tests/interop/files/praat-bare.PitchTier"),
        ];
        let path = Path::new("a.PitchTier");
        let [first, others @ ..] = files.map(|it| read(path, it).unwrap().melody.unwrap());
        assert!((first.f0_hz[10] - 220.0).abs() < 0.1 && first.leaves_out_unvoiced());
        for other in others {
            assert_eq!(first, other);
        }
    }

    #[test]
    fn what_is_no_pair_is_named_with_its_place() {
        let error = read(Path::new("a.PitchTier"), b"0.1\t220\n0.2\n").unwrap_err();
        let expected = "a.PitchTier, line 3, column 1: expected a point's pitch in Hz, found the end \
                        of the file";
        assert_eq!(error.to_string(), expected);
    }
}
