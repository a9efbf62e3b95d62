//! The pitch track of Tony: time, comma, Hz; 0 where unvoiced, no header.

use std::io::{self, Write};

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::{has_decimals, has_lines};
use super::{Export, melody_columns};

/// See the module.
pub const FORMAT: Format = Format {
    name: "tony",
    help: "time and frequency as Tony writes them, 0 where unvoiced",
    content: Content::F0,
    files: &[FormatFile {
        suffix: ".tony.csv",
        holds: Content::F0,
        keeps: &[Contour, FrameTimes, Voicing],
        is_ours: |head| has_lines(head, is_line),
        write,
    }],
    reader: Some(Reader {
        endings: &[],
        knows: |_| false,
        read: melody_columns::read,
    }),
};

fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    for (time, frame) in export.f0.times().zip(&export.f0.frames) {
        let hz = if frame.voiced { frame.f0_hz } else { 0.0 };
        writeln!(out, "{time:.6},{hz:.3}")?;
    }
    Ok(())
}

fn is_line(line: &str) -> bool {
    let columns = line.split_once(',');
    columns.is_some_and(|(time, hz)| has_decimals(time, 6) && has_decimals(hz, 3))
}
