//! Reads notes, with the bends as part of their pitch.

use std::collections::BTreeMap;
use std::path::Path;

use midly::{MetaMessage, Smf, Timing, TrackEventKind};

use super::channels::{Channels, Sounded};
use crate::formats::{Contents, FormatError, SungNote};
use crate::melody::Note;

/// Reads all notes, drums apart, and the words that come with them; `path` is named in errors.
///
/// A pitch is the key plus the median bend while the note sounds, in a zone of MPE that of the zone
/// included. A key struck again ends the note before; a note never ended lasts to the end of the file.
///
/// # Errors
/// [`FormatError::Content`] if `bytes` are no MIDI file.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let smf = Smf::parse(bytes)
        .map_err(|error| FormatError::content(path, "a standard MIDI file", error.to_string()))?;
    let events = events(&smf);
    let tempo = TempoMap::new(smf.header.timing, &events);
    let lyrics = lyrics(&events);
    let sounded = sounded(&events).into_iter();
    let lasting = sounded.filter(|note| note.off > note.on);
    let notes = lasting.map(|note| SungNote {
        note: tempo.note(&note),
        lyric: lyrics.get(&note.on).cloned().unwrap_or_default(),
    });
    Ok(Contents {
        title: title(&smf),
        ..Contents::of_notes(notes)
    })
}

/// Name of the first track, which is that of the piece.
fn title(smf: &Smf) -> Option<String> {
    let mut events = smf.tracks.first()?.iter();
    events.find_map(|event| match event.kind {
        TrackEventKind::Meta(MetaMessage::TrackName(name)) => Some(words(name)),
        _ => None,
    })
}

/// Words and their ticks.
fn lyrics(events: &[(u64, TrackEventKind)]) -> BTreeMap<u64, String> {
    let lyrics = events.iter().filter_map(|(tick, kind)| match kind {
        TrackEventKind::Meta(MetaMessage::Lyric(text)) => Some((*tick, words(text))),
        _ => None,
    });
    lyrics.collect()
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// Events of all tracks in order, with their ticks.
pub(super) fn events<'a>(smf: &Smf<'a>) -> Vec<(u64, TrackEventKind<'a>)> {
    let mut events = Vec::new();
    for track in &smf.tracks {
        let mut tick = 0;
        for event in track {
            tick += u64::from(event.delta.as_int());
            events.push((tick, event.kind));
        }
    }
    events.sort_by_key(|&(tick, _)| tick);
    events
}

/// The notes of all channels but the drums'.
fn sounded(events: &[(u64, TrackEventKind)]) -> Vec<Sounded> {
    let mut channels = Channels::default();
    for &(tick, kind) in events {
        if let TrackEventKind::Midi { channel, message } = kind {
            channels.take(tick, channel.as_int(), message);
        }
    }
    channels.finish(events.last().map_or(0, |&(tick, _)| tick))
}

/// Where the tempo changes: tick, its seconds, and seconds a tick from there.
pub(super) struct TempoMap(Vec<(u64, f64, f64)>);

impl TempoMap {
    pub fn new(timing: Timing, events: &[(u64, TrackEventKind)]) -> Self {
        let ticks = match timing {
            Timing::Metrical(ticks) => f64::from(ticks.as_int().max(1)),
            Timing::Timecode(fps, sub) => {
                return Self(vec![(
                    0,
                    0.0,
                    1.0 / (fps.as_f32() as f64 * f64::from(sub.max(1))),
                )]);
            }
        };
        let mut map = Self(vec![(0, 0.0, 0.5 / ticks)]);
        for &(tick, kind) in events {
            if let TrackEventKind::Meta(MetaMessage::Tempo(micros)) = kind {
                let secs = map.secs(tick);
                map.0
                    .push((tick, secs, f64::from(micros.as_int()) * 1e-6 / ticks));
            }
        }
        map
    }

    pub fn secs(&self, tick: u64) -> f64 {
        let last = self.0.partition_point(|&(start, ..)| start <= tick);
        let (start, secs, per_tick) = self.0[last - 1];
        secs + (tick - start) as f64 * per_tick
    }

    fn note(&self, sounded: &Sounded) -> Note {
        Note {
            onset_secs: self.secs(sounded.on),
            offset_secs: self.secs(sounded.off),
            midi: sounded.midi as f32,
            confidence: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::write::{ChannelLayout, write};
    use super::*;
    use crate::formats::{Export, mpe, sample};
    use crate::melody::pitch::midi_to_hz;
    use crate::melody::{F0Frame, F0Track, FrameGrid};
    use proptest::prelude::*;

    fn round_trip(
        f0: &F0Track,
        notes: &[Note],
        tempo_bpm: f64,
        layout: ChannelLayout,
    ) -> Vec<Note> {
        let analysis = sample::analysis(f0.clone(), notes);
        let export = Export {
            tempo_bpm,
            ..Export::of(&analysis)
        };
        let mut bytes = Vec::new();
        write(&export, layout, &mut bytes).unwrap();
        let notes = read(Path::new("a.mid"), &bytes).unwrap().notes.unwrap();
        notes.into_iter().map(|it| it.note).collect()
    }

    #[test]
    fn bends_follow_the_contour_and_leave_the_next_note_alone() {
        let pitch = |i: usize| 60.3 + 0.5 * (i as f64 * 0.35).sin();
        let frame = |i| F0Frame {
            f0_hz: midi_to_hz(pitch(i)) as f32,
            confidence: 1.0,
            voiced: i < 50,
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: (0..150).map(frame).collect(),
        };
        let note = |onset_secs, offset_secs, midi| Note {
            onset_secs,
            offset_secs,
            midi,
            confidence: 1.0,
        };
        let written = [
            note(0.005, 0.505, 60.3),
            note(0.505, 1.0, 60.0),
            note(1.0, 1.2, 64.0),
        ];
        for layout in [ChannelLayout::PLAIN, mpe::LAYOUT] {
            let back = round_trip(&f0, &written, 120.0, layout);
            assert_eq!(back.len(), 3);
            assert!((back[0].midi - 60.3).abs() < 0.06, "{back:?}");
            assert_eq!((back[1].midi, back[2].midi), (60.0, 64.0));
        }
    }

    #[test]
    fn what_is_no_midi_file_is_an_error() {
        let error = read(Path::new("a.mid"), b"hello").unwrap_err().to_string();
        assert!(
            error.starts_with("a.mid: expected a standard MIDI file"),
            "{error}"
        );
        assert_eq!(
            round_trip(&sample::no_contour(), &[], 120.0, ChannelLayout::PLAIN),
            []
        );
    }

    proptest! {
        #[test]
        fn written_notes_come_back(
            raw in proptest::collection::vec((0.05f64..2.0, 0.0f64..1.0, 23.0f32..88.0), 1..40),
            tempo_bpm in 4.0f64..1000.0,
            layout in prop_oneof![Just(ChannelLayout::PLAIN), Just(mpe::LAYOUT)],
        ) {
            let mut end = 0.0;
            let written: Vec<Note> = raw.into_iter().map(|(length, gap, midi)| {
                let onset_secs = end + if gap < 0.5 { 0.0 } else { gap };
                end = onset_secs + length;
                Note { onset_secs, offset_secs: end, midi, confidence: 1.0 }
            }).collect();
            // about a tick at 120 a minute, at any tempo
            let tick = 1.05e-3;
            let back = round_trip(&sample::no_contour(), &written, tempo_bpm, layout);
            let step = f64::from(layout.semitones) / 8192.0;
            prop_assert_eq!(back.len(), written.len());
            for (a, b) in written.iter().zip(&back) {
                prop_assert!((a.onset_secs - b.onset_secs).abs() < tick);
                prop_assert!((a.offset_secs - b.offset_secs).abs() < 2.0 * tick);
                prop_assert!(f64::from((a.midi - b.midi).abs()) < step);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0u8.., 0..200)) {
            let mut file = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\xc8".to_vec();
            file.extend(bytes);
            let _ = read(Path::new("a.mid"), &file);
        }
    }
}
