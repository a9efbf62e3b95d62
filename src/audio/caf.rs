//! Core Audio Format files that are cut short or were written to a pipe.

use std::fs::File;
use std::io;

use super::outline::{Outline, read_at};

/// More chunks than this before the sound are not followed.
const MAX_CHUNKS: usize = 1000;
const HEADER_LEN: u64 = 8;

/// Shows a sound chunk that is longer than the file, or of unknown length, as long
/// as it is.
pub fn outline(file: &mut File, outline: &mut Outline) -> io::Result<()> {
    let mut at = HEADER_LEN;
    for _ in 0..MAX_CHUNKS {
        let Some(tag) = read_at::<4>(file, at)? else {
            break;
        };
        let Some(size) = read_at(file, at + 4)?.map(u64::from_be_bytes) else {
            break;
        };
        let held = outline.end.saturating_sub(at + 12);
        if &tag == b"data" && size > held {
            if size != u64::MAX {
                outline.cut = Some((size, held));
            }
            let [a, b, c, d, low @ ..] = held.to_be_bytes();
            outline.patches.push((at + 4, [a, b, c, d]));
            outline.patches.push((at + 8, low));
            break;
        }
        at = at.saturating_add(12).saturating_add(size);
    }
    Ok(())
}
