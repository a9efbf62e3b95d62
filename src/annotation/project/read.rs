//! Reads the text of a project file.

use std::path::Path;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

use super::text::{FORMAT, NoteText, ProvenanceRun, VERSION};
use super::{ModelReference, Project};
use crate::annotation::{
    AnnotatedNote, Annotation, AnnotationError, AudioReference, MarkedSpan, NoteId, Provenance,
};
use crate::melody::{F0Frame, F0Track, FrameGrid};

/// A grid begins within a day, and its frames are not farther apart than this.
const MAX_FIRST_SECS: f64 = 86_400.0;
const MAX_HOP_SECS: f64 = 60.0;

/// What every version begins with.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u64,
}

/// What the annotation was made of.
#[derive(Deserialize)]
struct OriginText {
    audio: AudioReference,
    models: Vec<ModelReference>,
}

/// The annotation, in version 1.
#[derive(Deserialize)]
struct MelodyText {
    grid: FrameGrid,
    voicing_threshold: Option<f32>,
    runs: Vec<ProvenanceRun>,
    #[serde(deserialize_with = "joined_lines")]
    f0_hz: Vec<f32>,
    #[serde(deserialize_with = "joined_lines")]
    confidence: Vec<f32>,
    notes: Vec<NoteText>,
    #[serde(default)]
    marks: Vec<MarkedSpan>,
}

/// Reads the text of a project; `path` is for the message.
///
/// # Errors
/// [`AnnotationError::Newer`], [`AnnotationError::Content`].
pub fn read(path: &Path, text: &[u8]) -> Result<Project, AnnotationError> {
    let damaged = |reason: String| AnnotationError::content(path, reason);
    let header: Header = serde_json::from_slice(text).map_err(|it| damaged(it.to_string()))?;
    if header.format != FORMAT {
        let found = header.format.escape_debug();
        return Err(damaged(format!(
            "its format is \"{found}\", not \"{FORMAT}\""
        )));
    }
    if header.version > VERSION {
        return Err(AnnotationError::Newer {
            path: path.into(),
            version: header.version,
            known: VERSION,
        });
    }
    let OriginText { audio, models } =
        serde_json::from_slice(text).map_err(|it| damaged(it.to_string()))?;
    check_audio(&audio).map_err(damaged)?;
    Ok(Project {
        audio,
        models,
        annotation: read_annotation(text).map_err(damaged)?,
    })
}

/// Reads an annotation of the text of a project, or of what [`super::write_annotation`] wrote.
///
/// # Errors
/// What departs from the format, in a sentence.
pub fn read_annotation(text: &[u8]) -> Result<Annotation, String> {
    let melody: MelodyText = serde_json::from_slice(text).map_err(|it| it.to_string())?;
    if melody
        .voicing_threshold
        .is_some_and(|it| !(0.0..=1.0).contains(&it))
    {
        return Err("voicing_threshold must lie within 0 and 1".into());
    }
    check_grid(melody.grid)?;
    let provenance = expand(&melody)?;
    let grid = melody.grid;
    let frames = frames(&melody);
    let f0 = F0Track { grid, frames };
    let notes = with_ids(melody.notes);
    let threshold = melody.voicing_threshold;
    let annotation = Annotation::restore(f0, provenance, notes, melody.marks, threshold);
    annotation.map_err(|error| error.to_string())
}

fn check_audio(audio: &AudioReference) -> Result<(), String> {
    let is_sum = audio.sha256.len() == 64 && audio.sha256.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_sum {
        return Err("the sha256 of the audio is not 64 hexadecimal digits".into());
    }
    if audio
        .duration_secs
        .is_some_and(|secs| secs.is_nan() || secs < 0.0)
    {
        return Err("the duration_secs of the audio is negative".into());
    }
    if audio.track == Some(0) {
        return Err("the track of the audio is 0; tracks count from 1".into());
    }
    Ok(())
}

/// Frames that no recording has would be written without end; those out of order are refused later.
fn check_grid(grid: FrameGrid) -> Result<(), String> {
    let is_possible = grid.first_secs.abs() <= MAX_FIRST_SECS;
    let is_possible = is_possible && !(MAX_HOP_SECS..).contains(&grid.hop_secs);
    match is_possible {
        true => Ok(()),
        false => Err(format!(
            "the grid must begin within {MAX_FIRST_SECS} s and its frames be less than {MAX_HOP_SECS} \
             s apart"
        )),
    }
}

/// Who decided each frame, once the three lists are known to be of one length.
fn expand(melody: &MelodyText) -> Result<Vec<Provenance>, String> {
    let sum = melody
        .runs
        .iter()
        .try_fold(0usize, |sum, run| sum.checked_add(run.0));
    let (n_f0, n_confidence) = (melody.f0_hz.len(), melody.confidence.len());
    if sum != Some(n_f0) || n_f0 != n_confidence {
        let n_runs = sum.map_or("too many".into(), |sum| sum.to_string());
        return Err(format!(
            "runs count {n_runs} frames, f0_hz {n_f0} and confidence {n_confidence}"
        ));
    }
    let runs = melody.runs.iter();
    Ok(runs
        .flat_map(|run| std::iter::repeat_n(run.1, run.0))
        .collect())
}

fn frames(melody: &MelodyText) -> Vec<F0Frame> {
    let runs = melody.runs.iter();
    let voiced = runs.flat_map(|run| std::iter::repeat_n(run.2, run.0));
    let values = melody.f0_hz.iter().zip(&melody.confidence);
    values
        .zip(voiced)
        .map(|((&f0_hz, &confidence), voiced)| F0Frame {
            f0_hz,
            confidence,
            voiced,
        })
        .collect()
}

/// Notes with their ids; those without one get those above all there are, in their order.
fn with_ids(notes: Vec<NoteText>) -> Vec<AnnotatedNote> {
    let highest = notes.iter().filter_map(|text| text.id).max();
    let mut next = highest.map_or(0, |id| id.0.saturating_add(1));
    let mut named = Vec::with_capacity(notes.len());
    for text in notes {
        let id = text.id.unwrap_or(NoteId(next));
        // what is too large is refused with the whole file
        next = next.saturating_add(u64::from(text.id.is_none()));
        named.push(text.with_id(id));
    }
    named
}

/// Reads a list of lists of numbers as one list.
fn joined_lines<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<f32>, D::Error> {
    struct Lines;
    impl<'de> Visitor<'de> for Lines {
        type Value = Vec<f32>;

        fn expecting(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
            out.write_str("a list of lists of numbers")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Vec<f32>, A::Error> {
            let mut values = Vec::new();
            while let Some(line) = lines.next_element::<Vec<f32>>()? {
                values.extend(line);
            }
            match values.iter().position(|value| !value.is_finite()) {
                Some(i) => Err(de::Error::custom(format!("value {i} is not finite"))),
                None => Ok(values),
            }
        }
    }
    source.deserialize_seq(Lines)
}

#[cfg(test)]
mod tests {
    use super::super::write::write;
    use super::*;
    use crate::annotation::arbitrary::annotations;
    use proptest::prelude::*;
    use std::path::PathBuf;

    /// A file of version 1, as it must be readable for ever.
    const VERSION_1: &str = r#"{
  "format": "melograph-project",
  "version": 1,
  "audio": {"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","rate_hz":44100,"duration_secs":0.05,"relative_path":"song.flac","absolute_path":"/music/song.flac"},
  "models": [
    {"name":"msnet-hs","sha256":"00"}
  ],
  "grid": {"first_secs":0.01,"hop_secs":0.01},
  "voicing_threshold": 0.5,
  "runs": [
    [2,"model",true],
    [1,"interpolated",true],
    [1,"human",false],
    [1,"model",false]
  ],
  "f0_hz": [
    [220.0,221.5,222.25],
    [223.0,0.0]
  ],
  "confidence": [
    [0.9,0.8,0.1,0.7,0.0]
  ],
  "notes": [
    {"onset_secs":0.005,"offset_secs":0.035,"midi":57.1,"confidence":0.8,"lyric":"la"}
  ],
  "comment": "not of this version"
}
"#;

    fn opened(text: &str) -> Result<Project, String> {
        read(Path::new("song.melograph"), text.as_bytes()).map_err(|error| error.to_string())
    }

    /// What is said of the file above with `from` replaced.
    fn refused(from: &str, to: &str) -> String {
        assert!(VERSION_1.contains(from), "{from}");
        opened(&VERSION_1.replacen(from, to, 1)).unwrap_err()
    }

    #[test]
    fn version_1_stays_readable() {
        let project = opened(VERSION_1).unwrap();
        assert_eq!(
            project.audio.absolute_path,
            PathBuf::from("/music/song.flac")
        );
        assert_eq!(project.audio.track, None);
        assert_eq!(project.models[0].name, "msnet-hs");
        let annotation = &project.annotation;
        assert_eq!(annotation.threshold(), Some(0.5));
        let frames: Vec<_> = annotation
            .frames(0..5)
            .map(|frame| (frame.f0.f0_hz, frame.f0.voiced, frame.provenance))
            .collect();
        let (model, human) = (Provenance::Model, Provenance::Human);
        let expected = [
            (220.0, true, model),
            (221.5, true, model),
            (222.25, true, Provenance::Interpolated),
            (223.0, false, human),
            (0.0, false, model),
        ];
        assert_eq!(frames, expected);
        assert_eq!(annotation.f0().frames[3].confidence, 0.7);
        assert_eq!(annotation.notes()[0].midi, 57.1);
        assert_eq!(annotation.note_ids(), [NoteId(0)]);
        assert_eq!(annotation.note_tags()[0].lyric.as_deref(), Some("la"));
        assert_eq!(annotation.marked(), []);
    }

    #[test]
    fn notes_without_ids_get_those_above_the_others() {
        let with = |text: &str| VERSION_1.replacen("\"notes\": [", text, 1);
        let note = r#"{"id":4,"onset_secs":0.001,"offset_secs":0.002,"midi":50,"confidence":1}"#;
        let project = opened(&with(&format!("\"notes\": [{note},"))).unwrap();
        assert_eq!(project.annotation.note_ids(), [NoteId(4), NoteId(5)]);
        assert_eq!(project.annotation.next_note_id(), NoteId(6));
        let twice = opened(&with(&format!("\"notes\": [{note},{note},"))).unwrap_err();
        assert!(
            twice.ends_with("note 1: another note has its id"),
            "{twice}"
        );
        let huge = note.replace(":4", ":18446744073709551615");
        let huge = opened(&with(&format!("\"notes\": [{huge},"))).unwrap_err();
        assert!(
            huge.ends_with("note 0: its id must be below 2^53"),
            "{huge}"
        );
    }

    #[test]
    fn what_departs_from_the_format_is_named() {
        let newer = refused("\"version\": 1", "\"version\": 2");
        assert!(
            newer.contains("version 2; this program reads version 1"),
            "{newer}"
        );
        let other = refused("melograph-project", "other");
        assert!(
            other.ends_with("its format is \"other\", not \"melograph-project\""),
            "{other}"
        );
        let cases = [
            ("221.5", "-221.5", "frame 1: f0 must be a finite number"),
            (
                "0.8,0.1",
                "1.8,0.1",
                "frame 1: confidence must lie within 0 and 1",
            ),
            ("221.5", "1e999", "number out of range at line 17"),
            ("221.5", "1e39", "line 17"),
            ("221.5", "NaN", "line 17"),
            ("221.5", "null", "line 17"),
            (
                "[2,\"model\"",
                "[3,\"model\"",
                "runs count 6 frames, f0_hz 5 and confidence 5",
            ),
            (
                "[2,",
                "[18446744073709551615,",
                "runs count too many frames",
            ),
            ("[2,", "[-2,", "line 11"),
            ("0.9,0.8,", "0.9,", "confidence 4"),
            ("interpolated", "guessed", "unknown variant `guessed`"),
            ("0.035", "0.001", "note 0: it must end after it begins"),
            ("\"hop_secs\":0.01", "\"hop_secs\":0", "distance above 0"),
            (
                "first_secs\":0.01",
                "first_secs\":1e9",
                "begin within 86400 s",
            ),
            ("hop_secs\":0.01", "hop_secs\":1e9", "less than 60 s apart"),
            (
                "threshold\": 0.5",
                "threshold\": 2",
                "voicing_threshold must lie",
            ),
            ("ba7816", "xx7816", "64 hexadecimal digits"),
            ("0.05", "-1", "duration_secs"),
            ("0.05,", "0.05,\"track\":0,", "tracks count from 1"),
        ];
        for (from, to, expected) in cases {
            let error = refused(from, to);
            let expected_start = "song.melograph cannot be read as a Melograph project: ";
            assert!(error.starts_with(expected_start), "{error}");
            assert!(error.contains(expected), "{to}: {error}");
        }
        let pitchless = refused("[220.0,221.5,222.25]", "[220.0,221.5,0.0]");
        assert!(
            pitchless.ends_with("frame 2: a voiced frame must have a pitch"),
            "{pitchless}"
        );
        assert!(opened("RIFF").unwrap_err().contains("line 1 column 1"));
        assert!(opened("").unwrap_err().contains("EOF"));
    }

    #[test]
    fn no_beginning_of_a_file_opens() {
        for end in 0..VERSION_1.trim_end().len() {
            assert!(opened(&VERSION_1[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn many_frames_stand_100_on_a_line() {
        let project = opened(VERSION_1).unwrap();
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: vec![F0Frame::default(); 250],
        };
        let annotation = Annotation::new(f0, Vec::new()).unwrap();
        let text = text(&project, &annotation);
        let lines: Vec<_> = text.lines().filter(|line| line.contains("[0.0,")).collect();
        let counts: Vec<_> = lines
            .iter()
            .map(|line| line.matches("0.0").count())
            .collect();
        assert_eq!(counts, [100, 100, 50, 100, 100, 50]);
    }

    fn text(project: &Project, annotation: &Annotation) -> String {
        let mut text = Vec::new();
        write(&mut text, &project.audio, &project.models, annotation).unwrap();
        String::from_utf8(text).unwrap()
    }

    proptest! {
        #[test]
        fn a_cut_file_never_opens(annotation in annotations(), part in 0.0..1.0) {
            let project = opened(VERSION_1).unwrap();
            let text = text(&project, &annotation);
            prop_assert!(opened(&text).is_ok());
            let whole = text.trim_end().len();
            let cut = (part * whole as f64) as usize;
            for end in [cut, whole - 1] {
                let result = read(Path::new("song.melograph"), &text.as_bytes()[..end]);
                prop_assert!(result.is_err());
            }
        }

        #[test]
        fn damage_never_panics(at in 0..VERSION_1.len(), byte: u8) {
            let mut text = VERSION_1.as_bytes().to_vec();
            text[at] = byte;
            let _ = read(Path::new("song.melograph"), &text);
        }
    }
}
