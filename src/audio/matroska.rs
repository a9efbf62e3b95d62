//! Matroska and WebM: the title, cut files, when the sound begins, and the padding around it.
//!
//! Packets in Matroska are timed in milliseconds; the track's `CodecDelay` (RFC 9559, 5.1.4.1.25) and
//! the `DiscardPadding` of its last block (5.1.3.5.7), which symphonia reads and drops, are in
//! nanoseconds.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use super::file_map::{FileMap, read_at, text_at};
use super::info::set_if_none;

const EBML: u64 = 0x1a45_dfa3;
const SEGMENT: u64 = 0x1853_8067;
const CLUSTER: u64 = 0x1f43_b675;
const SEEK_HEAD: u64 = 0x114d_9b74;
/// Id of empty space.
const VOID_ID: u8 = 0xec;
const INFO: u64 = 0x1549_a966;
const TITLE: u64 = 0x7ba9;
const TRACKS: u64 = 0x1654_ae6b;
const TRACK_ENTRY: u64 = 0xae;
const TRACK_NUMBER: u64 = 0xd7;
const CODEC_DELAY: u64 = 0x56aa;
const TIMESTAMP_SCALE: u64 = 0x2a_d7b1;
const TIMESTAMP: u64 = 0xe7;
const FLAG_DEFAULT: u64 = 0x88;
const SIMPLE_BLOCK: u64 = 0xa3;
const BLOCK_GROUP: u64 = 0xa0;
const BLOCK: u64 = 0xa1;
const DISCARD_PADDING: u64 = 0x75a2;
/// The last block of a track is looked for in so many of the last clusters.
const LAST_CLUSTERS: usize = 8;
/// More clusters than this are not passed over.
const MAX_CLUSTERS: usize = 1_000_000;
/// More elements than this in one place are not followed.
const MAX_ELEMENTS: usize = 10_000;
/// Nanoseconds of a tick, unless the file says otherwise.
const USUAL_SCALE: u64 = 1_000_000;
/// Days of sound in a live recording; after so many blocks it is taken to be whole.
const MAX_BLOCKS: usize = 10_000_000;
/// The longest id and size of an element.
const MAX_HEAD_LEN: u64 = 16;

/// Finds the title, and shows a cut file as long as it says it is.
pub fn map(file: &mut File, map: &mut FileMap) -> io::Result<()> {
    let len = map.end;
    let Some(ebml) = first(file, 0..len, EBML)? else {
        return Ok(());
    };
    let Some(segment) = first(file, ebml.end..u64::MAX, SEGMENT)? else {
        return Ok(());
    };
    // Of unknown length (to the end of the file), or cut.
    if segment.end == u64::MAX {
        // Recorded live, in browsers and broadcasts: it ends where the recording was stopped.
        map.is_open = blocks_are_whole(file, segment.start..len)?;
    } else {
        map.end = len.max(segment.end);
    }
    if map.end > len {
        hide_index(file, segment.start..len, map)?;
    }
    let info = first(file, segment.start..segment.end.min(len), INFO)?;
    let title = info.map_or(Ok(None), |it| first(file, it, TITLE))?;
    if let Some(title) = title {
        let text = text_at(file, title.start, title.end - title.start)?;
        set_if_none(&mut map.title, &text);
    }
    Ok(())
}

/// Shows the index of a cut file as empty space: it points beyond the end.
fn hide_index(file: &mut File, segment: Range<u64>, map: &mut FileMap) -> io::Result<()> {
    let mut start = segment.start;
    for (id, body) in children(file, segment)? {
        // An id of 1 byte and a size of 3 in place of an id of 4.
        let size = body.end.saturating_sub(start + 4);
        if id == SEEK_HEAD && size < 0x1f_ffff {
            let [_, a, b, c] = (size as u32).to_be_bytes();
            map.patches.push((start, [VOID_ID, 0x20 | a, b, c]));
        }
        start = body.end;
    }
    Ok(())
}

/// Nanoseconds of padding before the sound of a track; `None` if it is not said.
pub fn codec_delay(file: &mut File, track_number: u64) -> io::Result<Option<u64>> {
    let delay = track_child(file, track_number, CODEC_DELAY)?;
    unsigned(file, delay)
}

/// Nanoseconds of padding behind the sound of a track; 0 if it is not said.
pub fn discard_padding(file: &mut File, track_number: u64) -> io::Result<u64> {
    let len = file.seek(SeekFrom::End(0))?;
    let Some(segment) = first(file, 0..len, SEGMENT)? else {
        return Ok(0);
    };
    for cluster in clusters(file, segment)?
        .into_iter()
        .rev()
        .take(LAST_CLUSTERS)
    {
        for (kind, body) in children(file, cluster)?.into_iter().rev() {
            let block = match kind {
                SIMPLE_BLOCK => Some(body.clone()),
                BLOCK_GROUP => first(file, body.clone(), BLOCK)?,
                _ => None,
            };
            if let Some(block) = block
                && block_head(file, block.start)?.is_some_and(|it| it.0 == track_number)
            {
                let padding = match kind {
                    BLOCK_GROUP => first(file, body, DISCARD_PADDING)?,
                    _ => None,
                };
                return Ok(unsigned(file, padding)?.unwrap_or(0));
            }
        }
    }
    Ok(0)
}

/// Nanoseconds from the start of what comes first, a picture for one, to the first block of a track;
/// symphonia tells the times of packets, but not those of the other tracks.
pub fn lateness(file: &mut File, track_number: u64) -> io::Result<u64> {
    let len = file.seek(SeekFrom::End(0))?;
    let Some(segment) = first(file, 0..len, SEGMENT)? else {
        return Ok(0);
    };
    let info = first(file, segment.clone(), INFO)?;
    let scale = info.map_or(Ok(None), |it| first(file, it, TIMESTAMP_SCALE))?;
    let scale = unsigned(file, scale)?.unwrap_or(USUAL_SCALE);
    let mut earliest = i64::MAX;
    for cluster in clusters(file, segment)? {
        let elements = children(file, cluster.clone())?;
        let start = elements.iter().find(|it| it.0 == TIMESTAMP);
        let start = unsigned(file, start.map(|it| it.1.clone()))?.unwrap_or(0);
        for (kind, body) in elements {
            let block = match kind {
                SIMPLE_BLOCK => Some(body),
                BLOCK_GROUP => first(file, body, BLOCK)?,
                _ => None,
            };
            let Some((track, offset)) = block.map_or(Ok(None), |it| block_head(file, it.start))?
            else {
                continue;
            };
            let ticks = i64::try_from(start)
                .unwrap_or(0)
                .saturating_add(offset.into());
            earliest = earliest.min(ticks);
            if track == track_number {
                let late = ticks.saturating_sub(earliest);
                return Ok(late.unsigned_abs().saturating_mul(scale));
            }
        }
    }
    Ok(0)
}

/// Bodies of the clusters of a segment; those of unknown length go on to its end, and are entered.
fn clusters(file: &mut File, segment: Range<u64>) -> io::Result<Vec<Range<u64>>> {
    let mut found = Vec::new();
    let mut at = segment.start;
    for _ in 0..MAX_BLOCKS {
        if at >= segment.end || found.len() == MAX_CLUSTERS {
            break;
        }
        let Some((id, size, start)) = head(file, at)? else {
            break;
        };
        let end = start.saturating_add(size);
        if id == CLUSTER {
            found.push(start..end.min(segment.end));
        }
        at = if id == CLUSTER && size == u64::MAX {
            start
        } else {
            end
        };
    }
    Ok(found)
}

/// The number of the track that a block belongs to, and its ticks from the cluster's time.
fn block_head(file: &mut File, at: u64) -> io::Result<Option<(u64, i16)>> {
    let bytes: [u8; 10] = read_at(file, at)?.unwrap_or_default();
    let mask = |len: usize| (1_u64 << (7 * len)) - 1;
    Ok(number(&bytes).map(|(number, len)| {
        let ticks = i16::from_be_bytes([bytes[len], bytes[len + 1]]);
        (number & mask(len), ticks)
    }))
}

/// Whether a track is to be played unless the user chooses; so are those that do not tell.
pub fn is_default(file: &mut File, track_number: u64) -> io::Result<bool> {
    let flag = track_child(file, track_number, FLAG_DEFAULT)?;
    Ok(unsigned(file, flag)? != Some(0))
}

/// The body of an element of a track's description.
fn track_child(file: &mut File, track_number: u64, id: u64) -> io::Result<Option<Range<u64>>> {
    let len = file.seek(SeekFrom::End(0))?;
    let Some(segment) = first(file, 0..len, SEGMENT)? else {
        return Ok(None);
    };
    let Some(tracks) = first(file, segment, TRACKS)? else {
        return Ok(None);
    };
    for (kind, entry) in children(file, tracks)? {
        if kind == TRACK_ENTRY {
            let number = first(file, entry.clone(), TRACK_NUMBER)?;
            if unsigned(file, number)? == Some(track_number) {
                return first(file, entry, id);
            }
        }
    }
    Ok(None)
}

/// Whether the last element of a segment of unknown length is there to its end.
///
/// Clusters of unknown length are entered, others passed over.
fn blocks_are_whole(file: &mut File, segment: Range<u64>) -> io::Result<bool> {
    let mut at = segment.start;
    for _ in 0..MAX_BLOCKS {
        if at >= segment.end {
            break;
        }
        let Some((id, size, start)) = head(file, at)? else {
            return Ok(false);
        };
        at = match size {
            u64::MAX if id == CLUSTER => start,
            _ => start.saturating_add(size),
        };
    }
    Ok(at <= segment.end)
}

/// Id, size (`u64::MAX` if it is unknown) and start of the body of the element at `at`.
fn head(file: &mut File, at: u64) -> io::Result<Option<(u64, u64, u64)>> {
    let mut bytes = Vec::with_capacity(MAX_HEAD_LEN as usize);
    file.seek(SeekFrom::Start(at))?;
    file.take(MAX_HEAD_LEN).read_to_end(&mut bytes)?;
    let Some((id, id_len)) = number(&bytes) else {
        return Ok(None);
    };
    let Some((raw, size_len)) = number(&bytes[id_len..]) else {
        return Ok(None);
    };
    // A size without its length marker; all ones mean "unknown".
    let mask = (1_u64 << (7 * size_len)) - 1;
    let size = match raw & mask {
        ones if ones == mask => u64::MAX,
        size => size,
    };
    Ok(Some((id, size, at + (id_len + size_len) as u64)))
}

/// A number of 1 to 8 bytes with its length marker, and its length.
fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let len = bytes.first()?.leading_zeros() as usize + 1;
    let bytes = bytes.get(..len).filter(|_| len <= 8)?;
    let number = bytes
        .iter()
        .fold(0, |number, it| number << 8 | u64::from(*it));
    Some((number, len))
}

fn first(file: &mut File, within: Range<u64>, id: u64) -> io::Result<Option<Range<u64>>> {
    let children = children(file, within)?;
    Ok(children.into_iter().find(|it| it.0 == id).map(|it| it.1))
}

/// Elements inside `within`, up to the first cluster of sound.
fn children(file: &mut File, within: Range<u64>) -> io::Result<Vec<(u64, Range<u64>)>> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at < within.end && found.len() < MAX_ELEMENTS {
        let Some((id, size, start)) = head(file, at)? else {
            break;
        };
        if id == CLUSTER {
            break;
        }
        let end = start.saturating_add(size).min(within.end);
        found.push((id, start..end.max(start)));
        at = end.max(start);
    }
    Ok(found)
}

/// The big-endian number of up to 8 bytes in `range`.
fn unsigned(file: &mut File, range: Option<Range<u64>>) -> io::Result<Option<u64>> {
    let Some(range) = range.filter(|it| it.end - it.start <= 8) else {
        return Ok(None);
    };
    let mut number = 0;
    for at in range {
        let Some([byte]) = read_at::<1>(file, at)? else {
            return Ok(None);
        };
        number = number << 8 | u64::from(byte);
    }
    Ok(Some(number))
}
