//! Soft labels (`.soft.npz`): probabilities and decisions of every frame as NumPy arrays, which
//! training takes.
//!
//! | array | type and shape | what it is |
//! |---|---|---|
//! | `times` | f64 `[frames]` | centers in seconds |
//! | `f0` | f32 `[frames]` | Hz, the estimate even where unvoiced; 0 where there is none |
//! | `voiced` | bool `[frames]` | whether the melody sounds |
//! | `confidence` | f32 `[frames]` | probability that a voice sounds, 0 to 1 |
//! | `class_hz` | f32 `[frames, 3]` | Hz of the pitch, its harmonic and its sub-harmonic; 0 for none |
//! | `class_probability` | f32 `[frames, 3]` | their probabilities, 0 to 1 |
//! | `mask` | bool `[frames]` | whether a person decided the frame, so that it is right |
//! | `provenance` | u8 `[frames]` | who decided it: 0 the networks, 1 a person, 2 interpolated |
//!
//! `about.json` names the writer, the recording and the networks.

mod read;
mod write;

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::is_marked;
use crate::annotation::Provenance;

/// See the module.
pub const FORMAT: Format = Format {
    name: "soft",
    help: "probabilities, decisions and mask of every frame as NumPy arrays, for training",
    content: Content::F0,
    files: &[FormatFile {
        suffix: ".soft.npz",
        holds: Content::F0,
        keeps: &[
            Contour,
            FrameTimes,
            Voicing,
            UnvoicedPitch,
            Confidence,
            Decisions,
        ],
        is_ours: is_marked,
        write: write::write,
    }],
    reader: Some(Reader {
        endings: &[".npz"],
        knows: |head| head.starts_with(b"PK\x03\x04"),
        read: read::read,
    }),
};

/// Who decided a frame, at the place of the number that stands for it.
const PROVENANCES: [Provenance; 3] = [
    Provenance::Model,
    Provenance::Human,
    Provenance::Interpolated,
];
