//! Playing, as commands ask for it; the playhead.

use std::ops::Range;
use std::sync::Arc;

use super::App;
use super::command::PlayCommand;
use super::notice::Notice;
use crate::annotation::Selection;
use crate::audio::play::{MAX_SPEED, MIN_SPEED, PlayNotice};

/// Seconds that an arrow key moves the playhead.
const STEP_SECS: f64 = 1.0;
/// Factor of a step in speed.
const SPEED_STEP: f64 = 0.1;

impl App {
    pub(super) fn play(&mut self, command: PlayCommand) {
        if self.session.is_none() {
            return;
        }
        let now = self.player.playhead_secs();
        match command {
            PlayCommand::Toggle if self.player.is_playing() => self.player.pause(),
            PlayCommand::Toggle => self.start(None),
            PlayCommand::Selection => self.start(self.selected_secs()),
            PlayCommand::Loop => {
                self.looping ^= true;
                self.loop_changed();
            }
            PlayCommand::Tone => self.toggle_tone(),
            PlayCommand::Slower => self.set_speed(self.player.speed() - SPEED_STEP),
            PlayCommand::Faster => self.set_speed(self.player.speed() + SPEED_STEP),
            PlayCommand::NormalSpeed => self.set_speed(1.0),
            PlayCommand::Speed(speed) => self.set_speed(speed),
            PlayCommand::Seek(secs) => self.seek(secs),
            PlayCommand::Back => self.seek(now - STEP_SECS),
            PlayCommand::On => self.seek(now + STEP_SECS),
            PlayCommand::ToStart => self.seek(0.0),
            PlayCommand::ToEnd => self.seek(f64::INFINITY),
            PlayCommand::PreviousNote => self.go_to_note(false),
            PlayCommand::NextNote => self.go_to_note(true),
            PlayCommand::Mix(mixer) => self.player.set_mixer(mixer),
        }
    }

    fn start(&mut self, range: Option<Range<f64>>) {
        let range = match self.looping {
            true => range.or_else(|| self.selected_secs()),
            false => range,
        };
        self.player.play(range, self.looping);
    }

    /// A loop that plays follows the selection.
    pub(super) fn loop_changed(&mut self) {
        if self.looping && self.player.is_playing() {
            self.start(None);
        }
    }

    fn toggle_tone(&mut self) {
        let mut mixer = self.player.mixer();
        mixer.f0_tone.mute ^= true;
        self.player.set_mixer(mixer);
        if !mixer.f0_tone.mute && !self.player.is_playing() {
            self.start(None);
        }
    }

    fn set_speed(&mut self, speed: f64) {
        let tenths = (10.0 * speed).round() / 10.0;
        self.player.set_speed(tenths.clamp(MIN_SPEED, MAX_SPEED));
    }

    fn seek(&mut self, secs: f64) {
        let Some(session) = &self.session else {
            return;
        };
        let bounds = session.bounds();
        let secs = secs.clamp(0.0, bounds.end_secs);
        self.player.seek(secs);
        if !self.view.secs().contains(&secs) {
            self.view.center_on(secs, &bounds);
        }
    }

    fn go_to_note(&mut self, next: bool) {
        let Some(session) = &self.session else {
            return;
        };
        let now = self.player.playhead_secs();
        let notes = session.notes();
        let near = 0.01;
        let found = match next {
            true => notes.iter().position(|note| note.onset_secs > now + near),
            false => notes.iter().rposition(|note| note.onset_secs < now - near),
        };
        if let Some(i) = found {
            let onset = notes[i].onset_secs;
            let id = session.note_id(i);
            self.select(Selection::Notes(id.into_iter().collect()));
            self.seek(onset);
        }
    }

    /// The tones follow what is shown.
    pub(super) fn melody_changed(&mut self) {
        if let Some(session) = &self.session {
            let f0 = Arc::new(session.f0().clone());
            self.player.set_melody(f0, session.notes().into());
        }
    }

    /// Follows the playhead, and passes on what the player has to say.
    pub(super) fn follow(&mut self) {
        for notice in self.player.take_notices() {
            // what is wrong with the recording, the analysis says
            if !matches!(notice, PlayNotice::Recording(_)) {
                self.notices.push(Notice::warning(notice.to_string()));
            }
        }
        if let Some(session) = &self.session
            && self.player.is_playing()
        {
            let (secs, bounds) = (self.player.playhead_secs(), session.bounds());
            self.view
                .follow_playhead(secs, self.settings.follow, &bounds);
            self.ctx.request_repaint();
        }
    }
}
