//! What is heard now.

use std::collections::VecDeque;

use super::callback::Span;
use super::render::RenderedPiece;

/// Turns what the callback heard and what the feeder rendered into the playhead.
#[derive(Default)]
pub struct StreamClock {
    rate_hz: f64,
    /// Number of the first frame, and where the frames belong.
    pieces: VecDeque<(u64, RenderedPiece)>,
    spans: VecDeque<Span>,
    freeze_point: FreezePoint,
}

/// Where the playhead stands until a frame is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
struct FreezePoint {
    secs: f64,
    /// Number of the frame that releases it.
    until: u64,
}

impl Default for FreezePoint {
    fn default() -> Self {
        Self {
            secs: 0.0,
            until: u64::MAX,
        }
    }
}

impl StreamClock {
    /// Forgets the sound of a stream that ended; the playhead stays where it is.
    pub fn restart(&mut self, rate_hz: u32, now: f64) {
        let secs = self.playhead_secs(now);
        *self = Self {
            rate_hz: f64::from(rate_hz),
            ..Self::default()
        };
        self.freeze(secs);
    }

    /// Holds the playhead until [`StreamClock::release_at`] says from when it may run.
    pub fn freeze(&mut self, secs: f64) {
        self.freeze_point = FreezePoint {
            secs,
            until: u64::MAX,
        };
    }

    /// The playhead runs once the frame of this number is heard.
    pub fn release_at(&mut self, index: u64) {
        self.freeze_point.until = index;
    }

    /// Notes where frames from this number on belong.
    pub fn add_piece(&mut self, index: u64, piece: RenderedPiece) {
        self.pieces.push_back((index, piece));
    }

    /// Notes what is heard when.
    pub fn add_span(&mut self, span: Span) {
        self.spans.push_back(span);
    }

    /// Place in the recording, in seconds, of what is heard at `now`.
    pub fn playhead_secs(&self, now: f64) -> f64 {
        let heard = self.heard(now);
        let place = heard
            .filter(|&index| index >= self.freeze_point.until as f64)
            .and_then(|index| self.place(index));
        place.unwrap_or(self.freeze_point.secs)
    }

    /// Number of the frame that is heard at `now`, with its fraction.
    pub fn heard(&self, now: f64) -> Option<f64> {
        let span = self.spans.iter().rev().find(|span| span.heard_at <= now)?;
        let since = (now - span.heard_at) * self.rate_hz;
        Some(span.index as f64 + since.min(span.n_frames as f64))
    }

    fn place(&self, index: f64) -> Option<f64> {
        let n_begun = self
            .pieces
            .partition_point(|(first, _)| *first as f64 <= index);
        let (first, piece) = self.pieces.get(n_begun.checked_sub(1)?)?;
        let since = (index - *first as f64).min(piece.n_frames as f64);
        Some(piece.song_secs + since * piece.secs_per_frame)
    }

    /// Forgets what was over before `now`.
    pub fn prune(&mut self, now: f64) {
        while self.spans.len() > 1 && self.spans[1].heard_at <= now {
            self.spans.pop_front();
        }
        let Some(heard) = self.heard(now) else {
            return;
        };
        while self.pieces.len() > 1 && self.pieces[1].0 as f64 <= heard {
            self.pieces.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_playhead_is_what_is_heard_and_stands_where_nothing_is() {
        let mut clock = StreamClock::default();
        clock.restart(1000, 0.0);
        clock.freeze(30.0);
        clock.release_at(500);
        let piece = RenderedPiece {
            n_frames: 1000,
            song_secs: 30.0,
            secs_per_frame: 0.0005,
        };
        clock.add_piece(500, piece);
        assert_eq!(clock.playhead_secs(1.0), 30.0);
        clock.add_span(Span {
            heard_at: 2.0,
            index: 500,
            n_frames: 200,
        });
        assert_eq!(clock.playhead_secs(1.9), 30.0);
        assert!((clock.playhead_secs(2.1) - 30.05).abs() < 1e-9);
        assert!((clock.playhead_secs(9.0) - 30.1).abs() < 1e-9);
        clock.prune(9.0);
        assert!((clock.playhead_secs(9.0) - 30.1).abs() < 1e-9);
        clock.freeze(7.0);
        assert_eq!(clock.playhead_secs(9.1), 7.0);
    }
}
