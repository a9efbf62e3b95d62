//! Draws pictures of other kinds than the one that an analysis makes, and of stems.

use std::path::Path;
use std::sync::Arc;

use super::front_end::Transforms;
use super::separation::drawing::StemDrawing;
use super::source::FrameReader;
use super::{AnalysisError, KeptStems, Picture, PictureKind, Stem};
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

/// Draws a picture of a stem, of any kind; `on_columns` is told the first of the columns that came, and
/// them.
///
/// # Errors
/// As [`draw`].
pub fn draw_stem(
    (path, selection): (&Path, &TrackSelection),
    (stems, stem): (&KeptStems, Stem),
    kind: PictureKind,
    cfp: &Arc<Cfp>,
    progress: &Progress,
    on_columns: &mut dyn FnMut(usize, &[u8]),
) -> Result<(), AnalysisError> {
    let mut drawing = None;
    stems.read(path, selection.track, &mut |info, block| {
        if drawing.is_none() {
            drawing = Some(StemDrawing::new(info, selection, kind, cfp)?);
        }
        if let Some(drawing) = &mut drawing {
            let (first, cells) = drawing.push(&block.stem(stem));
            on_columns(first, &cells);
        }
        Ok::<_, AnalysisError>(progress.report(Stage::Features, 0.0)?)
    })?;
    if let Some(drawing) = &mut drawing {
        let (first, cells) = drawing.finish();
        on_columns(first, &cells);
    }
    Ok(())
}
