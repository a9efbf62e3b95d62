//! Core Audio Format files that are cut short, were written to a pipe, or tell of absurd packets.

use std::fs::File;
use std::io;

use super::file_map::{FileMap, read_at};

/// More chunks than this before the sound are not followed.
const MAX_CHUNKS: usize = 1000;
const HEADER_LEN: u64 = 8;
/// Where the first chunk, the description of the sound, has its packets' form.
const FORMAT_AT: u64 = 28;
/// Longer packets than this are none.
const MAX_PACKET_LEN: u32 = 1 << 20;
const MAX_PACKET_FRAMES: u32 = 1 << 16;

/// Shows a sound chunk that is longer than the file, or of unknown length, as long
/// as it is.
pub fn map(file: &mut File, map: &mut FileMap) -> io::Result<()> {
    mend_packets(file, map)?;
    let mut at = HEADER_LEN;
    for _ in 0..MAX_CHUNKS {
        let Some(tag) = read_at::<4>(file, at)? else {
            break;
        };
        let Some(size) = read_at(file, at + 4)?.map(u64::from_be_bytes) else {
            break;
        };
        let held = map.end.saturating_sub(at + 12);
        if &tag == b"data" && size > held {
            if size != u64::MAX {
                map.cut = Some((size, held));
            }
            let [a, b, c, d, low @ ..] = held.to_be_bytes();
            map.patches.push((at + 4, [a, b, c, d]));
            map.patches.push((at + 8, low));
            break;
        }
        at = at.saturating_add(12).saturating_add(size);
    }
    Ok(())
}

/// Shows packets as long as their samples are, where others make no sense: symphonia takes room
/// for as many bytes and frames as it is told.
fn mend_packets(file: &mut File, map: &mut FileMap) -> io::Result<()> {
    let Some(format) = read_at::<24>(file, FORMAT_AT)? else {
        return Ok(());
    };
    let number = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|i| format[at + i]));
    let (packet_len, n_frames) = (number(8), number(12));
    let (n_channels, n_bits) = (number(16), number(20));
    let least = n_channels.saturating_mul(n_bits.div_ceil(8));
    let is_pcm = &format[..4] == b"lpcm";
    let is_right = match is_pcm {
        // Samples may lie in more bytes than they need.
        true => packet_len >= least && packet_len <= n_channels.saturating_mul(8),
        false => packet_len <= MAX_PACKET_LEN,
    };
    if !is_right {
        let packet_len = if least <= MAX_PACKET_LEN { least } else { 0 };
        map.patches.push((FORMAT_AT + 8, packet_len.to_be_bytes()));
    }
    if is_pcm || n_frames > MAX_PACKET_FRAMES {
        let n_frames = u32::from(is_pcm);
        map.patches.push((FORMAT_AT + 12, n_frames.to_be_bytes()));
    }
    Ok(())
}
