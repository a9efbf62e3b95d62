//! MIDI Polyphonic Expression: a channel for each note, so that every synthesizer bends it alone.

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::is_marked;
use super::midi::read::read;
use super::midi::write::{ChannelLayout, write};

/// See the module.
pub const FORMAT: Format = Format {
    name: "mpe",
    help: "notes as MIDI with a channel for each (MPE), bent along the contour",
    content: Content::F0AndNotes,
    files: &[FormatFile {
        suffix: ".mpe.mid",
        holds: Content::Notes,
        keeps: &[Notes, NoteTimes, NoteCents, Lyrics],
        is_ours: is_marked,
        write: |export, out| write(export, LAYOUT, out),
    }],
    reader: Some(Reader {
        endings: &[],
        // its first bytes are those of any MIDI file
        knows: |_| false,
        read,
    }),
};

/// A lower zone of all channels; the wheel reaches four octaves, as the standard has it.
pub const LAYOUT: ChannelLayout = ChannelLayout {
    semitones: 48,
    channels: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    zone: Some(15),
};
