//! A figure of a recording and its melody, to print or to show: PNG and SVG.
//!
//! The song is set in stacked systems, like painter music, with time along each and
//! pitch up. From back to front: spectrogram, notes, harmonic and sub-harmonic
//! classes, f0 contour. No display is needed.
//!
//! - [`page`]: which seconds and pitches go where.
//! - [`spectrogram`]: the image behind each system.
//! - [`color`]: the colors, and the map of the spectrogram.
//! - [`painter`]: painting in page units on either backend.
//! - [`fonts`]: which font draws which character.
//! - [`one_by_one`]: text as it is drawn character by character.
//! - [`layers`]: notes, classes and contour.
//! - [`frame`]: axes, title and legend.
//! - [`png`], [`svg`]: the two formats.

pub mod color;
pub mod fonts;
pub mod frame;
pub mod layers;
pub mod one_by_one;
pub mod page;
pub mod painter;
pub mod png;
pub mod spectrogram;
pub mod svg;

use std::io;

use plotters::backend::DrawingBackend;

use self::page::FigurePage;
use self::painter::PagePainter;
use super::Export;

/// The drawing library refused, which no recording should cause.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw the figure: {0}")]
pub struct FigureError(pub String);

impl From<FigureError> for io::Error {
    fn from(error: FigureError) -> Self {
        Self::other(error)
    }
}

/// Draws everything but the spectrogram images.
fn draw<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    page: &FigurePage,
    export: &Export,
) -> Result<(), FigureError> {
    frame::header(painter, page, export)?;
    for system in &page.systems {
        frame::grid(painter, page, system)?;
        layers::notes(painter, page, system, export.notes)?;
        layers::classes(painter, page, system, export.classes)?;
        layers::contour(painter, page, system, export.f0)?;
        frame::axes(painter, page, system)?;
    }
    Ok(())
}
