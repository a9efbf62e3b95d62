//! The note model against an independent evaluation of its formulas.

use melograph::melody::note_hmm::{NoteParams, segment};
use melograph::melody::note_path::{NoteStateKind, most_likely_path};
use melograph::melody::pitch::hz_to_midi;
use melograph::melody::{F0Frame, F0Track, FrameGrid};
use serde_json::Value;

struct Golden {
    json: Value,
    track: F0Track,
}

fn golden() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/note_hmm.json");
    let json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let hop_secs = json["hop_s"].as_f64().unwrap();
    let f0: Vec<f32> = serde_json::from_value(json["f0"].clone()).unwrap();
    let frame = |&f0_hz: &f32| F0Frame {
        f0_hz,
        confidence: 0.5,
        voiced: f0_hz > 0.0,
    };
    let grid = FrameGrid {
        first_secs: 0.0,
        hop_secs,
    };
    let track = F0Track {
        grid,
        frames: f0.iter().map(frame).collect(),
    };
    Golden { json, track }
}

#[test]
fn the_path_is_the_references() {
    let Golden { json, .. } = golden();
    let f0: Vec<f64> = serde_json::from_value(json["f0"].clone()).unwrap();
    let candidates: Vec<_> = f0
        .iter()
        .map(|&hz| (hz > 0.0).then(|| (hz_to_midi(hz), 0.9)))
        .collect();
    let path = most_likely_path(&candidates, &NoteParams::reference());
    let runs = path.states.chunk_by(|a, b| a == b).scan(0, |end, run| {
        let start = *end;
        *end += run.len();
        Some((start, *end, run[0]))
    });
    let expected: Vec<(usize, usize, u16, f64, String)> =
        serde_json::from_value(json["runs"].clone()).unwrap();
    assert_eq!(
        runs.collect::<Vec<_>>(),
        expected.iter().map(|r| (r.0, r.1, r.2)).collect::<Vec<_>>()
    );
    for (.., state, _, kind) in &expected {
        assert_eq!(
            format!("{:?}", NoteStateKind::of(*state)).to_lowercase(),
            *kind
        );
    }
    let log_likelihood = json["log_likelihood"].as_f64().unwrap();
    assert!(
        (path.log_likelihood - log_likelihood).abs() < 1e-6,
        "{}",
        path.log_likelihood
    );
}

#[test]
fn the_notes_are_the_references() {
    let Golden { json, track } = golden();
    let notes = segment(&track, None, &NoteParams::reference());
    let expected: Vec<(usize, usize, f64)> = serde_json::from_value(json["notes"].clone()).unwrap();
    assert_eq!(notes.len(), expected.len());
    let hop = track.grid.hop_secs;
    for (note, (first, end, midi)) in notes.iter().zip(expected) {
        assert!(
            (note.onset_secs - (first as f64 - 0.5) * hop).abs() < 1e-9,
            "{note:?}"
        );
        assert!(
            (note.offset_secs - (end as f64 - 0.5) * hop).abs() < 1e-9,
            "{note:?}"
        );
        assert!((f64::from(note.midi) - midi).abs() < 1e-4, "{note:?}");
    }
}
