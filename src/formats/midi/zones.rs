//! The zones of MPE (MIDI Polyphonic Expression): a channel for all notes, and one for each.

use std::ops::Range;

/// The channels that stand for a whole zone, from 0.
const LOWER: u8 = 0;
const UPPER: u8 = 15;

/// How many channels carry the notes of the lower zone, from the second channel up, and of the upper,
/// from the last but one down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Zones {
    n_lower: u8,
    n_upper: u8,
}

impl Zones {
    /// Sets the size of the zone that `channel` stands for; the other gives way. Returns the channels
    /// that carry its notes.
    pub fn set(&mut self, channel: u8, n_members: u8) -> Range<u8> {
        let n = n_members.min(15);
        match channel {
            LOWER => {
                self.n_lower = n;
                self.n_upper = self.n_upper.min(14 - n.min(14));
            }
            UPPER => {
                self.n_upper = n;
                self.n_lower = self.n_lower.min(14 - n.min(14));
            }
            _ => {}
        }
        self.members(channel)
    }

    /// The channels that carry the notes of the zone that `channel` stands for; none for another.
    pub fn members(&self, channel: u8) -> Range<u8> {
        match channel {
            LOWER => 1..1 + self.n_lower,
            UPPER => 15 - self.n_upper..15,
            _ => 0..0,
        }
    }

    /// The channel that stands for the zone which a channel carries notes of.
    pub fn master_of(&self, channel: u8) -> Option<u8> {
        let mut masters = [LOWER, UPPER].into_iter();
        masters.find(|&master| self.members(master).contains(&channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_give_way_to_each_other() {
        let mut zones = Zones::default();
        assert_eq!(zones.master_of(3), None);
        assert_eq!(zones.set(0, 15), 1..16);
        assert_eq!(zones.master_of(9), Some(0));
        assert_eq!(zones.set(15, 7), 8..15);
        assert_eq!(zones.members(0), 1..8);
        assert_eq!(zones.master_of(9), Some(15));
        assert_eq!(zones.set(4, 7), 0..0);
        assert_eq!(zones.set(0, 127), 1..16);
        assert!(zones.members(15).is_empty());
    }
}
