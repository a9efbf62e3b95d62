//! What the device is to play: recording and tones at its rate.

use std::collections::VecDeque;
use std::sync::Arc;

use super::mixer::{Faders, MixerSettings};
use super::pcm_file::PcmFile;
use super::stretch::StretchTables;
use super::tone::{Melody, Tone};
use super::transport::{Course, Segment, Transport, TransportStep};
use crate::audio::{AudioError, Resampler};

/// Frames of the recording rendered at a time.
const BLOCK: usize = 512;

/// A run of rendered frames at even steps through the recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenderedPiece {
    /// Frames at the device's rate.
    pub n_frames: usize,
    /// Place of the first one in seconds of the recording.
    pub song_secs: f64,
    /// Seconds of the recording from one frame to the next.
    pub secs_per_frame: f64,
}

/// What a call of [`Renderer::render`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendered {
    /// There may be more.
    More,
    /// The recording is not decoded so far yet.
    Wait,
    /// This was the last.
    End,
}

/// Renders from one place on: a new one begins after a seek.
pub struct Renderer {
    transport: Transport,
    resamplers: [Resampler; 2],
    source_hz: u64,
    device_hz: u64,
    /// Where the resampled frames belong: end in frames of the source, and the segment.
    segments: VecDeque<(u64, Segment)>,
    n_source: u64,
    n_out: u64,
    tones: [Tone; 2],
    faders: Faders,
    block: [Vec<f32>; 2],
    ended: bool,
}

impl Renderer {
    /// Ready at the start of the course; `source_hz` is the file's rate.
    ///
    /// # Errors
    /// [`AudioError::Rate`] for rates that cannot be converted.
    pub fn new(
        pcm_file: Arc<PcmFile>,
        rates_hz: (u32, u32),
        course: Course,
        speed: f64,
        mixer: &MixerSettings,
    ) -> Result<Self, AudioError> {
        let (source_hz, device_hz) = rates_hz;
        let tables = Arc::new(StretchTables::new(source_hz));
        let resampler = || Resampler::new(source_hz, device_hz);
        Ok(Self {
            transport: Transport::new(pcm_file, source_hz, tables, course, speed),
            resamplers: [resampler()?, resampler()?],
            source_hz: source_hz.into(),
            device_hz: device_hz.into(),
            segments: VecDeque::new(),
            n_source: 0,
            n_out: 0,
            tones: [Tone::of_f0(device_hz), Tone::of_notes(device_hz)],
            faders: Faders::new(mixer, device_hz),
            block: Default::default(),
            ended: false,
        })
    }

    /// Changes the speed from the next block on.
    pub fn set_speed(&mut self, speed: f64) {
        self.transport.set_speed(speed);
    }

    /// Renders one block: appends frames to `out`, and to `pieces` where they belong.
    pub fn render(
        &mut self,
        melody: &Melody,
        mixer: &MixerSettings,
        out: &mut VecDeque<[f32; 2]>,
        pieces: &mut Vec<RenderedPiece>,
    ) -> Rendered {
        if self.ended {
            return Rendered::End;
        }
        let [left, right] = &mut self.block;
        let resampled = match self.transport.step(BLOCK, left, right) {
            TransportStep::Wait => return Rendered::Wait,
            TransportStep::End => {
                self.ended = true;
                self.resamplers.each_mut().map(Resampler::finish)
            }
            TransportStep::Frames(segment) => {
                self.n_source += segment.n_frames as u64;
                self.segments.push_back((self.n_source, segment));
                let [left_side, right_side] = &mut self.resamplers;
                [left_side.push(left), right_side.push(right)]
            }
        };
        self.mix(&resampled, melody, mixer, out, pieces);
        if self.ended {
            Rendered::End
        } else {
            Rendered::More
        }
    }

    /// Adds the tones, run by run.
    fn mix(
        &mut self,
        sound: &[Vec<f32>; 2],
        melody: &Melody,
        mixer: &MixerSettings,
        out: &mut VecDeque<[f32; 2]>,
        pieces: &mut Vec<RenderedPiece>,
    ) {
        let mut done = 0;
        while done < sound[0].len() {
            let piece = self.piece(sound[0].len() - done);
            let range = done..done + piece.n_frames;
            let sides = [&sound[0][range.clone()], &sound[1][range]];
            self.mix_piece(sides, &piece, melody, mixer, out);
            pieces.push(piece);
            done += piece.n_frames;
            self.n_out += piece.n_frames as u64;
        }
    }

    /// Where the next frames belong, at most `n_most` of them.
    fn piece(&mut self, n_most: usize) -> RenderedPiece {
        let end_of = |n_source: u64| (n_source * self.device_hz).div_ceil(self.source_hz);
        while self.segments.len() > 1 && end_of(self.segments[0].0) <= self.n_out {
            self.segments.pop_front();
        }
        let Some(&(end, segment)) = self.segments.front() else {
            return RenderedPiece {
                n_frames: n_most,
                song_secs: self.transport.song_secs(),
                secs_per_frame: 0.0,
            };
        };
        let n_left = end_of(end).saturating_sub(self.n_out) as usize;
        let start_secs = (end - segment.n_frames as u64) as f64 / self.source_hz as f64;
        let since_start = self.n_out as f64 / self.device_hz as f64 - start_secs;
        RenderedPiece {
            n_frames: if n_left == 0 {
                n_most
            } else {
                n_left.min(n_most)
            },
            song_secs: segment.song_secs + since_start * segment.speed,
            secs_per_frame: segment.speed / self.device_hz as f64,
        }
    }

    fn mix_piece(
        &mut self,
        [left, right]: [&[f32]; 2],
        piece: &RenderedPiece,
        melody: &Melody,
        mixer: &MixerSettings,
        out: &mut VecDeque<[f32; 2]>,
    ) {
        let speed = piece.secs_per_frame * self.device_hz as f64;
        let mut tones = [vec![0.0; left.len()], vec![0.0; left.len()]];
        let [f0, note] = &mut self.tones;
        f0.render(
            |secs| melody.f0_at(secs),
            piece.song_secs,
            speed,
            &mut tones[0],
        );
        note.render(
            |secs| melody.note_at(secs),
            piece.song_secs,
            speed,
            &mut tones[1],
        );
        let gains = mixer.gains();
        for i in 0..left.len() {
            let frames = [[left[i], right[i]], [tones[0][i]; 2], [tones[1][i]; 2]];
            out.push_back(self.faders.mix(frames, &gains));
        }
    }
}
