//! Where an Ogg stream is, by what was decoded and by what its pages tell.

/// Holes longer than this are wrong positions.
const MAX_HOLE_SECS: i64 = 300;

/// Compares decoded sound with the positions of pages, in frames at the stream's rate.
#[derive(Debug)]
pub struct Position {
    rate_hz: u32,
    /// Whether a first position before the decoded sound means padding (Vorbis), or nothing (Opus,
    /// which tells padding in its header).
    trims_start: bool,
    /// Position of the first decoded frame, once it is known.
    base: Option<i64>,
    n_frames: i64,
    /// Whether packets are lost since the last position.
    is_lost: bool,
}

/// What to do with the sound that came since the last position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mend {
    Nothing,
    /// Drop so many frames at the start of the stream.
    DropStart(u64),
    /// Put so many frames of silence where packets are lost.
    Fill(u64),
    /// Drop so many of the last frames.
    DropEnd(u64),
}

impl Position {
    /// A stream that begins now.
    pub fn new(rate_hz: u32, trims_start: bool) -> Self {
        Self {
            rate_hz,
            trims_start,
            base: None,
            n_frames: 0,
            is_lost: false,
        }
    }

    /// Takes note of decoded frames.
    pub fn advance(&mut self, n_frames: u64) {
        self.n_frames += n_frames as i64;
    }

    /// Takes note of a lost or damaged packet.
    pub fn lose(&mut self) {
        self.is_lost = true;
    }

    /// Whether something is lost since the last position.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Takes note of the position after a packet, the last of the stream if `is_last`.
    pub fn settle(&mut self, granule: i64, is_last: bool) -> Mend {
        let ahead = granule
            .saturating_sub(self.base.unwrap_or(0))
            .saturating_sub(self.n_frames);
        let is_first = self.base.is_none();
        let was_lost = std::mem::take(&mut self.is_lost);
        if is_last && ahead < 0 {
            self.base.get_or_insert(0);
            return Mend::DropEnd(ahead.unsigned_abs().min(self.n_frames.unsigned_abs()));
        }
        if is_first {
            // A stream cut out of a longer one begins late; it is heard from its start on.
            self.base = Some(ahead);
            return match self.trims_start && ahead < 0 {
                true => Mend::DropStart(ahead.unsigned_abs()),
                false => Mend::Nothing,
            };
        }
        if was_lost && (1..=MAX_HOLE_SECS * i64::from(self.rate_hz)).contains(&ahead) {
            self.n_frames += ahead;
            return Mend::Fill(ahead as u64);
        }
        Mend::Nothing
    }

    /// Frames of the whole stream that ends at `last`, padding at its start included.
    pub fn n_frames_to(&self, last: i64) -> Option<u64> {
        let base = self.base?;
        let total = last.checked_sub(if self.trims_start { base.max(0) } else { base })?;
        u64::try_from(total).ok().filter(|it| *it > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_holes_and_ends_are_mended() {
        let mut vorbis = Position::new(48_000, true);
        vorbis.advance(1000);
        assert_eq!(vorbis.settle(900, false), Mend::DropStart(100));
        vorbis.advance(500);
        assert_eq!(
            vorbis.settle(1500, false),
            Mend::Nothing,
            "no packet is lost"
        );
        vorbis.lose();
        assert_eq!(vorbis.settle(1500, false), Mend::Fill(100));
        vorbis.advance(500);
        assert_eq!(vorbis.settle(1900, true), Mend::DropEnd(100));
        let mut late = Position::new(48_000, false);
        late.advance(1000);
        assert_eq!(late.settle(91_000, false), Mend::Nothing);
        assert_eq!(late.n_frames_to(92_000), Some(2000));
        let mut opus = Position::new(48_000, false);
        opus.advance(1000);
        assert_eq!(opus.settle(900, false), Mend::Nothing);
        // Cut without its first pages by a program that counts time on from below zero.
        assert_eq!(opus.n_frames_to(1900), Some(2000));
        opus.advance(1000);
        assert_eq!(opus.settle(1850, true), Mend::DropEnd(50));
        let mut short = Position::new(48_000, true);
        short.advance(1000);
        assert_eq!(short.settle(900, true), Mend::DropEnd(100));
    }
}
