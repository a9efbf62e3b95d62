//! Voice and accompaniment of a recording, as far as they are separated.

use std::sync::Arc;
use std::time::Instant;

use super::{Remaining, Session};
use crate::analysis::{KeptStems, Part, Picture, Product, Stem};
use crate::app::jobs::SeparationEvent;
use crate::app::notice::Notice;
use crate::app::render::{PictureSummary, Spectrogram};
use crate::audio::play::PcmFile;
use crate::melody::{FrameGrid, PitchAxis};
use crate::progress::Stage;

/// How far the separation is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum SeparationState {
    /// Nobody asked for it, or it was stopped.
    #[default]
    Absent,
    /// Under way: how much is done.
    Running(f32),
    /// Finished; the stems are kept.
    Done,
}

/// The voice as it is heard and drawn; all else is the recording less the voice.
#[derive(Default)]
pub struct SessionStems {
    /// How far it is.
    pub state: SeparationState,
    sound: Option<Arc<PcmFile>>,
    picture: Option<(Picture, PictureSummary)>,
    revision: u64,
    remaining: Remaining,
}

impl SessionStems {
    /// How the voice sounds, as far as it is separated.
    pub fn sound(&self) -> Option<Arc<PcmFile>> {
        self.sound.clone()
    }

    /// Whether some of it is there.
    pub fn are_there(&self) -> bool {
        self.sound.is_some()
    }

    /// Number of the separation among those of the session.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Seconds until it is done, as far as that can be told.
    pub fn remaining_secs(&self) -> Option<f64> {
        self.remaining.secs()
    }

    /// Forgets it all; what is on its way is dropped.
    pub fn forget(&mut self) {
        *self = Self {
            revision: self.revision + 1,
            ..Self::default()
        };
    }

    /// Takes a step of the separation; the stems once they are whole.
    fn take(&mut self, event: SeparationEvent) -> Option<KeptStems> {
        match event {
            SeparationEvent::Begun(sound, axis, grid) => self.begin(sound, axis, grid),
            SeparationEvent::Progress(done) => {
                self.remaining
                    .report(Stage::Separation, done, Instant::now());
                self.state = SeparationState::Running(done);
            }
            SeparationEvent::Columns(first, cells) => self.take_columns(first, &cells),
            SeparationEvent::Done(stems) => {
                self.state = SeparationState::Done;
                return Some(stems);
            }
            SeparationEvent::Nothing | SeparationEvent::Failed(_) => self.forget(),
        }
        None
    }

    fn begin(&mut self, sound: Arc<PcmFile>, axis: PitchAxis, grid: FrameGrid) {
        let picture = Picture::new(axis, grid);
        let summary = PictureSummary::new(&picture);
        self.picture = Some((picture, summary));
        self.sound = Some(sound);
    }

    fn take_columns(&mut self, first: usize, cells: &[u8]) {
        if let Some((picture, summary)) = &mut self.picture {
            let first = picture.n_columns().min(first);
            picture.cells.truncate(first * picture.axis.n_rows);
            picture.cells.extend(cells);
            summary.update(picture, first..picture.n_columns());
        }
    }
}

impl Session {
    /// Begins a separation; returns its number.
    pub fn begin_separation(&mut self, only_kept: bool) -> u64 {
        self.stems.forget();
        if !only_kept {
            self.stems.state = SeparationState::Running(0.0);
        }
        self.stems.revision
    }

    /// Takes a step of the separation; returns a notice to show.
    pub fn take_separation(&mut self, event: SeparationEvent) -> Option<Notice> {
        let notice = match &event {
            SeparationEvent::Failed(notice) => Some(notice.clone()),
            _ => None,
        };
        let stems = self.stems.take(event);
        self.take_over_stems(stems);
        notice
    }

    /// Takes the stems of an earlier analysis over.
    pub(super) fn take_over_stems(&mut self, stems: Option<KeptStems>) {
        if let Some(stems) = stems {
            let analysis = self.analysis_mut();
            analysis.take(Part::Stems(stems));
            analysis.complete.insert(Product::Stems);
        }
    }

    /// The stems, once they are whole.
    pub fn kept_stems(&self) -> Option<&KeptStems> {
        let is_done = self.stems.state == SeparationState::Done;
        self.analysis.stems.as_ref().filter(|_| is_done)
    }

    /// A stem, once all of it is there to be drawn.
    pub fn drawable(&self, stem: Option<Stem>) -> Option<(KeptStems, Stem)> {
        Some((self.kept_stems()?.clone(), stem?))
    }

    /// The picture of the voice, if its rows and columns are those of the recording's; as bright as
    /// it is there.
    pub fn voice_picture(&self) -> Option<Spectrogram<'_>> {
        let (picture, summary) = self.stems.picture.as_ref()?;
        let shown = self.spectrogram();
        let fits = (picture.axis, picture.grid) == (shown.axis(), shown.grid());
        fits.then_some(Spectrogram {
            picture,
            summary,
            levels: shown.levels,
        })
    }

    /// Number of that picture among those of all sessions.
    pub fn voice_key(&self) -> u64 {
        self.id.0 << 32 | self.stems.revision
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::ModelChoice;
    use crate::app::workspace::SessionId;

    fn begun() -> Session {
        let networks = ModelChoice::default();
        let mut session = Session::new(SessionId(1), "/a.wav".into(), networks, None);
        let picture = &session.analysis().picture;
        let (axis, grid) = (picture.axis, picture.grid);
        session.begin_separation(false);
        let (sound, _) = PcmFile::to_be_written(8000, 1).unwrap();
        let begun = SeparationEvent::Begun(Arc::new(sound), axis, grid);
        session.take_separation(begun);
        session
    }

    #[test]
    fn a_voice_is_there_as_it_comes_and_kept_when_it_is_whole() {
        let mut session = begun();
        assert!(session.stems.are_there() && session.kept_stems().is_none());
        let n_rows = session.voice_picture().unwrap().axis().n_rows;
        session.take_separation(SeparationEvent::Columns(0, vec![7; 3 * n_rows]));
        session.take_separation(SeparationEvent::Progress(0.5));
        assert_eq!(session.voice_picture().unwrap().n_columns(), 3);
        assert_eq!(session.stems.state, SeparationState::Running(0.5));
        session.take_separation(SeparationEvent::Done(KeptStems::default()));
        assert!(session.kept_stems().is_some() && session.analysis().has(Product::Stems));
    }

    #[test]
    fn a_separation_that_fails_leaves_nothing_but_a_notice() {
        let mut session = begun();
        let failed = SeparationEvent::Failed(Notice::error("No room."));
        assert!(session.take_separation(failed).is_some());
        assert!(!session.stems.are_there() && session.voice_picture().is_none());
        assert_eq!(session.stems.state, SeparationState::Absent);
    }
}
