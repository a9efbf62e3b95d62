//! What a file's chunks say before it is decoded, and which bytes to show instead.
//!
//! Decoders refuse files whose sizes do not add up: files that are cut short, or
//! were written to a pipe. Their layout is mended, and what was wrong is told.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use super::patched::Patch;
use super::{caf, flac, iff, matroska, mp4, tags};

/// Longest tag that is read, in bytes.
const MAX_TAG_LEN: u64 = 4096;

/// How to read a file, and what the decoder would not tell about it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileMap {
    /// Bytes to show in place of the file's.
    pub patches: Vec<Patch>,
    /// Bytes not to show, in order.
    pub hidden: Vec<Range<u64>>,
    /// The byte to show as the first.
    pub start: u64,
    /// Length in bytes by the chunks; beyond the file's own if it is cut.
    pub end: u64,
    /// Bytes of sound that the header promises and the file holds, where they differ.
    pub cut: Option<(u64, u64)>,
    /// Whether the file ends before its time.
    pub is_cut: bool,
    /// Whether the times of packets are not to be believed.
    pub is_timeless: bool,
    /// Whether the file may end anywhere, as its writer did not know how long it would be.
    pub is_open: bool,
    /// Bytes of sound that the header promises and the file holds, where it holds more.
    pub surplus: Option<(u64, u64)>,
    /// Length of the sound in seconds, where the decoder cannot tell it.
    pub duration_secs: Option<f64>,
    /// Title and artist, as tagged.
    pub title: Option<String>,
    pub artist: Option<String>,
}

impl FileMap {
    /// Reads the layout of a file by its first bytes.
    pub fn read(file: &mut File) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        let mut map = Self {
            patches: Vec::new(),
            hidden: Vec::new(),
            start: 0,
            end: len,
            cut: None,
            is_cut: false,
            is_timeless: false,
            is_open: false,
            surplus: None,
            duration_secs: None,
            title: None,
            artist: None,
        };
        let magic = read_at::<12>(file, 0)?.unwrap_or_default();
        match (&magic[..4], &magic[8..]) {
            (b"RIFF" | b"RF64" | b"BW64", b"WAVE") => iff::map_wave(file, &mut map)?,
            (b"FORM", b"AIFF" | b"AIFC") => iff::map_aiff(file, &mut map)?,
            (b"caff", _) => caf::map(file, &mut map)?,
            (b"\x1a\x45\xdf\xa3", _) => matroska::map(file, &mut map)?,
            _ if &magic[4..8] == b"ftyp" => mp4::map(file, &mut map)?,
            _ => {
                let start = tags::start_of_sound(file)?;
                if read_at(file, start)? == Some(*b"fLaC") {
                    flac::map(file, start, &mut map)?;
                }
            }
        }
        map.is_cut = map.end > len || map.cut.is_some();
        file.seek(SeekFrom::Start(0))?;
        Ok(map)
    }

    /// What is to be shown of the file.
    pub fn shown(&self) -> Vec<Range<u64>> {
        let mut pieces = Vec::new();
        let mut start = self.start;
        for hidden in &self.hidden {
            pieces.push(start..hidden.start.clamp(start, self.end));
            start = hidden.end.max(start);
        }
        pieces.push(start..self.end.max(start));
        pieces
    }
}

/// `N` bytes at `at`, or `None` if the file ends before.
pub fn read_at<const N: usize>(file: &mut File, at: u64) -> io::Result<Option<[u8; N]>> {
    let mut bytes = [0; N];
    file.seek(SeekFrom::Start(at))?;
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Text of up to `size` bytes at `at`.
pub fn text_at(file: &mut File, at: u64, size: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(size.min(MAX_TAG_LEN)).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
