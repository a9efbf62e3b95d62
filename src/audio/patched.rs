//! A file read as if a few of its bytes were others, or not there, and it ended elsewhere.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use symphonia::core::io::MediaSource;

/// Four bytes to be seen at a position.
pub type Patch = (u64, [u8; 4]);

/// A file with [`Patch`]es over it; the file itself is only read.
pub struct PatchedFile {
    file: File,
    patches: Vec<Patch>,
    /// What is shown of the file, one piece after the other.
    pieces: Vec<Range<u64>>,
    is_longer: bool,
    /// Among the bytes that are shown.
    position: u64,
}

impl PatchedFile {
    /// Shows these pieces of `file` with `patches` over them, whose places are those in the file. If the
    /// last ends beyond the file, it is one of unknown length.
    pub fn new(file: File, patches: Vec<Patch>, pieces: Vec<Range<u64>>) -> io::Result<Self> {
        let end = pieces.last().map_or(0, |it| it.end);
        Ok(Self {
            is_longer: end > file.metadata()?.len(),
            file,
            patches,
            pieces,
            position: 0,
        })
    }

    fn len(&self) -> u64 {
        self.pieces.iter().map(|it| it.end - it.start).sum()
    }

    /// Where in the file the rest of the piece is that is shown next.
    fn rest_of_piece(&self) -> Option<Range<u64>> {
        let mut passed = self.position;
        for piece in &self.pieces {
            let len = piece.end - piece.start;
            if passed < len {
                return Some(piece.start + passed..piece.end);
            }
            passed -= len;
        }
        None
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
        let Some(Range { start, end }) = self.rest_of_piece() else {
            return Ok(0);
        };
        let wanted = buffer
            .len()
            .min((end - start).try_into().unwrap_or(usize::MAX));
        self.file.seek(SeekFrom::Start(start))?;
        let n = self.file.read(&mut buffer[..wanted])?;
        self.patch(start, &mut buffer[..n]);
        self.position += n as u64;
        Ok(n)
    }
}

impl Seek for PatchedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(offset) => self.position.saturating_add_signed(offset),
            SeekFrom::End(offset) => self.len().saturating_add_signed(offset),
        };
        Ok(self.position)
    }
}

impl MediaSource for PatchedFile {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        (!self.is_longer).then(|| self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_bytes_are_not_there_and_patches_stay_in_their_place() {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, b"0123456789abcdef").unwrap();
        let pieces = vec![1..4, 6..8, 8..12];
        let mut shown = PatchedFile::new(file, vec![(7, *b"wxyz")], pieces).unwrap();
        assert_eq!(shown.byte_len(), Some(9));
        let mut text = String::new();
        shown.read_to_string(&mut text).unwrap();
        assert_eq!(text, "1236wxyzb");
        assert_eq!(shown.seek(SeekFrom::End(-4)).unwrap(), 5);
        let mut two = [0; 2];
        shown.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"xy");
    }
}
