//! Where a frame differs from the one before.

use eframe::egui::emath::{GuiRounding, TSTransform};
use eframe::egui::epaint::{ClippedShape, TextureId};
use eframe::egui::{Rect, pos2};

/// Edges are smoothed over a pixel; lines reach half a pixel beyond that.
const SMOOTHED_PIXELS: f32 = 2.0;

/// Rectangles in points, on whole pixels, that hold all that differs; none overlaps another.
///
/// `is_renewed` tells whether the content of a texture has changed.
pub fn between(
    before: &[ClippedShape],
    now: &[ClippedShape],
    is_renewed: impl Fn(TextureId) -> bool,
    pixels_per_point: f32,
) -> Vec<Rect> {
    let mut differing = Vec::new();
    let (same_first, same_last) = match before.len() == now.len() {
        true => (0, 0),
        // shapes came or went: what lies between those that stayed in place differs
        false => ends_in_common(before, now),
    };
    let before = &before[same_first..before.len() - same_last];
    let middle = &now[same_first..now.len() - same_last];
    match before.len() == middle.len() {
        true => {
            let pairs = before.iter().zip(middle).filter(|(was, is)| was != is);
            differing.extend(pairs.flat_map(|(was, is)| [extent(was), extent(is)]));
        }
        false => differing.extend(before.iter().chain(middle).map(extent)),
    }
    let renewed = now.iter().filter(|it| is_renewed(it.shape.texture_id()));
    differing.extend(renewed.map(extent));
    let pixels = differing
        .into_iter()
        .filter(|rect| rect.is_positive())
        .map(|rect| to_pixels(rect, pixels_per_point));
    apart(pixels.collect())
}

/// Where a shape can be seen.
pub fn extent(shape: &ClippedShape) -> Rect {
    if shape.transform_after_tessellation != TSTransform::IDENTITY {
        return shape.clip_rect;
    }
    let bounds = shape.shape.visual_bounding_rect();
    bounds.expand(SMOOTHED_PIXELS).intersect(shape.clip_rect)
}

/// How many shapes are the same at the beginning, and at the end of what is left.
fn ends_in_common(before: &[ClippedShape], now: &[ClippedShape]) -> (usize, usize) {
    let pairs = before.iter().zip(now);
    let first = pairs.take_while(|(was, is)| was == is).count();
    let rest = before[first..].iter().rev().zip(now[first..].iter().rev());
    (first, rest.take_while(|(was, is)| was == is).count())
}

/// The whole pixels that a rectangle touches.
fn to_pixels(rect: Rect, pixels_per_point: f32) -> Rect {
    let outward = rect * pixels_per_point;
    let pixels = Rect::from_min_max(
        pos2(outward.min.x.floor(), outward.min.y.floor()),
        pos2(outward.max.x.ceil(), outward.max.y.ceil()),
    );
    (pixels / pixels_per_point).round_ui()
}

/// Joins rectangles that overlap until none does.
fn apart(rects: Vec<Rect>) -> Vec<Rect> {
    let mut apart: Vec<Rect> = Vec::new();
    for mut rect in rects {
        while let Some(i) = apart.iter().position(|other| other.intersects(rect)) {
            rect |= apart.swap_remove(i);
        }
        apart.push(rect);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{Color32, Shape, Stroke};

    const WINDOW: Rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(1000.0, 500.0));

    fn vline(x: f32) -> ClippedShape {
        let stroke = Stroke::new(2.0, Color32::WHITE);
        let line = Shape::line_segment([pos2(x, 100.0), pos2(x, 300.0)], stroke);
        ClippedShape::new(WINDOW, line)
    }

    fn filled(rect: Rect) -> ClippedShape {
        ClippedShape::new(WINDOW, Shape::rect_filled(rect, 0.0, Color32::GRAY))
    }

    fn holds(rects: &[Rect], shape: &ClippedShape) -> bool {
        rects.iter().any(|rect| rect.contains_rect(extent(shape)))
    }

    #[test]
    fn a_line_that_moves_damages_where_it_was_and_where_it_is() {
        let ground = filled(WINDOW);
        let before = [ground.clone(), vline(100.0), vline(700.0)];
        let now = [ground, vline(150.0), vline(700.0)];
        let rects = between(&before, &now, |_| false, 1.0);
        assert!(holds(&rects, &before[1]) && holds(&rects, &now[1]));
        assert!(!holds(&rects, &now[2]));
        let area: f32 = rects.iter().map(|rect| rect.area()).sum();
        assert!(area < 0.01 * WINDOW.area(), "{rects:?}");
        assert!(between(&now, &now, |_| false, 1.0).is_empty());
    }

    #[test]
    fn what_came_and_what_went_is_damaged() {
        let ground = filled(WINDOW);
        let few = [ground.clone(), vline(100.0), vline(900.0)];
        let more = [ground, vline(100.0), vline(500.0), vline(900.0)];
        for (before, now) in [(&few[..], &more[..]), (&more, &few)] {
            let rects = between(before, now, |_| false, 1.5);
            assert!(holds(&rects, &more[2]), "{rects:?}");
            assert!(!holds(&rects, &more[1]) && !holds(&rects, &more[3]));
        }
    }

    #[test]
    fn a_texture_that_is_renewed_damages_all_that_shows_it() {
        let shapes = [filled(Rect::from_min_max(
            pos2(10.0, 10.0),
            pos2(20.0, 20.0),
        ))];
        let rects = between(&shapes, &shapes, |id| id == TextureId::default(), 1.0);
        assert!(holds(&rects, &shapes[0]));
    }

    #[test]
    fn rectangles_of_damage_do_not_overlap_and_lie_on_pixels() {
        let rects: Vec<_> = (0..40)
            .map(|i| {
                let corner = pos2((i * 37 % 101) as f32 * 7.3, (i * 53 % 89) as f32 * 3.1);
                to_pixels(
                    Rect::from_min_max(corner, corner + eframe::egui::vec2(60.4, 21.7)),
                    1.25,
                )
            })
            .collect();
        let found = apart(rects.clone());
        for (i, a) in found.iter().enumerate() {
            assert!(found[..i].iter().all(|b| !a.intersects(*b)));
            let edge = a.min.x * 1.25;
            assert!((edge - edge.round()).abs() < 0.05, "{a:?}");
        }
        assert!(
            rects
                .iter()
                .all(|rect| found.iter().any(|it| it.contains_rect(*rect)))
        );
    }
}
