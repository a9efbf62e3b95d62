//! Where in the recording the sound is: speed, range and loop, without a click.

use std::sync::Arc;

use super::FADE_SECS;
use super::pcm_file::PcmFile;
use super::playback::Playback;
use super::sources::{SoundFrames, Sources, VoiceGate, silence};
use super::stretch::StretchTables;

/// Frames of the recording that the voice is known ahead, so that it can fade where it ends.
const VOICE_AHEAD: i64 = 4096;

/// A jump to another playback, on the way.
struct Seam {
    next: Playback,
    n_done: usize,
    len: usize,
}

/// A run of output frames at even steps through the recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Frames of output, at the recording's rate.
    pub n_frames: usize,
    /// Place of the first one in seconds of the recording.
    pub song_secs: f64,
    /// Seconds of the recording in a second of output.
    pub speed: f64,
}

/// What a step of the transport brought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TransportStep {
    /// Frames were written.
    Frames(Segment),
    /// The recording is not decoded so far yet.
    Wait,
    /// The recording or the range is over.
    End,
}

/// Where to play.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Course {
    /// Where to begin, in seconds.
    pub from_secs: f64,
    /// Start and end in seconds; the whole recording without.
    pub range_secs: Option<(f64, f64)>,
    /// Whether the end leads back to the start.
    pub looped: bool,
}

/// Renders the sounds along a [`Course`], at the recording's rate.
pub struct Transport {
    sources: Sources,
    voice_gate: VoiceGate,
    /// The voice is to fade out, and to be forgotten.
    forgets_voice: bool,
    tables: Arc<StretchTables>,
    rate_hz: f64,
    /// First frame and end of the range.
    range: Option<(f64, f64)>,
    looped: bool,
    speed: f64,
    playback: Playback,
    seam: Option<Seam>,
    /// Frames of the fade after the end of a range that were written.
    n_tail: usize,
}

impl Transport {
    /// Ready at the start of the course; `rate_hz` is the file's.
    pub fn new(
        sources: Sources,
        rate_hz: u32,
        tables: Arc<StretchTables>,
        course: Course,
        speed: f64,
    ) -> Self {
        let rate = f64::from(rate_hz);
        let frame = |secs: f64| (secs * rate).round().max(0.0);
        let whole = course.looped.then_some((0.0, f64::INFINITY));
        let from = frame(course.from_secs);
        let range = course
            .range_secs
            .map(|(start, end)| (frame(start), frame(end)));
        // From beyond the range, the sound goes on to the recording's end.
        let possible = |&(start, end): &(f64, f64)| start < end && from < end;
        Self {
            playback: Playback::new(from, speed, &tables),
            range: range.filter(possible).or(whole),
            looped: course.looped,
            rate_hz: rate,
            voice_gate: VoiceGate::new((FADE_SECS * rate) as usize),
            forgets_voice: false,
            sources,
            tables,
            speed,
            seam: None,
            n_tail: 0,
        }
    }

    /// Changes the speed from the next frame on, within a short fade.
    pub fn set_speed(&mut self, speed: f64) {
        self.speed = speed;
    }

    /// Place of the next frame in seconds of the recording.
    pub fn song_secs(&self) -> f64 {
        self.playback.place() / self.rate_hz
    }

    /// Plays another voice from the next frame on, or none.
    pub fn set_vocals(&mut self, vocals: Option<Arc<PcmFile>>) {
        self.forgets_voice = vocals.is_none();
        if let Some(vocals) = vocals {
            self.sources.set_vocals(vocals);
        }
    }

    /// Renders at most `n_frames` in place of those that are there.
    pub fn step(&mut self, n_frames: usize, sounds: &mut SoundFrames) -> TransportStep {
        let mut n_left = self.n_to_end();
        if n_left == 0 && self.loops() {
            self.playback = Playback::new(self.loop_start(), self.speed, &self.tables);
            n_left = self.n_to_end();
        }
        if n_left == 0 && !self.has_tail() {
            return TransportStep::End;
        }
        let n_frames = match n_left {
            0 => self.fade_len() - self.n_tail,
            n_left => self.before_seam(n_left).min(n_frames),
        };
        let reach = self.playback.reach(n_frames, &self.tables);
        if !self.sources.recording().is_ready(reach) {
            return TransportStep::Wait;
        }
        let segment = Segment {
            n_frames,
            song_secs: self.song_secs(),
            speed: self.playback.speed(),
        };
        self.playback
            .render(&self.sources, &self.tables, n_frames, sounds);
        self.fade_over(n_frames, sounds);
        let has_voice = !self.forgets_voice && self.sources.knows_voice(reach + VOICE_AHEAD);
        self.voice_gate.pass(sounds, has_voice);
        if n_left == 0 {
            self.fade_out(sounds);
        }
        TransportStep::Frames(segment)
    }

    /// Frames of output to the end of the recording or of the range.
    fn n_to_end(&self) -> usize {
        let end = self.end().unwrap_or(f64::INFINITY);
        let left = (end - self.playback.place()) / self.playback.speed();
        (left - 1e-6).ceil().clamp(0.0, 1e12) as usize
    }

    /// End of the range or recording in frames; `None` while it is not known.
    fn end(&self) -> Option<f64> {
        let recording = self.sources.recording();
        let n_frames = recording.is_finished().then(|| recording.n_frames() as f64);
        match (self.range.map(|(_, end)| end), n_frames) {
            (Some(end), Some(n_frames)) => Some(end.min(n_frames)),
            (end, n_frames) => end.filter(|end| end.is_finite()).or(n_frames),
        }
    }

    /// Whether the end leads back to a start before it.
    fn loops(&self) -> bool {
        self.looped && self.loop_start() < self.end().unwrap_or(f64::INFINITY)
    }

    fn loop_start(&self) -> f64 {
        self.range.map_or(0.0, |(start, _)| start)
    }

    fn fade_len(&self) -> usize {
        ((FADE_SECS * self.rate_hz) as usize).max(1)
    }

    /// Whether sound goes on after the end, to be faded out.
    fn has_tail(&self) -> bool {
        let cut = self
            .range
            .is_some_and(|(_, end)| end < self.sources.recording().n_frames() as f64);
        cut && !self.looped && self.n_tail < self.fade_len()
    }

    /// Starts a seam that is due; returns the frames until something changes.
    fn before_seam(&mut self, n_left: usize) -> usize {
        if let Some(seam) = &self.seam {
            return (seam.len - seam.n_done).min(n_left);
        }
        if self.loops() {
            let len = self.fade_len().min(self.loop_len() / 4).max(1);
            if n_left > len {
                return self.change_speed().unwrap_or(n_left - len);
            }
            self.start_loop(n_left);
            return n_left;
        }
        self.change_speed().map_or(n_left, |n| n.min(n_left))
    }

    /// Frames of output in a round.
    fn loop_len(&self) -> usize {
        let len = (self.end().unwrap_or(f64::INFINITY) - self.loop_start()) / self.playback.speed();
        len.clamp(1.0, 1e12) as usize
    }

    /// Fades the sound before the start in, so that the start itself comes whole
    /// and to the sample where the end would have been.
    fn start_loop(&mut self, len: usize) {
        let early = self.loop_start() - len as f64 * self.speed;
        self.seam = Some(Seam {
            next: Playback::new(early, self.speed, &self.tables),
            n_done: 0,
            len,
        });
    }

    fn change_speed(&mut self) -> Option<usize> {
        if self.speed == self.playback.speed() {
            return None;
        }
        let len = self.fade_len();
        // The voices meet in the middle of the fade.
        let ahead = (self.playback.speed() - self.speed) * len as f64 / 2.0;
        let start = (self.playback.place() + ahead).round();
        self.seam = Some(Seam {
            next: Playback::new(start, self.speed, &self.tables),
            n_done: 0,
            len,
        });
        Some(len)
    }

    /// Mixes the next playback in, if a seam is on the way.
    fn fade_over(&mut self, n_frames: usize, sounds: &mut SoundFrames) {
        let Some(mut seam) = self.seam.take() else {
            return;
        };
        let mut next = silence(n_frames);
        seam.next
            .render(&self.sources, &self.tables, n_frames, &mut next);
        let sides = sounds.as_flattened_mut().iter_mut();
        for (side, next) in sides.zip(next.as_flattened()) {
            for (i, (sample, next)) in side.iter_mut().zip(next).enumerate() {
                let gain = (seam.n_done + i) as f32 / seam.len as f32;
                *sample += gain * (next - *sample);
            }
        }
        seam.n_done += n_frames;
        match seam.n_done >= seam.len {
            true => self.playback = seam.next,
            false => self.seam = Some(seam),
        }
    }

    /// Fades out what follows the end of the range.
    fn fade_out(&mut self, sounds: &mut SoundFrames) {
        let len = self.fade_len();
        for side in sounds.as_flattened_mut() {
            for (i, sample) in side.iter_mut().enumerate() {
                *sample *= 1.0 - (self.n_tail + i + 1) as f32 / len as f32;
            }
        }
        self.n_tail += sounds[0][0].len();
    }
}
