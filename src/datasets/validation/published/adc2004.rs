//! ADC2004 (Ellis et al. 2004): `pop1.wav` with `pop1REF.txt` beside it, of which papers score twelve
//! with a singer.

use super::{Clip, LabelLayout, LabeledRecording, clips as clips_of};
use crate::datasets::recording::stem;
use crate::datasets::{DataRoots, DatasetError, Split};

/// The clips with a singer.
const VOCAL: [&str; 12] = [
    "daisy1",
    "daisy2",
    "daisy3",
    "daisy4",
    "opera_fem2",
    "opera_fem4",
    "opera_male3",
    "opera_male5",
    "pop1",
    "pop2",
    "pop3",
    "pop4",
];

/// The clips of a split: all are for [`Split::Dev`].
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    clips_of(&roots.folder("adc2004")?, split, |audio| {
        let name = stem(&audio);
        let labels = audio.with_file_name(format!("{name}REF.txt"));
        let recording = LabeledRecording::new(audio, labels, LabelLayout::TimeAndHz);
        VOCAL.contains(&&name[..]).then_some(recording)
    })
}
