//! Reads a score: which keys sound when, and which of them are the melody's.

use std::path::Path;

use midly::{MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};

use super::channels::DRUMS;
use super::read::{TempoMap, events};
use crate::formats::FormatError;

/// What the name of a melody's track has in it, in small letters: as Lu & Su (2018) have it, and as
/// others write.
const MELODY_NAMES: [&str; 6] = ["soprano", "voice", "vocal", "melod", "lead", "sing"];

/// A moment of a score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScoreTime {
    /// Quarters from the start.
    pub beats: f64,
    /// Seconds from the start.
    pub secs: f64,
}

/// A note of a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreNote {
    /// When it begins.
    pub on: ScoreTime,
    /// When it ends.
    pub off: ScoreTime,
    /// MIDI number.
    pub key: u8,
    /// Whether it is of the melody.
    pub is_melody: bool,
}

/// The notes of a score, drums apart; `None` if no track is named as a melody's is. `path` is named in
/// errors.
///
/// The melody is the channel of the first such track. A velocity of 1 is none, as scores mark with it
/// what does not sound.
///
/// # Errors
/// [`FormatError::Content`] if `bytes` are no MIDI file.
pub fn read_score(path: &Path, bytes: &[u8]) -> Result<Option<Vec<ScoreNote>>, FormatError> {
    let smf = Smf::parse(bytes)
        .map_err(|error| FormatError::content(path, "a standard MIDI file", error.to_string()))?;
    let Some(melody) = melody_channel(&smf) else {
        return Ok(None);
    };
    let events = events(&smf);
    let tempo = TempoMap::new(smf.header.timing, &events);
    let ticks_a_beat = match smf.header.timing {
        Timing::Metrical(ticks) => f64::from(ticks.as_int().max(1)),
        Timing::Timecode(..) => return Ok(None),
    };
    let time = |tick: u64| ScoreTime {
        beats: tick as f64 / ticks_a_beat,
        secs: tempo.secs(tick),
    };
    let mut open: Vec<(u8, u8, u64)> = Vec::new();
    let mut notes = Vec::new();
    for (tick, kind) in events {
        let TrackEventKind::Midi { channel, message } = kind else {
            continue;
        };
        let channel = channel.as_int();
        let (key, velocity) = match message {
            MidiMessage::NoteOn { key, vel } => (key.as_int(), vel.as_int()),
            MidiMessage::NoteOff { key, .. } => (key.as_int(), 0),
            _ => continue,
        };
        if channel == DRUMS || velocity == 1 {
            continue;
        }
        if let Some(at) = open.iter().position(|&(c, k, _)| (c, k) == (channel, key)) {
            let (_, _, on) = open.swap_remove(at);
            notes.push(ScoreNote {
                on: time(on),
                off: time(tick),
                key,
                is_melody: channel == melody,
            });
        }
        if velocity > 0 {
            open.push((channel, key, tick));
        }
    }
    Ok(Some(notes))
}

/// The channel that the first track named as a melody's plays.
fn melody_channel(smf: &Smf) -> Option<u8> {
    let is_melody = |track: &&Vec<midly::TrackEvent>| {
        track.iter().any(|event| match event.kind {
            TrackEventKind::Meta(MetaMessage::TrackName(name)) => {
                let name = String::from_utf8_lossy(name).to_lowercase();
                MELODY_NAMES.iter().any(|melody| name.contains(melody))
            }
            _ => false,
        })
    };
    let channel = |track: &Vec<midly::TrackEvent>| {
        track.iter().find_map(|event| match event.kind {
            TrackEventKind::Midi {
                channel,
                message: MidiMessage::NoteOn { .. },
            } => Some(channel.as_int()),
            _ => None,
        })
    };
    let named = smf.tracks.iter().filter(is_melody);
    let mut channels = named.filter_map(channel);
    channels.find(|&channel| channel != DRUMS)
}

#[cfg(test)]
mod tests {
    use midly::num::{u4, u7, u15, u24, u28};
    use midly::{Format, Header, TrackEvent};

    use super::*;

    fn event(delta: u32, kind: TrackEventKind) -> TrackEvent {
        TrackEvent {
            delta: u28::new(delta),
            kind,
        }
    }

    fn strike(delta: u32, channel: u8, key: u8, vel: u8) -> TrackEvent<'static> {
        let message = MidiMessage::NoteOn {
            key: u7::new(key),
            vel: u7::new(vel),
        };
        event(
            delta,
            TrackEventKind::Midi {
                channel: u4::new(channel),
                message,
            },
        )
    }

    fn file(name: &'static [u8]) -> Vec<u8> {
        let tempo = event(
            0,
            TrackEventKind::Meta(MetaMessage::Tempo(u24::new(250_000))),
        );
        let named = event(0, TrackEventKind::Meta(MetaMessage::TrackName(name)));
        let end = event(0, TrackEventKind::Meta(MetaMessage::EndOfTrack));
        let mut smf = Smf::new(Header::new(
            Format::Parallel,
            Timing::Metrical(u15::new(100)),
        ));
        smf.tracks = vec![
            vec![tempo, strike(0, 1, 40, 90), strike(400, 1, 40, 0), end],
            vec![
                named,
                strike(0, 2, 72, 1), // does not sound
                strike(100, 2, 72, 90),
                strike(100, 2, 72, 0),
                end,
            ],
            vec![strike(0, 9, 38, 90), strike(10, 9, 38, 0), end],
        ];
        let mut bytes = Vec::new();
        smf.write_std(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_named_track_is_the_melody_and_drums_stay_out() {
        let path = Path::new("song.mid");
        let mut notes = read_score(path, &file(b"Lead Vocals")).unwrap().unwrap();
        notes.sort_by_key(|note| note.key);
        assert_eq!(notes.len(), 2);
        assert!(!notes[0].is_melody && notes[1].is_melody);
        assert_eq!((notes[1].on.beats, notes[1].off.beats), (1.0, 2.0));
        assert_eq!((notes[1].on.secs, notes[1].off.secs), (0.25, 0.5));
        assert!(read_score(path, &file(b"Bass")).unwrap().is_none());
        assert!(read_score(path, b"no MIDI").is_err());
    }
}
