//! Corrections that are pointed at: ridges, drawn lines, notes under the mouse, candidates.

use std::ops::Range;

use super::{OpenSession, Workspace};
use crate::annotation::{Operation, PitchSource, Selection};
use crate::app::event::OwnerEvent;
use crate::app::notice::Notice;
use crate::app::view_state::choices::mean_octaves;
use crate::app::view_state::{ChoiceStep, PitchChoices, phrase};
use crate::melody::Partial;

/// A note this near to the mouse, in semitones, is under it.
const UNDER_MOUSE: f64 = 1.5;

impl Workspace {
    pub(super) fn take_ridge(&mut self, secs: f64, midi: f64, taken_for: Option<Partial>) {
        let Some(OpenSession { session, view }) = self.active() else {
            return;
        };
        let Some(pointed) = session.ridge_at(secs, midi, taken_for) else {
            return;
        };
        let Some(selection) = session.pointed_selection(&view.selection, pointed.frame) else {
            let nothing =
                "Nothing is sung here; select the time that is to follow the ridge first.";
            return self.show_notice(Notice::info(nothing));
        };
        if let Some(operation) = session.along_ridge(&pointed, &selection) {
            self.edit_within(&operation, &selection);
        }
    }

    pub(super) fn redraw(&mut self, points: &[(f64, f64)], snaps: bool) {
        let session = self.session();
        if let Some(operation) = session.and_then(|it| it.along_line(points, snaps)) {
            let all = Selection::Span(f64::MIN..f64::MAX);
            self.edit_within(&operation, &all);
        }
    }

    pub(super) fn erase(&mut self, secs: Range<f64>) {
        self.edit_within(&Operation::Unvoice, &Selection::Span(secs));
    }

    pub(super) fn find_again(&mut self) {
        let Some(OpenSession { session, view }) = self.active() else {
            return;
        };
        match session.found_again(&view.selection) {
            Some((operation, selection)) => self.edit_within(&operation, &selection),
            None => self.ask_for_selection(),
        }
    }

    pub(super) fn split_note(&mut self) {
        let Some(OpenSession { session, view }) = self.active() else {
            return;
        };
        let under_mouse = view.pointer.filter(|&(secs, midi)| {
            session.notes().iter().any(|note| {
                (note.onset_secs..note.offset_secs).contains(&secs)
                    && (f64::from(note.midi) - midi).abs() < UNDER_MOUSE
            })
        });
        let at_secs = under_mouse.map_or(view.playhead_secs, |(secs, _)| secs);
        self.edit(&Operation::SplitNote { at_secs });
    }

    pub(super) fn show_candidates(&mut self) {
        let Some(OpenSession { session, view }) = self.active_mut() else {
            return;
        };
        let selection = match &view.selection {
            Selection::Nothing => {
                let grid = session.f0().grid;
                let at_playhead = phrase::phrase_at(session.f0(), view.playhead_secs);
                at_playhead.map_or(Selection::Nothing, |(_, frames)| {
                    Selection::Span(grid.time(frames.start)..grid.time(frames.end))
                })
            }
            selection => selection.clone(),
        };
        let Some((start, all)) = session.candidates(&selection) else {
            return self.ask_for_selection();
        };
        view.selection = selection.clone();
        view.choices = (!all.is_empty()).then_some(PitchChoices {
            selection,
            start,
            all,
            taken: None,
        });
        if view.choices.is_none() {
            self.show_notice(Notice::info("There are no other candidates here."));
        }
        self.events.push(OwnerEvent::SelectionChanged);
    }

    /// Takes a candidate in place of the one taken before; that is one step of the history.
    pub(super) fn take_candidate(&mut self, place: usize) {
        let Some(OpenSession { session, view }) = self.active_mut() else {
            return;
        };
        let Some(choices) = view.choices.clone() else {
            return;
        };
        let Some(candidate) = choices.all.get(place) else {
            return;
        };
        if choices.taken.is_some() {
            session.undo();
        }
        let operation = Operation::TakePitch {
            source: PitchSource::Candidate,
            start: choices.start,
            f0_hz: candidate.f0_hz.clone(),
        };
        let before = session.n_changes();
        self.edit_within(&operation, &choices.selection);
        if let Some(OpenSession { session, view }) = self.active_mut() {
            let taken = (session.n_changes() != before).then_some(place);
            view.choices = Some(PitchChoices { taken, ..choices });
        }
    }

    /// The next candidate above or below; without candidates an octave up or down.
    pub(super) fn step_candidate(&mut self, step: ChoiceStep) {
        let Some(OpenSession { session, view }) = self.active() else {
            return;
        };
        let Some(choices) = &view.choices else {
            return self.edit(match step {
                ChoiceStep::Up => &Operation::OctaveUp,
                ChoiceStep::Down => &Operation::OctaveDown,
            });
        };
        let frames = &session.f0().frames[choices.start.min(session.f0().frames.len())..];
        let sung = frames.iter().take(choices.all[0].f0_hz.len());
        let sung: Vec<f32> = sung.filter(|it| it.voiced).map(|it| it.f0_hz).collect();
        match choices.next(step, mean_octaves(&sung)) {
            Some(place) => self.take_candidate(place),
            None => self.show_notice(Notice::info("That was the last candidate this way.")),
        }
    }

    fn ask_for_selection(&mut self) {
        let notice = "Select a time, a box or notes first; they must hold something.";
        self.show_notice(Notice::info(notice));
    }
}
