//! What stands in a project file, version 1; `docs/project-format.md` describes it.
//!
//! It is JSON, laid out so that an edit changes few lines: 100 frames, a run or a note on each.

use serde::{Deserialize, Serialize};

use crate::annotation::{AnnotatedNote, Marks, NoteId, NoteTags, Provenance};
use crate::melody::Note;

/// What `format` says.
pub const FORMAT: &str = "melograph-project";
/// The version written, and the latest that is read.
pub const VERSION: u64 = 1;

/// Frames in a row of one provenance and voicing: `[120, "model", true]`.
#[derive(Deserialize, Serialize)]
pub struct ProvenanceRun(pub usize, pub Provenance, pub bool);

/// A note on its line; files from before ids have none.
///
/// All in one: serde's `flatten` would read the pitch as double precision, then round it again.
#[derive(Deserialize, Serialize)]
pub struct NoteText {
    pub id: Option<NoteId>,
    onset_secs: f64,
    offset_secs: f64,
    midi: f32,
    confidence: f32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lyric: Option<String>,
    #[serde(default, skip_serializing_if = "is_off")]
    accepted: bool,
    #[serde(default, skip_serializing_if = "is_off")]
    starred: bool,
}

fn is_off(mark: &bool) -> bool {
    !mark
}

impl NoteText {
    /// The note under this id.
    pub fn with_id(self, id: NoteId) -> AnnotatedNote {
        AnnotatedNote {
            id,
            note: Note {
                onset_secs: self.onset_secs,
                offset_secs: self.offset_secs,
                midi: self.midi,
                confidence: self.confidence,
            },
            tags: NoteTags {
                lyric: self.lyric,
                marks: Marks {
                    accepted: self.accepted,
                    starred: self.starred,
                },
            },
        }
    }
}

impl From<AnnotatedNote> for NoteText {
    fn from(AnnotatedNote { id, note, tags }: AnnotatedNote) -> Self {
        Self {
            id: Some(id),
            onset_secs: note.onset_secs,
            offset_secs: note.offset_secs,
            midi: note.midi,
            confidence: note.confidence,
            lyric: tags.lyric,
            accepted: tags.marks.accepted,
            starred: tags.marks.starred,
        }
    }
}
