//! How things are painted; what to show is decided by the views.
//!
//! - [`pyramid`]: maxima of many columns, so that thin lines survive zooming out.
//! - [`picture_summary`]: a picture's pyramid and range of brightness.
//! - [`spectrogram`]: a picture with its summary.
//! - [`colormap`]: from loudness to color.
//! - [`painter`]: the picture on whichever renderer there is.
//! - [`gpu`], [`gpu_tiles`]: by a shader on wgpu.
//! - [`tiles`]: by textures of the painter elsewhere.
//! - [`software`]: whether a processor draws; [`retained`]: then only what changed, which
//!   [`damage`] finds; what [`scrolled`] is moved ([`shift`]) and not drawn.
//! - [`plot`]: what the melody is drawn on.
//! - [`ribbon`]: lines whose color and width change along them.
//! - [`label`]: text that stays legible over the picture.
//! - [`candidates`], [`series`], [`preview`]: what it may become: other courses, the harmonics of a
//!   ridge, what a drag will do.
//! - [`contour`], [`classes`], [`notes`]: the melody; [`hatching`]: where a person made it unvoiced.

pub mod candidates;
pub mod classes;
pub mod colormap;
pub mod contour;
pub mod damage;
pub mod gpu;
pub mod gpu_tiles;
pub mod hatching;
pub mod label;
pub mod notes;
pub mod painter;
pub mod picture_summary;
pub mod plot;
pub mod preview;
pub mod pyramid;
pub mod retained;
pub mod ribbon;
pub mod scrolled;
pub mod series;
pub mod shift;
pub mod software;
pub mod spectrogram;
pub mod tiles;

pub use colormap::{ColorMap, PictureStyle};
pub use contour::ContourSummary;
pub use painter::SpectrogramPainter;
pub use picture_summary::PictureSummary;
pub use plot::Plot;
pub use retained::RetainedFrame;
pub use scrolled::ScrolledArea;
pub use software::is_software;
pub use spectrogram::Spectrogram;
