//! What a job reports.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Pending, Recovery, SeparationEvent};
use crate::analysis::{Analysis, Part};
use crate::annotation::{Annotation, AudioSearch, LeftWork, Project, SavedFile};
use crate::app::event::Replacement;
use crate::app::notice::Notice;
use crate::app::workspace::SessionId;
use crate::audio::AudioInfo;
use crate::formats::{Extract, Format};
use crate::melody::{FrameGrid, Note, PitchAxis};
use crate::progress::Stage;

/// A report of a job.
pub enum JobReport {
    /// A file was chosen to open, for which there is no session yet.
    FileChosen(PathBuf),
    /// The recording of a project was found by a person: project, recording.
    Located(PathBuf, PathBuf),
    /// What came of unsaved work, for the session that will show it.
    Recovery(SessionId, Recovery),
    /// A file was chosen to save unsaved work in.
    RescueChosen(Box<LeftWork>, PathBuf),
    /// A project was read for the session that will show it, or could not be read.
    Project(SessionId, Result<Box<OpenedProject>, Notice>),
    /// Something for a session.
    Session(SessionId, SessionReport),
    /// A notice to show, whatever is open by now.
    Notice(Notice),
}

/// A report of a job for one session.
pub enum SessionReport {
    /// The analysis of this revision went on.
    Analysis(u64, AnalysisEvent),
    /// The separation of this revision went on.
    Separation(u64, SeparationEvent),
    /// A folder was chosen to write stems in.
    StemFolderChosen(PathBuf),
    /// The notes of the contour as it was, and of the one in this state of the document.
    Notes(u64, [Vec<Note>; 2], Pending),
    /// Columns of the picture that is shown, or was.
    Columns(PictureColumns),
    /// The picture that was asked for could not be drawn.
    NoPicture(Notice),
    /// A file was chosen for a format, and what to write there.
    ExportChosen(&'static Format, PathBuf, Extract),
    /// A file was chosen to save in.
    SaveChosen(PathBuf),
    /// Nothing was saved: that would replace a file that was not opened.
    WouldReplace(Replacement),
    /// The annotation is in this file as it was then.
    Saved(SavedFile, Arc<Annotation>, Pending),
}

/// How an analysis went on.
pub enum AnalysisEvent {
    /// The recording is readable; what its picture and contour will look like.
    Opened(RecordingInfo),
    /// How much of a stage is done.
    Progress(Stage, f32),
    /// A part of the result.
    Part(Part),
    /// The result.
    Done(Arc<Analysis>),
    /// It was stopped.
    Stopped,
    /// There will be no result.
    Failed(Notice),
}

/// What is known of an analysis before it begins.
#[derive(Clone, Debug)]
pub struct RecordingInfo {
    /// The recording, as its header has it.
    pub audio: AudioInfo,
    /// Rows of the picture, and what a class is in Hz.
    pub axis: PitchAxis,
    /// Times of columns and frames.
    pub grid: FrameGrid,
    /// Voicing threshold the networks come with.
    pub threshold: f32,
}

/// Columns of a picture.
#[derive(Clone, Debug)]
pub struct PictureColumns {
    /// Number of the picture among those of the session.
    pub revision: u64,
    /// Rows of the picture.
    pub axis: PitchAxis,
    /// Times of its columns.
    pub grid: FrameGrid,
    /// Number of the first column.
    pub first: usize,
    /// Cells, column after column.
    pub cells: Vec<u8>,
}

/// A project file, and where its recording is now.
#[derive(Debug)]
pub struct OpenedProject {
    /// The file.
    pub file: SavedFile,
    /// What it holds.
    pub project: Project,
    /// Its recording.
    pub audio: AudioSearch,
}
