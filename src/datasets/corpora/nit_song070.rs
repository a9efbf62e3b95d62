//! NIT-SONG070-F001 (Nagoya Institute of Technology): children's songs by one woman, in a studio.

use crate::datasets::solo::{SoloCorpus, SoloSingers};

/// See the module's documentation.
pub const NIT_SONG070: SoloCorpus = SoloCorpus {
    name: "nit_song070",
    title: "NIT-SONG070 (one woman, children's songs)",
    licence: "CC BY 3.0",
    singers: SoloSingers::One,
};
