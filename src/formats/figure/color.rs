//! The colors of the figure: readable on paper, and told apart by color-blind eyes.

/// Red, green and blue, 0 to 255.
pub type Rgb = [u8; 3];

/// Page.
pub const PAPER: Rgb = [255, 255, 255];
/// Title and axis labels.
pub const INK: Rgb = [34, 38, 46];
/// Smaller print.
pub const FAINT_INK: Rgb = [98, 104, 116];
/// Octave lines.
pub const GRID: Rgb = [150, 160, 178];
/// f0 contour (vermilion of Okabe and Ito 2008).
pub const CONTOUR: Rgb = [213, 82, 0];
/// Notes (blue).
pub const NOTE: Rgb = [0, 104, 178];
/// Harmonic class (green).
pub const HARMONIC: Rgb = [0, 138, 98];
/// Sub-harmonic class (purple).
pub const SUBHARMONIC: Rgb = [158, 62, 138];

/// Number of shades of the spectrogram; few enough that the images stay small.
const N_SHADES: f64 = 32.0;

/// `amount` (0 to 1) of `color` over white.
pub fn tint(color: Rgb, amount: f32) -> Rgb {
    color.map(|c| (255.0 - (255.0 - f32::from(c)) * amount.clamp(0.0, 1.0)).round() as u8)
}

/// The map of the spectrogram: white at 0, slate at 1, lightness falling evenly.
///
/// A straight line in OKLab (Ottosson 2020), so that equal steps look equal and a
/// gray print keeps them. It stops short of black: what lies over it stays visible.
pub fn shade(level: f64) -> Rgb {
    let level = (level.clamp(0.0, 1.0) * (N_SHADES - 1.0)).round() / (N_SHADES - 1.0);
    oklab_to_srgb([1.0 - 0.55 * level, -0.006 * level, -0.03 * level])
}

fn oklab_to_srgb([lightness, a, b]: [f64; 3]) -> Rgb {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ]
    .map(linear_to_srgb)
}

fn linear_to_srgb(linear: f64) -> u8 {
    let value = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_start_white_and_darken_evenly() {
        assert_eq!(shade(0.0), PAPER);
        let greens: Vec<u8> = (0..=10).map(|i| shade(f64::from(i) / 10.0)[1]).collect();
        assert!(
            greens.windows(2).all(|pair| pair[1] < pair[0]),
            "{greens:?}"
        );
    }

    #[test]
    fn tints_run_from_paper_to_the_color() {
        assert_eq!(tint(NOTE, 0.0), PAPER);
        assert_eq!(tint(NOTE, 1.0), NOTE);
    }
}
