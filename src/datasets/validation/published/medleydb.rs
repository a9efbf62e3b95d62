//! MedleyDB (Bittner et al. 2014): the mixtures of twelve songs, and the predominant melody of any
//! instrument (`MELODY2`) where a singer sings.

use super::{Clip, LabelLayout, LabeledRecording, clips as clips_of};
use crate::datasets::recording::stem;
use crate::datasets::{DataRoots, DatasetError, Split};

/// The songs that MSNet's program and those after it score.
const SCORED: [&str; 12] = [
    "AClassicEducation_NightOwl",
    "Auctioneer_OurFutureFaces",
    "CelestialShore_DieForUs",
    "Creepoid_OldTree",
    "Debussy_LenfantProdigue",
    "MatthewEntwistle_DontYouEver",
    "MatthewEntwistle_Lontano",
    "Mozart_BesterJungling",
    "MusicDelta_Gospel",
    "PortStWillow_StayEven",
    "Schubert_Erstarrung",
    "StrandOfOaks_Spacestation",
];

/// The clips of a split: all are for [`Split::Dev`].
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let folder = roots.folder("medleydb")?;
    let annotations = folder.join("Annotations");
    clips_of(&folder.join("Audio"), split, |audio| {
        let name = stem(&audio);
        let track = name.strip_suffix("_MIX")?;
        if !SCORED.contains(&track) {
            return None;
        }
        let melody = annotations.join("Melody_Annotations/MELODY2");
        let labels = melody.join(format!("{track}_MELODY2.csv"));
        let sources = annotations.join("Instrument_Activations/SOURCEID");
        let singing = sources.join(format!("{track}_SOURCEID.lab"));
        Some(LabeledRecording {
            singing: Some(singing),
            ..LabeledRecording::new(audio, labels, LabelLayout::TimeAndHz)
        })
    })
}
