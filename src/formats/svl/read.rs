//! Reads a contour or notes.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::formats::place::TextPlace;
use crate::formats::table::text;
use crate::formats::{Contents, FormatError, MelodyFile, PitchUnit, SungNote};
use crate::melody::Note;
use crate::melody::pitch::hz_to_midi;

/// Whether the first bytes of a file are those of a layer.
pub fn knows(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&head[..head.len().min(HEAD_BYTES)]);
    head.trim_start_matches(BYTE_ORDER_MARK)
        .trim_start()
        .starts_with('<')
        && (head.contains("<sv") || head.contains("sonic-visualiser"))
}

const HEAD_BYTES: usize = 1000;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a layer of time values, or of notes; `path` is named in errors. The level becomes the
/// confidence of a note, its label the words.
///
/// # Errors
/// [`FormatError`] if the text is something else.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let layer = SvlModel::parse(path, &text(path, bytes)?)?;
    let title = layer.name.clone().filter(|name| !name.is_empty());
    let rate_hz = Some(layer.rate_hz as u32);
    let contents = match layer.dimensions {
        2.0 => Contents::of_melody(layer.melody()),
        3.0 => Contents::of_notes(layer.notes()),
        _ => {
            let expected = "a layer of time values or of notes";
            return Err(FormatError::content(path, expected, layer.kind()));
        }
    };
    Ok(Contents {
        title,
        rate_hz,
        ..contents
    })
}

struct PointElement {
    frame: f64,
    value: f64,
    duration: f64,
    level: f64,
    label: String,
}

/// The first model of a file and its points.
struct SvlModel {
    name: Option<String>,
    rate_hz: f64,
    dimensions: f64,
    /// Spacing of positions in samples.
    resolution: f64,
    unit: PitchUnit,
    points: Vec<PointElement>,
}

impl SvlModel {
    fn parse(path: &Path, text: &str) -> Result<Self, FormatError> {
        let mut reader = Reader::from_str(text);
        let mut layer = None;
        let mut points = Vec::new();
        loop {
            let at = reader.buffer_position() as usize;
            let position = TagPosition { path, text, at };
            match reader.read_event() {
                Ok(Event::Eof) => break,
                Ok(Event::Start(tag) | Event::Empty(tag)) => match tag.name().as_ref() {
                    b"model" if layer.is_none() => layer = Some(position.model(&tag)?),
                    b"point" => points.push(position.point(&tag)?),
                    _ => {}
                },
                Ok(_) => {}
                Err(error) => {
                    return Err(position.error("XML of Sonic Visualiser", error.to_string()));
                }
            }
        }
        let layer = layer.ok_or_else(|| {
            FormatError::content(path, "a layer of Sonic Visualiser", "no model in it")
        })?;
        Ok(Self { points, ..layer })
    }

    fn melody(mut self) -> MelodyFile {
        self.points.sort_by(|a, b| a.frame.total_cmp(&b.frame));
        let secs = |p: &PointElement| p.frame / self.rate_hz;
        let times = self.points.iter().map(secs).collect();
        let values = self.points.iter().map(|p| p.value).collect();
        MelodyFile {
            hop_secs: self.hop_secs(),
            ..MelodyFile::from_values(times, values, self.unit)
        }
    }

    fn notes(self) -> impl Iterator<Item = SungNote> {
        self.points.into_iter().map(move |p| SungNote {
            note: Note {
                onset_secs: p.frame / self.rate_hz,
                offset_secs: (p.frame + p.duration) / self.rate_hz,
                midi: match self.unit {
                    PitchUnit::Hertz => hz_to_midi(p.value) as f32,
                    PitchUnit::Midi => p.value as f32,
                },
                confidence: p.level.clamp(0.0, 1.0) as f32,
            },
            lyric: p.label,
        })
    }

    /// Seconds between positions; `None` if any sample is one.
    fn hop_secs(&self) -> Option<f64> {
        (self.resolution > 1.0).then(|| self.resolution / self.rate_hz)
    }

    fn kind(&self) -> String {
        match self.dimensions as u8 {
            1 => "a layer of instants".to_owned(),
            _ => format!("a model of {} dimensions", self.dimensions),
        }
    }
}

/// Where a tag is, for errors.
struct TagPosition<'a> {
    path: &'a Path,
    text: &'a str,
    at: usize,
}

impl TagPosition<'_> {
    fn error(&self, expected: &'static str, found: String) -> FormatError {
        let skipped = self
            .text
            .get(self.at..)
            .map_or(0, |rest| rest.len() - rest.trim_start().len());
        let place = TextPlace::at(self.text, self.at + skipped);
        FormatError::text(self.path, place, expected, &found)
    }

    fn attribute(&self, tag: &BytesStart, name: &str) -> Option<String> {
        let attribute = tag.try_get_attribute(name).ok().flatten()?;
        attribute
            .unescape_value()
            .ok()
            .map(|value| value.into_owned())
    }

    fn number(&self, tag: &BytesStart, name: &str) -> Option<f64> {
        self.attribute(tag, name)?
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
    }

    fn required(
        &self,
        tag: &BytesStart,
        name: &str,
        expected: &'static str,
    ) -> Result<f64, FormatError> {
        let found = || {
            self.attribute(tag, name)
                .map_or("none".to_owned(), |value| format!("{value:?}"))
        };
        self.number(tag, name)
            .ok_or_else(|| self.error(expected, found()))
    }

    fn model(&self, tag: &BytesStart) -> Result<SvlModel, FormatError> {
        let is_midi = self
            .attribute(tag, "units")
            .is_some_and(|units| units.to_lowercase().contains("midi"));
        let rate_hz = self.required(tag, "sampleRate", "a sampleRate in Hz")?;
        if rate_hz <= 0.0 {
            return Err(self.error("a sampleRate in Hz", rate_hz.to_string()));
        }
        Ok(SvlModel {
            name: self.attribute(tag, "name"),
            rate_hz,
            dimensions: self.required(tag, "dimensions", "dimensions 2 or 3")?,
            resolution: self.number(tag, "resolution").unwrap_or(1.0),
            unit: if is_midi {
                PitchUnit::Midi
            } else {
                PitchUnit::Hertz
            },
            points: Vec::new(),
        })
    }

    fn point(&self, tag: &BytesStart) -> Result<PointElement, FormatError> {
        Ok(PointElement {
            frame: self.required(tag, "frame", "a point's frame")?,
            value: self.number(tag, "value").unwrap_or(0.0),
            duration: self.number(tag, "duration").unwrap_or(0.0),
            level: self.number(tag, "level").unwrap_or(1.0),
            label: self.attribute(tag, "label").unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;
    use crate::formats::{Export, sample};
    use crate::melody::{F0Frame, F0Track, FrameGrid};

    const PATH: &str = "a.svl";

    #[test]
    fn written_layers_come_back() {
        let frame = |i: usize| F0Frame {
            f0_hz: 200.0 + i as f32,
            confidence: 1.0,
            voiced: !i.is_multiple_of(7),
        };
        let track = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: (0..100).map(frame).collect(),
        };
        let note = |i: usize| {
            let onset_secs = i as f64 * 0.5;
            Note {
                onset_secs,
                offset_secs: onset_secs + 0.4,
                midi: 50.25 + i as f32,
                confidence: 0.5,
            }
        };
        let notes: Vec<Note> = (0..10).map(note).collect();
        let mut analysis = sample::analysis(track, &notes);
        analysis.audio.title = Some("<\"Rock & Roll\">".into());
        let track = &analysis.f0;
        let mut text = Vec::new();
        write::f0(&Export::of(&analysis), &mut text).unwrap();
        let back = read(Path::new(PATH), &text).unwrap().melody.unwrap();
        assert_eq!(
            back.times.len(),
            track.frames.iter().filter(|f| f.voiced).count()
        );
        assert!((back.times[0] - 0.02).abs() < 1e-4 && (back.f0_hz[0] - 201.0).abs() < 1e-3);

        let mut text = Vec::new();
        write::notes(&Export::of(&analysis), &mut text).unwrap();
        let back = read(Path::new(PATH), &text).unwrap().notes.unwrap();
        for (a, b) in notes.iter().zip(back.iter().map(|it| &it.note)) {
            assert!(
                (a.onset_secs - b.onset_secs).abs() < 1e-4
                    && (a.offset_secs - b.offset_secs).abs() < 1e-4
            );
            assert!((a.midi - b.midi).abs() < 1e-3 && a.confidence == b.confidence);
        }
        assert_eq!(back.len(), notes.len());
    }

    #[test]
    fn errors_name_the_line() {
        let text = "<sv>\n<data>\n<model id=\"1\" dimensions=\"2\"/>\n</data></sv>";
        let error = read(Path::new(PATH), text.as_bytes())
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "a.svl, line 3, column 1: expected a sampleRate in Hz, found none"
        );
        assert!(read(Path::new(PATH), b"hello").is_err());
        let instants = "<sv><model sampleRate=\"8000\" dimensions=\"1\"/></sv>";
        let error = read(Path::new(PATH), instants.as_bytes())
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "a.svl: expected a layer of time values or of notes, found a layer of instants"
        );
    }
}
