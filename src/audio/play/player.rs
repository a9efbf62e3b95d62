//! The window's handle on the sound.

use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use super::engine::{Engine, EngineCommand, EngineState, Work, lock};
use super::mixer::MixerSettings;
use super::notice::PlayNotice;
use super::pcm_file::PcmFile;
use super::tone::Melody;
use super::transport::Course;
use super::{MAX_SPEED, MIN_SPEED};
use crate::melody::{F0Track, Note};

/// Set to `none`, no device is opened: the playhead runs in silence.
pub const OUTPUT_VARIABLE: &str = "MELOGRAPH_AUDIO";

/// Plays one recording at a time; no call waits for the sound.
pub struct Player {
    commands: Sender<EngineCommand>,
    shared: Arc<Mutex<EngineState>>,
    epoch: Instant,
    /// Whether there is a thread that plays.
    is_alive: bool,
    is_open: bool,
    speed: f64,
    mixer: MixerSettings,
    device: Option<String>,
    /// What plays now, or played last.
    course: Course,
}

impl Default for Player {
    fn default() -> Self {
        Self::new()
    }
}

impl Player {
    /// A player without a recording; opens no device until something plays.
    pub fn new() -> Self {
        let silent = std::env::var_os(OUTPUT_VARIABLE).is_some_and(|value| value == "none");
        Self::start(silent)
    }

    /// A player that opens no device at all.
    pub fn silent() -> Self {
        Self::start(true)
    }

    fn start(force_silent: bool) -> Self {
        let (sender, commands) = channel();
        let shared = Arc::new(Mutex::new(EngineState::default()));
        let epoch = Instant::now();
        let engine = Engine {
            commands,
            sender: sender.clone(),
            shared: shared.clone(),
            epoch,
            force_silent,
            work: Work::default(),
        };
        let thread = thread::Builder::new().name("sound".into());
        let thread = thread.spawn(move || engine.run());
        lock(&shared).silent = force_silent;
        if thread.is_err() {
            lock(&shared).notices.push(PlayNotice::NoThread);
        }
        Self {
            commands: sender,
            shared,
            epoch,
            is_alive: thread.is_ok(),
            is_open: false,
            speed: 1.0,
            mixer: MixerSettings::default(),
            device: None,
            course: Course::default(),
        }
    }

    /// `wake` is called, on another thread, when the sound ends by itself, a notice
    /// comes, or the devices are listed.
    pub fn set_wake(&mut self, wake: impl Fn() + Send + 'static) {
        self.send(EngineCommand::Wake(Box::new(wake)));
    }

    /// Takes up a recording, from its start. What cannot be played becomes a notice.
    pub fn open(&mut self, path: &Path) {
        self.open_track(path, None);
    }

    /// Takes up one of a recording's tracks of sound, from its start.
    pub fn open_track(&mut self, path: &Path, track: Option<usize>) {
        self.stand_at(0.0);
        self.is_open = true;
        self.send(EngineCommand::Open(path.to_path_buf(), track));
    }

    /// Lays the recording aside.
    pub fn close(&mut self) {
        self.stand_at(0.0);
        self.is_open = false;
        self.send(EngineCommand::Close);
    }

    /// Plays a range of seconds, or from the playhead (at the end: from the start).
    ///
    /// A loop leads back to the range's start, or to the recording's.
    pub fn play(&mut self, range: Option<Range<f64>>, looped: bool) {
        let range_secs = range.map(|range| (range.start.max(0.0), range.end));
        let from_secs = match range_secs {
            Some((start, _)) => start,
            None if lock(&self.shared).at_end => 0.0,
            None => self.playhead_secs(),
        };
        self.course = Course {
            from_secs,
            range_secs,
            looped,
        };
        self.play_course();
    }

    /// Stops; the playhead stays at what was heard last.
    pub fn pause(&mut self) {
        let mut shared = lock(&self.shared);
        shared.playing = false;
        shared.request += 1;
        drop(shared);
        self.send(EngineCommand::Pause);
    }

    /// Whether sound is on its way or heard.
    pub fn is_playing(&self) -> bool {
        lock(&self.shared).playing
    }

    /// Moves the playhead, and the sound with it. Beyond the end of a range that
    /// plays, the recording goes on to its own end.
    pub fn seek(&mut self, secs: f64) {
        let secs = if secs.is_finite() { secs.max(0.0) } else { 0.0 };
        if self.is_playing() {
            self.course.from_secs = secs;
            self.play_course();
        } else {
            self.stand_at(secs);
        }
    }

    /// Place in the recording, in seconds, of what is heard now.
    pub fn playhead_secs(&self) -> f64 {
        let now = self.epoch.elapsed().as_secs_f64();
        lock(&self.shared).clock.playhead_secs(now)
    }

    /// Plays at another speed with the same pitch, from [`MIN_SPEED`] to [`MAX_SPEED`].
    pub fn set_speed(&mut self, speed: f64) {
        self.speed = if speed.is_nan() {
            1.0
        } else {
            speed.clamp(MIN_SPEED, MAX_SPEED)
        };
        self.send(EngineCommand::Speed(self.speed));
    }

    /// Seconds of the recording in a second.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// The recording's voice, as far as it is separated; `None` for none. It has the recording's rate.
    pub fn set_vocals(&mut self, vocals: Option<Arc<PcmFile>>) {
        self.send(EngineCommand::Vocals(vocals));
    }

    /// What the tones follow from now on.
    pub fn set_melody(&mut self, f0: Arc<F0Track>, notes: Arc<[Note]>) {
        self.send(EngineCommand::Melody(Melody { f0, notes }));
    }

    /// Levels and sides.
    pub fn mixer(&self) -> MixerSettings {
        self.mixer
    }

    /// Changes levels and sides.
    pub fn set_mixer(&mut self, mixer: MixerSettings) {
        self.mixer = mixer;
        self.send(EngineCommand::Mixer(mixer));
    }

    /// Sounds a tone at this pitch in Hz, over what plays, until it is let go with `None`.
    pub fn press_key(&mut self, hz: Option<f64>) {
        self.send(EngineCommand::Key(hz));
    }

    /// Asks for the list of devices; it comes later.
    pub fn list_devices(&mut self) {
        self.send(EngineCommand::ListDevices);
    }

    /// Names of devices, as listed last.
    pub fn devices(&self) -> Vec<String> {
        lock(&self.shared).devices.clone()
    }

    /// Plays on a device by name, or on the system's default one. If it cannot be
    /// used, a notice says on which one sound plays instead.
    pub fn set_device(&mut self, device: Option<String>) {
        self.device.clone_from(&device);
        self.send(EngineCommand::Device(device));
    }

    /// The chosen device.
    pub fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// Name of the device that played last; `None` before, and on the silent clock.
    pub fn device_label(&self) -> Option<String> {
        lock(&self.shared).label.clone()
    }

    /// Whether the playhead runs without sound, for want of a device.
    pub fn is_silent(&self) -> bool {
        lock(&self.shared).silent
    }

    /// Takes what went wrong since the last call.
    pub fn take_notices(&mut self) -> Vec<PlayNotice> {
        std::mem::take(&mut lock(&self.shared).notices)
    }

    fn play_course(&mut self) {
        if !self.is_open || !self.is_alive {
            return;
        }
        let request = self.freeze_playhead(self.course.from_secs, true);
        self.send(EngineCommand::Play(self.course, request));
    }

    /// Ends the sound and puts the playhead down.
    fn stand_at(&mut self, secs: f64) {
        self.freeze_playhead(secs, false);
        self.send(EngineCommand::Pause);
    }

    /// Holds the playhead until sound from there is heard; returns the request's number.
    fn freeze_playhead(&self, secs: f64, playing: bool) -> u64 {
        let mut shared = lock(&self.shared);
        shared.playing = playing;
        shared.at_end = false;
        shared.clock.freeze(secs);
        shared.request += 1;
        shared.request
    }

    /// Nobody listens if no thread could be started; a notice said so.
    fn send(&self, command: EngineCommand) {
        let _ = self.commands.send(command);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        // Not waited for: closing a device can take long.
        self.send(EngineCommand::Quit);
    }
}
