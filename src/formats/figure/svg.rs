//! The figure in lines: contour, notes, classes and texts as shapes, the spectrogram as one embedded
//! image a system.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plotters::backend::SVGBackend;

use super::page::{FigurePage, WIDTH};
use super::painter::{PagePainter, SetBy};
use super::spectrogram::Contrast;
use super::{FigureError, draw, png};
use crate::formats::Export;
use crate::formats::format::{Content, Format, FormatFile};
use crate::formats::mark::{MARK, is_marked};

/// See the module.
pub const FORMAT: Format = Format {
    name: "svg",
    help: "a figure in lines, to scale and to edit",
    content: Content::Figure,
    files: &[FormatFile {
        suffix: ".svg",
        holds: Content::Figure,
        keeps: &[],
        is_ours: is_marked,
        write,
    }],
    reader: None,
};

/// SVG coordinates in a page unit: they are whole numbers.
const STEPS: f64 = 10.0;
/// Page units for one pixel of the spectrogram, to keep the file small.
const PIXEL: f64 = 2.0;

fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let page = FigurePage::new(export);
    let shapes = shapes(export, &page)?;
    let (width, height) = (WIDTH, page.height);
    let (fine_width, fine_height) = (width * STEPS, height * STEPS);
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {MARK} -->"
    )?;
    writeln!(
        out,
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {fine_width} {fine_height}\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\" xmlns=\"http://www.w3.org/2000/svg\" \
         xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    )?;
    images(export, &page, out)?;
    out.write_all(shapes.as_bytes())
}

/// All but the images, up to the end of the document. The library's opening tag is left out: ours
/// counts in page units, and the images come behind the shapes.
fn shapes(export: &Export, page: &FigurePage) -> Result<String, FigureError> {
    let size = ((WIDTH * STEPS) as u32, (page.height * STEPS) as u32);
    let mut document = String::new();
    let mut painter = PagePainter::new(
        SVGBackend::with_string(&mut document, size),
        STEPS,
        SetBy::Viewer,
    );
    draw(&mut painter, page, export)?;
    painter.finish()?;
    let tag = document.split_once("<svg");
    let body = tag.and_then(|(_, rest)| rest.split_once('>'));
    let (_, body) = body.ok_or_else(|| FigureError("no SVG document".into()))?;
    Ok(body.trim_start().to_owned())
}

/// The spectrogram of each system.
fn images(export: &Export, page: &FigurePage, out: &mut dyn Write) -> io::Result<()> {
    let contrast = Contrast::of(export.picture);
    for system in &page.systems {
        let image = contrast.raster(export.picture, page, system, 1.0 / PIXEL);
        let mut bytes = Vec::new();
        png::encode(&image.rgb, image.width, image.height, &mut bytes)?;
        writeln!(
            out,
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
             xlink:href=\"data:image/png;base64,{}\"/>",
            page.left() * STEPS,
            system.top * STEPS,
            (page.right(system) - page.left()) * STEPS,
            (page.bottom(system) - system.top) * STEPS,
            STANDARD.encode(&bytes)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::sample;

    #[test]
    fn nothing_at_all_is_drawn_as_an_empty_system() {
        let silence = sample::analysis(sample::no_contour(), &[]);
        let mut svg = Vec::new();
        write(&Export::of(&silence), &mut svg).unwrap();
        let svg = String::from_utf8(svg).unwrap();
        assert!(svg.contains("Wind &amp; &lt;Wetter&gt;.wav"));
        assert_eq!(svg.matches("<image").count(), 1);
    }

    #[test]
    fn a_title_with_control_characters_is_still_xml() {
        let mut silence = sample::analysis(sample::no_contour(), &[]);
        silence.audio.title = Some("Side\u{1}A\u{ffff}\0".into());
        let mut svg = Vec::new();
        write(&Export::of(&silence), &mut svg).unwrap();
        let svg = String::from_utf8(svg).unwrap();
        assert!(svg.contains("Side A"));
        assert!(!svg.contains(|c: char| c.is_control() && c != '\n'));
    }
}
