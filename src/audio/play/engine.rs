//! The thread that keeps the ring full.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::clock::StreamClock;
use super::key::PianoKey;
use super::mixer::MixerSettings;
use super::notice::PlayNotice;
use super::output::OutputDevice;
use super::pcm_file::PcmFile;
use super::render::{Rendered, Renderer};
use super::sources::Sources;
use super::tone::Melody;
use super::transport::Course;

/// How far ahead of the device sound is rendered; edits are heard so much later.
const AHEAD_SECS: f64 = 0.12;
const TICK: Duration = Duration::from_millis(8);
/// How often a pausing player looks around.
const IDLE_TICK: Duration = Duration::from_millis(100);

/// What the player asks for.
pub enum EngineCommand {
    /// A recording, and which of its tracks of sound.
    Open(PathBuf, Option<usize>),
    Close,
    /// The voice of the recording, as far as it is separated.
    Vocals(Option<Arc<PcmFile>>),
    /// Play from somewhere; the number tells the latest of these requests.
    Play(Course, u64),
    Pause,
    Speed(f64),
    Melody(Melody),
    Mixer(MixerSettings),
    /// Sound at a pitch in Hz, or no longer.
    Key(Option<f64>),
    Device(Option<String>),
    ListDevices,
    /// The output of this number was lost.
    Lost(u64),
    Wake(Box<dyn Fn() + Send>),
    Quit,
}

/// What player and engine both see; never locked by the audio callback.
#[derive(Default)]
pub struct EngineState {
    pub clock: StreamClock,
    pub playing: bool,
    /// The playhead stands at the recording's end.
    pub at_end: bool,
    /// No device plays.
    pub silent: bool,
    pub label: Option<String>,
    pub devices: Vec<String>,
    pub notices: Vec<PlayNotice>,
    /// Number of the latest request to play, pause or seek.
    pub request: u64,
}

/// Locks what is shared, whatever happened to another holder.
pub fn lock(shared: &Mutex<EngineState>) -> MutexGuard<'_, EngineState> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Obeys the player, renders ahead, and keeps the playhead.
pub struct Engine {
    pub commands: Receiver<EngineCommand>,
    /// For the output's own words.
    pub sender: Sender<EngineCommand>,
    pub shared: Arc<Mutex<EngineState>>,
    /// Zero of all clocks.
    pub epoch: Instant,
    /// Whether to open no device.
    pub force_silent: bool,
    pub work: Work,
}

/// What the engine is at.
#[derive(Default)]
pub struct Work {
    pub pcm_file: Option<Arc<PcmFile>>,
    pub vocals: Option<Arc<PcmFile>>,
    pub melody: Melody,
    pub mixer: MixerSettings,
    pub key: PianoKey,
    pub speed: f64,
    pub device: Option<String>,
    pub output: Option<OutputDevice>,
    pub n_outputs: u64,
    /// What is to be played, and the request's number.
    pub course: Option<(Course, u64)>,
    pub renderer: Option<Renderer>,
    /// Frames that wait for room in the ring.
    pub pending: VecDeque<[f32; 2]>,
    /// Number of the renderer's first frame, and of the one after its last.
    pub first_index: u64,
    pub end_index: Option<u64>,
    /// When the output was last needed.
    pub used_at: Option<Instant>,
    /// The device's count of fills, and since when it stands there.
    pub pulse: Option<(u64, Instant)>,
    pub told_silent: bool,
    pub wake: Option<Box<dyn Fn() + Send>>,
}

impl Engine {
    /// Serves commands until the player quits.
    pub fn run(mut self) {
        self.work.speed = 1.0;
        loop {
            match self.next_command() {
                Ok(EngineCommand::Quit) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.tick();
        }
    }

    /// Waits no longer than the sound allows; without any, until there is a command.
    fn next_command(&self) -> Result<EngineCommand, RecvTimeoutError> {
        let decoding = self
            .work
            .pcm_file
            .as_ref()
            .is_some_and(|pcm_file| !pcm_file.is_finished());
        if self.work.course.is_some() || self.work.key.is_sounding() {
            self.commands.recv_timeout(TICK)
        } else if self.work.output.is_some() || decoding {
            self.commands.recv_timeout(IDLE_TICK)
        } else {
            self.commands
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected)
        }
    }

    fn obey(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Open(path, track) => {
                self.open(Some(Arc::new(PcmFile::open(&path, track))));
            }
            EngineCommand::Close => self.open(None),
            EngineCommand::Vocals(vocals) => self.set_vocals(vocals),
            EngineCommand::Play(course, request) => self.play(course, request),
            EngineCommand::Pause => self.halt(),
            EngineCommand::Speed(speed) => self.set_speed(speed),
            EngineCommand::Melody(melody) => self.work.melody = melody,
            EngineCommand::Mixer(mixer) => self.work.mixer = mixer,
            EngineCommand::Key(hz) => self.set_key(hz),
            EngineCommand::Device(name) => self.set_device(name),
            EngineCommand::ListDevices => self.list_devices(),
            EngineCommand::Lost(number) if number == self.work.n_outputs => self.reopen(),
            EngineCommand::Lost(_) | EngineCommand::Quit => {}
            EngineCommand::Wake(wake) => self.work.wake = Some(wake),
        }
    }

    fn open(&mut self, pcm_file: Option<Arc<PcmFile>>) {
        self.collect_notices();
        self.halt();
        (self.work.pcm_file, self.work.vocals) = (pcm_file, None);
    }

    fn set_vocals(&mut self, vocals: Option<Arc<PcmFile>>) {
        if let Some(renderer) = &mut self.work.renderer {
            renderer.set_vocals(vocals.clone());
        }
        self.work.vocals = vocals;
    }

    fn play(&mut self, course: Course, request: u64) {
        self.halt();
        self.work.course = Some((course, request));
    }

    /// Ends the sound behind a short fade.
    pub fn halt(&mut self) {
        let work = &mut self.work;
        (work.course, work.renderer, work.end_index) = (None, None, None);
        work.pending.clear();
        if let Some(output) = &mut work.output {
            output.supply.discard();
        }
    }

    fn set_key(&mut self, hz: Option<f64>) {
        match hz {
            Some(hz) => {
                let (rate_hz, _) = self.need_output();
                self.work.key.press(hz, rate_hz);
            }
            None => self.work.key.release(),
        }
    }

    fn set_speed(&mut self, speed: f64) {
        self.work.speed = speed;
        if let Some(renderer) = &mut self.work.renderer {
            renderer.set_speed(speed);
        }
    }

    /// One round: what was heard, what is due, what is over.
    fn tick(&mut self) {
        self.collect_notices();
        self.begin();
        self.feed();
        self.listen();
        self.finish();
        self.check_pulse();
        self.close_idle();
    }

    /// Time on all clocks, in seconds.
    pub fn now(&self) -> f64 {
        self.epoch.elapsed().as_secs_f64()
    }

    /// Tells the window that something happened.
    pub fn wake(&self) {
        if let Some(wake) = &self.work.wake {
            wake();
        }
    }

    /// Passes a notice on.
    pub fn tell(&self, notice: PlayNotice) {
        lock(&self.shared).notices.push(notice);
        self.wake();
    }

    fn collect_notices(&mut self) {
        let pcm_file = self.work.pcm_file.as_ref();
        for notice in pcm_file
            .map(|pcm_file| pcm_file.take_notices())
            .unwrap_or_default()
        {
            self.tell(notice);
        }
    }

    /// Starts what is to be played, once the recording is open.
    fn begin(&mut self) {
        let Some((course, request)) = self.work.course else {
            return;
        };
        if self.work.renderer.is_some() {
            return;
        }
        let Some(pcm_file) = self.work.pcm_file.clone() else {
            return self.stop(request, course.from_secs);
        };
        let Some(source_hz) = pcm_file.rate_hz() else {
            if pcm_file.is_finished() {
                self.stop(request, course.from_secs);
            }
            return;
        };
        let (device_hz, index) = self.need_output();
        let index = index + self.work.pending.len() as u64;
        let (mixer, speed) = (self.work.mixer, self.work.speed);
        let sources = Sources::new(pcm_file, self.work.vocals.clone());
        match Renderer::new(sources, (source_hz, device_hz), course, speed, &mixer) {
            Ok(renderer) => {
                self.work.renderer = Some(renderer);
                self.work.first_index = index;
            }
            Err(error) => {
                self.tell(PlayNotice::Recording(error.to_string()));
                return self.stop(request, course.from_secs);
            }
        }
        let mut shared = lock(&self.shared);
        if shared.request == request {
            shared.clock.release_at(index);
        }
    }

    /// Renders ahead, and pushes what the ring takes.
    fn feed(&mut self) {
        let work = &mut self.work;
        let Some(output) = &mut work.output else {
            return;
        };
        let ahead = (AHEAD_SECS * f64::from(output.rate_hz)) as usize;
        let ahead = ahead.max(2 * output.supply.largest_fill());
        let n_before = work.pending.len();
        if work.renderer.is_none() && work.key.is_sounding() {
            // nothing but the key is heard
            let n_there = output.supply.n_waiting() + n_before;
            let n_frames = n_before + ahead.saturating_sub(n_there);
            work.pending.resize(n_frames, [0.0; 2]);
        }
        let mut pieces = Vec::new();
        while let Some(renderer) = &mut work.renderer
            && work.end_index.is_none()
            && output.supply.n_waiting() + work.pending.len() < ahead
        {
            let mut index = output.supply.n_pushed() + work.pending.len() as u64;
            let rendered =
                renderer.render(&work.melody, &work.mixer, &mut work.pending, &mut pieces);
            let mut shared = lock(&self.shared);
            for piece in pieces.drain(..) {
                shared.clock.add_piece(index, piece);
                index += piece.n_frames as u64;
            }
            match rendered {
                Rendered::More => {}
                Rendered::Wait => break,
                Rendered::End => work.end_index = Some(index),
            }
        }
        work.key.mix(work.pending.range_mut(n_before..));
        while let Some(frame) = work.pending.pop_front() {
            if let Err(frame) = output.supply.push(frame) {
                work.pending.push_front(frame);
                break;
            }
        }
    }

    /// Tells the clock what was heard.
    fn listen(&mut self) {
        let now = self.epoch.elapsed().as_secs_f64();
        let Some(output) = &mut self.work.output else {
            return;
        };
        output.tick(now);
        let mut shared = lock(&self.shared);
        while let Some(span) = output.supply.next_span() {
            shared.clock.add_span(span);
        }
        shared.clock.prune(now);
    }

    /// Stops once the last frame was heard.
    fn finish(&mut self) {
        let (Some(end), Some((course, request))) = (self.work.end_index, self.work.course) else {
            return;
        };
        let heard = lock(&self.shared).clock.heard(self.now());
        // From beyond the end on there is nothing to be heard.
        let nothing = end == self.work.first_index;
        if nothing || heard.is_some_and(|heard| heard > end as f64 - 0.5) {
            let last = course.range_secs.filter(|(_, end)| course.from_secs < *end);
            let end = last.map_or(f64::INFINITY, |(_, end)| end);
            self.stop(request, end.min(self.duration_secs()));
        }
    }

    fn duration_secs(&self) -> f64 {
        let pcm_file = self.work.pcm_file.as_ref();
        pcm_file.map_or(0.0, |pcm_file| {
            pcm_file.n_frames() as f64 / f64::from(pcm_file.rate_hz().unwrap_or(1))
        })
    }

    /// Nothing plays any more; the playhead stands at `secs`.
    fn stop(&mut self, request: u64, secs: f64) {
        self.halt();
        let duration_secs = self.duration_secs();
        let mut shared = lock(&self.shared);
        if shared.request == request {
            shared.playing = false;
            shared.at_end = secs >= duration_secs;
            shared.clock.freeze(secs);
        }
        drop(shared);
        self.wake();
    }
}
