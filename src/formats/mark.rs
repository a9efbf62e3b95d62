//! How the program knows a file that it wrote itself: by its name inside, or by how it writes numbers.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What files carry that have a place for it.
pub use crate::audio::write::MARK;
/// As much of a file is looked at; the mark stands near its beginning.
const HEAD_BYTES: u64 = 4096;

/// Tells from the first bytes of a file whether it may be ours.
pub type IsOurs = fn(&[u8]) -> bool;

/// Whether a file that exists is one of ours.
///
/// # Errors
/// Whatever the system says against reading it.
pub fn wrote(path: &Path, is_ours: IsOurs) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(is_ours(&head))
}

/// Whether the mark is in it.
pub fn is_marked(head: &[u8]) -> bool {
    let mut windows = head.windows(MARK.len());
    windows.any(|window| window == MARK.as_bytes())
}

/// Whether all whole lines are as `is_line` has them. A file without a line is anybody's.
pub fn has_lines(head: &[u8], is_line: fn(&str) -> bool) -> bool {
    let whole = head.iter().rposition(|&byte| byte == b'\n');
    let lines = std::str::from_utf8(&head[..whole.unwrap_or(0)]);
    match (head, whole, lines) {
        ([], ..) => true,
        (_, Some(_), Ok(lines)) => lines.split('\n').all(is_line),
        _ => false,
    }
}

/// Whether a number is written with this many decimals, a sign before it perhaps.
pub fn has_decimals(number: &str, count: usize) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = number.strip_prefix('-').unwrap_or(number);
    let parts = number.split_once('.');
    parts.is_some_and(|(whole, part)| digits(whole) && digits(part) && part.len() == count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Export, FORMATS, sample};
    use crate::melody::{F0Frame, F0Track, FrameGrid, Note};

    #[test]
    fn every_file_is_known_again_and_no_other_is() {
        let frame = |i: usize| F0Frame {
            f0_hz: 220.0,
            confidence: 0.75,
            voiced: !i.is_multiple_of(3),
        };
        let track = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: (0..900).map(frame).collect(),
        };
        let note = Note {
            onset_secs: 0.1,
            offset_secs: 0.9,
            midi: 57.0,
            confidence: 0.75,
        };
        let analyses = [
            sample::analysis(track, &[note]),
            sample::analysis(sample::no_contour(), &[]),
        ];
        let others: [&[u8]; 7] = [
            b"COVER",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk",
            b"<?xml version=\"1.0\"?><svg/>",
            b"0\r\n57.25\r\n",
            b"0.0,220\n0.01,221\n",
            b"time,frequency\n0,1\n",
        ];
        let folder = tempfile::tempdir().unwrap();
        for file in FORMATS.iter().flat_map(|format| format.files) {
            for analysis in &analyses {
                let path = folder.path().join("song");
                let mut bytes = Vec::new();
                (file.write)(&Export::of(analysis), &mut bytes).unwrap();
                std::fs::write(&path, &bytes).unwrap();
                assert!(wrote(&path, file.is_ours).unwrap(), "{}", file.suffix);
            }
            for other in others {
                assert!(!(file.is_ours)(other), "{}: {other:?}", file.suffix);
            }
        }
    }
}
