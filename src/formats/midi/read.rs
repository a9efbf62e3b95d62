//! Reads notes, with the bends as part of their pitch.

use std::collections::BTreeMap;
use std::path::Path;

use midly::{MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};

use crate::formats::FormatError;
use crate::melody::Note;

/// Reads all notes, drums apart; `path` is named in errors.
///
/// A pitch is the key plus the median bend while the note sounds. A key struck
/// again ends the note before; a note never ended lasts to the end of the file.
///
/// # Errors
/// [`FormatError::Content`] if `bytes` are no MIDI file.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Vec<Note>, FormatError> {
    let smf = Smf::parse(bytes)
        .map_err(|error| FormatError::content(path, "a standard MIDI file", error.to_string()))?;
    let events = events(&smf);
    let tempo = TempoMap::new(smf.header.timing, &events);
    let sounded = sounded(&events).into_iter();
    let lasting = sounded.filter(|note| note.off > note.on);
    let mut notes: Vec<Note> = lasting.map(|note| note.note(&tempo)).collect();
    notes.sort_by(|a, b| a.onset_secs.total_cmp(&b.onset_secs));
    Ok(notes)
}

/// Events of all tracks in order, with their ticks.
fn events<'a>(smf: &Smf<'a>) -> Vec<(u64, TrackEventKind<'a>)> {
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

/// The notes of all channels but the drums'; those left open end with the file.
fn sounded(events: &[(u64, TrackEventKind)]) -> Vec<Sounded> {
    let mut channels: BTreeMap<u8, Channel> = BTreeMap::new();
    let mut sounded = Vec::new();
    for &(tick, kind) in events {
        if let TrackEventKind::Midi { channel, message } = kind
            && channel.as_int() != DRUMS
        {
            let channel = channels.entry(channel.as_int()).or_default();
            channel.take(tick, message, &mut sounded);
        }
    }
    let end = events.last().map_or(0, |&(tick, _)| tick);
    for channel in channels.values_mut() {
        let bends = &channel.bends;
        sounded.extend(channel.open.drain(..).map(|open| open.close(end, bends)));
    }
    sounded
}

const DRUMS: u8 = 9;

/// Where the tempo changes: tick, its seconds, and seconds a tick from there.
struct TempoMap(Vec<(u64, f64, f64)>);

impl TempoMap {
    fn new(timing: Timing, events: &[(u64, TrackEventKind)]) -> Self {
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

    fn secs(&self, tick: u64) -> f64 {
        let last = self.0.partition_point(|&(start, ..)| start <= tick);
        let (start, secs, per_tick) = self.0[last - 1];
        secs + (tick - start) as f64 * per_tick
    }
}

/// A note that has started: its key, and which of its channel's bends was the last by then.
struct Open {
    key: u8,
    on: u64,
    first_bend: usize,
}

impl Open {
    /// Ends the note; `bends` are its channel's.
    fn close(self, off: u64, bends: &[(u64, f64)]) -> Sounded {
        let bends = &bends[self.first_bend..];
        let ends = bends.iter().skip(1).map(|&(tick, _)| tick).chain([off]);
        let mut held: Vec<(f64, u64)> = bends
            .iter()
            .map(|&(from, bend)| (from.max(self.on), bend))
            .zip(ends)
            .map(|((from, bend), to)| (bend, to - from))
            .collect();
        held.sort_by(|a, b| a.0.total_cmp(&b.0));
        let half = (off - self.on) / 2;
        let mut passed = 0;
        let median = held.iter().find(|&&(_, ticks)| {
            passed += ticks;
            passed > half
        });
        Sounded {
            on: self.on,
            off,
            midi: f64::from(self.key) + median.map_or(0.0, |m| m.0),
        }
    }
}

struct Sounded {
    on: u64,
    off: u64,
    midi: f64,
}

impl Sounded {
    fn note(&self, tempo: &TempoMap) -> Note {
        Note {
            onset_secs: tempo.secs(self.on),
            offset_secs: tempo.secs(self.off),
            midi: self.midi as f32,
            confidence: 1.0,
        }
    }
}

/// Bend and notes of one channel.
struct Channel {
    open: Vec<Open>,
    /// Bends in semitones and their ticks; the last is the one now.
    bends: Vec<(u64, f64)>,
    parameter: [u8; 2],
    range: [u8; 2], // semitones, cents
}

impl Default for Channel {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            bends: vec![(0, 0.0)],
            parameter: [127; 2],
            range: [2, 0],
        }
    }
}

impl Channel {
    fn take(&mut self, tick: u64, message: MidiMessage, sounded: &mut Vec<Sounded>) {
        match message {
            MidiMessage::NoteOn { key, vel } => {
                self.end(key.as_int(), tick, sounded);
                if vel > 0 {
                    self.open.push(Open {
                        key: key.as_int(),
                        on: tick,
                        first_bend: self.bends.len() - 1,
                    });
                }
            }
            MidiMessage::NoteOff { key, .. } => self.end(key.as_int(), tick, sounded),
            MidiMessage::PitchBend { bend } => {
                let [semitones, cents] = self.range.map(f64::from);
                let bend = bend.as_f64() * (semitones + cents / 100.0);
                if self.open.is_empty() {
                    self.bends.clear();
                }
                self.bends.push((tick, bend));
            }
            MidiMessage::Controller { controller, value } => {
                self.control(controller.as_int(), value.as_int())
            }
            _ => {}
        }
    }

    fn control(&mut self, controller: u8, value: u8) {
        match (controller, self.parameter) {
            (101, _) => self.parameter[0] = value,
            (100, _) => self.parameter[1] = value,
            (6, [0, 0]) => self.range[0] = value,
            (38, [0, 0]) => self.range[1] = value,
            _ => {}
        }
    }

    fn end(&mut self, key: u8, tick: u64, sounded: &mut Vec<Sounded>) {
        let ended = self.open.iter().position(|open| open.key == key);
        sounded.extend(ended.map(|i| self.open.remove(i).close(tick, &self.bends)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::write::write;
    use super::*;
    use crate::formats::{Export, sample};
    use crate::melody::pitch::midi_to_hz;
    use crate::melody::{F0Frame, F0Track, FrameGrid};

    fn round_trip(f0: &F0Track, notes: &[Note], tempo_bpm: f64) -> Vec<Note> {
        let analysis = sample::analysis(f0.clone(), notes);
        let export = Export {
            tempo_bpm,
            ..Export::of(&analysis)
        };
        let mut bytes = Vec::new();
        write(&export, &mut bytes).unwrap();
        read(Path::new("a.mid"), &bytes).unwrap()
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
        let back = round_trip(&f0, &written, 120.0);
        assert_eq!(back.len(), 3);
        assert!((back[0].midi - 60.3).abs() < 0.06, "{back:?}");
        assert_eq!((back[1].midi, back[2].midi), (60.0, 64.0));
    }

    #[test]
    fn what_is_no_midi_file_is_an_error() {
        let error = read(Path::new("a.mid"), b"hello").unwrap_err().to_string();
        assert!(
            error.starts_with("a.mid: expected a standard MIDI file"),
            "{error}"
        );
        assert_eq!(round_trip(&sample::no_contour(), &[], 120.0), []);
    }

    proptest::proptest! {
        #[test]
        fn written_notes_come_back(
            raw in proptest::collection::vec((0.05f64..2.0, 0.0f64..1.0, 23.0f32..88.0), 1..40),
            tempo_bpm in 4.0f64..1000.0,
        ) {
            let mut end = 0.0;
            let written: Vec<Note> = raw.into_iter().map(|(length, gap, midi)| {
                let onset_secs = end + if gap < 0.5 { 0.0 } else { gap };
                end = onset_secs + length;
                Note { onset_secs, offset_secs: end, midi, confidence: 1.0 }
            }).collect();
            // about a tick at 120 a minute, at any tempo
            let tick = 1.05e-3;
            let back = round_trip(&sample::no_contour(), &written, tempo_bpm);
            proptest::prop_assert_eq!(back.len(), written.len());
            for (a, b) in written.iter().zip(&back) {
                proptest::prop_assert!((a.onset_secs - b.onset_secs).abs() < tick);
                proptest::prop_assert!((a.offset_secs - b.offset_secs).abs() < 2.0 * tick);
                proptest::prop_assert!((a.midi - b.midi).abs() < 3e-4);
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
