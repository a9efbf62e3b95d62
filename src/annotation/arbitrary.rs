//! Random documents, selections and operations for the tests of this room.

use proptest::prelude::*;

use super::{
    AnnotatedFrame, AnnotatedNote, Annotation, AnnotationError, Mark, MarkedSpan, Marks, NoteId,
    NoteTags, Operation, PitchSource, Provenance, Refusal, Selection, Transaction,
};
use crate::melody::{F0Frame, F0Track, FrameGrid, Note};

/// A note of middling confidence.
pub fn note(onset_secs: f64, offset_secs: f64, midi: f32) -> Note {
    Note {
        onset_secs,
        offset_secs,
        midi,
        confidence: 0.5,
    }
}

/// Up to two seconds of frames with silence, any voicing and provenance, and notes that may overlap.
pub fn annotations() -> impl Strategy<Value = Annotation> {
    let hop = prop_oneof![Just(0.01), Just(256.0 / 44_100.0)];
    let frames = prop::collection::vec(frames(), 0..200);
    let notes = prop::collection::vec((0.0..2.0, 0.001..0.6, 30f32..90.0, 0f32..=1.0), 0..10);
    let threshold = prop::option::of(0f32..=1.0);
    let parts = (hop, frames, notes, marks(), threshold);
    parts.prop_map(|(hop, frames, notes, marked, threshold)| {
        let provenance = frames.iter().map(|frame| frame.provenance).collect();
        let f0 = F0Track {
            grid: FrameGrid::from_hop(hop),
            frames: frames.iter().map(|frame| frame.f0).collect(),
        };
        Annotation::restore(f0, provenance, in_order(notes), marked, threshold).unwrap()
    })
}

fn frames() -> impl Strategy<Value = AnnotatedFrame> {
    let any_pitch = (0f32..f32::MAX).prop_filter("a pitch", |hz| *hz > 0.0);
    let f0_hz =
        prop_oneof![2 => Just(0.0), 9 => 50f32..900.0, 1 => 15f32..20_000.0, 1 => any_pitch];
    let by = prop_oneof![
        Just(Provenance::Model),
        Just(Provenance::Human),
        Just(Provenance::Interpolated)
    ];
    (f0_hz, 0f32..=1.0, any::<bool>(), by).prop_map(|(f0_hz, confidence, voiced, provenance)| {
        let f0 = F0Frame {
            f0_hz,
            confidence,
            voiced: voiced && f0_hz > 0.0,
        };
        AnnotatedFrame { f0, provenance }
    })
}

/// Marks of both kinds, one behind the other.
fn marks() -> impl Strategy<Value = Vec<MarkedSpan>> {
    let mark = prop_oneof![Just(Mark::Accepted), Just(Mark::Starred)];
    let spans = prop::collection::vec((mark, 0.0..0.5, 0.001..0.5), 0..4);
    spans.prop_map(|spans| {
        let mut end_secs = 0.0;
        let after = spans.into_iter().map(|(mark, gap, length)| {
            let start_secs = end_secs + gap;
            end_secs = start_secs + length;
            MarkedSpan {
                mark,
                start_secs,
                end_secs,
            }
        });
        after.collect()
    })
}

/// Notes by onset, with ids in no order, some with lyrics and marks.
fn in_order(notes: Vec<(f64, f64, f32, f32)>) -> Vec<AnnotatedNote> {
    let mut notes: Vec<Note> = notes
        .into_iter()
        .map(|(onset, length, midi, confidence)| Note {
            confidence,
            ..note(onset, onset + length, midi)
        })
        .collect();
    notes.sort_by(|a, b| a.onset_secs.total_cmp(&b.onset_secs));
    let ids = (0..).map(|i| NoteId((7 * i + 3) % 11));
    let pairs = ids.zip(notes);
    let tags = |id: NoteId| NoteTags {
        lyric: id.0.is_multiple_of(3).then(|| format!("la\"{}", id.0)),
        marks: Marks {
            accepted: id.0.is_multiple_of(2),
            starred: id.0 == 7,
        },
    };
    let tagged = |(id, note)| AnnotatedNote {
        tags: tags(id),
        ..AnnotatedNote::new(id, note)
    };
    pairs.map(tagged).collect()
}

/// Spans in and around the document, reversed and empty ones too, and notes that may not be there.
pub fn selections() -> impl Strategy<Value = Selection> {
    prop_oneof![
        1 => Just(Selection::Nothing),
        6 => (-0.2..2.2, -0.1..1.0).prop_map(|(at, length)| Selection::Span(at..at + length)),
        2 => (-0.2..2.2, -0.1..1.0, 30.0..80.0, 0.0..24.0).prop_map(|(at, length, low, range)| {
            Selection::Box { secs: at..at + length, midi: low..low + range }
        }),
        3 => prop::collection::vec((0u64..12).prop_map(NoteId), 0..5).prop_map(Selection::Notes),
    ]
}

/// The operations on a selection, a shift by any interval, and any lyric.
pub fn operations() -> impl Strategy<Value = Operation> {
    prop_oneof![
        8 => prop::sample::select(Operation::OF_SELECTION.to_vec()),
        1 => (-900f64..900.0).prop_map(|cents| Operation::Shift { cents }),
        2 => (0usize..200, prop::collection::vec(prop_oneof![Just(0f32), 40f32..900.0], 0..90))
            .prop_map(|(start, f0_hz)| Operation::TakePitch {
                source: PitchSource::Drawn,
                start,
                f0_hz,
            }),
        1 => (0.0..2.0).prop_map(|at_secs| Operation::SplitNote { at_secs }),
        1 => (0.0..2.0, 0.02..0.6, 30f32..90.0, (0u64..12)).prop_map(|(at, length, midi, id)| {
            let note = note(at, at + length, midi);
            Operation::ReshapeNote { id: NoteId(id), note }
        }),
        1 => "[a-zß茉 ]{0,3}".prop_map(|lyric| Operation::SetLyric { lyric }),
    ]
}

/// A contour with frames 1 s apart from 0 s on, 0 Hz unvoiced, without notes.
pub fn document(f0_hz: &[f32]) -> Annotation {
    let frame = |&f0_hz: &f32| F0Frame {
        f0_hz,
        confidence: 0.1,
        voiced: f0_hz > 0.0,
    };
    let grid = FrameGrid {
        first_secs: 0.0,
        hop_secs: 1.0,
    };
    let frames = f0_hz.iter().map(frame).collect();
    Annotation::new(F0Track { grid, frames }, Vec::new()).unwrap()
}

/// Why an operation was refused.
pub fn refusal(result: Result<Transaction, AnnotationError>) -> Refusal {
    match result {
        Err(AnnotationError::Refused { refusal, .. }) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}
