//! What a person can ask of the recordings.

use std::ops::Range;
use std::path::PathBuf;

use super::Workspace;
use super::exporting::Extent;
use super::saving::SaveTarget;
use crate::analysis::{PictureKind, Stem};
use crate::annotation::{LeftWork, Operation, Selection};
use crate::app::shell::AppSettings;
use crate::app::view_state::ChoiceStep;
use crate::formats::Format;
use crate::melody::Partial;

/// Opening, saving, analyzing, correcting.
#[derive(Clone, Debug, PartialEq)]
pub enum WorkspaceCommand {
    /// Ask for a file to open.
    ChooseFile,
    /// Open this file in place of the recording there is.
    Open(PathBuf),
    /// Open the recording that comes with the program.
    OpenDemo,
    /// Save the annotation where it was saved before, or ask where.
    Save,
    /// Ask where to save the annotation.
    SaveAs,
    /// Save the annotation beside the recording, under its name.
    SaveBeside,
    /// Save the annotation in this file; asks before that replaces a file that was not opened.
    SaveTo(PathBuf),
    /// Save the annotation in this file, whatever is in it.
    Replace(PathBuf),
    /// Take back all that is not saved; redo makes it again.
    Revert,
    /// Ask where to save unsaved work whose recording is gone.
    ChooseRescue(Box<LeftWork>),
    /// Ask where the recording of this project is.
    Locate(PathBuf),
    /// Open a project on this recording.
    OpenOn {
        /// The project's file.
        project: PathBuf,
        /// The recording.
        recording: PathBuf,
    },
    /// Ask where to write the melody in a format.
    Export {
        /// The format.
        format: &'static Format,
        /// How much of it.
        extent: Extent,
    },
    /// Write the melody in a format.
    ExportTo {
        /// The format.
        format: &'static Format,
        /// Its first file.
        path: PathBuf,
        /// How much of it.
        extent: Extent,
    },
    /// Copy what is selected, or the whole, as a table.
    CopyTable,
    /// Analyze another of the file's tracks of sound, by its number from 1 on.
    TakeTrack(usize),
    /// Analyze the opened recording again from the start.
    AnalyzeAgain,
    /// Stop the analysis; what was found stays, and can be corrected.
    CancelAnalysis,
    /// Go on with an analysis that was stopped.
    GoOn,
    /// Decide voicing anew, without analyzing.
    SetThreshold(f32),
    /// Decide voicing anew while a slider is dragged.
    DragThreshold(f32),
    /// The slider was let go.
    SettleThreshold,
    /// Show another picture, of the recording or of a stem.
    ShowPicture(PictureKind, Option<Stem>),
    /// Separate voice and accompaniment.
    Separate,
    /// Stop separating; what was separated is forgotten.
    CancelSeparation,
    /// Ask for a folder to write voice and accompaniment in.
    ExportStems,
    /// Write voice and accompaniment in this folder.
    ExportStemsTo(PathBuf),
    /// Choose a span of time or notes.
    Select(Selection),
    /// Choose all there is.
    SelectAll,
    /// Correct the selection.
    Edit(Operation),
    /// Let what is selected, or the passage there, follow the ridge at a time and a MIDI number.
    TakeRidge {
        /// The time in seconds.
        secs: f64,
        /// The MIDI number.
        midi: f64,
        /// What the ridge is; none for what the network's classes say.
        taken_for: Option<Partial>,
    },
    /// Let the contour follow a line drawn through points in seconds and MIDI numbers.
    Redraw {
        /// The points.
        points: Vec<(f64, f64)>,
        /// Whether it goes to the ridges beside it.
        snaps: bool,
    },
    /// Make a time unvoiced, in seconds, whatever is selected.
    Erase(Range<f64>),
    /// Find the pitch of the selected time anew, within the range of a box.
    FindAgain,
    /// Divide the note under the mouse, or else at the playhead.
    SplitNote,
    /// Show other courses of the pitch of what is selected, or of the phrase at the playhead.
    ShowCandidates,
    /// Take one of them, by its place.
    TakeCandidate(usize),
    /// Go to the next candidate; while none are shown, by an octave.
    StepCandidate(ChoiceStep),
    /// Take the last edit back.
    Undo,
    /// Make the edit last taken back again.
    Redo,
}

impl Workspace {
    /// Applies a command; recordings are analyzed as `settings` say.
    pub fn apply(&mut self, command: WorkspaceCommand, settings: &AppSettings) {
        match command {
            WorkspaceCommand::ChooseFile => self.jobs.choose_file(),
            WorkspaceCommand::Open(path) => self.open(path, settings),
            WorkspaceCommand::OpenDemo => self.open_demo(settings),
            WorkspaceCommand::Save => self.save(),
            WorkspaceCommand::SaveAs => self.save_as(),
            WorkspaceCommand::SaveBeside => self.save_beside(),
            WorkspaceCommand::SaveTo(path) => self.save_to(SaveTarget::new(path)),
            WorkspaceCommand::Replace(path) => self.replace(path),
            WorkspaceCommand::Revert => self.revert(),
            WorkspaceCommand::ChooseRescue(left) => self.jobs.choose_rescue(*left),
            WorkspaceCommand::Locate(project) => self.jobs.locate(project),
            WorkspaceCommand::OpenOn { project, recording } => self.open_on(project, recording),
            WorkspaceCommand::Export { format, extent } => self.export(format, extent),
            WorkspaceCommand::ExportTo {
                format,
                path,
                extent,
            } => self.export_to(format, path, extent),
            WorkspaceCommand::CopyTable => self.copy_table(),
            WorkspaceCommand::TakeTrack(track) => self.take_track(track, settings),
            WorkspaceCommand::AnalyzeAgain => self.analyze_again(settings),
            WorkspaceCommand::CancelAnalysis => self.cancel_analysis(),
            WorkspaceCommand::GoOn => self.go_on(settings),
            WorkspaceCommand::SetThreshold(threshold) => self.set_threshold(threshold),
            WorkspaceCommand::DragThreshold(threshold) => self.drag_threshold(threshold),
            WorkspaceCommand::SettleThreshold => self.settle_threshold(),
            WorkspaceCommand::ShowPicture(kind, stem) => self.show_picture(kind, stem),
            WorkspaceCommand::Separate => self.separate(settings),
            WorkspaceCommand::CancelSeparation => self.cancel_separation(),
            WorkspaceCommand::ExportStems => self.choose_stem_folder(),
            WorkspaceCommand::ExportStemsTo(folder) => self.export_stems(folder),
            WorkspaceCommand::Select(selection) => self.select(selection),
            WorkspaceCommand::SelectAll => self.select_all(),
            WorkspaceCommand::Edit(operation) => self.edit(&operation),
            WorkspaceCommand::TakeRidge {
                secs,
                midi,
                taken_for,
            } => self.take_ridge(secs, midi, taken_for),
            WorkspaceCommand::Redraw { points, snaps } => self.redraw(&points, snaps),
            WorkspaceCommand::Erase(secs) => self.erase(secs),
            WorkspaceCommand::FindAgain => self.find_again(),
            WorkspaceCommand::SplitNote => self.split_note(),
            WorkspaceCommand::ShowCandidates => self.show_candidates(),
            WorkspaceCommand::TakeCandidate(place) => self.take_candidate(place),
            WorkspaceCommand::StepCandidate(step) => self.step_candidate(step),
            WorkspaceCommand::Undo => self.undo(),
            WorkspaceCommand::Redo => self.redo(),
        }
    }
}
