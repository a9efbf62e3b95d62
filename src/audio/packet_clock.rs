//! Holes in a recording, by the time stamps of its packets.

use std::ops::Range;

use symphonia::core::packet::Packet;
use symphonia::core::units::TimeBase;

use super::container::secs;

/// Holes of this length are filled; shorter ones are rounding, longer ones nonsense.
const HOLE_SECS: Range<f64> = 0.01..300.0;
/// The same where time stamps are rounded, or drift.
const ROUGH_HOLE_SECS: Range<f64> = 0.1..300.0;

/// No packet is longer than this.
const MAX_FRAMES: f64 = 1e9;

/// Compares time stamps with the sound that was decoded.
#[derive(Clone, Copy, Debug, Default)]
pub struct PacketClock {
    base: Option<TimeBase>,
    rate_hz: u32,
    /// Time stamps of the first packet, and of the next one if nothing is missing.
    first_pts: Option<i64>,
    next_pts: Option<i64>,
    /// Frames since the first packet, padding and silence for holes included.
    n_frames: u64,
}

impl PacketClock {
    /// A clock at the start of a track.
    pub fn new(base: Option<TimeBase>, rate_hz: u32) -> Self {
        Self {
            base,
            rate_hz,
            ..Self::default()
        }
    }

    /// Sets the rate of the decoded sound, in Hz.
    pub fn set_rate(&mut self, rate_hz: u32) {
        self.rate_hz = rate_hz;
    }

    /// Counts decoded frames, or silence in their place.
    pub fn advance(&mut self, n_frames: u64) {
        self.n_frames += n_frames;
    }

    /// Length of a packet in frames, with its padding.
    pub fn packet_frames(&self, packet: &Packet) -> u64 {
        self.frames(packet_ticks(packet))
    }

    /// Frames that are missing before this packet, beside `gap` known ones.
    pub fn missing(&mut self, packet: &Packet, gap: u64) -> Option<u64> {
        let pts = packet.pts.get();
        let next_pts = pts.saturating_add_unsigned(packet_ticks(packet));
        let expected = self.next_pts.replace(next_pts).unwrap_or(pts);
        let first = *self.first_pts.get_or_insert(pts);
        let (missing, possible) = if self.ticks_are_frames() {
            (pts.saturating_sub(expected).max(0) as u64, HOLE_SECS)
        } else {
            let now = self.frames(pts.saturating_sub(first).max(0) as u64);
            (now.saturating_sub(self.n_frames + gap), ROUGH_HOLE_SECS)
        };
        let missing_secs = missing as f64 / f64::from(self.rate_hz.max(1));
        possible.contains(&missing_secs).then_some(missing)
    }

    fn ticks_are_frames(&self) -> bool {
        self.base
            .is_some_and(|it| it.numer.get() == 1 && it.denom.get() == self.rate_hz)
    }

    fn frames(&self, ticks: u64) -> u64 {
        let tick_secs = self.base.map_or(0.0, secs);
        let frames = ticks as f64 * tick_secs * f64::from(self.rate_hz);
        frames.round().min(MAX_FRAMES) as u64
    }
}

fn packet_ticks(packet: &Packet) -> u64 {
    let trimmed = packet
        .trim_start
        .get()
        .saturating_add(packet.trim_end.get());
    packet.dur.get().saturating_add(trimmed)
}
