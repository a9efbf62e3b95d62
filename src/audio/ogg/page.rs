//! Pages of an Ogg file.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};

use symphonia::core::checksum::Crc32;
use symphonia::core::io::Monitor;

const MAGIC: &[u8; 4] = b"OggS";
const HEADER_LEN: usize = 27;
/// The largest page, header and all.
const MAX_PAGE_LEN: u64 = 65_307;
/// How far before the end the last page is looked for.
const TAIL_LEN: u64 = 16 * MAX_PAGE_LEN;

/// A page whose checksum is right.
#[derive(Debug)]
pub struct OggPage {
    /// Where it starts in the file, in bytes.
    pub at: u64,
    pub is_continued: bool,
    pub is_first: bool,
    pub is_last: bool,
    /// Where the stream is after the last packet that ends here; `None` if it is not told.
    pub granule: Option<i64>,
    pub serial: u32,
    pub sequence: u32,
    /// Lengths of the pieces of packets; one below 255 ends a packet.
    pub lacing: Vec<u8>,
    pub body: Vec<u8>,
}

/// What comes next in a file.
#[derive(Debug)]
pub enum PageRead {
    Page(OggPage),
    /// Bytes that are no page were passed over.
    Damage,
    /// The file ends; whether inside a page.
    End {
        is_cut: bool,
    },
}

/// Reads pages one after the other.
pub struct PageReader {
    file: BufReader<File>,
    at: u64,
    len: u64,
}

impl PageReader {
    /// Reads from this byte on.
    pub fn new(mut file: File, at: u64) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(at))?;
        let file = BufReader::with_capacity(1 << 16, file);
        Ok(Self { file, at, len })
    }

    /// The next page.
    pub fn next(&mut self) -> io::Result<PageRead> {
        match self.read_page()? {
            Some(page) => Ok(PageRead::Page(page)),
            None if self.at >= self.len => Ok(PageRead::End { is_cut: false }),
            None => self.search(),
        }
    }

    /// The page that starts here; `None` (and no move) if there is none.
    fn read_page(&mut self) -> io::Result<Option<OggPage>> {
        let mut bytes = vec![0; HEADER_LEN];
        if !self.fill(&mut bytes)? || !bytes.starts_with(MAGIC) || bytes[4] != 0 {
            return self.return_to_start();
        }
        let mut lacing = vec![0; usize::from(bytes[26])];
        if !self.fill(&mut lacing)? {
            return self.return_to_start();
        }
        let mut body = vec![0; lacing.iter().map(|it| usize::from(*it)).sum()];
        if !self.fill(&mut body)? {
            return self.return_to_start();
        }
        let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| bytes[at + i]));
        let told = number(22);
        let position = u64::from(number(6)) | u64::from(number(10)) << 32;
        let (flags, serial, sequence) = (bytes[5], number(14), number(18));
        bytes[22..26].fill(0);
        if checksum([&bytes[..], &lacing, &body]) != told {
            return self.return_to_start();
        }
        let at = self.at;
        self.at += (HEADER_LEN + lacing.len() + body.len()) as u64;
        Ok(Some(OggPage {
            at,
            is_continued: flags & 1 != 0,
            is_first: flags & 2 != 0,
            is_last: flags & 4 != 0,
            granule: (position != u64::MAX).then_some(position as i64),
            serial,
            sequence,
            lacing,
            body,
        }))
    }

    fn return_to_start(&mut self) -> io::Result<Option<OggPage>> {
        self.file.seek(SeekFrom::Start(self.at))?;
        Ok(None)
    }

    /// Goes to the next place that looks like a page.
    fn search(&mut self) -> io::Result<PageRead> {
        let is_page = self.window()? == *MAGIC;
        let start = self.at;
        loop {
            self.at += 1;
            self.file.seek_relative(1)?;
            if self.at + 4 > self.len {
                self.at = self.len;
                // A page that the file does not hold to its end, or just other bytes.
                let is_cut = is_page && self.len - start < MAX_PAGE_LEN;
                return Ok(PageRead::End { is_cut });
            }
            if self.window()? == *MAGIC {
                return Ok(PageRead::Damage);
            }
        }
    }

    /// The next four bytes, without a move.
    fn window(&mut self) -> io::Result<[u8; 4]> {
        let mut bytes = [0; 4];
        if self.fill(&mut bytes)? {
            self.file.seek_relative(-4)?;
        } else {
            self.return_to_start()?;
        }
        Ok(bytes)
    }

    /// Whether the file holds so many bytes more.
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<bool> {
        match self.file.read_exact(bytes) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// The last position that a stream tells, if it is near the end of the file.
pub fn last_granule(mut file: File, serial: u32) -> io::Result<Option<i64>> {
    let len = file.seek(SeekFrom::End(0))?;
    let mut pages = PageReader::new(file, len.saturating_sub(TAIL_LEN))?;
    let mut last = None;
    loop {
        match pages.next()? {
            PageRead::Page(page) if page.serial == serial => last = page.granule.or(last),
            PageRead::End { .. } => return Ok(last),
            _ => {}
        }
    }
}

/// The checksum of a page (polynomial 0x04c11db7, neither reflected nor inverted).
fn checksum<const N: usize>(parts: [&[u8]; N]) -> u32 {
    let mut crc = Crc32::new(0);
    parts.iter().for_each(|part| crc.process_buf_bytes(part));
    crc.crc()
}
