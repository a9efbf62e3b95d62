//! The player, its loop, and the melody as tones.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use eframe::egui::Context;

use crate::annotation::Selection;
use crate::annotation::selection::seconds_of;
use crate::app::event::OwnerEvent;
use crate::app::notice::Notice;
use crate::app::view_state::Follow;
use crate::app::workspace::session::SessionStems;
use crate::app::workspace::{OpenSession, SeparationState, Session};
use crate::audio::play::{Heard, MAX_SPEED, MIN_SPEED, PlayNotice, Player};

/// Places closer than this, in seconds, are the same.
const SAME_PLACE_SECS: f64 = 0.001;
/// Seconds on either side that are heard with a doubtful passage.
const AROUND_SECS: f64 = 0.4;

/// Owner of the player.
pub struct Sound {
    pub(super) player: Player,
    looping: bool,
    events: Vec<OwnerEvent>,
}

impl Sound {
    /// Plays by `player` on `device`, and wakes `ctx` when something changes.
    pub fn new(mut player: Player, ctx: Context, device: Option<String>) -> Self {
        player.set_wake(move || ctx.request_repaint());
        if device.is_some() {
            player.set_device(device);
        }
        Self {
            player,
            looping: false,
            events: Vec::new(),
        }
    }

    /// What plays.
    pub fn player(&self) -> &Player {
        &self.player
    }

    /// Whether what plays begins again at its end.
    pub fn is_looping(&self) -> bool {
        self.looping
    }

    /// Events for the other owners, oldest first.
    pub fn take_events(&mut self) -> Vec<OwnerEvent> {
        std::mem::take(&mut self.events)
    }

    /// Makes another recording ready to be played.
    pub fn open(&mut self, path: &Path, track: Option<usize>) {
        self.player.open_track(path, track);
    }

    /// Falls silent.
    pub fn close(&mut self) {
        self.player.close();
    }

    /// Plays on another device; none for the system's own choice.
    pub fn set_device(&mut self, device: Option<String>) {
        self.player.set_device(device);
    }

    /// Looks for sound devices.
    pub fn list_devices(&mut self) {
        self.player.list_devices();
    }

    /// The tones follow what is shown.
    pub fn set_melody(&mut self, session: &Session) {
        let f0 = Arc::new(session.f0().clone());
        self.player.set_melody(f0, session.notes().into());
    }

    /// The voice is what is separated; without any, the recording is heard as it is.
    pub fn set_vocals(&mut self, stems: Option<&SessionStems>) {
        let vocals = stems.and_then(SessionStems::sound);
        let comes = stems.is_some_and(|stems| stems.state != SeparationState::Absent);
        let mut mixer = self.player.mixer();
        let needs_stems = matches!(mixer.heard(), Some(Heard::Voice | Heard::Accompaniment));
        if vocals.is_none() && !comes && needs_stems {
            mixer.hear(Heard::Recording);
            self.player.set_mixer(mixer);
        }
        self.player.set_vocals(vocals);
    }

    /// A loop that plays follows the selection.
    pub fn selection_changed(&mut self, open: &OpenSession) {
        if self.looping && self.player.is_playing() {
            self.play(None, open);
        }
    }

    /// Plays from this time on, in seconds, as far as the recording has it.
    pub fn seek(&mut self, secs: f64, open: &OpenSession) {
        let secs = secs.clamp(0.0, open.session.bounds().end_secs);
        self.player.seek(secs);
        self.events.push(OwnerEvent::ShowTime(secs));
    }

    /// Keeps the playhead in sight; false while nothing plays.
    pub fn follow(&self, open: &mut OpenSession, mode: Follow) -> bool {
        if self.player.is_playing() {
            let bounds = open.session.bounds();
            let secs = self.player.playhead_secs();
            open.view.follow_playhead(secs, mode, &bounds);
        }
        self.player.is_playing()
    }

    /// Passes on the player's notices.
    pub fn take_notices(&mut self) {
        for notice in self.player.take_notices() {
            // the analysis reports what is wrong with the recording
            if !matches!(notice, PlayNotice::Recording(_)) {
                let notice = Notice::warning(notice.to_string());
                self.events.push(OwnerEvent::Notice(notice));
            }
        }
    }

    pub(super) fn toggle_play(&mut self, open: &OpenSession) {
        match self.player.is_playing() {
            true => self.player.pause(),
            false => self.play(None, open),
        }
    }

    /// Plays a range in seconds, or from the playhead on; a loop without one takes the selection.
    pub(super) fn play(&mut self, range: Option<Range<f64>>, open: &OpenSession) {
        let range = match self.looping {
            true => range.or_else(|| open.selected_secs()),
            false => range,
        };
        self.player.play(range, self.looping);
    }

    pub(super) fn toggle_loop(&mut self, open: &OpenSession) {
        self.looping ^= true;
        self.selection_changed(open);
    }

    pub(super) fn toggle_tone(&mut self, open: &OpenSession) {
        let mut mixer = self.player.mixer();
        mixer.f0_tone.mute ^= true;
        self.player.set_mixer(mixer);
        if !mixer.f0_tone.mute && !self.player.is_playing() {
            self.play(None, open);
        }
    }

    pub(super) fn hear(&mut self, heard: Heard, open: &OpenSession) {
        let mut mixer = self.player.mixer();
        let is_heard = mixer.heard() == Some(heard);
        mixer.hear(if is_heard { Heard::Recording } else { heard });
        self.player.set_mixer(mixer);
        let stems = &open.session.stems;
        let is_stem = mixer.heard() != Some(Heard::Recording);
        if is_stem && stems.state == SeparationState::Absent && !stems.are_there() {
            self.events.push(OwnerEvent::SeparationWanted);
        }
    }

    pub(super) fn set_speed(&mut self, speed: f64) {
        let tenths = (10.0 * speed).round() / 10.0;
        self.player.set_speed(tenths.clamp(MIN_SPEED, MAX_SPEED));
    }

    /// Selects, shows and plays the next doubtful passage, or the one before.
    pub(super) fn go_to_doubt(&mut self, forward: bool, open: &OpenSession) {
        let all = open.session.doubtful();
        let here = open.place_secs(self.player.playhead_secs());
        let grid = open.session.f0().grid;
        let spans: Vec<_> = all.iter().map(|it| seconds_of(grid, &it.frames)).collect();
        let place = match forward {
            true => spans
                .iter()
                .position(|it| it.start > here + SAME_PLACE_SECS),
            false => spans
                .iter()
                .rposition(|it| it.start < here - SAME_PLACE_SECS),
        };
        let Some(place) = place else {
            let text = match (&open.session.document, forward) {
                (None, _) => "What is doubtful is known once the analysis is done.",
                (_, true) => "Nothing behind this is doubtful.",
                (_, false) => "Nothing before this is doubtful.",
            };
            return self.events.push(OwnerEvent::Notice(Notice::info(text)));
        };
        let secs = spans[place].clone();
        let (n, label) = (spans.len(), all[place].doubt.label());
        let text = format!("Doubtful passage {} of {n}: {label}.", place + 1);
        self.events.extend([
            OwnerEvent::Select(Selection::Span(secs.clone())),
            OwnerEvent::Frame(secs.clone()),
            OwnerEvent::Notice(Notice::info(text)),
        ]);
        let heard = (secs.start - AROUND_SECS).max(0.0)..secs.end + AROUND_SECS;
        self.player.play(Some(heard), self.looping);
    }

    /// Selects from a time on: up to where the selection ends, else to the end of what is seen.
    pub(super) fn select_from(&mut self, secs: f64, open: &OpenSession) {
        let selected = open.selected_secs().map(|selected| selected.end);
        let end = selected.filter(|end| *end > secs);
        let end = end.unwrap_or_else(|| open.view.secs().end.max(secs));
        self.select(secs..end);
    }

    /// Selects up to a time: from where the selection begins, else from the start of what is seen.
    pub(super) fn select_to(&mut self, secs: f64, open: &OpenSession) {
        let selected = open.selected_secs().map(|selected| selected.start);
        let start = selected.filter(|start| *start < secs);
        let start = start.unwrap_or_else(|| open.view.secs().start.min(secs));
        self.select(start..secs);
    }

    /// Selects from the beginning of a note on, up to the end of the selection or the playhead.
    pub(super) fn extend_back(&mut self, note: Option<usize>, now: f64, open: &OpenSession) {
        if let Some(i) = note {
            let onset = open.session.notes()[i].onset_secs;
            let end = open.selected_secs().map_or(now, |selected| selected.end);
            self.events.push(OwnerEvent::ShowTime(onset));
            self.select(onset..end);
        }
    }

    /// Selects up to the end of a note, from the beginning of the selection or the playhead on.
    pub(super) fn extend_forward(&mut self, note: Option<usize>, now: f64, open: &OpenSession) {
        if let Some(i) = note {
            let offset = open.session.notes()[i].offset_secs;
            let start = open.selected_secs().map_or(now, |selected| selected.start);
            self.events.push(OwnerEvent::ShowTime(offset));
            self.select(start..offset);
        }
    }

    fn select(&mut self, secs: Range<f64>) {
        let span = Selection::Span(secs);
        self.events.push(OwnerEvent::Select(span));
    }

    pub(super) fn go_to_note(&mut self, index: Option<usize>, open: &OpenSession) {
        if let Some(i) = index {
            let onset = open.session.notes()[i].onset_secs;
            let id = open.session.note_id(i);
            let note = Selection::Notes(id.into_iter().collect());
            self.events
                .extend([OwnerEvent::Select(note), OwnerEvent::Seek(onset)]);
        }
    }
}
