//! The figure in pixels.

use std::io::{self, Write};

use plotters::backend::BitMapBackend;
use png::{BitDepth, ColorType, Encoder};

use super::page::{FigurePage, WIDTH};
use super::painter::{PagePainter, SetBy};
use super::spectrogram::Contrast;
use super::{FigureError, draw};
use crate::formats::Export;
use crate::formats::format::{Content, Format, FormatFile};
use crate::formats::mark::{MARK, is_marked};

/// See the module.
pub const FORMAT: Format = Format {
    name: "png",
    help: "a figure 1800 pixels wide",
    content: Content::Figure,
    files: &[FormatFile {
        suffix: ".png",
        holds: Content::Figure,
        keeps: &[],
        is_ours: is_marked,
        write,
    }],
    reader: None,
};

/// Pixels painted for each one kept, on both axes: smooths what the library draws in steps.
const OVERSAMPLING: usize = 2;

fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let page = FigurePage::new(export);
    let (width, height) = (WIDTH as usize, page.height.ceil() as usize);
    let fine = painted(export, &page, (width * OVERSAMPLING, height * OVERSAMPLING))?;
    encode(&averaged(&fine, width, height), width, height, out)
}

/// The page in `size` RGB pixels.
fn painted(
    export: &Export,
    page: &FigurePage,
    (width, height): (usize, usize),
) -> Result<Vec<u8>, FigureError> {
    let mut rgb = vec![255; width * height * 3];
    let backend = BitMapBackend::with_buffer(&mut rgb, (width as u32, height as u32));
    let mut painter = PagePainter::new(backend, OVERSAMPLING as f64, SetBy::Figure);
    let contrast = Contrast::of(export.picture);
    for system in &page.systems {
        let image = contrast.raster(export.picture, page, system, 1.0);
        let image = image.enlarged(OVERSAMPLING);
        let size = (image.width as u32, image.height as u32);
        painter.image(page.left(), system.top, size, &image.rgb)?;
    }
    draw(&mut painter, page, export)?;
    painter.finish()?;
    Ok(rgb)
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

/// Writes RGB pixels as a PNG file.
pub(super) fn encode(
    rgb: &[u8],
    width: usize,
    height: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut encoder = Encoder::new(out, width as u32, height as u32);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.add_text_chunk("Software".into(), MARK.into())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::sample;

    #[test]
    fn titles_in_any_script_can_be_told_apart() {
        let picture = |title: &str| {
            let mut silence = sample::analysis(sample::no_contour(), &[]);
            silence.audio.title = Some(title.into());
            let mut png = Vec::new();
            write(&Export::of(&silence), &mut png).unwrap();
            png
        };
        assert!(picture("\u{6d25}\u{8efd}") != picture("\u{96ea}\u{570b}"));
        assert!(picture("\u{10ffff}") != picture("\u{10fffd}"));
    }

    #[test]
    fn nothing_at_all_is_drawn_as_an_empty_system() {
        let silence = sample::analysis(sample::no_contour(), &[]);
        let mut png = Vec::new();
        write(&Export::of(&silence), &mut png).unwrap();
        let decoder = png::Decoder::new(io::Cursor::new(png));
        let reader = decoder.read_info().unwrap();
        assert_eq!(reader.info().width, 1800);
    }
}
