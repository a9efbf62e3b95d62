//! Symbolic music that training does not know: every tenth MIDI file of the folder `scores`.

use super::{Clip, ClipSound, OpenClip, Reference};
use crate::datasets::corpora::folders::NamedFolder;
use crate::datasets::corpora::scores::read;
use crate::datasets::{DataRoots, DatasetError, Split};

/// The scores of a split. What is right in them depends on the steps that a network reads.
///
/// # Errors
/// [`DatasetError`] if the folder is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let folder = NamedFolder::find("scores", roots)?;
    let (scores, _) = read(&[folder], split)?;
    let clip = |score: crate::datasets::Score| {
        Clip::new(score.id.clone(), move || {
            Ok(OpenClip {
                sound: ClipSound::Score(score.clone()),
                reference: Reference::default(),
                voice: None,
            })
        })
    };
    Ok(scores.into_iter().map(clip).collect())
}
