//! Writes a layer of time values, or of notes.

use std::io::{self, Write};

use quick_xml::escape::escape;

use crate::formats::Export;
use crate::formats::mark::MARK;
use crate::melody::Note;
use crate::melody::pitch::midi_to_hz;

/// What kind of layer, as the file names it.
struct SvlLayer<'a> {
    name: &'a str,
    rate_hz: u32,
    /// Spacing of positions in samples.
    resolution: u64,
    dimensions: u8,
    model: &'static str,
    layer: &'static str,
    layer_settings: &'static str,
}

/// A point: position in samples, value in Hz, and what else it has.
struct Point {
    frame: u64,
    hz: f64,
    rest: String,
    label: String,
}

/// Writes the voiced frames of the contour; positions are samples of the recording.
pub fn f0(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let (track, rate_hz) = (export.f0, export.audio.rate_hz);
    let frames = track
        .times()
        .zip(&track.frames)
        .filter(|(_, f)| f.voiced && f.f0_hz > 0.0);
    let points: Vec<Point> = frames
        .map(|(time, f)| Point {
            frame: samples(time, rate_hz),
            hz: f64::from(f.f0_hz),
            rest: String::new(),
            label: String::new(),
        })
        .collect();
    let layer = SvlLayer {
        name: &export.title(),
        rate_hz,
        resolution: samples(track.grid.hop_secs, rate_hz).max(1),
        dimensions: 2,
        model: "",
        layer: "timevalues",
        layer_settings: "plotStyle=\"6\" verticalScale=\"0\" colourName=\"Orange\" ",
    };
    write(&layer, &points, out)
}

/// Writes notes with their pitch in Hz and confidence as level; positions are samples of the
/// recording.
pub fn notes(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let rate_hz = export.audio.rate_hz;
    let point = |(i, note): (usize, &Note)| {
        let frame = samples(note.onset_secs, rate_hz);
        let duration = samples(note.offset_secs, rate_hz)
            .saturating_sub(frame)
            .max(1);
        let rest = format!("duration=\"{duration}\" level=\"{:.4}\" ", note.confidence);
        Point {
            frame,
            hz: midi_to_hz(f64::from(note.midi)),
            rest,
            label: escape(export.lyric(i)).into_owned(),
        }
    };
    let points: Vec<Point> = export.notes.iter().enumerate().map(point).collect();
    let layer = SvlLayer {
        name: &export.title(),
        rate_hz,
        resolution: 1,
        dimensions: 3,
        model: "subtype=\"note\" valueQuantization=\"0\" ",
        layer: "notes",
        layer_settings: "verticalScale=\"0\" scaleMinimum=\"0\" scaleMaximum=\"0\" colourName=\"Bright Blue\" ",
    };
    write(&layer, &points, out)
}

fn samples(secs: f64, rate_hz: u32) -> u64 {
    (secs * f64::from(rate_hz)).round().max(0.0) as u64
}

fn write(layer: &SvlLayer, points: &[Point], out: &mut dyn Write) -> io::Result<()> {
    let SvlLayer {
        rate_hz,
        resolution,
        dimensions,
        model,
        ..
    } = layer;
    let name = escape(layer.name);
    let start = points.first().map_or(0, |point| point.frame);
    let last = points.last();
    let end = last.map_or(0, |point| point.frame.saturating_add(*resolution));
    let minimum = points
        .iter()
        .map(|point| point.hz)
        .reduce(f64::min)
        .unwrap_or(0.0);
    let maximum = points
        .iter()
        .map(|point| point.hz)
        .reduce(f64::max)
        .unwrap_or(0.0);
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE sonic-visualiser>\n<!-- {MARK} -->\n<sv>\n  <data>"
    )?;
    writeln!(
        out,
        "    <model id=\"1\" name=\"{name}\" sampleRate=\"{rate_hz}\" start=\"{start}\" end=\"{end}\" type=\"sparse\" \
         dimensions=\"{dimensions}\" resolution=\"{resolution}\" notifyOnAdd=\"true\" dataset=\"0\" {model}\
         minimum=\"{minimum:.4}\" maximum=\"{maximum:.4}\" units=\"Hz\" />"
    )?;
    writeln!(out, "    <dataset id=\"0\" dimensions=\"{dimensions}\">")?;
    for point in points {
        let Point {
            frame,
            hz,
            rest,
            label,
        } = point;
        writeln!(
            out,
            "      <point frame=\"{frame}\" value=\"{hz:.4}\" {rest}label=\"{label}\" />"
        )?;
    }
    let (kind, settings) = (layer.layer, layer.layer_settings);
    writeln!(
        out,
        "    </dataset>\n  </data>\n  <display>\n    <layer id=\"2\" type=\"{kind}\" name=\"{name}\" model=\"1\" {settings}/>\n  </display>\n</sv>"
    )
}
