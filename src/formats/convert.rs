//! From one file to another, and what is lost on the way.

use std::path::Path;

use super::aspect::{Aspect, lost};
use super::format::{FormatFile, has_ending};
use super::{Content, Contents, Export, FORMATS, Format, FormatError, Found};
use crate::analysis::Analysis;
use crate::annotation::Provenance;
use crate::melody::{F0Track, FrameGrid, PitchAxis};

/// Sampling rate of positions where nothing tells another, in Hz.
const USUAL_RATE_HZ: u32 = 44_100;
/// Distance of frames where there are none, in seconds.
const USUAL_HOP_SECS: f64 = 0.01;

/// A file to write, chosen by its name.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Its format.
    pub format: &'static Format,
    /// Which of the format's files.
    pub file: &'static FormatFile,
}

impl Output {
    /// The file that a name means: by the longest of our suffixes that fits, else by an ending that
    /// one of them has (`.csv`, `.svl`). Of several the first that holds what there is; `to` names the
    /// format.
    ///
    /// # Errors
    /// [`FormatError::Content`] if no suffix fits, or the file would hold nothing.
    pub fn of(
        path: &Path,
        to: Option<&'static Format>,
        contents: &Contents,
    ) -> Result<Self, FormatError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let files = FORMATS.iter().filter(|it| to.is_none_or(|to| to == *it));
        let files =
            files.flat_map(|format| format.files.iter().map(move |file| Self { format, file }));
        let files: Vec<Self> = files.collect();
        let exact = files.iter().filter(|it| has_ending(&name, it.file.suffix));
        let longest = exact.map(|it| it.file.suffix.len()).max();
        let fits = |it: &&Self| match longest {
            Some(longest) => it.file.suffix.len() == longest && has_ending(&name, it.file.suffix),
            None => to.is_some() || it.format.has_ending_of(&name),
        };
        let fitting: Vec<&Self> = files.iter().filter(fits).collect();
        let holding = fitting.iter().find(|it| it.file.can_hold(contents));
        if let Some(output) = holding {
            return Ok(**output);
        }
        let refused = |expected, found: String| Err(FormatError::content(path, expected, found));
        match fitting.first() {
            None => {
                let suffixes: Vec<_> = files.iter().map(|it| it.file.suffix).collect();
                let found = format!("none of {}", suffixes.join(", "));
                refused("an ending that tells the format", found)
            }
            Some(it) if it.format.content == Content::Figure => refused(
                "a file that needs no recording",
                "a figure, which melograph analyze draws".into(),
            ),
            Some(it) => {
                let (expected, found) = match it.file.holds {
                    Content::Notes => ("notes to write there", "a contour alone"),
                    _ => ("a contour to write there", "notes alone"),
                };
                refused(expected, found.into())
            }
        }
    }

    /// One sentence on what of a file it does not keep; `None` if it keeps all.
    pub fn loses(&self, found: &Found) -> Option<String> {
        let mut present = Aspect::of(&found.contents);
        if found.format == Some(self.format) {
            // frames of its own kind stay where they are
            present.retain(|it| *it != Aspect::FrameTimes);
        }
        lost(&present, self.file.keeps)
    }
}

impl FormatFile {
    /// Whether it holds any of what there is; nothing fits everywhere.
    fn can_hold(&self, contents: &Contents) -> bool {
        let is_nothing = contents.melody.is_none() && contents.notes.is_none();
        match self.holds {
            Content::Figure => false,
            Content::F0 => is_nothing || contents.melody.is_some(),
            Content::Notes => is_nothing || contents.notes.is_some(),
            Content::F0AndNotes => true,
        }
    }
}

impl Format {
    /// Whether a name ends as files of this format do, when they are not ours.
    fn has_ending_of(&self, name: &str) -> bool {
        let last = |suffix: &'static str| suffix.rfind('.').map_or(suffix, |dot| &suffix[dot..]);
        let ours = self.files.iter().map(|file| last(file.suffix));
        let theirs = self.reader.map_or(&[][..], |reader| reader.endings);
        let mut all = ours.chain(theirs.iter().copied());
        all.any(|ending| has_ending(name, ending))
    }
}

/// What a file holds, as if it were known of a recording.
pub struct Conversion {
    analysis: Analysis,
    lyrics: Vec<String>,
    provenance: Vec<Provenance>,
}

impl Conversion {
    /// The contents of the file at `path`, which gives the piece its name if nothing else does. Frames
    /// that were left out are unvoiced.
    pub fn of(path: &Path, contents: &Contents) -> Self {
        let melody = contents.melody.as_ref();
        let f0 = melody.map_or_else(no_contour, |it| it.to_track());
        let provenance = match (melody, &contents.provenance) {
            (Some(melody), Some(given)) => on_grid(&f0, &melody.times, given),
            _ => Vec::new(),
        };
        let mut analysis = Analysis::new(path, PitchAxis::HKDSME, f0.grid);
        analysis.audio.title.clone_from(&contents.title);
        analysis.audio.rate_hz = contents.rate_hz.unwrap_or(USUAL_RATE_HZ);
        analysis.audio.duration_secs = contents.duration_secs;
        analysis.f0 = f0;
        let notes = contents.notes.as_deref().unwrap_or_default();
        analysis.notes = notes.iter().map(|it| it.note).collect();
        Self {
            analysis,
            lyrics: notes.iter().map(|it| it.lyric.clone()).collect(),
            provenance,
        }
    }

    /// What of it is written, at `tempo_bpm` quarter notes a minute.
    pub fn export(&self, tempo_bpm: f64) -> Export<'_> {
        Export {
            lyrics: &self.lyrics,
            provenance: &self.provenance,
            tempo_bpm,
            ..Export::of(&self.analysis)
        }
    }
}

fn no_contour() -> F0Track {
    F0Track {
        grid: FrameGrid::from_hop(USUAL_HOP_SECS),
        frames: Vec::new(),
    }
}

/// Who decided each frame of a contour, by the times that it was given for.
fn on_grid(f0: &F0Track, times: &[f64], given: &[Provenance]) -> Vec<Provenance> {
    let mut all = vec![Provenance::Model; f0.frames.len()];
    for (&time, &by) in times.iter().zip(given) {
        let place = f0.grid.nearest(time).and_then(|i| all.get_mut(i));
        if let Some(place) = place {
            *place = by;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{MelodyFile, PitchUnit, SungNote, found_in};
    use crate::melody::{F0Frame, Note};
    use proptest::prelude::*;

    fn melody() -> Contents {
        let melody = MelodyFile::from_values(vec![0.1, 0.2], vec![220.0, -221.0], PitchUnit::Hertz);
        Contents::of_melody(melody)
    }

    fn notes() -> Contents {
        Contents::of_notes([Note {
            onset_secs: 0.1,
            offset_secs: 0.5,
            midi: 57.25,
            confidence: 0.5,
        }])
    }

    fn output(name: &str, contents: &Contents) -> Result<&'static str, String> {
        let output = Output::of(Path::new(name), None, contents);
        output.map(|it| it.file.suffix).map_err(|it| it.to_string())
    }

    #[test]
    fn a_name_tells_the_file_as_far_as_it_can() {
        assert_eq!(output("a.MIREX.TXT", &melody()).unwrap(), ".mirex.txt");
        assert_eq!(output("a.csv", &melody()).unwrap(), ".f0.csv");
        assert_eq!(output("a.csv", &notes()).unwrap(), ".notes.csv");
        assert_eq!(output("a.svl", &notes()).unwrap(), ".notes.svl");
        assert_eq!(output("a.f0.svl", &melody()).unwrap(), ".f0.svl");
        assert_eq!(output("a.txt", &notes()).unwrap(), ".txt");
        assert_eq!(output("a.midi", &notes()).unwrap(), ".mid");
        assert_eq!(output("a.textgrid", &notes()).unwrap(), ".TextGrid");
        assert_eq!(output("a.npz", &melody()).unwrap(), ".soft.npz");
        assert_eq!(output("a.jams", &Contents::default()).unwrap(), ".jams");
        let refused = |name: &str, contents: &Contents| output(name, contents).unwrap_err();
        assert!(refused("a.pv", &notes()).ends_with("found notes alone"));
        assert!(refused("a.mid", &melody()).ends_with("found a contour alone"));
        assert!(refused("a.png", &melody()).contains("melograph analyze draws"));
        assert!(refused("a.doc", &melody()).contains("found none of .f0.csv, "));
        let mirex = Format::named("mirex").unwrap();
        let named = Output::of(Path::new("a.doc"), Some(mirex), &melody()).unwrap();
        assert_eq!(named.file.suffix, ".mirex.txt");
    }

    #[test]
    fn what_is_lost_is_said() {
        let loses = |name: &str, contents: Contents| {
            let output = Output::of(Path::new(name), None, &contents).unwrap();
            let format = None;
            output.loses(&Found { format, contents })
        };
        assert_eq!(loses("a.csv", melody()), None);
        assert_eq!(
            loses("a.pv", melody()).unwrap(),
            "Lost: the times of its frames and the pitch of unvoiced frames."
        );
        assert_eq!(
            loses("a.txt", notes()).unwrap(),
            "Lost: the notes' times between beats, the cents of notes and the confidence of notes."
        );
    }

    /// What a file that holds these contents is read as.
    fn round_trip(format: &'static Format, file: &FormatFile, contents: &Contents) -> Contents {
        let conversion = Conversion::of(Path::new("song"), contents);
        let mut bytes = Vec::new();
        (file.write)(&conversion.export(120.0), &mut bytes).unwrap();
        let path = format!("song{}", file.suffix);
        let found = found_in(Path::new(&path), &bytes, Some(format));
        found.unwrap_or_else(|error| panic!("{error}")).contents
    }

    fn files_of(aspect: Aspect) -> impl Iterator<Item = (&'static Format, &'static FormatFile)> {
        let readable = FORMATS.iter().filter(|it| it.reader.is_some());
        let files = readable.flat_map(|format| format.files.iter().map(move |file| (format, file)));
        files.filter(move |(_, file)| file.keeps.contains(&aspect))
    }

    /// Whether voiced frames are where they were, and no others, as far as the file keeps that.
    fn check_contour(name: &str, before: &F0Track, after: &MelodyFile, keeps: &[Aspect]) {
        let quarter = 0.25 * before.grid.hop_secs;
        let mut at = 0;
        for (time, frame) in before.times().zip(&before.frames) {
            while after.times.get(at).is_some_and(|it| *it < time - quarter) {
                at += 1;
            }
            let is_there = after.times.get(at).is_some_and(|it| *it < time + quarter);
            let voiced = is_there && after.voiced[at];
            if frame.voiced || keeps.contains(&Aspect::Voicing) {
                assert_eq!(voiced, frame.voiced, "{name} at {time} s");
            }
            if frame.voiced || keeps.contains(&Aspect::UnvoicedPitch) {
                let hz = if is_there { after.f0_hz[at] } else { 0.0 };
                let off = (hz - f64::from(frame.f0_hz)).abs();
                assert!(
                    off < 2e-3,
                    "{name} at {time} s: {hz} Hz for {}",
                    frame.f0_hz
                );
            }
            if let Some(confidence) = &after.confidence
                && frame.f0_hz > 0.0
            {
                let off = (confidence[at] - f64::from(frame.confidence)).abs();
                assert!(off < 1e-4, "{name} at {time} s");
            }
        }
    }

    fn frames() -> impl Strategy<Value = Vec<F0Frame>> {
        let frame = (30f32..2000.0, 0f32..1.0, any::<bool>());
        let frame = frame.prop_map(|(f0_hz, confidence, voiced)| F0Frame {
            f0_hz,
            confidence,
            voiced,
        });
        let unvoiced = |mut frames: Vec<F0Frame>| {
            frames.iter_mut().for_each(|frame| frame.voiced = false);
            frames
        };
        let any_frames = proptest::collection::vec(frame, 0..60).boxed();
        prop_oneof![any_frames.clone(), any_frames.prop_map(unvoiced)]
    }

    proptest! {
        #[test]
        fn contours_come_back_as_far_as_a_file_keeps_them(
            frames in frames(),
            hop_secs in prop_oneof![Just(0.01), Just(0.02), Just(256.0 / 44_100.0), Just(0.032)],
        ) {
            let grid = FrameGrid::from_hop(hop_secs);
            let track = F0Track { grid, frames };
            let signed = |it: &F0Frame| f64::from(if it.voiced { it.f0_hz } else { -it.f0_hz });
            let values = track.frames.iter().map(signed).collect();
            let confidence = track.frames.iter().map(|it| f64::from(it.confidence));
            let melody = MelodyFile {
                confidence: Some(confidence.collect()),
                ..MelodyFile::from_values(track.times().collect(), values, PitchUnit::Hertz)
            };
            for (format, file) in files_of(Aspect::FrameTimes) {
                let back = round_trip(format, file, &Contents::of_melody(melody.clone()));
                let back = back.melody.unwrap_or_else(|| panic!("{}", file.suffix));
                check_contour(file.suffix, &track, &back, file.keeps);
            }
        }

        #[test]
        fn notes_come_back_as_far_as_a_file_keeps_them(
            raw in proptest::collection::vec((0.1f64..2.0, 0.0f64..1.0, 23f32..96.0, 0f32..1.0), 0..20),
        ) {
            let mut end = 0.0;
            let notes: Vec<SungNote> = raw.into_iter().map(|(length, gap, midi, confidence)| {
                let onset_secs = end + gap;
                end = onset_secs + length;
                let note = Note { onset_secs, offset_secs: end, midi, confidence };
                let lyric = if gap < 0.3 { String::new() } else { "l\u{fc} & <la>".to_owned() };
                SungNote { note, lyric: lyric.replace(' ', "_") }
            }).collect();
            for (format, file) in files_of(Aspect::Notes) {
                let back = round_trip(format, file, &Contents::of_notes(notes.clone()));
                let back = back.notes.unwrap_or_default();
                prop_assert_eq!(back.len(), notes.len(), "{}", file.suffix);
                for (a, b) in notes.iter().zip(&back) {
                    let keeps = |aspect| file.keeps.contains(&aspect);
                    let secs = if keeps(Aspect::NoteTimes) { 3e-3 } else { 0.07 };
                    prop_assert!((a.note.onset_secs - b.note.onset_secs).abs() < secs, "{}", file.suffix);
                    prop_assert!((a.note.offset_secs - b.note.offset_secs).abs() < secs, "{}", file.suffix);
                    let midi = if keeps(Aspect::NoteCents) { 6e-3 } else { 0.51 };
                    prop_assert!((a.note.midi - b.note.midi).abs() < midi, "{}", file.suffix);
                    if keeps(Aspect::NoteConfidence) {
                        prop_assert!((a.note.confidence - b.note.confidence).abs() < 1e-3);
                    }
                    // DiffSinger has notes without words sung on a vowel
                    if keeps(Aspect::Lyrics) && !(format.name == "ds" && a.lyric.is_empty()) {
                        prop_assert_eq!(&a.lyric, &b.lyric, "{}", file.suffix);
                    }
                }
            }
        }
    }
}
