//! A part of a recording's melody, for formats that take a melody as a whole.

use std::ops::Range;

use super::{Content, Export, Shown};
use crate::annotation::{Provenance, frames_within, notes_within};
use crate::melody::{ClassTrack, F0Track, FrameGrid, Note};

/// What of a recording is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extract {
    /// The time in seconds; `None` for the whole.
    pub secs: Option<Range<f64>>,
    /// The pitch that a figure shows, as MIDI numbers; `None` for what is sung.
    pub midi: Option<Range<f64>>,
}

/// The frames centered within a time, and the notes wholly in it.
struct MelodySpan {
    f0: F0Track,
    classes: ClassTrack,
    level: Vec<f32>,
    notes: Vec<Note>,
    lyrics: Vec<String>,
    provenance: Vec<Provenance>,
}

impl Extract {
    /// Has `write` write what is asked for of a recording, into a file that holds `content`.
    ///
    /// Times stay those of the recording. A figure takes the whole, and is cut where it is drawn.
    pub fn write<T>(
        &self,
        content: Content,
        whole: &Export,
        write: impl FnOnce(&Export) -> T,
    ) -> T {
        let Self { secs, midi } = self.clone();
        let Some(secs) = secs else {
            return write(whole);
        };
        if content == Content::Figure {
            let end_secs = secs.end.min(whole.duration_secs()).max(secs.start);
            let secs = secs.start..end_secs;
            let shown = Some(&Shown { secs, midi });
            return write(&Export { shown, ..*whole });
        }
        let span = MelodySpan::of(whole, &secs);
        write(&Export {
            f0: &span.f0,
            classes: &span.classes,
            level: &span.level,
            notes: &span.notes,
            lyrics: &span.lyrics,
            provenance: &span.provenance,
            ..*whole
        })
    }
}

impl MelodySpan {
    fn of(whole: &Export, secs: &Range<f64>) -> Self {
        let Export {
            f0, classes, notes, ..
        } = *whole;
        let frames = frames_within(f0.grid, f0.frames.len(), secs);
        let grid = FrameGrid {
            first_secs: f0.grid.time(frames.start),
            ..f0.grid
        };
        let places: Vec<usize> = notes_within(notes, secs).collect();
        let lyric = |&i: &usize| whole.lyrics.get(i).cloned();
        Self {
            f0: F0Track {
                grid,
                frames: part(&f0.frames, &frames),
            },
            classes: ClassTrack {
                axis: classes.axis,
                grid,
                frames: part(&classes.frames, &frames),
            },
            level: part(whole.level, &frames),
            notes: places.iter().map(|&i| notes[i]).collect(),
            lyrics: places.iter().filter_map(lyric).collect(),
            provenance: part(whole.provenance, &frames),
        }
    }
}

/// As much of a range as there is.
fn part<T: Clone>(all: &[T], range: &Range<usize>) -> Vec<T> {
    let end = range.end.min(all.len());
    all[range.start.min(end)..end].to_vec()
}
