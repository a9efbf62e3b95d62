//! What the device is to play: recording, stems and tones at its rate.

use std::collections::VecDeque;
use std::sync::Arc;

use super::mixer::{Faders, MixerSettings};
use super::pcm_file::PcmFile;
use super::sources::{N_SOUNDS, SoundFrames, Sources};
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
    resamplers: [[Resampler; 2]; N_SOUNDS],
    source_hz: u64,
    device_hz: u64,
    /// Where the resampled frames belong: end in frames of the source, and the segment.
    segments: VecDeque<(u64, Segment)>,
    n_source: u64,
    n_out: u64,
    tones: [Tone; 2],
    faders: Faders,
    block: SoundFrames,
    ended: bool,
}

impl Renderer {
    /// Ready at the start of the course; `source_hz` is the file's rate.
    ///
    /// # Errors
    /// [`AudioError::Rate`] for rates that cannot be converted.
    pub fn new(
        sources: Sources,
        rates_hz: (u32, u32),
        course: Course,
        speed: f64,
        mixer: &MixerSettings,
    ) -> Result<Self, AudioError> {
        let (source_hz, device_hz) = rates_hz;
        let tables = Arc::new(StretchTables::new(source_hz));
        let resampler = || Resampler::new(source_hz, device_hz);
        let pair = || Ok::<_, AudioError>([resampler()?, resampler()?]);
        Ok(Self {
            transport: Transport::new(sources, source_hz, tables, course, speed),
            resamplers: [pair()?, pair()?, pair()?],
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

    /// Plays another voice from the next block on, or none.
    pub fn set_vocals(&mut self, vocals: Option<Arc<PcmFile>>) {
        self.transport.set_vocals(vocals);
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
        let step = self.transport.step(BLOCK, &mut self.block);
        let resampled: SoundFrames = match step {
            TransportStep::Wait => return Rendered::Wait,
            TransportStep::End => {
                self.ended = true;
                let finish = |pair: &mut [Resampler; 2]| pair.each_mut().map(Resampler::finish);
                self.resamplers.each_mut().map(finish)
            }
            TransportStep::Frames(segment) => {
                self.n_source += segment.n_frames as u64;
                self.segments.push_back((self.n_source, segment));
                self.resample_block()
            }
        };
        self.mix(&resampled, melody, mixer, out, pieces);
        if self.ended {
            Rendered::End
        } else {
            Rendered::More
        }
    }

    fn resample_block(&mut self) -> SoundFrames {
        let mut resampled = SoundFrames::default();
        let resamplers = self.resamplers.as_flattened_mut().iter_mut();
        let sides = resamplers.zip(self.block.as_flattened());
        for (resampled, (resampler, side)) in resampled.as_flattened_mut().iter_mut().zip(sides) {
            *resampled = resampler.push(side);
        }
        resampled
    }

    /// Adds the tones, run by run.
    fn mix(
        &mut self,
        sounds: &SoundFrames,
        melody: &Melody,
        mixer: &MixerSettings,
        out: &mut VecDeque<[f32; 2]>,
        pieces: &mut Vec<RenderedPiece>,
    ) {
        let mut done = 0;
        let n_frames = sounds[0][0].len();
        while done < n_frames {
            let piece = self.piece(n_frames - done);
            self.mix_piece((sounds, done), &piece, melody, mixer, out);
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
        (sounds, first): (&SoundFrames, usize),
        piece: &RenderedPiece,
        melody: &Melody,
        mixer: &MixerSettings,
        out: &mut VecDeque<[f32; 2]>,
    ) {
        let speed = piece.secs_per_frame * self.device_hz as f64;
        let mut tones = [vec![0.0; piece.n_frames], vec![0.0; piece.n_frames]];
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
        for i in 0..piece.n_frames {
            let [recording, voice, accompaniment] = sounds
                .each_ref()
                .map(|it| [it[0][first + i], it[1][first + i]]);
            let tones = [[tones[0][i]; 2], [tones[1][i]; 2]];
            let frames = [recording, voice, accompaniment, tones[0], tones[1]];
            out.push_back(self.faders.mix(frames, &gains));
        }
    }
}
