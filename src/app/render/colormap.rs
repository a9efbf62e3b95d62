//! From loudness to color, evenly to the eye; and how strongly the picture shows.

use eframe::egui::{Color32, Theme};
use serde::{Deserialize, Serialize};

use crate::app::theme::{DARK, LIGHT, Palette};

/// A color in Oklch: lightness 0 to 1, chroma, hue in degrees (Ottosson 2020).
#[derive(Clone, Copy, Debug)]
struct Oklch {
    lightness: f32,
    chroma: f32,
    hue: f32,
}

/// A color map for spectrograms, from quiet to loud.
///
/// Lightness changes evenly along each, so that equal steps of loudness look equal
/// to all viewers and in gray print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColorMap {
    /// From night through plum and ember to sand; ends below white, which is left to the contour.
    #[default]
    Ember,
    /// From night blue to straw, told apart by every color vision.
    Dusk,
    /// From black to light gray.
    Gray,
    /// From paper to ink: for print and bright rooms.
    Paper,
}

impl ColorMap {
    /// All maps.
    pub const ALL: [Self; 4] = [Self::Ember, Self::Dusk, Self::Gray, Self::Paper];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            ColorMap::Ember => "Ember",
            ColorMap::Dusk => "Dusk",
            ColorMap::Gray => "Gray",
            ColorMap::Paper => "Paper (light)",
        }
    }

    /// What is drawn over it has these colors.
    pub fn palette(self) -> &'static Palette {
        match self {
            ColorMap::Paper => &LIGHT,
            _ => &DARK,
        }
    }

    fn knots(self) -> &'static [Oklch] {
        match self {
            ColorMap::Ember => &EMBER,
            ColorMap::Dusk => &DUSK,
            ColorMap::Gray => &GRAY,
            ColorMap::Paper => &PAPER,
        }
    }

    /// Colors of 256 steps of loudness.
    pub fn colors(self) -> [Color32; 256] {
        let knots = self.knots();
        std::array::from_fn(|i| {
            let place = i as f32 / 255.0 * (knots.len() - 1) as f32;
            let left = (place as usize).min(knots.len() - 2);
            to_srgb(mix(knots[left], knots[left + 1], place - left as f32))
        })
    }
}

const EMBER: [Oklch; 6] = [
    color(0.155, 0.020, 275.0),
    color(0.270, 0.085, 292.0),
    color(0.385, 0.130, 325.0),
    color(0.500, 0.150, 362.0),
    color(0.625, 0.150, 395.0),
    color(0.800, 0.110, 430.0),
];

const DUSK: [Oklch; 4] = [
    color(0.155, 0.030, 262.0),
    color(0.370, 0.070, 262.0),
    color(0.585, 0.015, 262.0),
    color(0.800, 0.110, 95.0),
];

const GRAY: [Oklch; 2] = [color(0.145, 0.0, 0.0), color(0.780, 0.0, 0.0)];

const PAPER: [Oklch; 3] = [
    color(0.985, 0.004, 95.0),
    color(0.700, 0.035, 250.0),
    color(0.420, 0.050, 270.0),
];

const fn color(lightness: f32, chroma: f32, hue: f32) -> Oklch {
    Oklch {
        lightness,
        chroma,
        hue,
    }
}

/// How the picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureStyle {
    /// Its colors; none for those that suit the appearance.
    pub map: Option<ColorMap>,
    /// Brightness, in dB above what suits the recording.
    pub gain_db: f32,
    /// How much of it shows, 0 to 1.
    pub opacity: f32,
    /// The one hue of a picture that is drawn over another: what is quiet in it lets that through.
    #[serde(skip)]
    pub tint: Option<Color32>,
}

impl Default for PictureStyle {
    fn default() -> Self {
        Self {
            map: None,
            gain_db: 0.0,
            opacity: 1.0,
            tint: None,
        }
    }
}

impl PictureStyle {
    /// Of a picture drawn over one of this style in a hue of its own.
    pub fn over(self, tint: Color32, opacity: f32) -> Self {
        Self {
            opacity,
            tint: Some(tint),
            ..self
        }
    }

    /// The same with a map: the chosen one, or the one that suits the appearance.
    pub fn suited(self, theme: Theme) -> Self {
        let suits = match theme {
            Theme::Dark => ColorMap::Ember,
            Theme::Light => ColorMap::Paper,
        };
        Self {
            map: Some(self.map.unwrap_or(suits)),
            ..self
        }
    }

    /// Colors of what is drawn over the picture.
    pub fn palette(&self) -> &'static Palette {
        self.map.unwrap_or_default().palette()
    }

    /// Colors of 256 steps of loudness, faded into the canvas, or into what is below.
    pub fn colors(&self) -> [Color32; 256] {
        if let Some(tint) = self.tint {
            let opacity = self.opacity.clamp(0.0, 1.0);
            return std::array::from_fn(|i| tint.gamma_multiply(opacity * i as f32 / 255.0));
        }
        let map = self.map.unwrap_or_default();
        let ground = map.palette().canvas;
        let faded = |color: Color32| ground.lerp_to_gamma(color, self.opacity.clamp(0.0, 1.0));
        map.colors().map(faded)
    }

    /// So many bytes above the floor are brightest, where `span` suits the recording.
    pub fn span(&self, span: u8) -> f32 {
        (f32::from(span) * 10f32.powf(-self.gain_db / 20.0)).max(1.0)
    }
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
    fn a_picture_over_another_lets_it_through_where_it_is_quiet() {
        let tint = Color32::from_rgb(10, 200, 30);
        let colors = PictureStyle::default().over(tint, 1.0).colors();
        assert_eq!((colors[0], colors[255]), (Color32::TRANSPARENT, tint));
        let half = PictureStyle::default().over(tint, 0.5).colors()[255];
        assert!((127..=128).contains(&half.a()));
    }

    #[test]
    fn lightness_changes_one_way_along_every_map() {
        let luminance = |c: Color32| {
            let linear = |v: u8| (f32::from(v) / 255.0).powf(2.2);
            0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
        };
        for map in ColorMap::ALL {
            let mut colors = map.colors();
            if map == ColorMap::Paper {
                colors.reverse();
            }
            for pair in colors.windows(2) {
                assert!(luminance(pair[1]) >= luminance(pair[0]) - 1e-3, "{map:?}");
            }
            assert!(
                luminance(colors[255]) > 5.0 * luminance(colors[0]),
                "{map:?}"
            );
        }
    }
}
