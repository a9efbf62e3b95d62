//! The melody file of MIREX: time, tab, Hz; negative where unvoiced.

use std::io::{self, Write};

use crate::melody::F0Track;

/// Writes a contour; the guess at an unvoiced frame is its frequency made negative.
pub fn write(track: &F0Track, out: &mut dyn Write) -> io::Result<()> {
    for (time, frame) in track.times().zip(&track.frames) {
        let sign = if frame.voiced || frame.f0_hz == 0.0 {
            ""
        } else {
            "-"
        };
        writeln!(out, "{time:.6}\t{sign}{:.3}", frame.f0_hz)?;
    }
    Ok(())
}
