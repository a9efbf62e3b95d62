//! What a file holds of a recording's melody.

use super::MelodyFile;
use super::export::one_line;
use crate::annotation::Provenance;
use crate::melody::Note;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// The contour, if it holds one frame by frame.
    pub melody: Option<MelodyFile>,
    /// The notes in order of onset, if it holds some or a place for them.
    pub notes: Option<Vec<SungNote>>,
    /// Who decided each frame of the contour, if it says so.
    pub provenance: Option<Vec<Provenance>>,
    /// Name of the piece.
    pub title: Option<String>,
    /// Length of the recording in seconds.
    pub duration_secs: Option<f64>,
    /// Sampling rate of the recording, where positions are counted in samples.
    pub rate_hz: Option<u32>,
    /// What was left out, a sentence each.
    pub remarks: Vec<String>,
}

/// A note and what is sung on it.
#[derive(Clone, Debug, PartialEq)]
pub struct SungNote {
    /// Time, pitch and confidence.
    pub note: Note,
    /// Its syllable; empty if none is known.
    pub lyric: String,
}

impl From<Note> for SungNote {
    fn from(note: Note) -> Self {
        let lyric = String::new();
        Self { note, lyric }
    }
}

impl Contents {
    /// A contour alone.
    pub fn of_melody(melody: MelodyFile) -> Self {
        Self {
            melody: Some(melody),
            ..Self::default()
        }
    }

    /// Notes alone.
    pub fn of_notes(notes: impl IntoIterator<Item = impl Into<SungNote>>) -> Self {
        Self {
            notes: Some(notes.into_iter().map(Into::into).collect()),
            ..Self::default()
        }
    }

    /// Sorts the notes, leaves out those that do not sound, and makes of words one line.
    pub(super) fn in_order(mut self) -> Self {
        if let Some(notes) = &mut self.notes {
            for it in notes.iter_mut() {
                let line = one_line(it.lyric.as_str().into());
                it.lyric = line.trim().to_owned();
            }
            let n_notes = notes.len();
            notes.retain(|it| it.note.onset_secs < it.note.offset_secs);
            notes.sort_by(|a, b| a.note.onset_secs.total_cmp(&b.note.onset_secs));
            match n_notes - notes.len() {
                0 => {}
                1 => self.remarks.push("A note of no length is left out.".into()),
                n => self
                    .remarks
                    .push(format!("{n} notes of no length are left out.")),
            }
        }
        self
    }

    /// Why it can be that of no recording, if it cannot.
    pub(super) fn fault(&self) -> Option<String> {
        let notes = self.notes.iter().flatten();
        let ends = notes.map(|it| it.note.offset_secs.abs().max(it.note.onset_secs.abs()));
        let longest = ends.fold(0.0, f64::max);
        let melody = self.melody.as_ref().and_then(MelodyFile::fault);
        melody.or_else(|| {
            let is_long = longest > super::melody_file::MAX_SECS;
            is_long.then(|| format!("a time of {longest} s"))
        })
    }
}
