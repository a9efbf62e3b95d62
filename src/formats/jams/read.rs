//! Reads a contour, notes and words.

use std::fmt;
use std::path::Path;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::json::{Number, begins_with, string};
use crate::formats::table::text;
use crate::formats::{Contents, FormatError, MelodyFile, PitchUnit, SungNote};
use crate::melody::Note;
use crate::melody::pitch::hz_to_midi;

/// Words within this of a note's onset, in seconds, are sung on it.
const SAME_SECS: f64 = 1e-3;

/// Whether the first bytes of a file are those of JAMS.
pub fn knows(head: &[u8]) -> bool {
    begins_with(head, '{', &["\"annotations\"", "\"file_metadata\""])
}

/// Reads the first contour (`pitch_contour`, or `pitch_hz` and `pitch_midi` as they once were), the first
/// notes (`note_hz`, `note_midi`), and the words that begin with them; `path` is named in errors.
///
/// # Errors
/// [`FormatError::Text`] where it is no JSON, or another than JAMS.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let text = text(path, bytes)?;
    let jams: Jams =
        serde_json::from_str(&text).map_err(|it| FormatError::json(path, "JAMS", &it))?;
    let mut contents = Contents {
        title: jams.file_metadata.title.filter(|title| !title.is_empty()),
        duration_secs: jams.file_metadata.duration.map(|it| it.0),
        ..Contents::default()
    };
    let mut n_others = 0;
    let mut words = Vec::new();
    for annotation in jams.annotations {
        let data = annotation.data;
        match &*annotation.namespace {
            "pitch_contour" | "pitch_hz" | "pitch_midi" if contents.melody.is_none() => {
                let is_midi = annotation.namespace == "pitch_midi";
                contents.melody = Some(melody(data, is_midi));
            }
            "note_hz" | "note_midi" if contents.notes.is_none() => {
                let is_midi = annotation.namespace == "note_midi";
                contents.notes = Some(data.iter().filter_map(|it| note(it, is_midi)).collect());
            }
            "lyrics" if words.is_empty() => words = data,
            _ => n_others += 1,
        }
    }
    for it in contents.notes.iter_mut().flatten() {
        it.lyric = word_at(&words, it.note.onset_secs);
    }
    if contents.melody.is_none() && contents.notes.is_none() {
        let expected = "a pitch_contour or note_hz in it";
        let found = format!("{n_others} other annotations");
        return Err(FormatError::content(path, expected, found));
    }
    if n_others > 0 {
        let s = if n_others == 1 { " is" } else { "s are" };
        let left_out = format!("{n_others} other annotation{s} left out.");
        contents.remarks.push(left_out);
    }
    Ok(contents)
}

fn melody(mut data: Vec<Observation>, is_midi: bool) -> MelodyFile {
    let unit = if is_midi {
        PitchUnit::Midi
    } else {
        PitchUnit::Hertz
    };
    data.retain(|it| matches!(it.value, Observed::Pitch { .. } | Observed::Number(_)));
    data.sort_by(|a, b| a.time.total_cmp(&b.time));
    let value = |it: &Observation| match it.value {
        Observed::Pitch { hz, voiced: false } => -hz,
        Observed::Pitch { hz, .. } => hz,
        Observed::Number(number) => number,
        _ => 0.0,
    };
    let values = data.iter().map(value).collect();
    let times = data.iter().map(|it| it.time).collect();
    let confidence: Option<Vec<f64>> = data.iter().map(|it| it.confidence).collect();
    MelodyFile {
        confidence: confidence.filter(|it| !it.is_empty()),
        ..MelodyFile::from_values(times, values, unit)
    }
}

fn note(it: &Observation, is_midi: bool) -> Option<SungNote> {
    let Observed::Number(value) = it.value else {
        return None;
    };
    let midi = if is_midi { value } else { hz_to_midi(value) };
    midi.is_finite().then(|| {
        SungNote::from(Note {
            onset_secs: it.time,
            offset_secs: it.time + it.duration,
            midi: midi as f32,
            confidence: it.confidence.unwrap_or(1.0) as f32,
        })
    })
}

fn word_at(words: &[Observation], secs: f64) -> String {
    let first = words.partition_point(|it| it.time < secs - SAME_SECS);
    match words.get(first) {
        Some(Observation {
            time,
            value: Observed::Text(word),
            ..
        }) if *time <= secs + SAME_SECS => word.clone(),
        _ => String::new(),
    }
}

#[derive(Deserialize)]
struct Jams {
    #[serde(default)]
    file_metadata: FileMetadata,
    annotations: Vec<JamsAnnotation>,
}

#[derive(Default, Deserialize)]
struct FileMetadata {
    title: Option<String>,
    duration: Option<Number>,
}

#[derive(Deserialize)]
struct JamsAnnotation {
    namespace: String,
    #[serde(deserialize_with = "observations")]
    data: Vec<Observation>,
}

/// A value at a time.
#[derive(Deserialize)]
struct Observation {
    #[serde(deserialize_with = "number")]
    time: f64,
    #[serde(default, deserialize_with = "number")]
    duration: f64,
    value: Observed,
    #[serde(default, deserialize_with = "confidence")]
    confidence: Option<f64>,
}

fn number<'de, D: Deserializer<'de>>(source: D) -> Result<f64, D::Error> {
    Number::deserialize(source).map(|it| it.0)
}

/// A confidence, 0 to 1; what is no number is none.
fn confidence<'de, D: Deserializer<'de>>(source: D) -> Result<Option<f64>, D::Error> {
    Ok(match Observed::deserialize(source)? {
        Observed::Number(number) => Some(number.clamp(0.0, 1.0)),
        _ => None,
    })
}

/// What is observed, whatever the namespace.
enum Observed {
    Pitch { hz: f64, voiced: bool },
    Number(f64),
    Text(String),
    Other,
}

impl<'de> Deserialize<'de> for Observed {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(ObservedVisitor)
    }
}

struct ObservedVisitor;

impl<'de> Visitor<'de> for ObservedVisitor {
    type Value = Observed;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Observed, E> {
        Ok(Observed::Number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Observed, E> {
        Ok(Observed::Number(value as f64))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Observed, E> {
        Ok(Observed::Number(value as f64))
    }

    fn visit_str<E>(self, value: &str) -> Result<Observed, E> {
        Ok(Observed::Text(value.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Observed, E> {
        Ok(Observed::Other)
    }

    fn visit_unit<E>(self) -> Result<Observed, E> {
        Ok(Observed::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Observed, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Observed::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Observed, A::Error> {
        let (mut frequency, mut voiced) = (None, true);
        while let Some(key) = map.next_key_seed(string())? {
            match &*key {
                "frequency" => frequency = Some(map.next_value::<Number>()?.0),
                "voiced" => voiced = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(match frequency {
            // an unvoiced frame may be negative, too
            Some(hz) => Observed::Pitch {
                hz: hz.abs(),
                voiced: voiced && hz > 0.0,
            },
            None => Observed::Other,
        })
    }
}

/// Observations as a list, or as a list for each of their parts.
fn observations<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Observation>, D::Error> {
    struct Observations;
    impl<'de> Visitor<'de> for Observations {
        type Value = Vec<Observation>;

        fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
            out.write_str("a list of observations, or lists of their times and values")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(item) = items.next_element()? {
                all.push(item);
            }
            Ok(all)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut lists = Lists::default();
            while let Some(key) = map.next_key_seed(string())? {
                match &*key {
                    "time" => lists.time = map.next_value()?,
                    "duration" => lists.duration = map.next_value()?,
                    "value" => lists.value = map.next_value()?,
                    "confidence" => lists.confidence = map.next_value()?,
                    _ => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            lists.observations()
        }
    }
    source.deserialize_any(Observations)
}

#[derive(Default)]
struct Lists {
    time: Vec<Number>,
    duration: Vec<Number>,
    value: Vec<Observed>,
    confidence: Vec<Observed>,
}

impl Lists {
    fn observations<E: serde::de::Error>(self) -> Result<Vec<Observation>, E> {
        let (n_times, n_values) = (self.time.len(), self.value.len());
        if n_times != n_values {
            return Err(E::custom(format!("{n_times} times and {n_values} values")));
        }
        let mut durations = self.duration.into_iter();
        let mut confidence = self.confidence.into_iter();
        let pairs = self.time.into_iter().zip(self.value);
        Ok(pairs
            .map(|(time, value)| Observation {
                time: time.0,
                duration: durations.next().map_or(0.0, |it| it.0),
                value,
                confidence: match confidence.next() {
                    Some(Observed::Number(number)) => Some(number.clamp(0.0, 1.0)),
                    _ => None,
                },
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jams(text: &str) -> Result<Contents, String> {
        read(Path::new("a.jams"), text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_of_the_jams_library_is_read() {
        let bytes = include_bytes!("../../../tests/interop/files/jams.jams");
        let contents = read(Path::new("a.jams"), bytes).unwrap();
        let melody = contents.melody.unwrap();
        assert_eq!(melody.times, [0.0, 0.01, 0.02]);
        assert_eq!(melody.signed_hz(), [220.0, -221.5, 0.0]);
        assert_eq!(melody.confidence, Some(vec![0.9, 0.25, 0.0]));
        let notes = contents.notes.unwrap();
        assert_eq!((notes[0].note.midi, &*notes[0].lyric), (57.0, "夜"));
        assert_eq!(contents.title.as_deref(), Some("Two tones"));
        assert_eq!(contents.remarks, ["1 other annotation is left out."]);
    }

    #[test]
    fn both_layouts_and_old_namespaces_are_read() {
        let with = |annotation: &str| jams(&format!("{{\"annotations\": [{annotation}]}}"));
        let list = r#"{"data": [{"time": 0.1, "duration": 0, "value": -57, "confidence": null}],
            "namespace": "pitch_midi"}"#;
        let melody = with(list).unwrap().melody.unwrap();
        assert_eq!((melody.f0_hz[0], melody.voiced[0]), (220.0, false));
        let notes = r#"{"namespace": "note_midi", "data": {"time": [1], "duration": [0.5], "value": [60],
            "confidence": [0.5]}}"#;
        let notes = with(notes).unwrap().notes.unwrap();
        assert_eq!(
            (notes[0].note.offset_secs, notes[0].note.confidence),
            (1.5, 0.5)
        );
    }

    #[test]
    fn what_departs_from_jams_is_named_with_its_place() {
        let error = jams("{\"annotations\": [\n {\"namespace\": 5}]}").unwrap_err();
        assert!(
            error.starts_with("a.jams, line 2, column 16: expected JAMS"),
            "{error}"
        );
        assert!(error.ends_with("expected a string"), "{error}");
        let few =
            r#"{"annotations": [{"namespace": "note_hz", "data": {"time": [1], "value": []}}]}"#;
        assert!(jams(few).unwrap_err().contains("1 times and 0 values"));
        let none = jams("{\"annotations\": []}").unwrap_err();
        assert!(none.ends_with("found 0 other annotations"), "{none}");
        assert!(
            jams("{\"annotations\": [")
                .unwrap_err()
                .contains("line 1, column 17")
        );
    }
}
