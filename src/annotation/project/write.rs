//! Writes the text of a project file.

use std::io::{self, Write};

use serde::Serialize;

use super::ModelReference;
use super::text::{FORMAT, NoteText, ProvenanceRun, VERSION};
use crate::annotation::{AnnotatedFrame, Annotation, AudioReference};
use crate::melody::F0Frame;

/// Frames on a line.
const LINE_FRAMES: usize = 100;

/// Writes the text of a project: what it is made of, and the annotation.
///
/// # Errors
/// What the writer says.
pub fn write(
    out: &mut dyn Write,
    audio: &AudioReference,
    models: &[ModelReference],
    annotation: &Annotation,
) -> io::Result<()> {
    writeln!(
        out,
        "{{\n  \"format\": \"{FORMAT}\",\n  \"version\": {VERSION},"
    )?;
    writeln!(out, "  \"audio\": {},", json(audio)?)?;
    write_lines(out, "models", models.iter(), ",")?;
    write_melody(out, annotation)?;
    writeln!(out, "}}")
}

/// Writes an annotation alone, as an object of the same fields.
///
/// # Errors
/// What the writer says.
pub fn write_annotation(out: &mut dyn Write, annotation: &Annotation) -> io::Result<()> {
    writeln!(out, "{{")?;
    write_melody(out, annotation)?;
    writeln!(out, "}}")
}

fn write_melody(out: &mut dyn Write, annotation: &Annotation) -> io::Result<()> {
    let f0 = annotation.f0();
    let notes = annotation.annotated_notes(0..annotation.notes().len());
    let notes: Vec<NoteText> = notes.map(NoteText::from).collect();
    writeln!(out, "  \"grid\": {},", json(&f0.grid)?)?;
    let threshold = json(&annotation.threshold())?;
    writeln!(out, "  \"voicing_threshold\": {threshold},")?;
    write_lines(out, "runs", runs(annotation).into_iter(), ",")?;
    write_values(out, "f0_hz", &f0.frames, |frame| frame.f0_hz)?;
    write_values(out, "confidence", &f0.frames, |frame| frame.confidence)?;
    write_lines(out, "notes", notes.iter(), ",")?;
    write_lines(out, "marks", annotation.marked().iter(), "")
}

fn json(value: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(value)?)
}

/// Writes a list with an item on each line.
fn write_lines<T: Serialize>(
    out: &mut dyn Write,
    name: &str,
    items: impl ExactSizeIterator<Item = T>,
    comma: &str,
) -> io::Result<()> {
    let n_items = items.len();
    writeln!(out, "  \"{name}\": [")?;
    for (i, item) in items.enumerate() {
        let comma = if i + 1 < n_items { "," } else { "" };
        writeln!(out, "    {}{comma}", json(&item)?)?;
    }
    writeln!(out, "  ]{comma}")
}

/// Writes a value of every frame, 100 a line.
fn write_values(
    out: &mut dyn Write,
    name: &str,
    frames: &[F0Frame],
    value: impl Fn(&F0Frame) -> f32,
) -> io::Result<()> {
    let lines = frames.chunks(LINE_FRAMES);
    let lines = lines.map(|line| line.iter().map(&value).collect::<Vec<f32>>());
    write_lines(out, name, lines, ",")
}

fn runs(annotation: &Annotation) -> Vec<ProvenanceRun> {
    let mut runs: Vec<ProvenanceRun> = Vec::new();
    for AnnotatedFrame { f0, provenance } in annotation.frames(0..annotation.n_frames()) {
        match runs.last_mut() {
            Some(ProvenanceRun(n, by, voiced)) if (*by, *voiced) == (provenance, f0.voiced) => {
                *n += 1
            }
            _ => runs.push(ProvenanceRun(1, provenance, f0.voiced)),
        }
    }
    runs
}
