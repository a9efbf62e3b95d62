//! What sounds on the channels of a MIDI file.

use midly::MidiMessage;

use super::zones::Zones;

/// Drums, unless the channel belongs to a zone of MPE.
pub(super) const DRUMS: u8 = 9;
/// Registered parameters: the range of the wheel, and the size of an MPE zone.
const BEND_RANGE: [u8; 2] = [0, 0];
const ZONE: [u8; 2] = [0, 6];
/// Range of the wheel, in semitones, until a file tells another.
const USUAL_SEMITONES: u8 = 2;
/// The same on the channels of an MPE zone that carry notes.
const MPE_SEMITONES: u8 = 48;

/// A note that has sounded.
#[derive(Clone, Copy, Debug)]
pub struct Sounded {
    /// First and last tick.
    pub on: u64,
    /// The tick it ends at.
    pub off: u64,
    /// Key and median bend.
    pub midi: f64,
}

/// All channels, and what has sounded on them.
#[derive(Default)]
pub struct Channels {
    channels: [Channel; 16],
    zones: Zones,
    sounded: Vec<Sounded>,
}

impl Channels {
    /// Takes a message of a channel, from 0.
    pub fn take(&mut self, tick: u64, channel: u8, message: MidiMessage) {
        if channel == DRUMS && self.zones.master_of(channel).is_none() {
            return;
        }
        let it = &mut self.channels[usize::from(channel)];
        match message {
            MidiMessage::NoteOn { key, vel } => {
                it.end(key.as_int(), tick, &mut self.sounded);
                if vel > 0 {
                    it.begin(key.as_int(), tick);
                }
            }
            MidiMessage::NoteOff { key, .. } => it.end(key.as_int(), tick, &mut self.sounded),
            MidiMessage::PitchBend { bend } => {
                it.wheel = bend.as_f64();
                self.bend(tick, channel);
            }
            MidiMessage::Controller { controller, value } => {
                self.control(tick, channel, controller.as_int(), value.as_int());
            }
            _ => {}
        }
    }

    /// All notes; those left open end at `tick`.
    pub fn finish(mut self, tick: u64) -> Vec<Sounded> {
        for channel in &mut self.channels {
            let bends = &channel.bends;
            let ended = channel.open.drain(..).map(|open| open.close(tick, bends));
            self.sounded.extend(ended);
        }
        self.sounded
    }

    fn control(&mut self, tick: u64, channel: u8, controller: u8, value: u8) {
        let it = &mut self.channels[usize::from(channel)];
        match (controller, it.parameter) {
            (101, _) => it.parameter[0] = value,
            (100, _) => it.parameter[1] = value,
            (6, BEND_RANGE) => self.set_range(tick, channel, 0, value),
            (38, BEND_RANGE) => self.set_range(tick, channel, 1, value),
            (6, ZONE) => {
                for member in self.zones.set(channel, value) {
                    self.channels[usize::from(member)].range = [MPE_SEMITONES, 0];
                }
            }
            _ => {}
        }
    }

    /// Sets the semitones or cents of a channel's range; in a zone, of all that carry notes.
    fn set_range(&mut self, tick: u64, channel: u8, part: usize, value: u8) {
        let same = match self.zones.master_of(channel) {
            Some(master) => self.zones.members(master),
            None => channel..channel + 1,
        };
        for channel in same {
            self.channels[usize::from(channel)].range[part] = value;
            self.bend(tick, channel);
        }
    }

    /// Hands on what a wheel is at: a zone's own bends all its notes.
    fn bend(&mut self, tick: u64, channel: u8) {
        let bent = self.zones.members(channel).chain([channel]);
        for channel in bent {
            let master = self.zones.master_of(channel);
            let own = self.channels[usize::from(channel)].semitones();
            let all = master.map_or(0.0, |it| self.channels[usize::from(it)].semitones());
            self.channels[usize::from(channel)].set_bend(tick, own + all);
        }
    }
}

/// Bend and open notes of one channel.
struct Channel {
    open: Vec<Open>,
    /// Bends in semitones and their ticks; the last is the one now.
    bends: Vec<(u64, f64)>,
    /// Where the wheel is, -1 to 1.
    wheel: f64,
    parameter: [u8; 2],
    range: [u8; 2], // semitones, cents
}

impl Default for Channel {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            bends: vec![(0, 0.0)],
            wheel: 0.0,
            parameter: [127; 2],
            range: [USUAL_SEMITONES, 0],
        }
    }
}

impl Channel {
    fn semitones(&self) -> f64 {
        let [semitones, cents] = self.range.map(f64::from);
        self.wheel * (semitones + cents / 100.0)
    }

    fn set_bend(&mut self, tick: u64, semitones: f64) {
        if self.open.is_empty() {
            self.bends.clear();
        }
        self.bends.push((tick, semitones));
    }

    fn begin(&mut self, key: u8, tick: u64) {
        self.open.push(Open {
            key,
            on: tick,
            first_bend: self.bends.len() - 1,
        });
    }

    fn end(&mut self, key: u8, tick: u64, sounded: &mut Vec<Sounded>) {
        let ended = self.open.iter().position(|open| open.key == key);
        sounded.extend(ended.map(|i| self.open.remove(i).close(tick, &self.bends)));
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
            .map(|((from, bend), to)| (bend, to.saturating_sub(from)))
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
