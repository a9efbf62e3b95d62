//! What a person can ask of the recordings.

use std::path::PathBuf;

use super::Workspace;
use crate::analysis::PictureKind;
use crate::annotation::{Operation, Selection};
use crate::app::shell::Settings;

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
    /// Save the annotation in this file.
    SaveTo(PathBuf),
    /// Analyze the opened recording again from the start.
    AnalyzeAgain,
    /// Stop the analysis; what is there stays.
    CancelAnalysis,
    /// Decide voicing anew, without analyzing.
    SetThreshold(f32),
    /// Show another picture.
    ShowPicture(PictureKind),
    /// Choose a span of time or notes.
    Select(Selection),
    /// Choose all there is.
    SelectAll,
    /// Correct the selection.
    Edit(Operation),
    /// Take the last edit back.
    Undo,
    /// Make the edit last taken back again.
    Redo,
}

impl Workspace {
    /// Applies a command; recordings are analyzed as `settings` say.
    pub fn apply(&mut self, command: WorkspaceCommand, settings: &Settings) {
        match command {
            WorkspaceCommand::ChooseFile => self.jobs.choose_file(),
            WorkspaceCommand::Open(path) => self.open(path, settings),
            WorkspaceCommand::OpenDemo => self.open_demo(settings),
            WorkspaceCommand::Save => self.save(),
            WorkspaceCommand::SaveAs => self.save_as(),
            WorkspaceCommand::SaveBeside => self.save_beside(),
            WorkspaceCommand::SaveTo(path) => self.save_to(path),
            WorkspaceCommand::AnalyzeAgain => self.analyze_again(settings),
            WorkspaceCommand::CancelAnalysis => self.cancel_analysis(),
            WorkspaceCommand::SetThreshold(threshold) => self.set_threshold(threshold),
            WorkspaceCommand::ShowPicture(kind) => self.show_picture(kind),
            WorkspaceCommand::Select(selection) => self.select(selection),
            WorkspaceCommand::SelectAll => self.select_all(),
            WorkspaceCommand::Edit(operation) => self.edit(&operation),
            WorkspaceCommand::Undo => self.undo(),
            WorkspaceCommand::Redo => self.redo(),
        }
    }
}
