//! What of a melody a file keeps, and what is lost with another.

use super::{Contents, MelodyFile};
use crate::annotation::Provenance;

/// Something that a file may hold of a melody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// The pitch of voiced frames.
    Contour,
    /// Where the frames are.
    FrameTimes,
    /// Which frames are voiced, each by itself.
    Voicing,
    /// The estimate where nobody sings.
    UnvoicedPitch,
    /// How sure each frame is.
    Confidence,
    /// Who decided each frame.
    Decisions,
    /// Onset, offset and key of notes.
    Notes,
    /// Their times, finer than beats.
    NoteTimes,
    /// Their pitch, finer than a semitone.
    NoteCents,
    /// How sure each note is.
    NoteConfidence,
    /// The words.
    Lyrics,
}

use Aspect::*;

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Contour,
        FrameTimes,
        Voicing,
        UnvoicedPitch,
        Confidence,
        Decisions,
        Notes,
        NoteTimes,
        NoteCents,
        NoteConfidence,
        Lyrics,
    ];

    /// What it is called, in a list of what is lost.
    pub fn name(self) -> &'static str {
        match self {
            Contour => "the contour",
            FrameTimes => "the times of its frames",
            Voicing => "the voicing of single frames",
            UnvoicedPitch => "the pitch of unvoiced frames",
            Confidence => "the confidence of frames",
            Decisions => "who decided each frame",
            Notes => "the notes",
            NoteTimes => "the notes' times between beats",
            NoteCents => "the cents of notes",
            NoteConfidence => "the confidence of notes",
            Lyrics => "the words",
        }
    }

    /// What is lost with it, and therefore not told beside it.
    fn belongs_to(self) -> Option<Self> {
        match self {
            Contour | Notes => None,
            FrameTimes | Voicing | UnvoicedPitch | Confidence | Decisions => Some(Contour),
            NoteTimes | NoteCents | NoteConfidence | Lyrics => Some(Notes),
        }
    }

    /// What contents have of all this.
    pub fn of(contents: &Contents) -> Vec<Self> {
        let all = Self::ALL.into_iter();
        all.filter(|it| it.is_in(contents)).collect()
    }

    fn is_in(self, contents: &Contents) -> bool {
        let melody = contents.melody.as_ref().filter(|it| !it.times.is_empty());
        let frames = |has: &dyn Fn(&MelodyFile, usize) -> bool| {
            melody.is_some_and(|it| (0..it.times.len()).any(|i| has(it, i)))
        };
        let notes = contents.notes.as_deref().unwrap_or_default();
        let decided = contents.provenance.iter().flatten();
        match self {
            Contour | FrameTimes | Voicing => melody.is_some(),
            UnvoicedPitch => frames(&|it, i| !it.voiced[i] && it.f0_hz[i] > 0.0),
            Confidence => melody.is_some_and(|it| it.confidence.is_some()),
            Decisions => decided.into_iter().any(|it| *it != Provenance::Model),
            Notes | NoteTimes => !notes.is_empty(),
            NoteCents => notes.iter().any(|it| it.note.midi.fract() != 0.0),
            NoteConfidence => notes.iter().any(|it| it.note.confidence != 1.0),
            Lyrics => notes.iter().any(|it| !it.lyric.is_empty()),
        }
    }
}

/// One sentence on what is lost of what there is; `None` if nothing is.
pub fn lost(present: &[Aspect], kept: &[Aspect]) -> Option<String> {
    let is_lost = |it: &Aspect| present.contains(it) && !kept.contains(it);
    let told = |it: &&Aspect| is_lost(it) && !it.belongs_to().is_some_and(|whole| is_lost(&whole));
    let names: Vec<_> = present.iter().filter(told).map(|it| it.name()).collect();
    let (last, others) = names.split_last()?;
    Some(match others {
        [] => format!("Lost: {last}."),
        _ => format!("Lost: {} and {last}.", others.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_with_the_whole_is_not_told_beside_it() {
        let present = [Contour, FrameTimes, Confidence, Notes, Lyrics];
        let kept = [Notes];
        let told = lost(&present, &kept).unwrap();
        assert_eq!(told, "Lost: the contour and the words.");
        let kept = [Contour, FrameTimes, Notes];
        let told = lost(&present, &kept).unwrap();
        assert_eq!(told, "Lost: the confidence of frames and the words.");
        assert_eq!(lost(&present, &present), None);
    }
}
