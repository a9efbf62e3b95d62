//! A figure of an analysis, to print or to show: PNG and SVG.
//!
//! The song is set in stacked systems, like sheet music, with time along each and
//! pitch up. From back to front: spectrogram, notes, harmonic and sub-harmonic
//! classes, f0 contour. No display is needed.
//!
//! - [`page`]: which seconds and pitches go where.
//! - [`spectrogram`]: the image behind each system.
//! - [`color`]: the colors, and the map of the spectrogram.
//! - [`sheet`]: painting in page units on either backend.
//! - [`layers`]: notes, classes and contour.
//! - [`frame`]: axes, title and legend.
//! - [`encode`]: a finished page as PNG or SVG.

pub mod color;
pub mod encode;
pub mod frame;
pub mod layers;
pub mod page;
pub mod sheet;
pub mod spectrogram;

pub use encode::{png, svg};

/// A figure that could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The drawing library refused.
    #[error("cannot draw the figure: {0}")]
    Drawing(String),
    /// The image could not be encoded.
    #[error("cannot encode the figure")]
    Encoding(#[from] std::io::Error),
}

use crate::analysis::Analysis;
use page::Page;
use plotters::backend::DrawingBackend;
use sheet::Sheet;

/// Draws everything but the spectrogram images.
fn draw<B: DrawingBackend>(
    sheet: &mut Sheet<B>,
    page: &Page,
    analysis: &Analysis,
) -> Result<(), FigureError> {
    frame::header(sheet, page, analysis)?;
    for system in &page.systems {
        frame::grid(sheet, page, system)?;
        layers::notes(sheet, page, system, &analysis.notes)?;
        layers::classes(sheet, page, system, &analysis.classes)?;
        layers::contour(sheet, page, system, &analysis.f0)?;
        frame::axes(sheet, page, system)?;
    }
    Ok(())
}
