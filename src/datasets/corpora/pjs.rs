//! PJS (Koguchi, Takamichi, Morise 2020): a hundred short songs by one man, in a studio.

use crate::datasets::solo::{SoloCorpus, SoloSingers};

/// See the module's documentation.
pub const PJS: SoloCorpus = SoloCorpus {
    name: "pjs",
    title: "PJS (one man, studio-clean Japanese)",
    licence: "CC BY-SA 4.0",
    singers: SoloSingers::One,
};
