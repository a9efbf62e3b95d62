//! `time,frequency,confidence,voiced`: every frame, the estimate even where unvoiced.

use std::io::{self, Write};

use crate::melody::F0Track;

/// Writes a contour, with a header line; `voiced` is 1 or 0.
pub fn write(track: &F0Track, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "time,frequency,confidence,voiced")?;
    for (time, frame) in track.times().zip(&track.frames) {
        let voiced = u8::from(frame.voiced);
        writeln!(
            out,
            "{time:.6},{:.3},{:.4},{voiced}",
            frame.f0_hz, frame.confidence
        )?;
    }
    Ok(())
}
