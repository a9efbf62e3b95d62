//! Mark, unmark, give a lyric: nothing of the melody changes.

use std::ops::Range;

use super::notes::changed_whole;
use crate::annotation::{
    AnnotatedNote, Annotation, Edit, Mark, MarkedSpan, NoteTags, Refusal, Selection,
};

/// Puts a mark on the selected notes or the span, or takes it away from there.
///
/// Of a box its notes, or its time if no note is in it.
pub fn mark(annotation: &Annotation, selection: &Selection, mark: Mark, is_on: bool) -> Vec<Edit> {
    let of_span = |secs| {
        let edit = mark_span(annotation.marked(), mark, secs, is_on);
        edit.into_iter().collect()
    };
    match selection {
        Selection::Nothing => Vec::new(),
        Selection::Span(secs) => of_span(secs),
        Selection::Box { secs, .. } if selection.notes(annotation).is_empty() => of_span(secs),
        Selection::Notes(_) | Selection::Box { .. } => {
            let places = selection.notes(annotation);
            changed_whole(annotation, &places, |it| {
                let marks = it.tags.marks.with(mark, is_on);
                with_tags(it, |tags| NoteTags { marks, ..tags })
            })
        }
    }
}

/// Gives the selected note a lyric; an empty one takes it away.
pub fn lyric(
    annotation: &Annotation,
    selection: &Selection,
    lyric: &str,
) -> Result<Vec<Edit>, Refusal> {
    let places = selection.notes(annotation);
    if places.len() != 1 {
        return Err(Refusal::NotOneNote);
    }
    let lyric = Some(lyric.trim().to_owned()).filter(|it| !it.is_empty());
    Ok(changed_whole(annotation, &places, |it| {
        with_tags(it, |tags| NoteTags {
            lyric: lyric.clone(),
            ..tags
        })
    }))
}

fn with_tags(note: AnnotatedNote, change: impl FnOnce(NoteTags) -> NoteTags) -> AnnotatedNote {
    AnnotatedNote {
        tags: change(note.tags),
        ..note
    }
}

/// The edit that marks a span, or takes the mark away from it, unless it is so already.
fn mark_span(present: &[MarkedSpan], mark: Mark, secs: &Range<f64>, is_on: bool) -> Option<Edit> {
    if !(secs.start.is_finite() && secs.end.is_finite() && secs.start < secs.end) {
        return None;
    }
    let touches =
        |it: &MarkedSpan| it.mark == mark && it.start_secs <= secs.end && it.end_secs >= secs.start;
    let touched = present.iter().copied().filter(touches);
    let reach = touched.fold(secs.clone(), |all, it| {
        all.start.min(it.start_secs)..all.end.max(it.end_secs)
    });
    // those of the other mark in between keep their order
    let begins_before = |secs: f64| present.partition_point(|it| it.start_secs < secs);
    let at = begins_before(reach.start)..begins_before(reach.end.next_up());
    let near = present[at.clone()].iter().copied();
    let (inside, mut spans): (Vec<MarkedSpan>, Vec<MarkedSpan>) = near.partition(touches);
    let span = |start_secs: f64, end_secs: f64| MarkedSpan {
        mark,
        start_secs,
        end_secs,
    };
    if is_on {
        spans.push(span(reach.start, reach.end));
    } else {
        let before = inside
            .iter()
            .map(|it| span(it.start_secs, it.end_secs.min(secs.start)));
        let behind = inside
            .iter()
            .map(|it| span(it.start_secs.max(secs.end), it.end_secs));
        spans.extend(
            before
                .chain(behind)
                .filter(|it| it.start_secs < it.end_secs),
        );
    }
    spans.sort_by(|a, b| a.start_secs.total_cmp(&b.start_secs));
    (spans != present[at.clone()]).then_some(Edit::ReplaceMarks { at, spans })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::arbitrary::{note, refusal};
    use crate::annotation::{NoteId, Operation};
    use crate::melody::{F0Frame, F0Track, FrameGrid};
    use proptest::prelude::*;

    fn document() -> Annotation {
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: vec![F0Frame::default(); 300],
        };
        let notes = vec![note(0.0, 1.0, 60.0), note(1.0, 2.0, 62.0)];
        Annotation::new(f0, notes).unwrap()
    }

    fn done(annotation: &mut Annotation, operation: &Operation, selection: &Selection) {
        let step = operation.transaction(annotation, selection).unwrap();
        annotation.apply(step).unwrap();
    }

    #[test]
    fn a_lyric_and_a_mark_go_with_the_first_piece_of_their_note() {
        let mut annotation = document();
        let first = Selection::Notes(vec![NoteId(0)]);
        let lyric = "  Licht ".to_owned();
        done(&mut annotation, &Operation::SetLyric { lyric }, &first);
        done(&mut annotation, &Operation::Mark(Mark::Starred), &first);
        done(
            &mut annotation,
            &Operation::Unvoice,
            &Selection::Span(0.4..0.6),
        );
        let said: Vec<_> = annotation
            .note_tags()
            .iter()
            .map(|it| (it.lyric.as_deref(), it.marks.starred))
            .collect();
        assert_eq!(said, [(Some("Licht"), true), (None, false), (None, false)]);
        let none = Operation::SetLyric {
            lyric: String::new(),
        };
        let both = Selection::Span(0.0..2.0);
        let refused = none.transaction(&annotation, &both);
        assert_eq!(refusal(refused), Refusal::NotOneNote);
        done(&mut annotation, &none, &first);
        assert_eq!(annotation.note_tags()[0].lyric, None);
    }

    #[test]
    fn the_mark_of_a_span_is_joined_and_cut() {
        let mut annotation = document();
        let spans = |annotation: &Annotation| -> Vec<_> {
            annotation.marked().iter().map(MarkedSpan::secs).collect()
        };
        let [on, off] = [Operation::Mark, Operation::Unmark].map(|it| it(Mark::Accepted));
        for secs in [0.0..1.0, 2.0..3.0, 0.5..2.0] {
            done(&mut annotation, &on, &Selection::Span(secs));
        }
        assert_eq!(spans(&annotation), [0.0..3.0]);
        done(&mut annotation, &off, &Selection::Span(1.0..1.5));
        assert_eq!(spans(&annotation), [0.0..1.0, 1.5..3.0]);
        let nothing = off.transaction(&annotation, &Selection::Span(1.1..1.4));
        assert_eq!(refusal(nothing), Refusal::NothingToDo);
    }

    proptest! {
        /// Any point of time is marked as the last step over it said.
        #[test]
        fn marks_are_what_was_said_last(
            steps in prop::collection::vec((any::<bool>(), any::<bool>(), 0u32..40, 1u32..20), 1..30)
        ) {
            let mut annotation = document();
            let mut said = [[false; 60]; 2];
            for (starred, is_on, start, length) in steps {
                let mark = if starred { Mark::Starred } else { Mark::Accepted };
                let operation = if is_on { Operation::Mark(mark) } else { Operation::Unmark(mark) };
                let secs = f64::from(start)..f64::from(start + length);
                said[usize::from(starred)][start as usize..(start + length) as usize].fill(is_on);
                if let Ok(step) = operation.transaction(&annotation, &Selection::Span(secs)) {
                    annotation.apply(step).unwrap();
                }
                for (i, mark) in [Mark::Accepted, Mark::Starred].into_iter().enumerate() {
                    for (second, expected) in said[i].iter().enumerate() {
                        let at = second as f64 + 0.5;
                        let mut spans = annotation.marked().iter();
                        let found = spans.any(|it| it.mark == mark && it.secs().contains(&at));
                        prop_assert_eq!(found, *expected);
                    }
                }
            }
        }
    }
}
