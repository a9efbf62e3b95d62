//! How the window looks: colors, type and spacing, in dark and in light.

use eframe::egui::style::{HandleShape, WidgetVisuals};
use eframe::egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Response, Stroke, StrokeKind,
    Style, TextStyle, Theme, Visuals, vec2,
};

/// Colors by what they are for.
///
/// Text has at least 4.5:1 contrast on its ground (WCAG AA). The melody's
/// colors differ in hue and lightness for viewers of all color visions, and
/// each has a shape of its own besides.
#[derive(Clone, Debug)]
pub struct Palette {
    /// Behind the spectrogram, and where there is none yet.
    pub canvas: Color32,
    /// Toolbar, axes and status line.
    pub panel: Color32,
    /// Buttons.
    pub raised: Color32,
    /// Buttons under the mouse.
    pub hovered: Color32,
    /// Between panels.
    pub line: Color32,
    /// Text that is read.
    pub text: Color32,
    /// Text that may be read.
    pub weak: Color32,
    /// What can be done next.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Behind what is chosen among several, and behind selected text.
    pub chosen: Color32,
    /// Black keys of the pitch axis.
    pub black_key: Color32,
    /// White keys of the pitch axis.
    pub white_key: Color32,
    /// Grid over the spectrogram, translucent.
    pub grid: Color32,
    /// Dark edges of what is drawn over the spectrogram, translucent.
    pub halo: Color32,
    /// The f0 contour.
    pub contour: Color32,
    /// Harmonic class.
    pub harmonic: Color32,
    /// Sub-harmonic class.
    pub subharmonic: Color32,
    /// The voice in the picture.
    pub voice: Color32,
    /// Inside of notes, translucent.
    pub note_fill: Color32,
    /// Edge of notes, translucent.
    pub note_edge: Color32,
    /// Notices of errors.
    pub error: Color32,
    /// Notices of warnings.
    pub warning: Color32,
}

/// The dark appearance.
pub static DARK: Palette = Palette {
    canvas: Color32::from_rgb(12, 13, 18),
    panel: Color32::from_rgb(24, 26, 33),
    raised: Color32::from_rgb(42, 45, 56),
    hovered: Color32::from_rgb(56, 60, 74),
    line: Color32::from_rgb(44, 47, 58),
    text: Color32::from_rgb(233, 235, 241),
    weak: Color32::from_rgb(163, 169, 184),
    accent: Color32::from_rgb(94, 231, 214),
    on_accent: Color32::from_rgb(8, 32, 30),
    chosen: Color32::from_rgb(20, 116, 108),
    black_key: Color32::from_rgb(22, 24, 30),
    white_key: Color32::from_rgb(52, 56, 68),
    grid: Color32::from_rgba_premultiplied(22, 22, 24, 22),
    halo: Color32::from_rgba_premultiplied(4, 4, 6, 200),
    contour: Color32::from_rgb(94, 241, 221),
    harmonic: Color32::from_rgb(150, 190, 255),
    subharmonic: Color32::from_rgb(250, 226, 78),
    voice: Color32::from_rgb(86, 214, 110),
    note_fill: Color32::from_rgba_premultiplied(52, 52, 56, 56),
    note_edge: Color32::from_rgba_premultiplied(158, 158, 164, 164),
    error: Color32::from_rgb(255, 138, 128),
    warning: Color32::from_rgb(255, 202, 96),
};

/// The light appearance: for bright rooms, projectors and print.
pub static LIGHT: Palette = Palette {
    canvas: Color32::from_rgb(251, 250, 247),
    panel: Color32::from_rgb(242, 241, 238),
    raised: Color32::from_rgb(228, 227, 223),
    hovered: Color32::from_rgb(215, 214, 210),
    line: Color32::from_rgb(208, 206, 200),
    text: Color32::from_rgb(28, 30, 38),
    weak: Color32::from_rgb(84, 87, 98),
    accent: Color32::from_rgb(0, 108, 103),
    on_accent: Color32::from_rgb(255, 255, 255),
    chosen: Color32::from_rgb(60, 150, 143),
    black_key: Color32::from_rgb(190, 188, 183),
    white_key: Color32::from_rgb(252, 251, 249),
    grid: Color32::from_rgba_premultiplied(0, 0, 4, 26),
    halo: Color32::from_rgba_premultiplied(225, 225, 222, 225),
    contour: Color32::from_rgb(160, 0, 120),
    harmonic: Color32::from_rgb(0, 80, 200),
    subharmonic: Color32::from_rgb(150, 90, 0),
    voice: Color32::from_rgb(20, 128, 62),
    note_fill: Color32::from_rgba_premultiplied(24, 30, 40, 52),
    note_edge: Color32::from_rgba_premultiplied(40, 44, 60, 190),
    error: Color32::from_rgb(170, 28, 20),
    warning: Color32::from_rgb(126, 78, 0),
};

/// The colors of the present appearance.
pub fn palette(ctx: &Context) -> &'static Palette {
    match ctx.theme() {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    }
}

/// The ring around a control on the accent that has the focus; all others have one in their edge.
pub fn focus_ring(response: &Response) {
    if response.has_focus() {
        let ring = Stroke::new(2.0, palette(&response.ctx).text);
        let painter = response.ctx.layer_painter(response.layer_id);
        let frame = response.rect.expand(2.0);
        painter.rect_stroke(frame, CornerRadius::same(8), ring, StrokeKind::Outside);
    }
}

/// Sizes of type in points.
pub const SMALL: f32 = 12.0;
/// Text of controls and sentences.
pub const BODY: f32 = 14.5;
/// The one heading of a page.
pub const TITLE: f32 = 27.0;

/// The unit of distances in points; margins and gaps are its multiples.
pub const UNIT: f32 = 4.0;

/// Makes `ctx` look like this, in dark as in light.
pub fn install(ctx: &Context) {
    for (theme, base, palette) in [
        (Theme::Dark, Visuals::dark(), &DARK),
        (Theme::Light, Visuals::light(), &LIGHT),
    ] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(base, palette);
            set_type(style);
            set_spacing(style);
        });
    }
}

fn set_type(style: &mut Style) {
    let sizes = [
        (TextStyle::Small, SMALL),
        (TextStyle::Body, BODY),
        (TextStyle::Button, BODY),
        (TextStyle::Heading, TITLE),
    ];
    for (text, size) in sizes {
        style.text_styles.insert(text, FontId::proportional(size));
    }
    let monospace = FontId::new(BODY - 1.0, FontFamily::Monospace);
    style.text_styles.insert(TextStyle::Monospace, monospace);
}

fn set_spacing(style: &mut Style) {
    style.spacing.item_spacing = vec2(2.0 * UNIT, UNIT);
    style.spacing.button_padding = vec2(3.0 * UNIT, 1.5 * UNIT);
    style.spacing.interact_size.y = 7.0 * UNIT;
    style.spacing.slider_width = 28.0 * UNIT;
    style.spacing.slider_rail_height = UNIT;
    style.spacing.menu_margin = Margin::same(8);
    style.spacing.window_margin = Margin::same(12);
    style.interaction.selectable_labels = false;
}

fn visuals(mut visuals: Visuals, palette: &Palette) -> Visuals {
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(palette.weak);
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.extreme_bg_color = palette.canvas;
    visuals.faint_bg_color = palette.raised;
    visuals.error_fg_color = palette.error;
    visuals.warn_fg_color = palette.warning;
    visuals.hyperlink_color = palette.accent;
    visuals.selection.bg_fill = palette.chosen;
    visuals.selection.stroke = Stroke::new(1.5, palette.text);
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = HandleShape::Circle;
    visuals.widgets.noninteractive = widget(palette.panel, palette.line, palette.text);
    visuals.widgets.inactive = widget(palette.raised, Color32::TRANSPARENT, palette.text);
    visuals.widgets.hovered = widget(palette.hovered, Color32::TRANSPARENT, palette.text);
    visuals.widgets.active = widget(palette.hovered, palette.text, palette.text);
    // the ring of what has the focus
    visuals.widgets.active.bg_stroke.width = 2.0;
    visuals.widgets.open = widget(palette.raised, palette.line, palette.text);
    visuals
}

fn widget(fill: Color32, edge: Color32, text: Color32) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        corner_radius: CornerRadius::same(6),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(color: Color32) -> [f64; 3] {
        [color.r(), color.g(), color.b()].map(|v| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let luminance = |c| {
            let [r, g, b] = linear(c);
            0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
        };
        let (a, b) = (luminance(a), luminance(b));
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_contrasts_with_its_ground() {
        for palette in [&DARK, &LIGHT] {
            for ground in [palette.canvas, palette.panel, palette.raised] {
                for text in [palette.text, palette.weak, palette.error, palette.warning] {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
                }
            }
            assert!(contrast(palette.on_accent, palette.accent) >= 4.5);
            for mark in [
                palette.contour,
                palette.harmonic,
                palette.subharmonic,
                palette.voice,
            ] {
                assert!(contrast(mark, palette.canvas) >= 4.5, "{mark:?}");
            }
        }
    }

    #[test]
    fn what_is_chosen_and_what_has_the_focus_stands_out() {
        for (base, palette) in [(Visuals::dark(), &DARK), (Visuals::light(), &LIGHT)] {
            let visuals = visuals(base, palette);
            let chosen = visuals.selection.bg_fill;
            assert!(contrast(visuals.selection.stroke.color, chosen) >= 4.5);
            assert!(contrast(palette.text, chosen) >= 4.5);
            assert!(contrast(chosen, visuals.panel_fill) >= 3.0);
            let ring = visuals.widgets.active.bg_stroke.color;
            for ground in [
                palette.panel,
                palette.raised,
                palette.hovered,
                palette.canvas,
            ] {
                assert!(contrast(ring, ground) >= 3.0, "{ring:?} on {ground:?}");
            }
            assert!(contrast(palette.accent, palette.panel) >= 3.0);
        }
    }

    /// Distance in Oklab after the loss of one kind of cone (Viénot et al. 1999).
    fn distance(a: Color32, b: Color32, vision: [[f64; 3]; 3]) -> f64 {
        let lab = |color| {
            let rgb = linear(color);
            let [r, g, b]: [f64; 3] = std::array::from_fn(|i| {
                (0..3).map(|j| vision[i][j] * rgb[j]).sum::<f64>().max(0.0)
            });
            let l = (0.412_221_47 * r + 0.536_332_54 * g + 0.051_445_99 * b).cbrt();
            let m = (0.211_903_5 * r + 0.680_699_55 * g + 0.107_396_96 * b).cbrt();
            let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
            [
                0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_05 * s,
                1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
                0.025_904_04 * l + 0.782_771_77 * m - 0.808_675_77 * s,
            ]
        };
        let (a, b) = (lab(a), lab(b));
        (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn classes_differ_for_every_color_vision() {
        let all = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let protan = [
            [0.112, 0.888, 0.0],
            [0.112, 0.888, 0.0],
            [0.004, -0.004, 1.0],
        ];
        let deutan = [
            [0.292, 0.708, 0.0],
            [0.292, 0.708, 0.0],
            [-0.022, 0.022, 1.0],
        ];
        for palette in [&DARK, &LIGHT] {
            for vision in [all, protan, deutan] {
                let differ = |a, b| distance(a, b, vision);
                assert!(differ(palette.harmonic, palette.subharmonic) > 0.15);
                assert!(differ(palette.contour, palette.harmonic) > 0.08);
                assert!(differ(palette.contour, palette.subharmonic) > 0.08);
            }
        }
    }
}
