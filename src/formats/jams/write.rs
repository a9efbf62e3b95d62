//! Writes contour, notes and words.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::formats::Export;
use crate::formats::mark::MARK;
use crate::melody::pitch::midi_to_hz;

/// The version of JAMS that is followed.
const JAMS_VERSION: &str = "0.3.4";

/// Writes an annotation for the contour, one for the notes, and one for the words if there are any.
pub fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let duration_secs = export.duration_secs();
    let audio = export.audio;
    let file = json!({
        "title": export.title(),
        "artist": audio.artist.as_deref().unwrap_or_default(),
        "release": "",
        "duration": rounded(duration_secs),
        "identifiers": {},
        "jams_version": JAMS_VERSION,
    });
    writeln!(out, "{{\n\"sandbox\": {{\"written_by\": \"{MARK}\"}},")?;
    writeln!(out, "\"file_metadata\": {file},\n\"annotations\": [")?;
    begin(export, out, "pitch_contour", duration_secs)?;
    write_contour(export, out)?;
    writeln!(out, "}},")?;
    begin(export, out, "note_hz", duration_secs)?;
    let hz = |i: usize| json!(rounded(midi_to_hz(f64::from(export.notes[i].midi))));
    write_notes(export, out, hz)?;
    if export.has_lyrics() {
        writeln!(out, "}},")?;
        begin(export, out, "lyrics", duration_secs)?;
        write_notes(export, out, |i| json!(export.lyric(i)))?;
    }
    writeln!(out, "}}]}}")
}

/// What an annotation says before its data.
fn begin(
    export: &Export,
    out: &mut dyn Write,
    namespace: &str,
    duration_secs: f64,
) -> io::Result<()> {
    let metadata = json!({
        "curator": {"name": "", "email": ""},
        "annotator": {},
        "version": "",
        "corpus": "",
        "annotation_tools": "Melograph",
        "annotation_rules": "",
        "validation": "",
        "data_source": export.models.join(", "),
    });
    let duration = rounded(duration_secs);
    writeln!(
        out,
        "{{\"namespace\": \"{namespace}\", \"time\": 0, \"duration\": {duration},"
    )?;
    writeln!(
        out,
        "\"annotation_metadata\": {metadata}, \"sandbox\": {{}},"
    )
}

/// A list for each of time, duration, value and confidence, as JAMS has them of many values.
fn write_contour(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let track = export.f0;
    let frames = &track.frames;
    writeln!(out, "\"data\": {{")?;
    write_list(
        out,
        "time",
        track.times().map(|time| rounded(time).to_string()),
    )?;
    writeln!(out, ",")?;
    write_list(out, "duration", frames.iter().map(|_| "0.0".to_owned()))?;
    writeln!(out, ",")?;
    let values = frames.iter().map(|frame| {
        let (hz, voiced) = (frame.f0_hz, frame.voiced);
        format!("{{\"index\": 0, \"frequency\": {hz:.4}, \"voiced\": {voiced}}}")
    });
    write_list(out, "value", values)?;
    writeln!(out, ",")?;
    let confidence = frames
        .iter()
        .map(|frame| format!("{:.4}", frame.confidence));
    write_list(out, "confidence", confidence)?;
    writeln!(out, "}}")
}

fn write_list(
    out: &mut dyn Write,
    name: &str,
    items: impl Iterator<Item = String>,
) -> io::Result<()> {
    const PER_LINE: usize = 20;
    write!(out, "\"{name}\": [")?;
    for (i, item) in items.enumerate() {
        let before = match i {
            0 => "",
            _ if i % PER_LINE == 0 => ",\n",
            _ => ", ",
        };
        write!(out, "{before}{item}")?;
    }
    write!(out, "]")
}

/// An observation a note, where there is something to be said of it.
fn write_notes(
    export: &Export,
    out: &mut dyn Write,
    value: impl Fn(usize) -> Value,
) -> io::Result<()> {
    write!(out, "\"data\": [")?;
    let mut before = "\n";
    for (i, note) in export.notes.iter().enumerate() {
        let value = value(i);
        if value == "" {
            continue;
        }
        let time = rounded(note.onset_secs);
        let duration = rounded(note.offset_secs - note.onset_secs);
        let confidence = note.confidence;
        write!(
            out,
            "{before}{{\"time\": {time}, \"duration\": {duration}, \"value\": {value}, \
             \"confidence\": {confidence:.4}}}"
        )?;
        before = ",\n";
    }
    writeln!(out, "]")
}

/// To a microsecond, or a millionth of a Hz.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
