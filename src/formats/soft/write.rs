//! Writes the arrays.

use std::io::{self, Cursor, Write};

use npyz::{AutoSerialize, WriterBuilder};
use serde_json::json;
use zip::write::FileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::PROVENANCES;
use crate::annotation::Provenance;
use crate::formats::Export;
use crate::formats::mark::MARK;

/// Pitch, harmonic and sub-harmonic.
const N_CLASSES: usize = 3;

/// Writes all frames of the contour.
pub fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let frames = &export.f0.frames;
    let mut archive = NpzWriter(ZipWriter::new(Cursor::new(Vec::new())));
    archive.add_about(export)?;
    archive.add("times", 1, export.f0.times())?;
    archive.add("f0", 1, frames.iter().map(|it| it.f0_hz))?;
    archive.add("voiced", 1, frames.iter().map(|it| it.voiced))?;
    archive.add("confidence", 1, frames.iter().map(|it| it.confidence))?;
    let classes = (0..frames.len()).map(|i| classes(export, i));
    let hz = classes.clone().flat_map(|it| it.map(|class| class.0));
    archive.add("class_hz", N_CLASSES, hz)?;
    let probability = classes.flat_map(|it| it.map(|class| class.1));
    archive.add("class_probability", N_CLASSES, probability)?;
    let decided = (0..frames.len()).map(|i| export.provenance.get(i).copied().unwrap_or_default());
    let is_decided = |by: Provenance| by != Provenance::Model;
    archive.add("mask", 1, decided.clone().map(is_decided))?;
    let number = |by| PROVENANCES.iter().position(|it| *it == by).unwrap_or(0) as u8;
    archive.add("provenance", 1, decided.map(number))?;
    let bytes = archive.0.finish().map_err(io::Error::from)?;
    out.write_all(bytes.get_ref())
}

/// Hz and probability of the classes of a frame.
fn classes(export: &Export, i: usize) -> [(f32, f32); N_CLASSES] {
    let frame = export.f0.frames[i];
    let class = export.classes.frames.get(i).copied().unwrap_or_default();
    let other = |class: u16, strength: u8| match class {
        0 => (0.0, 0.0),
        _ => {
            let hz = export.classes.axis.row_to_hz(f64::from(class));
            (hz as f32, f32::from(strength) / 255.0)
        }
    };
    [
        (frame.f0_hz, frame.confidence),
        other(class.harmonic, class.harmonic_strength),
        other(class.subharmonic, class.subharmonic_strength),
    ]
}

/// A NumPy archive: a zip of arrays.
struct NpzWriter(ZipWriter<Cursor<Vec<u8>>>);

impl NpzWriter {
    /// Says who wrote it; first and as it is, so that the mark stands near the beginning.
    fn add_about(&mut self, export: &Export) -> io::Result<()> {
        let name = export.path.file_name().unwrap_or_default();
        let about = json!({
            "written_by": MARK,
            "recording": name.to_string_lossy(),
            "models": export.models,
            "classes": ["f0", "harmonic", "subharmonic"],
            "provenance": PROVENANCES,
        });
        let plain = FileOptions::default().compression_method(CompressionMethod::Stored);
        self.0.start_file("about.json", plain)?;
        write!(self.0, "{about:#}")
    }

    /// Adds an array of `columns` values a row.
    fn add<T: AutoSerialize>(
        &mut self,
        name: &str,
        columns: usize,
        values: impl Iterator<Item = T>,
    ) -> io::Result<()> {
        let values: Vec<T> = values.collect();
        let rows = values.len() / columns;
        let shape = [rows as u64, columns as u64];
        let n_axes = if columns > 1 { 2 } else { 1 };
        let options = FileOptions::default().compression_method(CompressionMethod::Deflated);
        self.0.start_file(format!("{name}.npy"), options)?;
        let writer = npyz::WriteOptions::new()
            .default_dtype()
            .shape(&shape[..n_axes]);
        let mut writer = writer.writer(&mut self.0).begin_nd()?;
        writer.extend(values)?;
        writer.finish()
    }
}
