//! A file read as if a few of its bytes were others and it ended elsewhere.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// Four bytes to be seen at a position.
pub type Patch = (u64, [u8; 4]);

/// A file with [`Patch`]es over it; the file itself is only read.
pub struct PatchedFile {
    file: File,
    patches: Vec<Patch>,
    /// The byte that is shown as the first.
    start: u64,
    end: u64,
    is_longer: bool,
    position: u64,
}

impl PatchedFile {
    /// Shows the bytes `start..end` of `file` with `patches` over them. With an `end`
    /// beyond the file's own, it is a file of unknown length.
    pub fn new(mut file: File, patches: Vec<Patch>, start: u64, end: u64) -> io::Result<Self> {
        let is_longer = end > file.metadata()?.len();
        let position = file.seek(SeekFrom::Start(start))?;
        Ok(Self {
            file,
            patches,
            start,
            end,
            is_longer,
            position,
        })
    }

    fn patch(&self, start: u64, buffer: &mut [u8]) {
        for (at, bytes) in &self.patches {
            for (i, &byte) in (*at..).zip(bytes) {
                if let Some(k) = i.checked_sub(start)
                    && let Some(slot) = buffer.get_mut(k as usize)
                {
                    *slot = byte;
                }
            }
        }
    }
}

impl Read for PatchedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_sub(self.position);
        let wanted = buffer.len().min(left.try_into().unwrap_or(usize::MAX));
        let n = self.file.read(&mut buffer[..wanted])?;
        self.patch(self.position, &mut buffer[..n]);
        self.position += n as u64;
        Ok(n)
    }
}

impl Seek for PatchedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => self.start.saturating_add(at),
            SeekFrom::Current(offset) => self.position.saturating_add_signed(offset),
            SeekFrom::End(offset) => self.end.saturating_add_signed(offset),
        };
        self.position = self.file.seek(SeekFrom::Start(to.max(self.start)))?;
        Ok(self.position - self.start)
    }
}

impl MediaSource for PatchedFile {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        (!self.is_longer).then(|| self.end.saturating_sub(self.start))
    }
}
