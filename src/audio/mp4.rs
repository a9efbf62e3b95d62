//! MP4: cut files, and where the sound of a track begins and ends.
//!
//! AAC encoders put 1024 or more samples of padding before the sound; its edit
//! list (ISO/IEC 14496-12, 8.6.6) tells players which part to present.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;

use super::file_map::{FileMap, read_at};

/// More boxes than this in one place are not followed.
const MAX_BOXES: usize = 100_000;

/// More edits than this are not followed.
const MAX_EDITS: u32 = 1000;

/// What of a track is presented, in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct EditList {
    pub edits: Vec<EditListEntry>,
    /// Ticks a second of the starts, and of the durations.
    pub track_scale: u32,
    pub movie_scale: u32,
}

/// A part of a track that is presented.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EditListEntry {
    /// Where it starts in the track; `None` for silence.
    pub start: Option<u64>,
    /// How long it is; 0 goes to the end.
    pub duration: u64,
}

/// Shows a cut file as long as its boxes say it is.
pub fn map(file: &mut File, map: &mut FileMap) -> io::Result<()> {
    let len = map.end;
    let mut at = 0;
    for _ in 0..MAX_BOXES {
        let Some((_, body)) = next_box(file, at, u64::MAX)? else {
            break;
        };
        at = body.end;
        if at == u64::MAX || at >= len {
            break;
        }
    }
    if at != u64::MAX {
        map.end = len.max(at);
    }
    Ok(())
}

/// Whether the track with this id is switched on (ISO/IEC 14496-12, 8.3.2).
pub fn is_enabled(file: &mut File, track_id: u32) -> io::Result<bool> {
    let len = file.seek(SeekFrom::End(0))?;
    let Some(moov) = find(file, 0..len, b"moov")? else {
        return Ok(true);
    };
    for trak in find_all(file, moov, b"trak", usize::MAX)? {
        if id(file, &trak)? == Some(track_id) {
            let tkhd = find(file, trak, b"tkhd")?;
            let head = tkhd.map_or(Ok(None), |it| read_at::<4>(file, it.start))?;
            return Ok(head.is_none_or(|[_, _, _, flags]| flags & 1 == 1));
        }
    }
    Ok(true)
}

/// The edits of the track with this id; `None` if it has none.
pub fn edit_list(file: &mut File, track_id: u32) -> io::Result<Option<EditList>> {
    let len = file.seek(SeekFrom::End(0))?;
    let Some(moov) = find(file, 0..len, b"moov")? else {
        return Ok(None);
    };
    let Some(movie_scale) = timescale(file, &moov, b"mvhd")? else {
        return Ok(None);
    };
    for trak in find_all(file, moov, b"trak", usize::MAX)? {
        if id(file, &trak)? == Some(track_id) {
            return track_edits(file, trak, movie_scale);
        }
    }
    Ok(None)
}

fn track_edits(
    file: &mut File,
    trak: Range<u64>,
    movie_scale: u32,
) -> io::Result<Option<EditList>> {
    let Some(mdia) = find(file, trak.clone(), b"mdia")? else {
        return Ok(None);
    };
    let Some(track_scale) = timescale(file, &mdia, b"mdhd")? else {
        return Ok(None);
    };
    let Some(edts) = find(file, trak, b"edts")? else {
        return Ok(None);
    };
    let Some(elst) = find(file, edts, b"elst")? else {
        return Ok(None);
    };
    let edits = edits(file, elst)?;
    Ok((!edits.is_empty()).then_some(EditList {
        edits,
        track_scale,
        movie_scale,
    }))
}

fn edits(file: &mut File, elst: Range<u64>) -> io::Result<Vec<EditListEntry>> {
    let mut edits = Vec::new();
    let Some(head) = read_at::<8>(file, elst.start)? else {
        return Ok(edits);
    };
    let [version, _, _, _, count @ ..] = head;
    let entry_len = if version == 1 { 20 } else { 12 };
    for i in 0..u64::from(u32::from_be_bytes(count).min(MAX_EDITS)) {
        let at = elst.start + 8 + i * entry_len;
        if at + entry_len > elst.end {
            break;
        }
        let (duration, start) = match version {
            1 => (be64(file, at)?, be64(file, at + 8)? as i64),
            _ => (
                u64::from(be32(file, at)?),
                i64::from(be32(file, at + 4)? as i32),
            ),
        };
        // Only -1 stands for silence.
        edits.push(EditListEntry {
            start: u64::try_from(start).ok(),
            duration: duration.min(u64::MAX / 2),
        });
    }
    Ok(edits)
}

/// Ticks a second, from a `mvhd` or `mdhd` box.
fn timescale(file: &mut File, parent: &Range<u64>, kind: &[u8; 4]) -> io::Result<Option<u32>> {
    let Some(at) = find(file, parent.clone(), kind)? else {
        return Ok(None);
    };
    let offset = if version(file, &at)? == 1 { 20 } else { 12 };
    let scale = be32(file, at.start + offset)?;
    Ok((scale > 0).then_some(scale))
}

fn id(file: &mut File, trak: &Range<u64>) -> io::Result<Option<u32>> {
    let Some(tkhd) = find(file, trak.clone(), b"tkhd")? else {
        return Ok(None);
    };
    let offset = if version(file, &tkhd)? == 1 { 20 } else { 12 };
    be32(file, tkhd.start + offset).map(Some)
}

fn version(file: &mut File, at: &Range<u64>) -> io::Result<u8> {
    Ok(read_at::<1>(file, at.start)?.map_or(0, |[version]| version))
}

/// The sample entry of the track with this id: its kind, and its body.
pub fn sample_entry(file: &mut File, track_id: u32) -> io::Result<Option<([u8; 4], Range<u64>)>> {
    let len = file.seek(SeekFrom::End(0))?;
    let Some(moov) = find(file, 0..len, b"moov")? else {
        return Ok(None);
    };
    for trak in find_all(file, moov, b"trak", usize::MAX)? {
        if id(file, &trak)? == Some(track_id) {
            let mut body = Some(trak);
            for kind in [b"mdia", b"minf", b"stbl", b"stsd"] {
                body = body.map_or(Ok(None), |it| find(file, it, kind))?;
            }
            // Behind version, flags and the number of entries.
            return body.map_or(Ok(None), |it| next_box(file, it.start + 8, it.end));
        }
    }
    Ok(None)
}

/// The body of the first box of this kind.
pub fn find(file: &mut File, within: Range<u64>, kind: &[u8; 4]) -> io::Result<Option<Range<u64>>> {
    Ok(find_all(file, within, kind, 1)?.pop())
}

/// Bodies of the first `most` boxes of this kind.
fn find_all(
    file: &mut File,
    within: Range<u64>,
    kind: &[u8; 4],
    most: usize,
) -> io::Result<Vec<Range<u64>>> {
    let mut found = Vec::new();
    let mut at = within.start;
    for _ in 0..MAX_BOXES {
        if found.len() == most || at + 8 > within.end {
            break;
        }
        let Some((name, body)) = next_box(file, at, within.end)? else {
            break;
        };
        at = body.end;
        if &name == kind {
            found.push(body);
        }
    }
    Ok(found)
}

/// Name and body of the box at `at`, inside a box that ends at `end`.
fn next_box(file: &mut File, at: u64, end: u64) -> io::Result<Option<([u8; 4], Range<u64>)>> {
    let Some(head) = read_at::<8>(file, at)? else {
        return Ok(None);
    };
    let [a, b, c, d, name @ ..] = head;
    let (head_len, size) = match u32::from_be_bytes([a, b, c, d]) {
        0 => (8, end - at),
        1 => (16, be64(file, at + 8)?),
        size => (8, u64::from(size)),
    };
    let body_end = at.saturating_add(size).min(end);
    Ok((size >= head_len && at + head_len <= body_end).then_some((name, at + head_len..body_end)))
}

fn be32(file: &mut File, at: u64) -> io::Result<u32> {
    Ok(read_at(file, at)?.map_or(0, u32::from_be_bytes))
}

fn be64(file: &mut File, at: u64) -> io::Result<u64> {
    Ok(read_at(file, at)?.map_or(0, u64::from_be_bytes))
}
