//! WAV and AIFF headers as they are found in the wild, made sound before decoding.
//!
//! Programs that write to a pipe leave sizes of 0 or 2^32 - 1 behind, cut files
//! promise more than they hold, 64-bit WAV (RF64, BW64) keeps its size in
//! another chunk, some forget the byte that pads a chunk of odd size, and some put
//! the sound into several chunks. symphonia keeps to the letter and to the first. This
//! walks the chunks and tells which bytes to show instead.

use std::fs::File;
use std::io;

use super::file_map::{FileMap, read_at, text_at};
use super::info::set_if_none;

/// The size that stands for "to the end of the file".
const UNKNOWN: u64 = 0xffff_ffff;
/// Larger sizes than this are placeholders of programs that write to a pipe.
const PLACEHOLDER: u64 = 0x7fff_0000;
/// Kind of sound in WAV that is whole numbers.
const PCM: u16 = 1;
/// Kinds of sound in WAV that are streams of their own: MPEG audio, and AAC in frames (ADTS).
const STREAMS: [u16; 3] = [0x50, 0x55, 0x1600];
/// A file that lacks fewer bytes than this is whole: some programs count a header in.
const MAX_LACK: u64 = 64;
/// Fewer bytes than this behind the sound are no sound.
const MIN_SURPLUS: u64 = 64;
/// Fewer bytes than this behind the sound may be there to fill a sector.
const SECTOR_LEN: u64 = 4096;
/// Starts of tags that are put behind the sound.
const TAG_MARKS: [&[u8; 3]; 4] = [b"ID3", b"TAG", b"APE", b"LYR"];
/// More chunks than this before the sound is not a recording.
const MAX_CHUNKS: usize = 1000;
/// Chunks by whose names it is known that the one before them lacks its padding.
const KNOWN: [&[u8; 4]; 12] = [
    b"data", b"fmt ", b"fact", b"LIST", b"SSND", b"COMM", b"FVER", b"NAME", b"AUTH", b"ANNO",
    b"id3 ", b"ID3 ",
];

/// Mends a WAV header.
pub fn map_wave(file: &mut File, map: &mut FileMap) -> io::Result<()> {
    Walk::new(Form::Wave, map).run(file)
}

/// Mends an AIFF header.
pub fn map_aiff(file: &mut File, map: &mut FileMap) -> io::Result<()> {
    Walk::new(Form::Aiff, map).run(file)
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Wave,
    Aiff,
}

impl Form {
    fn size(self, bytes: [u8; 4]) -> u64 {
        u64::from(match self {
            Form::Wave => u32::from_le_bytes(bytes),
            Form::Aiff => u32::from_be_bytes(bytes),
        })
    }

    /// A size to show; one that does not fit means "to the end of the file".
    fn bytes(self, size: u64) -> [u8; 4] {
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        match self {
            Form::Wave => size.to_le_bytes(),
            Form::Aiff => size.to_be_bytes(),
        }
    }
}

struct Walk<'a> {
    form: Form,
    /// Length of the file in bytes.
    len: u64,
    /// Size of the sound in an RF64 file's `ds64` chunk.
    long_size: Option<u64>,
    /// Kind of sound in a WAV file, and its bytes a second; 0 if it is not said.
    sound: u16,
    byte_rate: u32,
    map: &'a mut FileMap,
}

impl<'a> Walk<'a> {
    fn new(form: Form, map: &'a mut FileMap) -> Self {
        Self {
            form,
            len: map.end,
            long_size: None,
            sound: 0,
            byte_rate: 0,
            map,
        }
    }

    fn run(mut self, file: &mut File) -> io::Result<()> {
        let mut at = 12;
        for _ in 0..MAX_CHUNKS {
            let Some((tag, size)) = self.chunk(file, at)? else {
                break;
            };
            match &tag {
                b"data" | b"SSND" => return self.sound(file, at, size),
                b"fmt " => {
                    self.sound = read_at(file, at + 8)?.map_or(0, u16::from_le_bytes);
                    self.byte_rate = read_at(file, at + 16)?.map_or(0, u32::from_le_bytes);
                    self.whole_bytes(file, at + 8)?;
                }
                b"ds64" => self.long_size = read_at(file, at + 16)?.map(u64::from_le_bytes),
                b"LIST" => self.tags(file, at + 8, size)?,
                _ => {}
            }
            let behind = at + 8 + size;
            at = self.next(file, at, size)?;
            if at == behind && size % 2 == 1 {
                self.map
                    .patches
                    .push((behind - size - 4, self.form.bytes(size - 1)));
                self.map.hidden.push(behind - 1..behind);
            }
        }
        Ok(())
    }

    /// Where the chunk behind that of this size at `at` begins: a byte pads odd sizes, unless it was
    /// forgotten.
    fn next(&self, file: &mut File, at: u64, size: u64) -> io::Result<u64> {
        let end = at + 8 + size;
        if size % 2 == 1 && read_at::<4>(file, end)?.is_some_and(|tag| KNOWN.contains(&&tag)) {
            return Ok(end);
        }
        Ok(end + size % 2)
    }

    /// Shows samples of 12, 20 or 24 bits that lie in more bytes than they need as what these bytes
    /// hold: their low bits are 0 (symphonia refuses them, or takes them for packed).
    fn whole_bytes(&mut self, file: &mut File, fmt: u64) -> io::Result<()> {
        let Some(head) = read_at::<16>(file, fmt)? else {
            return Ok(());
        };
        let number = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let (n_channels, frame_len, n_bits) = (number(2), number(12), number(14));
        let sample_len = frame_len.checked_div(n_channels).unwrap_or(0);
        let fits = sample_len.checked_mul(n_channels) == Some(frame_len);
        let held = 8 * sample_len.min(4);
        if number(0) == PCM && fits && (1..held).contains(&n_bits) {
            let ([a, b], [c, d]) = (frame_len.to_le_bytes(), held.to_le_bytes());
            self.map.patches.push((fmt + 12, [a, b, c, d]));
        }
        Ok(())
    }

    /// Name and size of the chunk at `at`; `None` at the end of the file.
    fn chunk(&self, file: &mut File, at: u64) -> io::Result<Option<([u8; 4], u64)>> {
        let Some(head) = read_at::<8>(file, at)? else {
            return Ok(None);
        };
        let [a, b, c, d, size @ ..] = head;
        Ok(Some(([a, b, c, d], self.form.size(size))))
    }

    /// Settles how much sound there is in the chunk at `at`.
    fn sound(&mut self, file: &mut File, at: u64, size: u64) -> io::Result<()> {
        let held = self.len - (at + 8);
        let promised = self.long_size.unwrap_or(size);
        let unknown = match promised {
            0 => !self.ends_with_chunks(file, at + 8)?,
            UNKNOWN if self.long_size.is_none() => true,
            _ => promised > held && promised >= PLACEHOLDER && self.long_size.is_none(),
        };
        let goes_on = !unknown && promised < held && self.goes_on(file, at + 8 + promised)?;
        if goes_on {
            self.map.surplus = Some((promised, held));
        }
        let unknown = unknown || goes_on;
        let mut sound_len = if unknown { held } else { promised.min(held) };
        let is_cut = !unknown && promised > held + MAX_LACK;
        self.map.cut = is_cut.then_some((promised, held));
        self.map.end = at + 8 + sound_len;
        if !unknown && self.form == Form::Wave {
            sound_len += self.behind_sound(file, at, sound_len)?;
        }
        let byte_rate = Some(f64::from(self.byte_rate)).filter(|it| *it > 0.0);
        self.map.duration_secs = byte_rate.map(|it| sound_len as f64 / it);
        // AIFF is read with the chunks after the sound; WAV ends with the sound.
        if self.form == Form::Wave && STREAMS.contains(&self.sound) {
            // symphonia knows no such WAV, but it knows the stream inside of it.
            self.map.start = at + 8;
            return Ok(());
        }
        let form_size = read_at(file, 4)?.map_or(0, |it| self.form.size(it));
        let wrong = unknown
            || promised > held
            || 8 + form_size < self.map.end
            || !self.map.hidden.is_empty();
        if self.form == Form::Wave || wrong {
            self.patch(at, sound_len);
        } else {
            self.map.end = self.len;
        }
        Ok(())
    }

    fn patch(&mut self, at: u64, sound_len: u64) {
        let form = self.form;
        if form == Form::Wave {
            self.map.patches.push((0, *b"RIFF"));
        }
        let n_hidden: u64 = self.map.hidden.iter().map(|it| it.end - it.start).sum();
        let form_size = self.map.end - 8 - n_hidden;
        self.map.patches.push((4, form.bytes(form_size)));
        self.map.patches.push((at + 4, form.bytes(sound_len)));
    }

    /// Walks the chunks behind the sound of this length in the chunk at `at`: takes tags, and shows the
    /// sound of further chunks behind that of the first. Tells how long that is.
    fn behind_sound(&mut self, file: &mut File, at: u64, sound_len: u64) -> io::Result<u64> {
        let (mut at, mut size, mut len) = (at, sound_len, 0);
        for _ in 0..MAX_CHUNKS {
            at = self.next(file, at, size)?;
            let Some((tag, stated)) = self.chunk(file, at)? else {
                break;
            };
            size = stated;
            match &tag {
                b"LIST" => self.tags(file, at + 8, size)?,
                b"data" => {
                    let body = at + 8;
                    size = stated.min(self.len - body);
                    self.map.hidden.push(self.map.end..body);
                    self.map.end = body + size;
                    len += size;
                    if stated > size + MAX_LACK {
                        self.map.cut = Some((sound_len + len - size + stated, sound_len + len));
                    }
                }
                _ => {}
            }
        }
        Ok(len)
    }

    /// Whether what lies behind the stated end of the sound is more of it: a size that was never
    /// set right, or wrapped around at 4 GiB.
    fn goes_on(&self, file: &mut File, at: u64) -> io::Result<bool> {
        let rest = self.len - at;
        if rest < MIN_SURPLUS
            || self.ends_with_chunks(file, at)?
            || self.ends_with_chunks(file, at + 1)?
        {
            return Ok(false);
        }
        let mark = read_at::<4>(file, at)?.unwrap_or_default();
        if TAG_MARKS.iter().any(|it| mark.starts_with(*it)) {
            return Ok(false);
        }
        Ok(rest >= SECTOR_LEN || !is_zero(file, at, rest)?)
    }

    /// Whether nothing but chunks lies from `at` to the end of the file, of which only sound may be cut.
    fn ends_with_chunks(&self, file: &mut File, mut at: u64) -> io::Result<bool> {
        for _ in 0..MAX_CHUNKS {
            if at >= self.len {
                return Ok(true);
            }
            match self.chunk(file, at)? {
                Some((tag, size)) if tag.iter().all(|b| b.is_ascii_graphic() || *b == b' ') => {
                    at = self.next(file, at, size)?;
                    if at > self.len + 1 {
                        return Ok(&tag == b"data");
                    }
                }
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Title and artist of a `LIST` chunk whose body is at `at`.
    fn tags(&mut self, file: &mut File, at: u64, size: u64) -> io::Result<()> {
        if read_at(file, at)? != Some(*b"INFO") {
            return Ok(());
        }
        let end = at + size;
        let mut at = at + 4;
        while at + 8 <= end {
            let Some((tag, size)) = self.chunk(file, at)? else {
                break;
            };
            match &tag {
                b"INAM" => set_if_none(&mut self.map.title, &text_at(file, at + 8, size)?),
                b"IART" => set_if_none(&mut self.map.artist, &text_at(file, at + 8, size)?),
                _ => {}
            }
            at += 8 + size + size % 2;
        }
        Ok(())
    }
}

/// Whether `len` bytes from `at` on are zero.
fn is_zero(file: &mut File, at: u64, len: u64) -> io::Result<bool> {
    for i in 0..len {
        if read_at::<1>(file, at + i)? != Some([0]) {
            return Ok(false);
        }
    }
    Ok(true)
}
