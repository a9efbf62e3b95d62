//! FLAC headers that other programs accept, and what lies behind the sound.
//!
//! symphonia refuses a STREAMINFO block (RFC 9639, 8.2) whose block sizes are 0 or do not fit, holds
//! every frame against it, and refuses the file for a damaged picture or a second seek table. So
//! the block sizes are shown as the first frame has them, frame sizes as unknown, and blocks that
//! nobody needs as padding. And it takes what lies behind the last frame (ID3v1 of Exact Audio Copy,
//! APEv2, remains of another file) for a part of that frame, which is lost for it; it is not shown.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::checksum::{Crc8Ccitt, Crc16Ansi};
use symphonia::core::io::Monitor;

use super::file_map::{FileMap, read_at};
use super::tags;

/// More blocks than this are not followed.
const MAX_BLOCKS: usize = 1000;
const STREAM_INFO: u8 = 0;
const PADDING: u8 = 1;
const COMMENTS: u8 = 4;
/// The last-block flag of a header.
const LAST: u8 = 0x80;
/// The last frame is looked for in so many bytes before the end, and then in more.
const TAIL_LENS: [u64; 3] = [1 << 16, 1 << 20, 1 << 26];

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
    map.end = end_of_frames(file, at, map.end)?;
    Ok(())
}

/// Where the last frame ends, of those between `start` and `end`; `end` if it is cut, or not found.
fn end_of_frames(file: &mut File, start: u64, end: u64) -> io::Result<u64> {
    for tail_len in TAIL_LENS {
        let from = end.saturating_sub(tail_len).max(start);
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        file.take(end.saturating_sub(from)).read_to_end(&mut tail)?;
        if let Some(last) = (0..tail.len()).rev().find(|&at| is_frame(&tail[at..])) {
            let len = frame_len(&tail[last..]);
            return Ok(len.map_or(end, |len| from + (last + len) as u64));
        }
        if from == start {
            break;
        }
    }
    Ok(end)
}

/// Whether the header of a frame begins here (RFC 9639, 9.1), by its checksum.
fn is_frame(bytes: &[u8]) -> bool {
    let [0xff, 0xf8 | 0xf9, sizes, channels, number, ..] = *bytes else {
        return false;
    };
    let (block, rate) = (sizes >> 4, sizes & 0xf);
    if block == 0 || rate == 0xf || channels >> 4 > 10 || channels & 1 == 1 {
        return false;
    }
    let number_len = (number.leading_ones() as usize).max(1);
    let block_len = usize::from(block == 6) + 2 * usize::from(block == 7);
    let rate_len = usize::from(rate == 12) + 2 * usize::from(rate == 13 || rate == 14);
    let sum_at = 4 + number_len + block_len + rate_len;
    let Some(sum) = bytes.get(sum_at) else {
        return false;
    };
    let mut crc = Crc8Ccitt::new(0);
    crc.process_buf_bytes(&bytes[..sum_at]);
    crc.crc() == *sum
}

/// The length of the frame at the start of `bytes`: with its checksum behind it, a sum over it is 0.
/// Should that be so of more bytes, too, it is for symphonia.
fn frame_len(bytes: &[u8]) -> Option<usize> {
    let mut crc = Crc16Ansi::new(0);
    let ends = (1..).zip(bytes).filter_map(|(len, byte)| {
        crc.process_byte(*byte);
        (crc.crc() == 0).then_some(len)
    });
    ends.last()
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
