//! MDB-stem-synth (Salamon et al. 2017): `audio_stems/NAME.RESYN.wav`, a single instrument synthesized
//! from `annotation_stems/NAME.RESYN.csv`, so that its f0 is exact. Not only voices.

use super::{Clip, LabelLayout, LabeledRecording, clips as clips_of};
use crate::datasets::recording::stem;
use crate::datasets::{DataRoots, DatasetError, Split};

/// The clips of a split: all are for [`Split::Dev`].
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let folder = roots.folder("mdb-stem-synth")?;
    clips_of(&folder.join("audio_stems"), split, |audio| {
        let labels = folder.join("annotation_stems");
        let labels = labels.join(format!("{}.csv", stem(&audio)));
        Some(LabeledRecording::new(audio, labels, LabelLayout::TimeAndHz))
    })
}
