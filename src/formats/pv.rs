//! The pitch label of MIR-1K: a fractional MIDI number a line, 0 where unvoiced.

use std::io::{self, Write};
use std::path::Path;

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::{has_decimals, has_lines};
use super::table::{Table, text};
use super::{Contents, Export, FormatError, MelodyFile, PitchUnit};
use crate::melody::pitch::hz_to_midi;

/// See the module.
pub const FORMAT: Format = Format {
    name: "pv",
    help: "MIDI numbers every 20 ms as MIR-1K has them, 0 where unvoiced",
    content: Content::F0,
    files: &[FormatFile {
        suffix: ".pv",
        holds: Content::F0,
        keeps: &[Contour, Voicing],
        is_ours: |head| has_lines(head, |line| line == "0" || has_decimals(line, 5)),
        write,
    }],
    reader: Some(Reader {
        endings: &[".pv"],
        knows: |_| false,
        read,
    }),
};

/// Seconds between lines, and time of the first line.
pub const HOP_SECS: f64 = 0.02;

/// Writes the frame nearest to each line's time, up to half a hop past the last frame.
fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let track = export.f0;
    for line in 1.. {
        let Some(frame) = track
            .grid
            .nearest(line as f64 * HOP_SECS)
            .map(|i| track.frames.get(i))
        else {
            // a line before the first frame
            writeln!(out, "0")?;
            continue;
        };
        match frame {
            Some(frame) if frame.voiced && frame.f0_hz > 0.0 => {
                writeln!(out, "{:.5}", hz_to_midi(f64::from(frame.f0_hz)))?
            }
            Some(_) => writeln!(out, "0")?,
            None => break,
        }
    }
    Ok(())
}

/// Reads pitch labels; `path` is named in errors.
///
/// # Errors
/// [`FormatError::Text`] at a line without a number.
fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let text = text(path, bytes)?;
    let table = Table::parse(path, &text);
    let number = |row| table.number(row, 0, "a MIDI number, or 0 for unvoiced");
    let values = table
        .rows
        .iter()
        .map(number)
        .collect::<Result<Vec<_>, _>>()?;
    let times = (1..=values.len())
        .map(|line| line as f64 * HOP_SECS)
        .collect();
    let melody = MelodyFile::from_values(times, values, PitchUnit::Midi);
    Ok(Contents::of_melody(melody))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::sample;
    use crate::melody::{F0Frame, F0Track, FrameGrid};

    #[test]
    fn lines_stand_for_20_40_60_ms() {
        let voiced = |i: usize| F0Frame {
            f0_hz: 220.0 + i as f32,
            confidence: 1.0,
            voiced: i != 3,
        };
        let track = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: (0..99).map(voiced).collect(),
        };
        let mut text = Vec::new();
        let analysis = sample::analysis(track, &[]);
        write(&Export::of(&analysis), &mut text).unwrap();
        let file = read(Path::new("a.pv"), &text).unwrap().melody.unwrap();
        assert_eq!(
            file.times.len(),
            49,
            "as many lines as MIR-1K has for a second"
        );
        assert_eq!(file.times[0], 0.02);
        assert!((file.f0_hz[0] - 221.0).abs() < 1e-3);
        assert!(!file.voiced[1]);
        assert!((file.f0_hz[2] - 225.0).abs() < 1e-3);
    }
}
