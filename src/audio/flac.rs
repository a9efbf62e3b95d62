//! FLAC headers that other programs accept, and what lies behind the sound.
//!
//! symphonia refuses a STREAMINFO block (RFC 9639, 8.2) whose block sizes are 0 or do not fit, holds
//! every frame against it, and refuses the file for a damaged picture or a second seek table. So
//! the block sizes are shown as the first frame has them, frame sizes as unknown, and blocks that
//! nobody needs as padding. And it takes tags behind the last frame (ID3v1 of Exact Audio Copy,
//! APEv2) for a part of that frame, which is lost for it; they are not shown.

use std::fs::File;
use std::io;

use super::file_map::{FileMap, read_at};
use super::tags;

/// More blocks than this are not followed.
const MAX_BLOCKS: usize = 1000;
const STREAM_INFO: u8 = 0;
const PADDING: u8 = 1;
const COMMENTS: u8 = 4;
/// The last-block flag of a header.
const LAST: u8 = 0x80;

/// Mends the header of the stream whose mark is at `start`.
pub fn map(file: &mut File, start: u64, map: &mut FileMap) -> io::Result<()> {
    map.end = tags::end_of_sound(file, map.end)?;
    let mut at = start + 4;
    let mut stream_info = None;
    for _ in 0..MAX_BLOCKS {
        let Some([head, a, b, c]) = read_at::<4>(file, at)? else {
            return Ok(());
        };
        match head & !LAST {
            STREAM_INFO => stream_info = stream_info.or(Some(at + 4)),
            COMMENTS => {}
            _ => map.patches.push((at, [head & LAST | PADDING, a, b, c])),
        }
        at += 4 + u64::from(u32::from_be_bytes([0, a, b, c]));
        if head & LAST != 0 {
            break;
        }
    }
    let Some(info) = stream_info else {
        return Ok(());
    };
    if let (Some(stated), Some(frame)) = (read_at(file, info)?, read_at(file, at)?)
        && let Some(blocks) = BlockSizes::of(frame, stated)
    {
        let ([a, b], [c, d]) = (blocks.least.to_be_bytes(), blocks.most.to_be_bytes());
        map.patches.push((info, [a, b, c, d]));
        map.patches.push((info + 4, [0; 4]));
        map.patches.push((info + 6, [0; 4]));
        map.is_timeless = blocks.are_timeless;
    }
    Ok(())
}

/// Sizes of the blocks of a stream, to be shown to symphonia.
#[derive(Debug, PartialEq)]
struct BlockSizes {
    least: u16,
    most: u16,
    /// Whether frames are counted, but of many sizes (encoders older than the flag for it): their
    /// numbers tell no time.
    are_timeless: bool,
}

impl BlockSizes {
    /// What the first frame and STREAMINFO say; `None` if that is no frame.
    fn of(frame: [u8; 16], stated: [u8; 4]) -> Option<Self> {
        let (least, most) = block_sizes(frame)?;
        let [a, b, c, d] = stated;
        let (stated_least, stated_most) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        // The last block may be shorter, and some encoders state it as the least.
        let are_timeless = least == most && stated_least >= 16 && stated_most > most;
        Some(match are_timeless {
            true => Self {
                least: u16::MAX,
                most: u16::MAX,
                are_timeless,
            },
            false => Self {
                least,
                most,
                are_timeless,
            },
        })
    }
}

/// Least and greatest block size of a stream by its first frame (RFC 9639, 9.1).
fn block_sizes(frame: [u8; 16]) -> Option<(u16, u16)> {
    if frame[0] != 0xff || frame[1] & 0xfe != 0xf8 {
        return None;
    }
    if frame[1] & 1 == 1 {
        return Some((16, u16::MAX));
    }
    // Behind the coded frame number, where the size is not one of the usual ones.
    let at = 4 + (frame[4].leading_ones() as usize).max(1);
    let size = match frame[2] >> 4 {
        1 => 192,
        code @ 2..=5 => 144 << code,
        6 => u32::from(*frame.get(at)?) + 1,
        7 => u32::from(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?])) + 1,
        code @ 8..=15 => 1 << code,
        _ => return None,
    };
    let size = u16::try_from(size).ok()?.max(16);
    Some((size, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_many_sizes_tell_no_time() {
        let mut frame = [0; 16];
        frame[..5].copy_from_slice(&[0xff, 0xf8, 0xc9, 0x18, 0]);
        let blocks = |stated| BlockSizes::of(frame, stated).map(|it| (it.most, it.are_timeless));
        assert_eq!(blocks([0x10, 0, 0x10, 0]), Some((4096, false)));
        assert_eq!(blocks([0, 16, 0x10, 0]), Some((4096, false)));
        assert_eq!(blocks([0, 0, 0x10, 0]), Some((4096, false)));
        assert_eq!(blocks([0x02, 0x40, 0x12, 0]), Some((u16::MAX, true)));
    }

    #[test]
    fn the_first_frame_tells_the_block_size() {
        let sizes = |head: &[u8]| {
            let mut frame = [0; 16];
            frame[..head.len()].copy_from_slice(head);
            block_sizes(frame)
        };
        assert_eq!(sizes(&[0xff, 0xf8, 0xc9, 0x18, 0]), Some((4096, 4096)));
        assert_eq!(sizes(&[0xff, 0xf8, 0x59, 0x18, 0]), Some((4608, 4608)));
        assert_eq!(
            sizes(&[0xff, 0xf8, 0x79, 0x18, 0, 0x03, 0xe7]),
            Some((1000, 1000))
        );
        assert_eq!(sizes(&[0xff, 0xf9, 0xc9, 0x18, 0]), Some((16, 65_535)));
        assert_eq!(sizes(b"ID3"), None);
    }
}
