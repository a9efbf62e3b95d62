//! vocadito (Bittner et al. 2021): solo singing in several languages, a singer each.

use crate::datasets::solo::{SoloCorpus, SoloSingers};

/// See the module's documentation.
pub const VOCADITO: SoloCorpus = SoloCorpus {
    name: "vocadito",
    title: "vocadito (solo excerpts)",
    licence: "CC BY 4.0",
    singers: SoloSingers::OnePerRecording,
};
