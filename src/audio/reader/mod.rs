//! Decoding, block by block.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;

use super::conform::{Conformer, RateAndChannels};
use super::container::Container;
use super::error::AudioError;
use super::info::AudioInfo;
use super::packet_clock::PacketClock;
use super::queue::Queue;
use super::trim::Trim;
use super::trouble::Trouble;

mod ending;
mod ogg;

use ogg::Link;

/// So many unreadable packets in a row are the end of the file.
const MAX_BAD_PACKETS: u32 = 1000;
/// An edit list that jumps back more often than this is not followed further.
const MAX_REWINDS: u32 = 100;

/// Decodes a recording of any length in bounded memory.
///
/// Reads one track of sound, the default one if nobody chooses. Padding of encoders is
/// trimmed; silence stands in for damaged pieces, so that what follows stays in its place; and
/// sound that changes its rate or channels is brought to those of the first.
pub struct AudioReader {
    path: PathBuf,
    track: Option<usize>,
    container: Container,
    info: AudioInfo,
    queue: Queue,
    clock: PacketClock,
    /// Where an Ogg stream is.
    link: Link,
    conformer: Conformer,
    trouble: Trouble,
    /// Samples of the last packet, and its frames before its rate was converted.
    packet: Vec<Vec<f32>>,
    n_decoded: u64,
    /// Shape of the last packet.
    shape: RateAndChannels,
    /// Frames of the longest packet so far.
    longest_packet: u64,
    /// Silence to add before the next good packet, in frames.
    gap: u64,
    bad_packets: u32,
    rewinds: u32,
    position: u64,
    ended: bool,
}

impl AudioReader {
    /// Opens a recording and decodes its first packets.
    ///
    /// # Errors
    /// [`AudioError`], if the file is missing, no recording, in a form that cannot
    /// be decoded, damaged throughout, or without samples.
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        Self::open_track(path, None)
    }

    /// Opens one of a recording's tracks of sound, counted from 1; without a number, the default.
    ///
    /// # Errors
    /// As [`AudioReader::open`]; [`AudioError::NoTrack`] if there are fewer tracks.
    pub fn open_track(path: &Path, track: Option<usize>) -> Result<Self, AudioError> {
        let container = Container::open(path, track)?;
        let mut reader = Self {
            path: path.to_path_buf(),
            track,
            clock: PacketClock::new(container.voice.time_base, 0),
            link: Link::new(&container, 0),
            container,
            info: AudioInfo::default(),
            queue: Queue::default(),
            conformer: Conformer::default(),
            trouble: Trouble::default(),
            packet: Vec::new(),
            n_decoded: 0,
            shape: RateAndChannels::default(),
            longest_packet: 0,
            gap: 0,
            bad_packets: 0,
            rewinds: 0,
            position: 0,
            ended: false,
        };
        if let Some(remark) = reader
            .container
            .voice
            .remark
            .take()
            .filter(|_| track.is_none())
        {
            reader.trouble.remark(remark);
        }
        while reader.queue.ready() == 0 && !reader.is_at_end() {
            reader.read_packet()?;
        }
        if reader.queue.ready() == 0 {
            return Err(reader.nothing());
        }
        reader.container.read_tags(&mut reader.info);
        reader.info.track = reader.container.voice.number;
        reader.info.tracks.clone_from(&reader.container.voice.names);
        Ok(reader)
    }

    /// Tags, rate, channels and stated length.
    pub fn info(&self) -> &AudioInfo {
        &self.info
    }

    /// The next block, one vector of samples per channel; `None` at the end.
    ///
    /// Blocks have 32768 frames (fewer with more than eight channels, and at the
    /// end). Samples that are not finite numbers become 0, with a warning.
    ///
    /// # Errors
    /// [`AudioError::Unreadable`] if the disk fails. A file that ends early or is
    /// damaged is no error, but a warning.
    pub fn next_block(&mut self) -> Result<Option<Vec<Vec<f32>>>, AudioError> {
        while !self.queue.has_block() && !self.is_at_end() {
            self.read_packet()?;
        }
        let mut block = self.queue.take_block();
        if let Some(block) = &mut block {
            self.silence_non_finite(block);
            self.position += block[0].len() as u64;
        }
        Ok(block)
    }

    /// What the user must know so far, in sentences: a cut file, damaged pieces, samples
    /// that are no numbers, other tracks. Complete after the last block.
    pub fn warnings(&self) -> &[String] {
        self.trouble.warnings()
    }

    /// Frames delivered so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    fn is_at_end(&self) -> bool {
        self.ended || self.queue.is_full()
    }

    /// Reads one packet and puts its sound into the queue.
    fn read_packet(&mut self) -> Result<(), AudioError> {
        if self.queue.needs_rewind() {
            return self.rewind();
        }
        if self.container.ogg.is_some() {
            return self.read_ogg_packet();
        }
        match self.container.format.next_packet() {
            Ok(None) => self.end_of_file(),
            Ok(Some(packet)) if packet.track_id != self.container.voice.track_id => {}
            Ok(Some(packet)) => self.take_packet(&packet),
            Err(Error::ResetRequired) => self.take_new_tracks(),
            Err(Error::IoError(error)) if !is_end(&error) => {
                return Err(AudioError::from_io(&self.path, error));
            }
            Err(Error::IoError(_)) => self.end_inside(),
            Err(_) => self.take_damaged(0),
        }
        Ok(())
    }

    fn take_packet(&mut self, packet: &Packet) {
        if !self.container.map.is_timeless
            && let Some(missing) = self.clock.missing(packet, self.gap)
        {
            self.trouble.damaged(self.now_secs());
            self.gap += missing;
        }
        if self.decode(packet) {
            self.take_sound();
        } else {
            self.take_damaged(self.clock.packet_frames(packet));
        }
    }

    /// Decodes into `packet`, in the file's shape; whether it was whole.
    fn decode(&mut self, packet: &Packet) -> bool {
        match self
            .container
            .voice
            .decoder
            .decode(packet, &mut self.packet)
        {
            Ok(rate_hz) => self.conform(rate_hz),
            Err(error) => {
                if matches!(error, Error::ResetRequired) {
                    self.container.voice.decoder.reset();
                }
                false
            }
        }
    }

    /// Brings sound to the file's shape, which the first sound gives; whether that is possible.
    fn conform(&mut self, rate_hz: u32) -> bool {
        self.n_decoded = self.packet.first().map_or(0, Vec::len) as u64;
        if self.n_decoded == 0 {
            return true;
        }
        let shape = RateAndChannels {
            rate_hz,
            n_channels: self.packet.len(),
        };
        if !shape.is_possible() {
            return false;
        }
        if self.info.n_channels == 0 {
            self.settle(shape);
        }
        if shape != self.shape {
            self.tell_change(shape);
        }
        self.shape = shape;
        self.conformer.convert(rate_hz, &mut self.packet).is_ok()
    }

    /// The first sound: from here on it is known what the file holds.
    fn settle(&mut self, shape: RateAndChannels) {
        self.shape = shape;
        self.info.rate_hz = shape.rate_hz;
        self.info.n_channels = shape.n_channels;
        self.conformer = Conformer::new(shape);
        self.queue.set_channels(shape.n_channels);
        self.clock.set_rate(shape.rate_hz);
        // The padding stays where the file cannot be read a second time.
        let trim = Trim::of(&self.path, &self.container, shape.rate_hz).unwrap_or_default();
        if self.container.ogg.is_none() {
            self.info.duration_secs = trim.stated_secs(&self.container, shape.rate_hz);
        }
        self.queue.set_trim(trim);
        self.tell_surplus();
    }

    fn tell_change(&mut self, shape: RateAndChannels) {
        let sentence = format!(
            "From {:.2} s on the sound has {} instead of {}; it is converted.",
            self.now_secs(),
            words(shape),
            words(self.shape),
        );
        self.trouble.remark(sentence);
    }

    fn take_sound(&mut self) {
        let n_frames = self.packet.first().map_or(0, Vec::len) as u64;
        self.clock.advance(self.gap + n_frames);
        if self.gap > 0 {
            self.trouble.missing(self.secs(self.gap));
        }
        self.queue.extend_silence(self.gap);
        self.queue.extend(&self.packet);
        self.longest_packet = self.longest_packet.max(n_frames);
        (self.gap, self.bad_packets) = (0, 0);
    }

    fn take_damaged(&mut self, n_frames: u64) {
        self.trouble.damaged(self.now_secs());
        self.gap += n_frames;
        self.count_bad_packet();
    }

    fn count_bad_packet(&mut self) {
        self.bad_packets += 1;
        if self.bad_packets > MAX_BAD_PACKETS {
            self.end_early("the rest of the file is damaged");
        }
    }

    /// Goes on with the next recording in a chained file.
    fn take_new_tracks(&mut self) {
        match self.container.renew(&self.path) {
            Ok(()) => self.begin_link(),
            Err(_) => self.end_early("what follows cannot be decoded"),
        }
    }

    /// Another recording of the same file begins.
    fn begin_link(&mut self) {
        self.clock = PacketClock::new(self.container.voice.time_base, self.info.rate_hz);
        if self.info.rate_hz > 0
            && let Ok(trim) = Trim::of(&self.path, &self.container, self.info.rate_hz)
        {
            self.queue.set_trim(trim);
        }
    }

    /// Decodes the file from its start again: its edit list presents an earlier piece.
    fn rewind(&mut self) -> Result<(), AudioError> {
        self.rewinds += 1;
        if self.rewinds > MAX_REWINDS {
            self.end_early("its edit list jumps back too often");
            return Ok(());
        }
        self.container = Container::open(&self.path, self.track)?;
        self.clock = PacketClock::new(self.container.voice.time_base, self.info.rate_hz);
        self.link = Link::new(&self.container, self.now_frames());
        self.gap = 0;
        self.queue.rewind();
        Ok(())
    }

    /// Where decoding is, in seconds of the sound.
    fn now_secs(&self) -> f64 {
        self.secs(self.now_frames() + self.gap)
    }

    fn now_frames(&self) -> u64 {
        self.position + self.queue.len() as u64
    }

    fn secs(&self, n_frames: u64) -> f64 {
        n_frames as f64 / f64::from(self.info.rate_hz.max(1))
    }

    fn silence_non_finite(&mut self, block: &mut [Vec<f32>]) {
        let mut count = 0;
        for sample in block.iter_mut().flatten().filter(|it| !it.is_finite()) {
            *sample = 0.0;
            count += 1;
        }
        if count > 0 {
            self.trouble.non_finite(count, self.secs(self.position));
        }
    }

    /// Why there is no sound.
    fn nothing(&self) -> AudioError {
        let path = self.path.clone();
        match self.trouble.is_damaged() || self.trouble.is_cut() {
            true => AudioError::Damaged {
                path,
                found: "no packet of it can be decoded".to_string(),
            },
            false => AudioError::NoSamples { path },
        }
    }
}

/// Whether a file ended where more of it was expected.
fn is_end(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::UnexpectedEof
}

fn words(shape: RateAndChannels) -> String {
    let s = if shape.n_channels == 1 { "" } else { "s" };
    format!("{} Hz and {} channel{s}", shape.rate_hz, shape.n_channels)
}
