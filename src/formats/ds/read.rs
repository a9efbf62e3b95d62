//! Reads phrases.

use std::fmt;
use std::path::Path;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{REST, SILENCE};
use crate::formats::json::{Number, begins_with};
use crate::formats::table::text;
use crate::formats::{Contents, FormatError, MelodyFile, PitchUnit, SungNote, note_label};
use crate::melody::Note;

/// Breath, which is no word.
const BREATH: &str = "AP";

/// Whether the first bytes of a file are those of phrases for DiffSinger.
pub fn knows(head: &[u8]) -> bool {
    let names = ["\"f0_seq\"", "\"note_seq\"", "\"ph_seq\""];
    begins_with(head, '[', &names) || begins_with(head, '{', &names)
}

/// Reads all phrases; `path` is named in errors. f0 is unvoiced where it is 0 and in rests.
///
/// # Errors
/// [`FormatError::Text`] where it is no JSON, or no list of phrases.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let text = text(path, bytes)?;
    let expected = "phrases of DiffSinger";
    let phrases: Phrases =
        serde_json::from_str(&text).map_err(|it| FormatError::json(path, expected, &it))?;
    let (mut points, mut notes) = (Vec::new(), Vec::new());
    for phrase in &phrases.0 {
        let sung = phrase.notes();
        points.extend(phrase.points(&sung));
        let is_sung = |it: &SungName| it.note.is_some();
        notes.extend(sung.into_iter().filter(is_sung).map(SungName::into_note));
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let has_f0 = phrases.0.iter().any(|it| it.f0_seq.is_some());
    let has_notes = phrases.0.iter().any(|it| it.note_seq.is_some());
    let (times, values) = points.into_iter().unzip();
    let hop_secs = phrases.0.iter().find_map(|it| it.f0_timestep);
    let melody = MelodyFile {
        hop_secs: hop_secs.map(|it| it.0),
        ..MelodyFile::from_values(times, values, PitchUnit::Hertz)
    };
    Ok(Contents {
        melody: (has_f0 || !has_notes).then_some(melody),
        notes: has_notes.then_some(notes),
        ..Contents::default()
    })
}

/// A list of phrases, or one alone.
struct Phrases(Vec<Phrase>);

impl<'de> Deserialize<'de> for Phrases {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct AnyPhrases;
        impl<'de> Visitor<'de> for AnyPhrases {
            type Value = Phrases;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("a list of phrases")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Phrases, A::Error> {
                let mut all = Vec::new();
                while let Some(phrase) = items.next_element()? {
                    all.push(phrase);
                }
                Ok(Phrases(all))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Phrases, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                Ok(Phrases(vec![Phrase::deserialize(map)?]))
            }
        }
        source.deserialize_any(AnyPhrases)
    }
}

#[derive(Deserialize)]
#[serde(try_from = "PhraseText")]
struct Phrase {
    offset: f64,
    words: Vec<String>,
    note_seq: Option<Vec<Option<f32>>>,
    note_dur: Vec<f64>,
    is_slur: Vec<bool>,
    f0_seq: Option<Vec<f64>>,
    f0_timestep: Option<Number>,
}

/// A phrase as written.
#[derive(Deserialize)]
struct PhraseText {
    offset: Option<Number>,
    text: Option<Words>,
    note_seq: Option<NoteNames>,
    note_dur: Option<Numbers>,
    note_slur: Option<Numbers>,
    f0_seq: Option<Numbers>,
    f0_timestep: Option<Number>,
}

impl TryFrom<PhraseText> for Phrase {
    type Error = String;

    fn try_from(text: PhraseText) -> Result<Self, String> {
        let numbers = |it: Option<Numbers>| it.map(|it| it.0).unwrap_or_default();
        let note_dur = numbers(text.note_dur);
        let note_seq = text.note_seq.map(|it| it.0);
        let n_notes = note_seq.as_ref().map_or(0, Vec::len);
        if n_notes != note_dur.len() {
            let n_durations = note_dur.len();
            return Err(format!(
                "{n_notes} notes in note_seq and {n_durations} in note_dur"
            ));
        }
        if text.f0_seq.is_some() && text.f0_timestep.is_none_or(|it| it.0 <= 0.0) {
            return Err("f0_seq without an f0_timestep above 0".into());
        }
        Ok(Self {
            offset: text.offset.map_or(0.0, |it| it.0),
            words: text.text.map(|it| it.0).unwrap_or_default(),
            note_seq,
            note_dur,
            is_slur: numbers(text.note_slur)
                .iter()
                .map(|it| *it != 0.0)
                .collect(),
            f0_seq: text.f0_seq.map(|it| it.0),
            f0_timestep: text.f0_timestep,
        })
    }
}

/// A note or a rest of a phrase.
struct SungName {
    onset_secs: f64,
    offset_secs: f64,
    note: Option<f32>,
    word: String,
}

impl SungName {
    fn into_note(self) -> SungNote {
        SungNote {
            note: Note {
                onset_secs: self.onset_secs,
                offset_secs: self.offset_secs,
                midi: self.note.unwrap_or_default(),
                confidence: 1.0,
            },
            lyric: self.word,
        }
    }
}

impl Phrase {
    /// Its notes and rests. Words are known where there is one for each.
    fn notes(&self) -> Vec<SungName> {
        let names = self.note_seq.as_deref().unwrap_or_default();
        let has_words = self.words.len() == names.len();
        let mut end = self.offset;
        let notes = names.iter().zip(&self.note_dur).enumerate();
        let notes = notes.map(|(i, (&note, duration))| {
            let onset_secs = end;
            end += duration;
            let is_slur = self.is_slur.get(i).copied().unwrap_or(false);
            let word = self.words.get(i).filter(|_| has_words && !is_slur);
            let word = word.filter(|it| ![SILENCE, BREATH].contains(&it.as_str()));
            SungName {
                onset_secs,
                offset_secs: end,
                note,
                word: word.cloned().unwrap_or_default(),
            }
        });
        notes.collect()
    }

    /// Times and Hz, 0 in rests.
    fn points(&self, notes: &[SungName]) -> Vec<(f64, f64)> {
        let step = self.f0_timestep.map_or(0.0, |it| it.0);
        let mut rest = notes.iter().peekable();
        let point = |(i, &hz): (usize, &f64)| {
            let time = self.offset + i as f64 * step;
            while rest.next_if(|it| it.offset_secs <= time).is_some() {}
            let is_rest = match rest.peek() {
                Some(it) => it.note.is_none(),
                None => !notes.is_empty(),
            };
            (time, if is_rest { 0.0 } else { hz })
        };
        let f0 = self.f0_seq.as_deref().unwrap_or_default();
        f0.iter().enumerate().map(point).collect()
    }
}

/// Numbers in a list, or in a text with blanks between them.
struct Numbers(Vec<f64>);

/// Notes by their names, `None` for a rest; likewise.
struct NoteNames(Vec<Option<f32>>);

/// Words, likewise.
struct Words(Vec<String>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let number = |word: &str| word.parse().ok().filter(|it: &f64| it.is_finite());
        items(source, "numbers with blanks between them", number).map(Self)
    }
}

impl<'de> Deserialize<'de> for NoteNames {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let note = |word: &str| match word {
            REST => Some(None),
            _ => match note_label::pitch_and_words(word)? {
                (midi, "") => Some(Some(midi)),
                _ => None,
            },
        };
        items(
            source,
            "notes such as C#4+12 with blanks between them",
            note,
        )
        .map(Self)
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let word = |word: &str| Some(word.to_owned());
        items(source, "words with blanks between them", word).map(Self)
    }
}

/// The words of a text, or the numbers of a list, each as `read` has it.
fn items<'de, D: Deserializer<'de>, T>(
    source: D,
    expected: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, D::Error> {
    struct Items<F>(&'static str, F);
    impl<'de, T, F: Fn(&str) -> Option<T>> Visitor<'de> for Items<F> {
        type Value = Vec<T>;

        fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
            out.write_str(self.0)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
            let read = |word| {
                let bad = || E::custom(format!("{word:?}; expected {}", self.0));
                (self.1)(word).ok_or_else(bad)
            };
            text.split_whitespace().map(read).collect()
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Vec<T>, A::Error> {
            let mut all = Vec::new();
            while let Some(Number(number)) = numbers.next_element()? {
                let word = number.to_string();
                let bad = || A::Error::custom(format!("{word}; expected {}", self.0));
                all.push((self.1)(&word).ok_or_else(bad)?);
            }
            Ok(all)
        }
    }
    source.deserialize_any(Items(expected, read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Export, sample};
    use crate::melody::{F0Frame, F0Track, FrameGrid};

    fn ds(text: &str) -> Result<Contents, String> {
        read(Path::new("a.ds"), text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn phrases_are_read_with_their_rests_and_slurs() {
        let text = r#"[{"offset": 10.0, "text": "SP xiao jiu jiu AP", "ph_seq": "SP x iao j iou AP",
            "note_seq": "rest C4 D#4+12 E4 rest", "note_dur": "0.1 0.2 0.1 0.1 0.2",
            "note_slur": "0 0 0 1 0", "f0_seq": "0 261 311 330 330 330 0", "f0_timestep": "0.1"}]"#;
        let contents = ds(text).unwrap();
        let notes = contents.notes.unwrap();
        let told: Vec<_> = notes.iter().map(|it| (it.note.midi, &*it.lyric)).collect();
        assert_eq!(told, [(60.0, "xiao"), (63.12, "jiu"), (64.0, "")]);
        assert!((notes[0].note.onset_secs - 10.1).abs() < 1e-9);
        let melody = contents.melody.unwrap();
        assert_eq!(melody.voiced, [false, true, true, true, true, false, false]);
        assert!((melody.times[2] - 10.2).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_phrase_is_named_with_its_place() {
        let error = ds("[{\"f0_seq\": \"220\"}]").unwrap_err();
        assert!(
            error.contains("f0_seq without an f0_timestep above 0"),
            "{error}"
        );
        let error = ds("[{\n\"note_seq\": \"C4 X\", \"note_dur\": \"1 1\"}]").unwrap_err();
        assert!(error.starts_with("a.ds, line 2, column "), "{error}");
        assert!(error.contains("\"X\"; expected notes such as"), "{error}");
        let error = ds(r#"[{"note_seq": "C4", "note_dur": "1 1"}]"#).unwrap_err();
        assert!(
            error.contains("1 notes in note_seq and 2 in note_dur"),
            "{error}"
        );
    }

    #[test]
    fn a_contour_without_notes_comes_back_but_for_short_gaps() {
        let frame = |i: usize| F0Frame {
            f0_hz: 200.0 + i as f32,
            confidence: 1.0,
            voiced: i != 20 && !(100..200).contains(&i),
        };
        let track = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: (0..300).map(frame).collect(),
        };
        let analysis = sample::analysis(track, &[]);
        let mut bytes = Vec::new();
        super::super::write::write(&Export::of(&analysis), &mut bytes).unwrap();
        let melody = read(Path::new("a.ds"), &bytes).unwrap().melody.unwrap();
        let back = melody.to_track();
        assert_eq!(back.frames.len(), 300);
        for (i, frame) in back.frames.iter().enumerate() {
            assert_eq!(frame.voiced, !(100..200).contains(&i), "{i}");
            let hz = if frame.voiced { 200.0 + i as f32 } else { 0.0 };
            assert!((frame.f0_hz - hz).abs() < 0.01, "{i}: {}", frame.f0_hz);
        }
    }
}
