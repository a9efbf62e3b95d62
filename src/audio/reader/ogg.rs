//! Vorbis and Opus in Ogg, timed by what is decoded and by the positions of pages.

use std::fs::File;

use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use super::AudioReader;
use crate::audio::container::Container;
use crate::audio::decoder::OPUS_RATE_HZ;
use crate::audio::error::AudioError;
use crate::audio::ogg::{Mend, Next, OggPacket, Position, last_granule};

impl AudioReader {
    /// Reads one packet and puts its sound into the queue, where it waits for the next position.
    pub(super) fn read_ogg_packet(&mut self) -> Result<(), AudioError> {
        let Some(ogg) = &mut self.container.ogg else {
            return Ok(());
        };
        let next = ogg.next();
        match next.map_err(|error| AudioError::from_io(&self.path, error))? {
            Next::Packet(packet) => self.take_ogg_packet(packet),
            Next::Link(at) => self.take_link(at),
            Next::End { is_cut: true } => self.end_inside(),
            Next::End { is_cut: false } => self.end_of_file(),
        }
        Ok(())
    }

    fn take_ogg_packet(&mut self, packet: OggPacket) {
        if packet.is_after_hole {
            self.lose_ogg_packets();
            self.container.voice.decoder.reset();
        }
        let (granule, is_last) = (packet.granule, packet.is_last);
        if !packet.data.is_empty() {
            self.decode_ogg_packet(packet.data);
        }
        if is_last {
            self.take_rest();
        }
        if let Some(granule) = granule {
            self.settle_position(granule, is_last);
        }
        if is_last {
            self.queue.release();
        }
    }

    fn decode_ogg_packet(&mut self, data: Vec<u8>) {
        let no_time = (Timestamp::new(0), Duration::from(0_u64));
        let packet = Packet::new(self.container.voice.track_id, no_time.0, no_time.1, data);
        if !self.decode(&packet) {
            self.lose_ogg_packets();
            return self.count_bad_packet();
        }
        self.link.position.advance(self.n_decoded);
        self.queue.hold_back();
        self.take_sound();
    }

    /// Takes note of a hole here, whose length the next position tells.
    fn lose_ogg_packets(&mut self) {
        self.trouble.damaged(self.now_secs());
        if !self.link.position.is_lost() {
            self.link.hole_at = self.now_frames();
            self.link.position.lose();
        }
        self.queue.hold_back();
    }

    /// Mends what was decoded by the position that it should lead to.
    fn settle_position(&mut self, granule: i64, is_last: bool) {
        let now = self.now_frames();
        match self.link.position.settle(granule, is_last) {
            Mend::Nothing => {}
            Mend::DropStart(n_frames) => {
                let n_frames = self.to_output(n_frames);
                self.queue.drop_from(now - self.link.begins_at, n_frames);
            }
            Mend::Fill(n_frames) => {
                let n_frames = self.to_output(n_frames);
                self.queue.insert_silence(now - self.link.hole_at, n_frames);
                self.trouble.missing(self.secs(n_frames));
            }
            Mend::DropEnd(n_frames) => {
                let n_frames = self.to_output(n_frames);
                self.queue.drop_from(n_frames, n_frames);
            }
        }
        self.queue.release();
        if self.link.begins_at == 0 && self.info.duration_secs.is_none() {
            self.info.duration_secs = self.ogg_secs();
        }
    }

    /// Length of the stream by the last position in the file.
    fn ogg_secs(&self) -> Option<f64> {
        let voice = &self.container.voice;
        let file = File::open(&self.path).ok()?;
        let last = last_granule(file, voice.track_id).ok()??;
        let total = self.link.position.n_frames_to(last)?;
        let padding = match voice.params.codec {
            CODEC_ID_OPUS => u64::from(voice.delay.unwrap_or(0)),
            _ => 0,
        };
        Some(total.saturating_sub(padding) as f64 / f64::from(self.link.rate_hz.max(1)))
    }

    /// Goes on with the recording that starts at this byte.
    fn take_link(&mut self, at: u64) {
        self.queue.release();
        match Container::open_link(&self.path, at) {
            Ok(container) => {
                self.container = container;
                self.link = Link::new(&self.container, self.now_frames());
                self.begin_link();
            }
            Err(_) => self.end_early("what follows cannot be decoded"),
        }
    }

    fn to_output(&self, n_frames: u64) -> u64 {
        scaled(n_frames, self.info.rate_hz, self.link.rate_hz)
    }
}

/// One of the recordings of a chained Ogg file.
pub(super) struct Link {
    rate_hz: u32,
    /// The frame of the output where it begins, and the one where packets of it are lost.
    begins_at: u64,
    hole_at: u64,
    position: Position,
}

impl Link {
    /// The recording that `container` has opened.
    pub(super) fn new(container: &Container, begins_at: u64) -> Self {
        let params = &container.voice.params;
        let is_opus = params.codec == CODEC_ID_OPUS;
        let rate_hz = match is_opus {
            true => OPUS_RATE_HZ,
            false => params.sample_rate.unwrap_or(0),
        };
        Self {
            rate_hz,
            begins_at,
            hole_at: begins_at,
            // Opus tells of its padding in the header.
            position: Position::new(rate_hz, !is_opus),
        }
    }
}

/// Frames at another rate.
fn scaled(n_frames: u64, to_hz: u32, from_hz: u32) -> u64 {
    let frames = u128::from(n_frames) * u128::from(to_hz) / u128::from(from_hz.max(1));
    u64::try_from(frames).unwrap_or(u64::MAX)
}
