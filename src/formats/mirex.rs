//! The melody file of MIREX: time, tab, Hz; negative where unvoiced.

use std::io::{self, Write};

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::{has_decimals, has_lines};
use super::{Export, melody_columns};

/// See the module.
pub const FORMAT: Format = Format {
    name: "mirex",
    help: "time and frequency as MIREX takes them, negative where unvoiced",
    content: Content::F0,
    files: &[FormatFile {
        suffix: ".mirex.txt",
        holds: Content::F0,
        keeps: &[Contour, FrameTimes, Voicing, UnvoicedPitch],
        is_ours: |head| has_lines(head, is_line),
        write,
    }],
    reader: Some(Reader {
        endings: &[],
        knows: |_| false,
        read: melody_columns::read,
    }),
};

/// Writes the contour; the guess at an unvoiced frame is its frequency made negative.
fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    for (time, frame) in export.f0.times().zip(&export.f0.frames) {
        let sign = if frame.voiced || frame.f0_hz == 0.0 {
            ""
        } else {
            "-"
        };
        writeln!(out, "{time:.6}\t{sign}{:.3}", frame.f0_hz)?;
    }
    Ok(())
}

fn is_line(line: &str) -> bool {
    let columns = line.split_once('\t');
    columns.is_some_and(|(time, hz)| has_decimals(time, 6) && has_decimals(hz, 3))
}
