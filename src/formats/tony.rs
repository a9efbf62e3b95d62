//! The pitch track of Tony: time, comma, Hz; 0 where unvoiced, no header.

use std::io::{self, Write};

use crate::melody::F0Track;

/// Writes a contour.
pub fn write(track: &F0Track, out: &mut dyn Write) -> io::Result<()> {
    for (time, frame) in track.times().zip(&track.frames) {
        let hz = if frame.voiced { frame.f0_hz } else { 0.0 };
        writeln!(out, "{time:.6},{hz:.3}")?;
    }
    Ok(())
}
