//! From loudness to color, evenly to the eye.

use eframe::egui::Color32;

/// A color in Oklch: lightness 0 to 1, chroma, hue in degrees (Ottosson 2020).
#[derive(Clone, Copy, Debug)]
struct Oklch {
    lightness: f32,
    chroma: f32,
    hue: f32,
}

/// From night through plum and ember to sand.
///
/// Lightness rises evenly, so that equal steps of loudness look equal to all
/// viewers and in gray print; it ends below white, which is left to the contour.
const EMBER: [Oklch; 6] = [
    color(0.155, 0.020, 275.0),
    color(0.270, 0.085, 292.0),
    color(0.385, 0.130, 325.0),
    color(0.500, 0.150, 362.0),
    color(0.625, 0.150, 395.0),
    color(0.800, 0.110, 430.0),
];

const fn color(lightness: f32, chroma: f32, hue: f32) -> Oklch {
    Oklch {
        lightness,
        chroma,
        hue,
    }
}

/// The color map of spectrograms, from quiet to loud.
pub fn ember() -> [Color32; 256] {
    std::array::from_fn(|i| {
        let place = i as f32 / 255.0 * (EMBER.len() - 1) as f32;
        let left = (place as usize).min(EMBER.len() - 2);
        to_srgb(mix(EMBER[left], EMBER[left + 1], place - left as f32))
    })
}

fn mix(a: Oklch, b: Oklch, share: f32) -> Oklch {
    let between = |a: f32, b: f32| a + (b - a) * share;
    Oklch {
        lightness: between(a.lightness, b.lightness),
        chroma: between(a.chroma, b.chroma),
        hue: between(a.hue, b.hue),
    }
}

fn to_srgb(color: Oklch) -> Color32 {
    let (sin, cos) = color.hue.to_radians().sin_cos();
    let (a, b) = (color.chroma * cos, color.chroma * sin);
    let l = (color.lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (color.lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (color.lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    let red = 4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s;
    let green = -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s;
    let blue = -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s;
    let [r, g, b] = [red, green, blue].map(gamma_byte);
    Color32::from_rgb(r, g, b)
}

fn gamma_byte(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let gamma = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (gamma * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn louder_is_always_lighter() {
        let luminance = |c: Color32| {
            let linear = |v: u8| (f32::from(v) / 255.0).powf(2.2);
            0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
        };
        let map = ember();
        for pair in map.windows(2) {
            assert!(luminance(pair[1]) >= luminance(pair[0]) - 1e-3);
        }
        assert!(luminance(map[255]) > 20.0 * luminance(map[0]));
    }
}
