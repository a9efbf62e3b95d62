//! Tags around the sound of streams that have no place for them.

use std::fs::File;
use std::io;

use super::file_map::read_at;

const ID3V1_LEN: u64 = 128;
const APE_FOOTER_LEN: u64 = 32;
/// So many tags behind one another are not followed.
const MAX_TAGS: usize = 16;

/// Where the sound starts: behind ID3v2 tags.
pub fn start_of_sound(file: &mut File) -> io::Result<u64> {
    let mut at = 0;
    for _ in 0..MAX_TAGS {
        let Some([b'I', b'D', b'3', _, _, flags, a, b, c, d]) = read_at::<10>(file, at)? else {
            break;
        };
        let len = [a, b, c, d]
            .iter()
            .fold(0, |len, it| len << 7 | u64::from(it & 0x7f));
        let has_footer = flags & 0x10 != 0;
        at += 10 + len + if has_footer { 10 } else { 0 };
    }
    Ok(at)
}

/// Where the sound of a file of `len` bytes ends: before ID3v1 and APE tags.
pub fn end_of_sound(file: &mut File, len: u64) -> io::Result<u64> {
    let mut end = len;
    for _ in 0..MAX_TAGS {
        let tag_len = match (id3v1_len(file, end)?, ape_len(file, end)?) {
            (Some(len), _) | (None, Some(len)) => len,
            (None, None) => break,
        };
        let Some(before) = end.checked_sub(tag_len) else {
            break;
        };
        end = before;
    }
    Ok(end)
}

fn id3v1_len(file: &mut File, end: u64) -> io::Result<Option<u64>> {
    let Some(at) = end.checked_sub(ID3V1_LEN) else {
        return Ok(None);
    };
    let mark = read_at::<3>(file, at)?;
    Ok((mark == Some(*b"TAG")).then_some(ID3V1_LEN))
}

fn ape_len(file: &mut File, end: u64) -> io::Result<Option<u64>> {
    let Some(at) = end.checked_sub(APE_FOOTER_LEN) else {
        return Ok(None);
    };
    if read_at(file, at)? != Some(*b"APETAGEX") {
        return Ok(None);
    }
    // The size counts the footer, but not the header, which the flags tell of.
    let size = read_at(file, at + 12)?.map_or(0, u32::from_le_bytes);
    let flags = read_at(file, at + 20)?.map_or(0, u32::from_le_bytes);
    let header_len = if flags >> 31 == 1 { APE_FOOTER_LEN } else { 0 };
    Ok(Some(u64::from(size).max(APE_FOOTER_LEN) + header_len))
}
