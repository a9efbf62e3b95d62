//! iKala (Chan et al. 2015): `Wavfile/NAME.wav`, music left and voice right, and `PitchLabel/NAME.pv`,
//! a MIDI number every 32 ms. Its licence allows research alone.

use super::{Clip, LabelLayout, LabeledRecording, clips as clips_of};
use crate::datasets::recording::stem;
use crate::datasets::{DataRoots, DatasetError, Split};
use crate::melody::FrameGrid;

/// Times of the labels.
const LABEL_GRID: FrameGrid = FrameGrid {
    first_secs: 0.016,
    hop_secs: 0.032,
};

/// The clips of a split: all are for [`Split::Dev`].
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let folder = roots.folder("ikala")?;
    clips_of(&folder.join("Wavfile"), split, |audio| {
        let labels = format!("{}.pv", stem(&audio));
        let labels = folder.join("PitchLabel").join(labels);
        let layout = LabelLayout::Semitones(LABEL_GRID);
        Some(LabeledRecording {
            voice_right: true,
            ..LabeledRecording::new(audio, labels, layout)
        })
    })
}
