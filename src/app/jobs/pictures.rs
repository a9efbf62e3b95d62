//! Pictures of another kind.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Jobs, PictureColumns, Reporter, SessionReport};
use crate::analysis::{AnalysisError, KeptStems, ModelChoice, PictureKind, Stem, draw, draw_stem};
use crate::app::notice::Notice;
use crate::app::workspace::SessionId;
use crate::audio::TrackSelection;
use crate::dsp::Cfp;
use crate::progress::Progress;

/// What to draw, and by what.
#[derive(Clone, Debug)]
pub struct PictureRequest {
    /// The session it is for.
    pub session: SessionId,
    /// Number of the picture among those of the session.
    pub revision: u64,
    /// The recording.
    pub path: PathBuf,
    /// What of it is analyzed.
    pub selection: TrackSelection,
    /// What is to be shown.
    pub kind: PictureKind,
    /// The stem that is drawn; none for the recording.
    pub stem: Option<(KeptStems, Stem)>,
    /// The networks whose features are drawn, so that the picture fits their contour.
    pub networks: ModelChoice,
}

impl Jobs {
    /// Draws a picture, in place of one that is being drawn.
    pub fn draw(&mut self, request: PictureRequest) {
        self.stop_drawing();
        let progress = Progress::silent();
        self.drawing = Some(progress.canceller());
        let reporter = self.reporter.clone();
        self.spawn("melograph-picture", move || {
            match draw_columns(&request, &progress, &reporter) {
                Ok(()) | Err(AnalysisError::Cancelled(_)) => {}
                Err(error) => {
                    let report = SessionReport::NoPicture(Notice::from_error(&error));
                    reporter.send_for(request.session, report);
                }
            }
        });
    }
}

fn draw_columns(
    request: &PictureRequest,
    progress: &Progress,
    reporter: &Reporter,
) -> Result<(), AnalysisError> {
    let cfp = Arc::new(Cfp::new(request.networks.cfp()?));
    let (axis, grid) = (cfp.config().axis(), cfp.config().grid());
    let mut on_columns = |first: usize, cells: &[u8]| {
        let columns = PictureColumns {
            revision: request.revision,
            axis,
            grid,
            first,
            cells: cells.to_vec(),
        };
        reporter.send_for(request.session, SessionReport::Columns(columns));
    };
    let PictureRequest {
        path,
        selection,
        kind,
        stem,
        ..
    } = request;
    match stem {
        None => draw(path, selection, *kind, &cfp, progress, &mut on_columns),
        Some((stems, stem)) => {
            let (recording, stem) = ((path.as_path(), selection), (stems, *stem));
            draw_stem(recording, stem, *kind, &cfp, progress, &mut on_columns)
        }
    }
}
