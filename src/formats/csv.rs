//! `time,frequency,confidence,voiced`: every frame, the estimate even where unvoiced.

use std::io::{self, Write};

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::{Export, melody_columns};

/// See the module.
pub const FORMAT: Format = Format {
    name: "csv",
    help: "every frame's time, frequency, confidence and voicing",
    content: Content::F0,
    files: &[FormatFile {
        suffix: ".f0.csv",
        holds: Content::F0,
        keeps: &[Contour, FrameTimes, Voicing, UnvoicedPitch, Confidence],
        is_ours: |head| head.starts_with(HEADER.as_bytes()),
        write,
    }],
    reader: Some(Reader {
        endings: &[],
        knows: |_| false,
        read: melody_columns::read,
    }),
};

const HEADER: &str = "time,frequency,confidence,voiced\n";

/// Writes the contour, with a header line; `voiced` is 1 or 0.
fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    for (time, frame) in export.f0.times().zip(&export.f0.frames) {
        let voiced = u8::from(frame.voiced);
        writeln!(
            out,
            "{time:.6},{:.3},{:.4},{voiced}",
            frame.f0_hz, frame.confidence
        )?;
    }
    Ok(())
}
