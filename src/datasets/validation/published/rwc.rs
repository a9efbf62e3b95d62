//! RWC Music Database, popular music (Goto et al. 2002): a recording `RM-P001.wav` and beside it its melody,
//! `RM-P001.MELODY.TXT`.

use super::{Clip, LabelLayout, LabeledRecording, clips as clips_of};
use crate::datasets::recording::stem;
use crate::datasets::{DataRoots, DatasetError, Split};

/// The clips of a split: all are for [`Split::Dev`].
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    clips_of(&roots.folder("rwc")?, split, |audio| {
        let labels = audio.with_file_name(format!("{}.MELODY.TXT", stem(&audio)));
        let is_labeled = labels.is_file();
        is_labeled.then(|| LabeledRecording::new(audio, labels, LabelLayout::RwcMelody))
    })
}
