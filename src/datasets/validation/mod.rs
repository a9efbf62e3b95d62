//! Named lists of clips to compare networks on, made alike on every machine.
//!
//! - [`clip`]: a clip and what is known of it.
//! - [`mir1k`]: labeled clips at several levels of the voice.
//! - [`arrangements`]: singers over instrumentals that training does not know.
//! - [`registers`]: singers moved higher and lower, octave by octave.
//! - [`instrumentals`]: those alone, in which nobody sings.
//! - [`jamendolyrics`]: published songs, by their words and by agreed pitch.
//! - [`published`]: corpora that papers report on.
//! - [`scores`]: symbolic music.
//! - [`ssvd_notes`]: solo singing, by its notes; [`mir_st500`]: songs.

pub mod arrangements;
pub mod clip;
pub mod instrumentals;
pub mod jamendolyrics;
pub mod mir1k;
pub mod mir_st500;
pub mod published;
pub mod registers;
pub mod scores;
pub mod ssvd_notes;

use std::fmt;

use super::{DataRoots, DatasetError, Split};

pub use clip::{Clip, ClipSound, ClipVoice, LabelKind, OpenClip, Reference, frame_times};

/// A named list of clips.
#[derive(Clone, Copy)]
pub struct ValidationSet {
    /// Its name in recipes and on the command line.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    clips: fn(&DataRoots, Split) -> Result<Vec<Clip>, DatasetError>,
}

/// Every set.
pub const VALIDATION_SETS: [ValidationSet; 23] = [
    ValidationSet {
        name: "mir1k",
        about: "MIR-1K's clips as recorded: voice and accompaniment at 0 dB",
        clips: |roots, split| mir1k::clips(roots, split, 0.0),
    },
    ValidationSet {
        name: "mir1k@-5dB",
        about: "the same, the voice 5 dB softer",
        clips: |roots, split| mir1k::clips(roots, split, -5.0),
    },
    ValidationSet {
        name: "mir1k@+5dB",
        about: "the same, the voice 5 dB louder",
        clips: |roots, split| mir1k::clips(roots, split, 5.0),
    },
    ValidationSet {
        name: "arrangements@0dB",
        about: "MIR-1K's singers over instrumentals kept out of training, with rests, sustained \
                notes and instruments that lead",
        clips: |roots, split| arrangements::clips(roots, split, 0.0),
    },
    ValidationSet {
        name: "arrangements@-6dB",
        about: "the same, the voice 6 dB below the instrumental",
        clips: |roots, split| arrangements::clips(roots, split, -6.0),
    },
    ValidationSet {
        name: "instrumentals",
        about: "instrumentals kept out of training: the share of frames called voiced",
        clips: instrumentals::clips,
    },
    ValidationSet {
        name: "register@55Hz",
        about: "MIR-1K's singers moved to the octave from 55 Hz on, their formants about kept, over \
                instrumentals kept out of training",
        clips: |roots, split| registers::octave(roots, split, 55.0),
    },
    ValidationSet {
        name: "register@110Hz",
        about: "the same, from 110 Hz on",
        clips: |roots, split| registers::octave(roots, split, 110.0),
    },
    ValidationSet {
        name: "register@220Hz",
        about: "the same, from 220 Hz on",
        clips: |roots, split| registers::octave(roots, split, 220.0),
    },
    ValidationSet {
        name: "register@440Hz",
        about: "the same, from 440 Hz on",
        clips: |roots, split| registers::octave(roots, split, 440.0),
    },
    ValidationSet {
        name: "register@880Hz",
        about: "the same, 880 to 1500 Hz",
        clips: |roots, split| registers::octave(roots, split, 880.0),
    },
    ValidationSet {
        name: "growl",
        about: "MIR-1K's singers with periods that alternate, over the same instrumentals",
        clips: registers::growl,
    },
    ValidationSet {
        name: "jamendolyrics",
        about: "published songs: voicing within their words, and further than half a second from any",
        clips: jamendolyrics::by_words,
    },
    ValidationSet {
        name: "consensus",
        about: "the same songs: pitch where two independent systems agree within 50 cents",
        clips: jamendolyrics::by_pitch,
    },
    ValidationSet {
        name: "ssvd-notes",
        about: "solo sight-singing by its notes: the half kept out, or with --split train the half that \
                the note stage is fitted on",
        clips: ssvd_notes::clips,
    },
    ValidationSet {
        name: "mir_st500-notes",
        about: "MIR-ST500's songs from 401 on by their notes, or with --split train those before",
        clips: mir_st500::clips,
    },
    ValidationSet {
        name: "adc2004",
        about: "ADC2004's twelve clips with a singer",
        clips: published::adc2004::clips,
    },
    ValidationSet {
        name: "mirex05",
        about: "MIREX05's nine public clips with a singer",
        clips: published::mirex05::clips,
    },
    ValidationSet {
        name: "medleydb",
        about: "MedleyDB's twelve songs that papers score, where a singer has the melody",
        clips: published::medleydb::clips,
    },
    ValidationSet {
        name: "ikala",
        about: "iKala's karaoke clips",
        clips: published::ikala::clips,
    },
    ValidationSet {
        name: "rwc",
        about: "RWC's popular songs",
        clips: published::rwc::clips,
    },
    ValidationSet {
        name: "mdb-stem-synth",
        about: "MDB-stem-synth's single instruments, whose f0 is exact",
        clips: published::mdb_stem_synth::clips,
    },
    ValidationSet {
        name: "scores",
        about: "MIDI files of the folder `scores`, every tenth, for networks that read scores",
        clips: scores::clips,
    },
];

impl ValidationSet {
    /// The set of a name.
    ///
    /// # Errors
    /// [`DatasetError::UnknownSet`] with the names there are.
    pub fn named(name: &str) -> Result<Self, DatasetError> {
        let set = VALIDATION_SETS.iter().find(|set| set.name == name);
        set.copied().ok_or_else(|| DatasetError::UnknownSet {
            name: name.to_owned(),
            known: VALIDATION_SETS.map(|set| set.name).join(", "),
        })
    }

    /// Its clips of a split, in a fixed order; none if the split has none.
    ///
    /// # Errors
    /// [`DatasetError`] of a corpus that is not there or cannot be read.
    pub fn clips(&self, roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
        (self.clips)(roots, split)
    }
}

impl fmt::Debug for ValidationSet {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "ValidationSet({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_set_is_answered_with_the_known_ones() {
        let error = ValidationSet::named("mir1k@3dB").unwrap_err().to_string();
        assert!(error.contains("mir1k@-5dB"), "{error}");
        for set in VALIDATION_SETS {
            assert_eq!(ValidationSet::named(set.name).unwrap().about, set.about);
        }
    }
}
