//! Writes notes with bends.

use std::io::{self, Write};

use midly::num::{u4, u7, u14, u15, u24, u28};
use midly::{
    Format, Header, MetaMessage, MidiMessage, PitchBend, Smf, Timing, Track, TrackEvent,
    TrackEventKind,
};

use crate::formats::Export;
use crate::formats::mark::MARK;
use crate::melody::pitch::hz_to_midi;
use crate::melody::{F0Track, Note};

/// Ticks in a quarter note at 120 a minute and faster.
const TICKS: u16 = 480;
/// Smaller deviations of the contour from the key are not bent.
const DEAD_CENTS: f64 = 5.0;
const VOICE_OOHS: u7 = u7::new(53);
/// Velocity of notes whose level is not known.
const VELOCITY: u7 = u7::new(96);
const WHEEL_CENTRE: u14 = u14::new(0x2000);

/// Which channels carry the notes, and how far their wheels reach.
#[derive(Clone, Copy, Debug)]
pub struct ChannelLayout {
    /// Bend at both ends of the wheel in semitones, announced in the file.
    pub semitones: u8,
    /// Channels that the notes take in turn, from 0.
    pub channels: &'static [u8],
    /// The size of an MPE zone, told on channel 1, if it is one.
    pub zone: Option<u8>,
}

impl ChannelLayout {
    /// A melody on channel 1.
    pub const PLAIN: Self = Self {
        semitones: 2,
        channels: &[0],
        zone: None,
    };

    fn channel(&self, i: usize) -> u4 {
        u4::new(self.channels[i % self.channels.len()])
    }
}

/// Writes notes as a file of two tracks: tempo, and the melody.
///
/// A note sounds on the key nearest to its pitch, bent along the voiced frames
/// of the contour, or to its own pitch where there are none. The wheel is back in the
/// middle after each note. Notes are cut where the next one starts. Words come before their notes.
pub fn write(export: &Export, layout: ChannelLayout, out: &mut dyn Write) -> io::Result<()> {
    let &Export { f0, notes, .. } = export;
    let tempo = TrackTempo::new(export.tempo_bpm);
    let wheel = Wheel(f64::from(layout.semitones));
    let mut events = Events::default();
    for (i, note) in notes.iter().enumerate() {
        let on = tempo.ticks(note.onset_secs);
        let next = notes
            .get(i + 1)
            .map_or(u32::MAX, |next| tempo.ticks(next.onset_secs));
        let off = tempo.ticks(note.offset_secs).min(next).max(on + 1);
        let velocity = velocity(f0, export.level, note);
        let sung = Sung {
            channel: layout.channel(i),
            key: u7::new(key_of(note)),
            vel: velocity.unwrap_or(VELOCITY),
            bends: wheel.bends(f0, note, &tempo, on..off),
            span: on..off,
            lyric: export.lyric(i),
        };
        events.add(&sung);
    }
    let title = export.title();
    let smf = Smf {
        header: Header::new(
            Format::Parallel,
            Timing::Metrical(u15::new(tempo.ticks_per_quarter)),
        ),
        tracks: vec![tempo_track(&title, &tempo), events.into_track(layout)],
    };
    smf.write_std(out)
}

/// Seconds to ticks at a constant tempo.
///
/// A slow quarter has more ticks, so that a tick is about a millisecond at any tempo and times do not
/// depend on it.
struct TrackTempo {
    micros_per_quarter: u32,
    ticks_per_quarter: u16,
}

impl TrackTempo {
    fn new(tempo_bpm: f64) -> Self {
        let finer = (120.0 / tempo_bpm).ceil().clamp(1.0, 60.0) as u16;
        Self {
            micros_per_quarter: (60e6 / tempo_bpm).round().clamp(1.0, 16_777_215.0) as u32,
            ticks_per_quarter: TICKS * finer,
        }
    }

    fn ticks(&self, secs: f64) -> u32 {
        let quarters = secs * 1e6 / f64::from(self.micros_per_quarter);
        // a delta time has 28 bits, more than a day at 120 BPM
        (quarters * f64::from(self.ticks_per_quarter))
            .round()
            .clamp(0.0, 268_435_454.0) as u32
    }
}

fn key_of(note: &Note) -> u8 {
    note.midi.round().clamp(0.0, 127.0) as u8
}

/// Velocity 20 to 127 for a mean level of -40 to 0 dB; `None` where the level is not known.
fn velocity(f0: &F0Track, level: &[f32], note: &Note) -> Option<u7> {
    let [first, end] =
        [note.onset_secs, note.offset_secs].map(|secs| f0.grid.nearest(secs).unwrap_or(0));
    let levels = level
        .get(first..end.min(level.len()))
        .filter(|levels| !levels.is_empty())?;
    let power = levels.iter().map(|l| f64::from(l * l)).sum::<f64>() / levels.len() as f64;
    let loudness = (1.0 + 10.0 * power.max(1e-9).log10() / 40.0).clamp(0.0, 1.0);
    Some(u7::new((20.0 + 107.0 * loudness).round() as u8))
}

/// A pitch wheel and how far it bends, in semitones.
struct Wheel(f64);

impl Wheel {
    /// Wheel positions of a note with their ticks, the first at its onset.
    fn bends(
        &self,
        f0: &F0Track,
        note: &Note,
        tempo: &TrackTempo,
        span: std::ops::Range<u32>,
    ) -> Vec<(u32, u14)> {
        let key = f64::from(key_of(note));
        let own = self.position(f64::from(note.midi) - key);
        let first = f0
            .grid
            .nearest(note.onset_secs)
            .unwrap_or(0)
            .min(f0.frames.len());
        let times = f0
            .times()
            .skip(first)
            .take_while(|&time| time < note.offset_secs);
        let mut bends: Vec<(u32, u14)> = Vec::new();
        for (time, frame) in times
            .zip(&f0.frames[first..])
            .filter(|(_, f)| f.voiced && f.f0_hz > 0.0)
        {
            let deviation = hz_to_midi(f64::from(frame.f0_hz)) - key;
            let position = if 100.0 * deviation.abs() > DEAD_CENTS {
                self.position(deviation)
            } else {
                WHEEL_CENTRE
            };
            let tick = if bends.is_empty() {
                span.start
            } else {
                tempo.ticks(time)
            };
            if span.contains(&tick) && bends.last().is_none_or(|&(_, last)| last != position) {
                bends.push((tick, position));
            }
        }
        if bends.is_empty() {
            vec![(span.start, own)]
        } else {
            bends
        }
    }

    fn position(&self, semitones: f64) -> u14 {
        let steps = (semitones / self.0 * 8192.0).round() + 8192.0;
        u14::new(steps.clamp(0.0, 16_383.0) as u16)
    }
}

/// A note as it is written.
struct Sung<'a> {
    channel: u4,
    key: u7,
    vel: u7,
    /// Wheel positions and their ticks.
    bends: Vec<(u32, u14)>,
    span: std::ops::Range<u32>,
    lyric: &'a str,
}

/// Events with their ticks. At one tick, notes end before the wheel moves, words come and others start.
#[derive(Default)]
struct Events<'a>(Vec<(u32, u8, TrackEventKind<'a>)>);

impl<'a> Events<'a> {
    fn add(&mut self, sung: &Sung<'a>) {
        let &Sung {
            channel, key, vel, ..
        } = sung;
        let midi = |message| TrackEventKind::Midi { channel, message };
        let bend = |position| {
            let bend = PitchBend(position);
            midi(MidiMessage::PitchBend { bend })
        };
        for &(tick, position) in &sung.bends {
            self.0.push((tick, 1, bend(position)));
        }
        let (on, off) = (sung.span.start, sung.span.end);
        if !sung.lyric.is_empty() {
            let words = MetaMessage::Lyric(sung.lyric.as_bytes());
            self.0.push((on, 2, TrackEventKind::Meta(words)));
        }
        let silent = u7::new(64);
        let begin = MidiMessage::NoteOn { key, vel };
        let end = MidiMessage::NoteOff { key, vel: silent };
        self.0.push((on, 3, midi(begin)));
        self.0.push((off, 0, midi(end)));
        self.0.push((off, 1, bend(WHEEL_CENTRE)));
    }

    fn into_track(mut self, layout: ChannelLayout) -> Track<'a> {
        // stable: a wheel put back comes before the bend of a note that follows at once
        self.0.sort_by_key(|&(tick, order, _)| (tick, order));
        let mut track = vec![meta(MetaMessage::TrackName(b"Melody"))];
        track.extend(settings(layout));
        let mut now = 0;
        for (tick, _, kind) in self.0 {
            track.push(TrackEvent {
                delta: u28::new(tick - now),
                kind,
            });
            now = tick;
        }
        track.push(meta(MetaMessage::EndOfTrack));
        track
    }
}

/// What a file says before its notes: the zone, the sound and the range of the wheel of each channel.
fn settings(layout: ChannelLayout) -> Vec<TrackEvent<'static>> {
    let mut settings = Vec::new();
    let mut say = |channel: u8, message| {
        settings.push(TrackEvent {
            delta: u28::new(0),
            kind: TrackEventKind::Midi {
                channel: u4::new(channel),
                message,
            },
        });
    };
    let program = VOICE_OOHS;
    if let Some(n_members) = layout.zone {
        parameter(6, n_members).for_each(|it| say(0, it));
        parameter(0, ChannelLayout::PLAIN.semitones).for_each(|it| say(0, it));
        say(0, MidiMessage::ProgramChange { program });
    }
    for &channel in layout.channels {
        if layout.zone.is_none() {
            say(channel, MidiMessage::ProgramChange { program });
        }
        parameter(0, layout.semitones).for_each(|it| say(channel, it));
    }
    settings
}

/// Sets a registered parameter (0: the bend range, 6: the size of an MPE zone), then selects none.
fn parameter(number: u8, value: u8) -> impl Iterator<Item = MidiMessage> {
    let settings = [
        (101, 0),
        (100, number),
        (6, value),
        (38, 0),
        (101, 127),
        (100, 127),
    ];
    settings
        .into_iter()
        .map(|(controller, value)| MidiMessage::Controller {
            controller: u7::new(controller),
            value: u7::new(value),
        })
}

fn tempo_track<'a>(title: &'a str, tempo: &TrackTempo) -> Track<'a> {
    vec![
        meta(MetaMessage::TrackName(title.as_bytes())),
        meta(MetaMessage::Text(MARK.as_bytes())),
        meta(MetaMessage::Tempo(u24::new(tempo.micros_per_quarter))),
        meta(MetaMessage::TimeSignature(4, 2, 24, 8)),
        meta(MetaMessage::EndOfTrack),
    ]
}

fn meta(message: MetaMessage) -> TrackEvent {
    TrackEvent {
        delta: u28::new(0),
        kind: TrackEventKind::Meta(message),
    }
}
