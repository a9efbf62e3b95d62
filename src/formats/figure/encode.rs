//! A finished page as PNG or SVG.

use std::fmt::Write as _;

use plotters::backend::{BitMapBackend, SVGBackend};

use super::page::{Page, System, WIDTH};
use super::sheet::Sheet;
use super::spectrogram::{Contrast, Raster, raster};
use super::{FigureError, draw};
use crate::analysis::Analysis;

/// Pixels painted for each one kept, on both axes: smooths what the library draws in steps.
const OVERSAMPLING: usize = 2;
/// SVG coordinates in a page unit: they are whole numbers.
const SVG_STEPS: f64 = 10.0;
/// Page units for one pixel of the spectrogram inside an SVG, to keep the file small.
const SVG_PIXEL: f64 = 2.0;

/// The figure as a PNG file, 1800 pixels wide.
///
/// # Errors
/// [`FigureError`] if the library cannot draw or encode, which no analysis should cause.
pub fn png(analysis: &Analysis) -> Result<Vec<u8>, FigureError> {
    let page = Page::new(analysis);
    let (width, height) = (WIDTH as usize, page.height.ceil() as usize);
    let (fine_width, fine_height) = (width * OVERSAMPLING, height * OVERSAMPLING);
    let mut fine = vec![255; fine_width * fine_height * 3];
    let backend = BitMapBackend::with_buffer(&mut fine, (fine_width as u32, fine_height as u32));
    let mut sheet = Sheet::new(backend, OVERSAMPLING as f64);
    let contrast = Contrast::of(&analysis.picture);
    for system in &page.systems {
        let image = system_raster(analysis, &contrast, &page, system, 1.0).enlarged(OVERSAMPLING);
        let size = (image.width as u32, image.height as u32);
        sheet.image(page.left(), system.top, size, &image.rgb)?;
    }
    draw(&mut sheet, &page, analysis)?;
    sheet.finish()?;
    encode_png(&averaged(&fine, width, height), width, height)
}

/// The figure as an SVG document: contour, notes, classes and texts as shapes, the
/// spectrogram as one embedded image a system.
///
/// # Errors
/// As [`png`].
pub fn svg(analysis: &Analysis) -> Result<String, FigureError> {
    let page = Page::new(analysis);
    let size = (WIDTH * SVG_STEPS, page.height * SVG_STEPS);
    let mut shapes = String::new();
    {
        let backend = SVGBackend::with_string(&mut shapes, (size.0 as u32, size.1 as u32));
        let mut sheet = Sheet::new(backend, SVG_STEPS);
        draw(&mut sheet, &page, analysis)?;
        sheet.finish()?;
    }
    // The library's opening tag gives way to one in page units, with the images behind the shapes.
    let body = shapes
        .split_once("<svg")
        .and_then(|(_, rest)| rest.split_once('>'));
    let (_, body) = body.ok_or_else(|| FigureError::Drawing("no SVG document".into()))?;
    let mut document = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (fine_width, fine_height) = size;
    let (width, height) = (WIDTH, page.height);
    let _ = writeln!(
        document,
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {fine_width} {fine_height}\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    );
    let contrast = Contrast::of(&analysis.picture);
    for system in &page.systems {
        let image = system_raster(analysis, &contrast, &page, system, 1.0 / SVG_PIXEL);
        let png = encode_png(&image.rgb, image.width, image.height)?;
        let _ = writeln!(
            document,
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
             href=\"data:image/png;base64,{}\"/>",
            page.left() * SVG_STEPS,
            system.top * SVG_STEPS,
            (page.right(system) - page.left()) * SVG_STEPS,
            (page.bottom(system) - system.top) * SVG_STEPS,
            base64(&png)
        );
    }
    document.push_str(body.trim_start());
    Ok(document)
}

/// The spectrogram of a system at `scale` pixels a page unit.
fn system_raster(
    analysis: &Analysis,
    contrast: &Contrast,
    page: &Page,
    system: &System,
    scale: f64,
) -> Raster {
    let width = ((page.right(system) - page.left()) * scale)
        .round()
        .max(1.0) as usize;
    let height = ((page.bottom(system) - system.top) * scale).round() as usize;
    raster(&analysis.picture, contrast, page, system, width, height)
}

/// Means of blocks of `OVERSAMPLING` x `OVERSAMPLING` pixels.
fn averaged(fine: &[u8], width: usize, height: usize) -> Vec<u8> {
    let stride = width * OVERSAMPLING * 3;
    let n = (OVERSAMPLING * OVERSAMPLING) as u32;
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let mut sum = 0;
                for dy in 0..OVERSAMPLING {
                    for dx in 0..OVERSAMPLING {
                        let row = (y * OVERSAMPLING + dy) * stride;
                        sum += u32::from(fine[row + (x * OVERSAMPLING + dx) * 3 + channel]);
                    }
                }
                rgb.push(((sum + n / 2) / n) as u8);
            }
        }
    }
    rgb
}

/// The library writes images to paths only, so this one takes a turn through a temporary folder.
fn encode_png(rgb: &[u8], width: usize, height: usize) -> Result<Vec<u8>, FigureError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("image.png");
    let size = (width as u32, height as u32);
    let mut sheet = Sheet::new(BitMapBackend::new(&path, size), 1.0);
    sheet.image(0.0, 0.0, size, rgb)?;
    sheet.finish()?;
    Ok(std::fs::read(&path)?)
}

/// Base 64 of RFC 4648, padded.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= group.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::melody::{FrameGrid, PitchAxis};

    fn silence() -> Analysis {
        let (axis, grid) = (PitchAxis::HKDSME, FrameGrid::from_hop(0.01));
        Analysis::new(Path::new("Wind & <Wetter>.wav"), axis, grid)
    }

    #[test]
    fn nothing_at_all_is_drawn_as_an_empty_system() {
        assert!(png(&silence()).unwrap().starts_with(b"\x89PNG"));
        let svg = svg(&silence()).unwrap();
        assert!(svg.contains("Wind &amp; &lt;Wetter&gt;.wav"));
        assert_eq!(svg.matches("<image").count(), 1);
    }

    #[test]
    fn base64_follows_the_test_vectors_of_rfc_4648() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }
}
