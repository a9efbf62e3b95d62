//! What a person can ask of the sound.

use super::Sound;
use crate::app::workspace::OpenSession;
use crate::audio::play::{Heard, MixerSettings};

/// Seconds that an arrow key moves the playhead.
const STEP_SECS: f64 = 1.0;
/// Step of the speed.
const SPEED_STEP: f64 = 0.1;
/// A note that begins within so many seconds of the playhead is the present one.
const AT_NOTE_SECS: f64 = 0.01;

/// Playing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SoundCommand {
    /// Play or pause.
    TogglePlay,
    /// Play what is selected.
    PlaySelection,
    /// Play what is selected, or everything, again and again; or no longer.
    ToggleLoop,
    /// Hear the contour as a tone, or no longer.
    ToggleTone,
    /// Hear the voice alone, or all but the voice; the whole again if that is what is heard.
    Hear(Heard),
    /// Play slower.
    Slower,
    /// Play faster.
    Faster,
    /// Play at the recording's own speed.
    NormalSpeed,
    /// Play at this speed.
    SetSpeed(f64),
    /// Go to this time in seconds.
    Seek(f64),
    /// Go back a little.
    Back,
    /// Go forward a little.
    Forward,
    /// Go to the start.
    ToStart,
    /// Go to the end.
    ToEnd,
    /// Go to the note before, and select it.
    PreviousNote,
    /// Go to the note after, and select it.
    NextNote,
    /// Go to the doubtful passage before: select, show and play it.
    PreviousDoubt,
    /// Go to the doubtful passage after: select, show and play it.
    NextDoubt,
    /// Go back by a frame of the contour.
    StepBack,
    /// Go on by a frame of the contour.
    StepForward,
    /// Select from the playhead on.
    SelectFrom,
    /// Select up to the playhead.
    SelectTo,
    /// Select the note before too.
    ExtendBack,
    /// Select the note after too.
    ExtendForward,
    /// Sound at this pitch in Hz, until another or none is asked for.
    PressKey(Option<f64>),
    /// Mix the sounds like this.
    SetMixer(MixerSettings),
}

impl Sound {
    /// Applies a command to the open recording.
    pub fn apply(&mut self, command: SoundCommand, open: &OpenSession) {
        let now = self.player.playhead_secs();
        match command {
            SoundCommand::TogglePlay => self.toggle_play(open),
            SoundCommand::PlaySelection => self.play(open.selected_secs(), open),
            SoundCommand::ToggleLoop => self.toggle_loop(open),
            SoundCommand::ToggleTone => self.toggle_tone(open),
            SoundCommand::Hear(heard) => self.hear(heard, open),
            SoundCommand::Slower => self.set_speed(self.player.speed() - SPEED_STEP),
            SoundCommand::Faster => self.set_speed(self.player.speed() + SPEED_STEP),
            SoundCommand::NormalSpeed => self.set_speed(1.0),
            SoundCommand::SetSpeed(speed) => self.set_speed(speed),
            SoundCommand::Seek(secs) => self.seek(secs, open),
            SoundCommand::Back => self.seek(now - STEP_SECS, open),
            SoundCommand::Forward => self.seek(now + STEP_SECS, open),
            SoundCommand::ToStart => self.seek(0.0, open),
            SoundCommand::ToEnd => self.seek(f64::INFINITY, open),
            SoundCommand::PreviousNote => {
                self.go_to_note(note_before(open, open.place_secs(now)), open)
            }
            SoundCommand::NextNote => self.go_to_note(note_after(open, open.place_secs(now)), open),
            SoundCommand::PreviousDoubt => self.go_to_doubt(false, open),
            SoundCommand::NextDoubt => self.go_to_doubt(true, open),
            SoundCommand::StepBack => self.seek(now - open.session.f0().grid.hop_secs, open),
            SoundCommand::StepForward => self.seek(now + open.session.f0().grid.hop_secs, open),
            SoundCommand::SelectFrom => self.select_from(now, open),
            SoundCommand::SelectTo => self.select_to(now, open),
            SoundCommand::ExtendBack => {
                self.extend_back(note_before(open, open.place_secs(now)), now, open)
            }
            SoundCommand::ExtendForward => {
                let end = open.selected_secs().map_or(now, |selected| selected.end);
                self.extend_forward(note_behind(open, end), now, open)
            }
            SoundCommand::PressKey(hz) => self.player.press_key(hz),
            SoundCommand::SetMixer(mixer) => self.player.set_mixer(mixer),
        }
    }
}

fn note_before(open: &OpenSession, secs: f64) -> Option<usize> {
    let mut notes = open.session.notes().iter();
    notes.rposition(|note| note.onset_secs < secs - AT_NOTE_SECS)
}

/// The first note that ends later.
fn note_behind(open: &OpenSession, secs: f64) -> Option<usize> {
    let mut notes = open.session.notes().iter();
    notes.position(|note| note.offset_secs > secs + AT_NOTE_SECS)
}

fn note_after(open: &OpenSession, secs: f64) -> Option<usize> {
    let mut notes = open.session.notes().iter();
    notes.position(|note| note.onset_secs > secs + AT_NOTE_SECS)
}
