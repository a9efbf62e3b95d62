//! Draws pictures of other kinds than the one that an analysis makes.

use std::path::Path;
use std::sync::Arc;

use super::front_end::Transforms;
use super::source::FrameReader;
use super::{AnalysisError, Picture, PictureKind};
use crate::audio::TrackSelection;
use crate::dsp::Cfp;
use crate::progress::{Progress, Stage};

/// Draws a picture; `on_columns` is told the first of the columns that came, and them.
///
/// # Errors
/// [`AnalysisError`] if the recording cannot be read, or the user stops it.
pub fn draw(
    path: &Path,
    selection: &TrackSelection,
    kind: PictureKind,
    cfp: &Arc<Cfp>,
    progress: &Progress,
    on_columns: &mut dyn FnMut(usize, &[u8]),
) -> Result<(), AnalysisError> {
    let transforms = Transforms {
        cfp: Some(Arc::clone(cfp)),
        ..Transforms::default()
    };
    let mut reader = FrameReader::open(path, selection, &transforms)?;
    let mut picture = Picture::new(cfp.config().axis(), cfp.config().grid());
    while let Some(block) = reader.read()? {
        let (first, start) = (picture.n_columns(), picture.cells.len());
        picture.extend(kind, cfp, &block.layers);
        on_columns(first, &picture.cells[start..]);
        progress.report(Stage::Features, reader.fraction())?;
    }
    Ok(())
}
