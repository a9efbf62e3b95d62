//! What is written to a file.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use crate::analysis::{Analysis, Picture};
use crate::annotation::{Annotation, Provenance};
use crate::audio::AudioInfo;
use crate::melody::{ClassTrack, F0Track, Note};

/// Tempo of files that count in beats, unless another is asked for.
const DEFAULT_TEMPO_BPM: f64 = 120.0;

/// What a figure shows of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Seconds.
    pub secs: Range<f64>,
    /// Pitch, as MIDI numbers; `None` for what is sung, with room around it.
    pub midi: Option<Range<f64>>,
}

/// A recording and its melody, for a format to take from what it holds.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// The recording.
    pub path: &'a Path,
    /// Its rate and tags.
    pub audio: &'a AudioInfo,
    /// Names of the networks.
    pub models: &'a [String],
    /// The contour.
    pub f0: &'a F0Track,
    /// Its notes.
    pub notes: &'a [Note],
    /// What is sung on each note; empty if no words are known.
    pub lyrics: &'a [String],
    /// Who decided each frame; empty if the networks decided all.
    pub provenance: &'a [Provenance],
    /// Harmonic and sub-harmonic classes.
    pub classes: &'a ClassTrack,
    /// Root mean square of the recording a frame of the contour; empty if it is not known.
    pub level: &'a [f32],
    /// The spectrogram.
    pub picture: &'a Picture,
    /// Quarter notes a minute, for formats that count in beats.
    pub tempo_bpm: f64,
    /// What a figure shows; `None` for the whole recording.
    pub shown: Option<&'a Shown>,
}

impl<'a> Export<'a> {
    /// A recording as the networks heard it, at 120 quarter notes a minute.
    pub fn of(analysis: &'a Analysis) -> Self {
        Self {
            path: &analysis.path,
            audio: &analysis.audio,
            models: &analysis.models,
            f0: &analysis.f0,
            notes: &analysis.notes,
            lyrics: &[],
            provenance: &[],
            classes: &analysis.classes,
            level: &analysis.level,
            picture: &analysis.picture,
            tempo_bpm: DEFAULT_TEMPO_BPM,
            shown: None,
        }
    }

    /// The same with contour and notes as a person corrected them.
    pub fn corrected(analysis: &'a Analysis, annotation: &'a Annotation) -> Self {
        Self {
            f0: annotation.f0(),
            notes: annotation.notes(),
            provenance: annotation.provenance(),
            ..Self::of(analysis)
        }
    }

    /// What is sung on a note; empty if that is not known.
    pub fn lyric(&self, note: usize) -> &'a str {
        self.lyrics.get(note).map_or("", String::as_str)
    }

    /// Whether any words are known.
    pub fn has_lyrics(&self) -> bool {
        self.lyrics.iter().any(|it| !it.is_empty())
    }

    /// Length of the recording in seconds, as far as it is known; not less than contour and notes.
    pub fn duration_secs(&self) -> f64 {
        let grid = self.f0.grid;
        let n_frames = self.f0.frames.len();
        let contour = if n_frames > 0 {
            grid.time(n_frames)
        } else {
            0.0
        };
        let notes = self.notes.iter().map(|note| note.offset_secs);
        let stated = self.audio.duration_secs.unwrap_or(0.0);
        notes.fold(contour.max(stated), f64::max)
    }

    /// Name of the piece: the title of the tags, or the file's name without its ending.
    pub fn title(&self) -> Cow<'a, str> {
        let stem = self.path.file_stem().unwrap_or_default();
        let tag = self.tag(&self.audio.title);
        tag.unwrap_or_else(|| one_line(stem.to_string_lossy()))
    }

    /// What stands over a figure: title and artist of the tags, or the file's name.
    pub fn heading(&self) -> String {
        match (self.tag(&self.audio.title), self.tag(&self.audio.artist)) {
            (Some(title), Some(artist)) => format!("{title} \u{2014} {artist}"),
            (Some(title), None) => title.into_owned(),
            _ => {
                let name = self.path.file_name().unwrap_or_default();
                one_line(name.to_string_lossy()).into_owned()
            }
        }
    }

    /// A tag as one line; `None` if there is nothing to read in it.
    fn tag(&self, tag: &'a Option<String>) -> Option<Cow<'a, str>> {
        let line = one_line(Cow::from(tag.as_deref()?));
        (!line.trim().is_empty()).then_some(line)
    }
}

/// Text with a blank in place of each run of line breaks and of characters that no XML may hold, as
/// tags of old files have them.
pub(super) fn one_line(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return text;
    }
    let words = text.split(is_unprintable).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").into()
}

fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::sample;

    #[test]
    fn a_title_is_one_line_that_xml_can_hold() {
        let mut analysis = sample::analysis(sample::no_contour(), &[]);
        analysis.audio.title = Some("Side\u{1} A\r\nTake\0 2\u{ffff}".into());
        analysis.audio.artist = Some("\0".into());
        let export = Export::of(&analysis);
        assert_eq!(export.title(), "Side  A Take  2");
        assert_eq!(export.heading(), "Side  A Take  2");
        analysis.audio.title = Some("\u{0}\u{0}".into());
        assert_eq!(Export::of(&analysis).title(), "Wind & <Wetter>");
        assert_eq!(Export::of(&analysis).heading(), "Wind & <Wetter>.wav");
    }
}
