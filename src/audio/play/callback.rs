//! All that the audio callback does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::FADE_SECS;

/// Largest error of a time stamp that is smoothed away; beyond, the stream stalled.
const MAX_JITTER_SECS: f64 = 0.03;
/// Weight of a new time stamp.
const JITTER_WEIGHT: f64 = 0.05;
/// Notes of what was heard that can wait for the clock.
const MAX_SPANS: usize = 1024;

/// Frames that were heard in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// When the first one leaves the loudspeaker, in seconds of the stream's clock.
    pub heard_at: f64,
    /// Number of the first frame, counted from the first that was ever pushed.
    pub index: u64,
    /// How many.
    pub n_frames: u64,
}

/// The callback's end of the ring: never allocates, waits or reads files.
///
/// All it touches is two [`rtrb`] rings, which are wait-free, and atomic integers.
pub struct Callback {
    frames: rtrb::Consumer<[f32; 2]>,
    spans: rtrb::Producer<Span>,
    shared: Arc<RingState>,
    rate_hz: f64,
    /// Number of the next frame in the ring.
    index: u64,
    /// Fades in after silence and out before a cut.
    gain: f32,
    fade_step: f32,
    /// What is left of a sound that broke off.
    rest: [f32; 2],
    last: [f32; 2],
    steady: Steady,
}

#[derive(Default)]
struct RingState {
    /// Frames before this number are not to be heard any more.
    discard_before: AtomicU64,
    n_fills: AtomicU64,
    largest_fill: AtomicU64,
}

/// The feeder's end of the ring.
pub struct Supply {
    frames: rtrb::Producer<[f32; 2]>,
    spans: rtrb::Consumer<Span>,
    shared: Arc<RingState>,
    n_pushed: u64,
}

/// A ring of so many frames at this rate.
pub fn ring(n_frames: usize, rate_hz: u32) -> (Supply, Callback) {
    let (producer, consumer) = rtrb::RingBuffer::new(n_frames);
    let (span_producer, span_consumer) = rtrb::RingBuffer::new(MAX_SPANS);
    let shared = Arc::new(RingState::default());
    let supply = Supply {
        frames: producer,
        spans: span_consumer,
        shared: shared.clone(),
        n_pushed: 0,
    };
    let callback = Callback {
        frames: consumer,
        spans: span_producer,
        shared,
        rate_hz: f64::from(rate_hz),
        index: 0,
        gain: 0.0,
        fade_step: (1.0 / (FADE_SECS * f64::from(rate_hz))) as f32,
        rest: [0.0; 2],
        last: [0.0; 2],
        steady: Steady::default(),
    };
    (supply, callback)
}

impl Supply {
    /// Pushes a frame; gives it back if the ring is full.
    pub fn push(&mut self, frame: [f32; 2]) -> Result<(), [f32; 2]> {
        let pushed = self.frames.push(frame);
        self.n_pushed += u64::from(pushed.is_ok());
        pushed.map_err(|rtrb::PushError::Full(frame)| frame)
    }

    /// Number of the next frame.
    pub fn n_pushed(&self) -> u64 {
        self.n_pushed
    }

    /// Frames that wait to be taken.
    pub fn n_waiting(&self) -> usize {
        self.frames.buffer().capacity() - self.frames.slots()
    }

    /// Drops what was pushed so far, behind a short fade.
    pub fn discard(&mut self) {
        self.shared
            .discard_before
            .store(self.n_pushed, Ordering::Release);
    }

    /// The next note of what was heard.
    pub fn next_span(&mut self) -> Option<Span> {
        self.spans.pop().ok()
    }

    /// How often the device asked for sound.
    pub fn n_fills(&self) -> u64 {
        self.shared.n_fills.load(Ordering::Relaxed)
    }

    /// Frames in the device's largest buffer so far.
    pub fn largest_fill(&self) -> usize {
        self.shared.largest_fill.load(Ordering::Relaxed) as usize
    }
}

impl Callback {
    /// Fills a buffer; `heard_at` is when its first frame leaves the loudspeaker.
    ///
    /// `write` gets each frame in turn, within -1..=1.
    pub fn fill(&mut self, n_frames: usize, heard_at: f64, mut write: impl FnMut(usize, [f32; 2])) {
        let heard_at = self.steady.smooth(heard_at, n_frames as f64 / self.rate_hz);
        let discard_before = self.shared.discard_before.load(Ordering::Acquire);
        let mut span: Option<Span> = None;
        for i in 0..n_frames {
            self.skip_stale(discard_before);
            let index = self.index;
            let frame = self.next(index < discard_before);
            write(i, frame.map(|sample| sample.clamp(-1.0, 1.0)));
            let taken = u64::from(self.index > index);
            match &mut span {
                Some(span) if taken == 1 && span.index + span.n_frames == index => {
                    span.n_frames += 1;
                }
                _ if taken == 1 => {
                    self.note(span.take());
                    span = Some(Span {
                        heard_at: heard_at + i as f64 / self.rate_hz,
                        index,
                        n_frames: 1,
                    });
                }
                _ => {
                    self.note(span.take());
                }
            }
        }
        self.note(span);
        let shared = &self.shared;
        shared
            .largest_fill
            .fetch_max(n_frames as u64, Ordering::Relaxed);
        shared.n_fills.fetch_add(1, Ordering::Relaxed);
    }

    /// Drops stale frames, once they are faded out.
    fn skip_stale(&mut self, discard_before: u64) {
        if self.index >= discard_before || self.gain > 0.0 {
            return;
        }
        let n_stale = (discard_before - self.index).min(self.frames.slots() as u64);
        if let Ok(stale) = self.frames.read_chunk(n_stale as usize) {
            stale.commit_all();
            self.index += n_stale;
        }
    }

    /// The next frame from the ring, fading; silence if there is none.
    fn next(&mut self, stale: bool) -> [f32; 2] {
        for side in 0..2 {
            self.rest[side] *= 1.0 - 5.0 * self.fade_step;
        }
        match self.frames.pop() {
            Ok(frame) => {
                self.index += 1;
                let step = if stale {
                    -self.fade_step
                } else {
                    self.fade_step
                };
                // Rounding must not keep a fade from ending.
                let gain = self.gain + step;
                self.gain = if gain < 0.5 * self.fade_step {
                    0.0
                } else {
                    gain.min(1.0)
                };
                self.last = frame.map(|sample| sample * self.gain);
            }
            Err(_) => {
                // The sound breaks off: what was last fades from where it stood.
                (0..2).for_each(|side| self.rest[side] += self.last[side]);
                self.last = [0.0; 2];
                self.gain = 0.0;
            }
        }
        [self.last[0] + self.rest[0], self.last[1] + self.rest[1]]
    }

    /// Leaves a note for the clock; without room it is lost, never waited for.
    fn note(&mut self, span: Option<Span>) {
        if let Some(span) = span {
            let _ = self.spans.push(span);
        }
    }
}

/// Time stamps freed of their jitter: buffers follow each other without gaps.
#[derive(Default)]
struct Steady {
    expected: f64,
    n_seen: u32,
}

impl Steady {
    /// When the buffer is truly heard; the next follows `secs` later.
    fn smooth(&mut self, heard_at: f64, secs: f64) -> f64 {
        let error = heard_at - self.expected;
        if self.n_seen == 0 || error.abs() > MAX_JITTER_SECS {
            self.n_seen = 0;
        }
        let weight = JITTER_WEIGHT.max(1.0 / f64::from(self.n_seen + 1));
        let smoothed = self.expected + weight * error;
        self.n_seen = self.n_seen.saturating_add(1);
        self.expected = smoothed + secs;
        smoothed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(callback: &mut Callback, n_frames: usize, heard_at: f64) -> Vec<f32> {
        let mut out = vec![0.0; n_frames];
        callback.fill(n_frames, heard_at, |i, frame| out[i] = frame[0]);
        out
    }

    fn push(supply: &mut Supply, n_frames: usize, value: f32) {
        (0..n_frames).for_each(|_| supply.push([value; 2]).unwrap());
    }

    #[test]
    fn start_cut_and_dry_ring_are_all_without_a_step() {
        let (mut supply, mut callback) = ring(10_000, 48_000);
        push(&mut supply, 4000, 0.8);
        let mut out = fill(&mut callback, 1000, 0.0);
        assert_eq!(out[999], 0.8);
        supply.discard();
        push(&mut supply, 1000, -0.8);
        out.extend(fill(&mut callback, 3000, 0.02));
        assert!(out.iter().any(|sample| *sample == -0.8));
        assert!(out[3999].abs() < 1e-6);
        assert!(out.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.02));
    }

    #[test]
    fn notes_tell_what_was_heard_when() {
        let (mut supply, mut callback) = ring(10_000, 1000);
        push(&mut supply, 100, 0.5);
        fill(&mut callback, 50, 1.0);
        supply.discard();
        push(&mut supply, 100, 0.5);
        fill(&mut callback, 50, 1.05);
        let spans: Vec<Span> = std::iter::from_fn(|| supply.next_span()).collect();
        // Five frames fade out what is stale; the rest of it is skipped.
        let expected = [(1.0, 0, 50), (1.05, 50, 5), (1.055, 100, 45)];
        assert_eq!(spans.len(), 3, "{spans:?}");
        for (span, (heard_at, index, n_frames)) in spans.iter().zip(expected) {
            assert!((span.heard_at - heard_at).abs() < 1e-9);
            assert_eq!((span.index, span.n_frames), (index, n_frames));
        }
    }

    #[test]
    fn jitter_is_smoothed_and_a_stall_is_followed() {
        let mut steady = Steady::default();
        for i in 0..200 {
            let jitter = if i % 2 == 0 { 0.004 } else { -0.004 };
            let smoothed = steady.smooth(i as f64 * 0.02 + jitter, 0.02);
            assert!(i < 4 || (smoothed - i as f64 * 0.02).abs() < 0.001);
        }
        assert_eq!(steady.smooth(9.0, 0.02), 9.0);
    }
}
