//! Packets of one stream of an Ogg file.

use std::collections::VecDeque;
use std::fs::File;
use std::io;

use super::page::{OggPage, PageRead, PageReader};

/// Longer packets are damage.
const MAX_PACKET_LEN: usize = 1 << 24;

/// A packet of sound.
#[derive(Debug, Default)]
pub struct OggPacket {
    pub data: Vec<u8>,
    /// Whether something before it is lost.
    pub is_after_hole: bool,
    /// Where the stream is after this packet, if its page tells.
    pub granule: Option<i64>,
    /// Whether the stream ends here.
    pub is_last: bool,
}

/// What comes next in a stream.
#[derive(Debug)]
pub enum Next {
    Packet(OggPacket),
    /// Another recording starts at this byte.
    Link(u64),
    /// The file ends; whether inside of a page or packet.
    End {
        is_cut: bool,
    },
}

/// Reads the packets of one stream.
pub struct OggPackets {
    pages: PageReader,
    serial: u32,
    /// Packets at the start that hold no sound.
    n_headers: usize,
    /// The start of a packet that goes on in the next page.
    partial: Vec<u8>,
    sequence: Option<u32>,
    is_after_hole: bool,
    /// Whether pages behind the first, and packets of sound, have come: what lacks before the
    /// sound was cut off on purpose.
    is_begun: bool,
    has_sound: bool,
    ready: VecDeque<OggPacket>,
}

impl OggPackets {
    /// Reads the stream `serial` of the recording that starts at byte `at`, without its first
    /// `n_headers` packets.
    pub fn new(file: File, at: u64, serial: u32, n_headers: usize) -> io::Result<Self> {
        Ok(Self {
            pages: PageReader::new(file, at)?,
            serial,
            n_headers,
            partial: Vec::new(),
            sequence: None,
            is_after_hole: false,
            is_begun: false,
            has_sound: false,
            ready: VecDeque::new(),
        })
    }

    /// The next packet.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn next(&mut self) -> io::Result<Next> {
        loop {
            if let Some(packet) = self.ready.pop_front() {
                return Ok(Next::Packet(packet));
            }
            match self.pages.next()? {
                PageRead::Page(page) if page.is_first && self.is_begun => {
                    return Ok(Next::Link(page.at));
                }
                PageRead::Page(page) if page.serial == self.serial => self.take_page(&page),
                PageRead::Page(_) => {}
                PageRead::Damage => self.lose(),
                PageRead::End { is_cut } => {
                    let is_cut = is_cut || !self.partial.is_empty();
                    return Ok(Next::End { is_cut });
                }
            }
        }
    }

    fn lose(&mut self) {
        self.is_after_hole |= self.has_sound;
        self.partial.clear();
    }

    fn take_page(&mut self, page: &OggPage) {
        let expected = self.sequence.map(|it| it.wrapping_add(1));
        if expected.is_some_and(|it| it != page.sequence)
            || (!page.is_continued && !self.partial.is_empty())
        {
            self.lose();
        }
        self.sequence = Some(page.sequence);
        // The second part of a packet whose first is lost.
        let mut is_orphan = page.is_continued && self.partial.is_empty();
        // Headers come on pages of their own: a page of the stream's start is no new recording.
        self.is_begun |= !page.is_first;
        let n_before = self.ready.len();
        let mut at = 0;
        for &len in &page.lacing {
            let piece = &page.body[at..at + usize::from(len)];
            at += piece.len();
            if !is_orphan && self.partial.len() < MAX_PACKET_LEN {
                self.partial.extend(piece);
            }
            if len < 255 {
                let data = std::mem::take(&mut self.partial);
                if !std::mem::take(&mut is_orphan) {
                    self.take_packet(data);
                }
            }
        }
        self.end_page(page, n_before);
    }

    fn take_packet(&mut self, data: Vec<u8>) {
        if self.n_headers > 0 {
            self.n_headers -= 1;
        } else {
            self.has_sound = true;
            self.ready.push_back(OggPacket {
                data,
                is_after_hole: std::mem::take(&mut self.is_after_hole),
                ..OggPacket::default()
            });
        }
    }

    /// Gives the position of a page to its last packet; to an empty one if it has none.
    fn end_page(&mut self, page: &OggPage, n_before: usize) {
        if self.n_headers > 0 || page.granule.is_none() && !page.is_last {
            return;
        }
        if self.ready.len() == n_before {
            if !page.is_last {
                return;
            }
            self.ready.push_back(OggPacket::default());
        }
        if let Some(last) = self.ready.back_mut() {
            last.granule = page.granule;
            last.is_last = page.is_last;
        }
    }
}
