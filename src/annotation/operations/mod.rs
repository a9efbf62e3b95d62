//! Commands on a selection: plain functions from `&Annotation` to a [`Transaction`].
//!
//! None changes anything by itself. Each fails with a sentence where it would do nothing, so that
//! no empty step enters the history.
//!
//! - [`shift`]: octave and fifth, up and down.
//! - [`voicing`]: make unvoiced, make voiced.
//! - [`mod@interpolate`]: a straight line of pitch between two frames.
//! - [`notes`]: delete notes, take others.

pub mod interpolate;
pub mod notes;
pub mod shift;
pub mod voicing;

pub use interpolate::interpolate;
pub use notes::{delete_notes, replace_notes};
pub use shift::{fifth_down, fifth_up, octave_down, octave_up};
pub use voicing::{make_unvoiced, make_voiced};

use std::ops::Range;

use super::{
    AnnotatedFrame, Annotation, AnnotationError, Edit, Provenance, Selection, Transaction,
};
use crate::melody::F0Frame;

/// What a command is.
pub type Operation = fn(&Annotation, &Selection) -> Result<Transaction, AnnotationError>;

/// The commands that need no more than a selection.
pub const ALL: [Operation; 8] = [
    octave_up,
    octave_down,
    fifth_up,
    fifth_down,
    make_unvoiced,
    make_voiced,
    interpolate,
    delete_notes,
];

/// A transaction of `edits`, if there are any.
fn transaction(label: &'static str, edits: Vec<Edit>) -> Result<Transaction, AnnotationError> {
    if edits.is_empty() {
        return Err(AnnotationError::NothingToDo { operation: label });
    }
    Ok(Transaction { label, edits })
}

/// The edit that puts `frames` from `start` on, unless they are there already.
fn frame_edit(annotation: &Annotation, start: usize, frames: Vec<AnnotatedFrame>) -> Option<Edit> {
    let present = annotation.frames(start..start + frames.len());
    let same = present.eq(frames.iter().copied());
    (!same).then_some(Edit::ReplaceF0 { start, frames })
}

/// The edits that put every frame of `ranges` through `change`.
fn frame_edits(
    annotation: &Annotation,
    ranges: Vec<Range<usize>>,
    change: impl Fn(AnnotatedFrame) -> AnnotatedFrame,
) -> Vec<Edit> {
    let changed = |range: Range<usize>| annotation.frames(range).map(&change).collect();
    let edits = ranges
        .into_iter()
        .filter_map(|range| frame_edit(annotation, range.start, changed(range)));
    edits.collect()
}

/// A frame as decided, with the confidence it had.
fn decided(
    frame: AnnotatedFrame,
    f0_hz: f32,
    voiced: bool,
    provenance: Provenance,
) -> AnnotatedFrame {
    let f0 = F0Frame {
        f0_hz,
        voiced,
        ..frame.f0
    };
    AnnotatedFrame { f0, provenance }
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::annotation::arbitrary::{annotations, selections};
    use crate::annotation::{Provenance, Selection};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_operation_is_undone_exactly(
            start in annotations(), selection in selections(), operation in 0..ALL.len(),
        ) {
            let mut annotation = start.clone();
            if let Ok(transaction) = ALL[operation](&annotation, &selection) {
                let undo = annotation.apply(transaction.clone()).unwrap();
                prop_assert_ne!(&annotation, &start, "{} did nothing", undo.label);
                let redo = annotation.apply(undo).unwrap();
                prop_assert_eq!(&annotation, &start);
                prop_assert_eq!(redo.frames(), transaction.frames());
            }
        }

        #[test]
        fn only_selected_frames_change_and_the_model_decides_none_anew(
            start in annotations(), selection in selections(), operation in 0..ALL.len(),
        ) {
            let mut annotation = start.clone();
            if let Ok(transaction) = ALL[operation](&annotation, &selection) {
                annotation.apply(transaction).unwrap();
                let selected = selection.frames(&start);
                let n = start.n_frames();
                for (i, (old, new)) in start.frames(0..n).zip(annotation.frames(0..n)).enumerate() {
                    let inside = selected.iter().any(|range| range.contains(&i));
                    prop_assert!(old == new || inside && new.provenance != Provenance::Model);
                }
            }
        }

        #[test]
        fn nothing_selected_is_nothing_done(start in annotations(), operation in 0..ALL.len()) {
            prop_assert!(ALL[operation](&start, &Selection::Nothing).is_err());
        }
    }
}
