//! Decoding, block by block.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;

use super::clock::Clock;
use super::container::Container;
use super::error::AudioError;
use super::info::AudioInfo;
use super::queue::Queue;
use super::resample::{MAX_RATE_HZ, MIN_RATE_HZ};
use super::trim::Trim;
use super::trouble::Trouble;

/// So many unreadable packets in a row are the end of the file.
const MAX_BAD_PACKETS: u32 = 1000;
/// Sound of another rate or channel count for longer than this is no accident.
const MAX_STRANGE_SECS: f64 = 1.0;
/// A file that is shorter than it says by less than this and a packet is whole.
const CUT_TOLERANCE_SECS: f64 = 0.1;
const CUT_SHORT: &str = "the file is cut short";

/// Decodes a recording of any length in bounded memory.
///
/// Reads the first track that can be decoded. Padding of encoders is trimmed;
/// silence stands in for damaged pieces, so that what follows stays in its place.
pub struct AudioReader {
    path: PathBuf,
    container: Container,
    info: AudioInfo,
    queue: Queue,
    clock: Clock,
    trouble: Trouble,
    /// Samples of the last packet.
    packet: Vec<Vec<f32>>,
    /// Frames of the longest packet so far.
    longest_packet: u64,
    /// Silence to add before the next good packet, in frames.
    gap: u64,
    /// How much of the gap is sound of another shape, in frames.
    strange: u64,
    bad_packets: u32,
    position: u64,
    ended: bool,
}

/// Rate and channels of decoded sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    rate_hz: u32,
    n_channels: usize,
}

impl Shape {
    fn is_possible(self) -> bool {
        (MIN_RATE_HZ..=MAX_RATE_HZ).contains(&self.rate_hz) && self.n_channels > 0
    }
}

impl AudioReader {
    /// Opens a recording and decodes its first packet.
    ///
    /// # Errors
    /// [`AudioError`], if the file is missing, no recording, in a form that cannot
    /// be decoded, damaged throughout, or without samples.
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        let container = Container::open(path)?;
        let mut reader = Self {
            path: path.to_path_buf(),
            clock: Clock::new(container.voice.time_base, 0),
            container,
            info: AudioInfo::default(),
            queue: Queue::default(),
            trouble: Trouble::default(),
            packet: Vec::new(),
            longest_packet: 0,
            gap: 0,
            strange: 0,
            bad_packets: 0,
            position: 0,
            ended: false,
        };
        while reader.queue.len() == 0 && !reader.is_at_end() {
            reader.read_packet()?;
        }
        if reader.queue.len() == 0 {
            return Err(reader.nothing());
        }
        reader.container.read_tags(&mut reader.info);
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

    /// What was wrong so far, in sentences: a cut file, damaged pieces, samples
    /// that are no numbers. Complete after the last block.
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
        match self.container.format.next_packet() {
            Ok(None) => self.end_of_file(),
            Ok(Some(packet)) if packet.track_id != self.container.voice.track_id => {}
            Ok(Some(packet)) => self.take_packet(&packet),
            Err(Error::ResetRequired) => self.take_new_tracks(),
            Err(Error::IoError(error)) if error.kind() != ErrorKind::UnexpectedEof => {
                return Err(AudioError::from_io(&self.path, error));
            }
            Err(Error::IoError(_)) => self.end_early(CUT_SHORT),
            Err(_) => self.take_damaged(0),
        }
        Ok(())
    }

    fn take_packet(&mut self, packet: &Packet) {
        if let Some(missing) = self.clock.missing(packet, self.gap) {
            self.trouble.damaged(self.now_secs());
            self.gap += missing;
        }
        let shape = self.decode(packet);
        let n_frames = self.clock.packet_frames(packet);
        match shape {
            Some(shape) if self.fits(shape) => self.take_sound(),
            Some(shape) => self.take_strange(shape, n_frames),
            None => self.take_damaged(n_frames),
        }
    }

    /// Decodes into `packet`; tells the shape, or `None` if it is damaged.
    fn decode(&mut self, packet: &Packet) -> Option<Shape> {
        match self.container.voice.decoder.decode(packet) {
            Ok(buffer) => {
                buffer.copy_to_vecs_planar(&mut self.packet);
                Some(Shape {
                    rate_hz: buffer.spec().rate(),
                    n_channels: buffer.spec().channels().count(),
                })
            }
            Err(Error::ResetRequired) => {
                self.container.voice.decoder.reset();
                None
            }
            Err(_) => None,
        }
    }

    /// Whether sound has the file's shape; the first sound gives it.
    fn fits(&mut self, shape: Shape) -> bool {
        if self.packet.first().is_none_or(Vec::is_empty) {
            return true;
        }
        if self.info.n_channels == 0 && shape.is_possible() {
            self.settle(shape);
        }
        shape == self.shape()
    }

    /// The first sound: from here on it is known what the file holds.
    fn settle(&mut self, shape: Shape) {
        self.info.rate_hz = shape.rate_hz;
        self.info.n_channels = shape.n_channels;
        self.queue.set_channels(shape.n_channels);
        self.clock.set_rate(shape.rate_hz);
        // The padding stays where the file cannot be read a second time.
        let trim = Trim::of(&self.path, &self.container, shape.rate_hz).unwrap_or_default();
        self.queue.set_trim(trim);
        self.info.duration_secs = trim.stated_secs(&self.container, shape.rate_hz);
    }

    fn take_sound(&mut self) {
        let n_frames = self.packet.first().map_or(0, Vec::len) as u64;
        self.clock.advance(self.gap + n_frames);
        self.queue.extend_silence(self.gap);
        self.queue.extend(&self.packet);
        self.longest_packet = self.longest_packet.max(n_frames);
        (self.gap, self.strange, self.bad_packets) = (0, 0, 0);
    }

    fn take_damaged(&mut self, n_frames: u64) {
        self.trouble.damaged(self.now_secs());
        self.gap += n_frames;
        self.bad_packets += 1;
        if self.bad_packets > MAX_BAD_PACKETS {
            self.end_early("the rest of the file is damaged");
        }
    }

    /// Sound of another rate or channel count: one packet is damage, a second of it
    /// is another recording in the same file.
    fn take_strange(&mut self, shape: Shape, n_frames: u64) {
        self.strange += n_frames;
        if self.strange as f64 > MAX_STRANGE_SECS * f64::from(self.info.rate_hz) {
            self.end_before(shape);
        } else {
            self.take_damaged(n_frames);
        }
    }

    /// Goes on with the next recording in a chained file, if it has the same shape.
    fn take_new_tracks(&mut self) {
        if self.container.renew(&self.path).is_err() {
            return self.end_early("what follows cannot be decoded");
        }
        let old = self.shape();
        let voice = &self.container.voice;
        let n_channels = voice.params.channels.as_ref().map(|it| it.count());
        let shape = Shape {
            rate_hz: voice.params.sample_rate.unwrap_or(old.rate_hz),
            n_channels: n_channels.unwrap_or(old.n_channels),
        };
        self.clock = Clock::new(voice.time_base, old.rate_hz);
        if old.n_channels > 0 && shape != old {
            self.end_before(shape);
        } else if let Ok(trim) = Trim::of(&self.path, &self.container, shape.rate_hz) {
            self.queue.set_trim(trim);
        }
    }

    fn end_before(&mut self, shape: Shape) {
        let reason = format!(
            "from there on the file has {} Hz and {} channel(s) instead of {} Hz and {}; \
             convert it to one rate",
            shape.rate_hz, shape.n_channels, self.info.rate_hz, self.info.n_channels
        );
        self.end_early(&reason);
    }

    fn end_early(&mut self, reason: &str) {
        self.ended = true;
        self.gap = 0;
        let secs = self.now_secs();
        match self.promised_secs().filter(|_| reason == CUT_SHORT) {
            Some(promised) => {
                let reason = format!("{reason}, its header promises {promised:.2} s");
                self.trouble.ends(secs, &reason);
            }
            None => self.trouble.ends(secs, reason),
        }
    }

    fn end_of_file(&mut self) {
        self.gap = 0;
        if self.container.outline.is_cut || self.promised_secs().is_some() {
            self.end_early(CUT_SHORT);
        } else {
            self.ended = true;
            self.queue.drop_tail();
        }
    }

    /// The length that the header promises, if it is more than was found.
    fn promised_secs(&self) -> Option<f64> {
        let found = self.now_secs();
        if let Some((promised, held)) = self.container.outline.cut {
            return Some(found * promised as f64 / (held as f64).max(1.0));
        }
        let reliable = self.container.states_frames() || self.container.outline.is_cut;
        let promised = self.info.duration_secs.filter(|_| reliable)?;
        let packet_secs = self.secs(self.longest_packet);
        (promised > found + CUT_TOLERANCE_SECS + packet_secs).then_some(promised)
    }

    /// Where decoding is, in seconds of the sound.
    fn now_secs(&self) -> f64 {
        self.secs(self.position + self.queue.len() as u64 + self.gap)
    }

    fn secs(&self, n_frames: u64) -> f64 {
        n_frames as f64 / f64::from(self.info.rate_hz.max(1))
    }

    fn shape(&self) -> Shape {
        Shape {
            rate_hz: self.info.rate_hz,
            n_channels: self.info.n_channels,
        }
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
