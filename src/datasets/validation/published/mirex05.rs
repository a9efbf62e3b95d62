//! MIREX05's public training clips: `train01.wav` with `train01REF.txt` beside it, of which papers score
//! the nine with a singer.

use super::{Clip, LabelLayout, LabeledRecording, clips as clips_of};
use crate::datasets::recording::stem;
use crate::datasets::{DataRoots, DatasetError, Split};

/// The clips with a singer are the first so many.
const VOCAL: u32 = 9;

/// The clips of a split: all are for [`Split::Dev`].
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    clips_of(&roots.folder("mirex05")?, split, |audio| {
        let name = stem(&audio);
        let number: u32 = name.strip_prefix("train")?.parse().ok()?;
        let labels = audio.with_file_name(format!("{name}REF.txt"));
        let recording = LabeledRecording::new(audio, labels, LabelLayout::TimeAndHz);
        (1..=VOCAL).contains(&number).then_some(recording)
    })
}
