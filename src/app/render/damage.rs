//! Where a frame differs from the one before.

use eframe::egui::emath::{GuiRounding, TSTransform};
use eframe::egui::epaint::{ClippedShape, TextureId};
use eframe::egui::{Rect, pos2};

use super::scrolled::Moved;

/// Edges are smoothed over a pixel; lines reach half a pixel beyond that.
const SMOOTHED_PIXELS: f32 = 2.0;
/// Drawing less than this, in square points, costs no more than telling it apart.
const LEAST_SPARED: f32 = 2000.0;

/// Rectangles in points, on whole pixels, that hold all that differs; none overlaps another.
///
/// `is_renewed` tells whether the content of a texture has changed; `moved` what scrolled since.
pub fn between(
    before: &[ClippedShape],
    now: &[ClippedShape],
    is_renewed: impl Fn(TextureId) -> bool,
    pixels_per_point: f32,
    moved: Option<&Moved>,
) -> Vec<Rect> {
    let is_within = |shape: &&ClippedShape| moved.is_some_and(|moved| moved.holds(shape));
    let (within_before, before): (Vec<_>, Vec<_>) = before.iter().partition(is_within);
    let (within, around): (Vec<_>, Vec<_>) = now.iter().partition(is_within);
    let mut differing = differing(&before, &around);
    if let Some(moved) = moved {
        differing.extend(moved.differing(&within_before, &within));
        // what lies over the part that scrolls was moved with it, and is where it was
        let over = before.into_iter().map(|was| moved.extent_of_moved(was));
        let over: Vec<_> = over.chain(around.into_iter().map(extent)).collect();
        let over = over.into_iter().map(|rect| rect.intersect(moved.area));
        differing.extend(over);
    }
    let renewed = now.iter().filter(|it| is_renewed(it.shape.texture_id()));
    differing.extend(renewed.map(extent));
    let pixels = differing
        .into_iter()
        .filter(|rect| rect.is_positive())
        .map(|rect| to_pixels(rect, pixels_per_point));
    apart(pixels.collect())
}

/// Where shapes differ from those before, in their order.
fn differing(before: &[&ClippedShape], now: &[&ClippedShape]) -> Vec<Rect> {
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
            pairs
                .flat_map(|(was, is)| [extent(was), extent(is)])
                .collect()
        }
        false => before.iter().chain(middle).map(|it| extent(it)).collect(),
    }
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
fn ends_in_common(before: &[&ClippedShape], now: &[&ClippedShape]) -> (usize, usize) {
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

/// Joins rectangles that lie near each other, then cuts those that cross: none overlaps another.
fn apart(rects: Vec<Rect>) -> Vec<Rect> {
    let mut joined: Vec<Rect> = Vec::new();
    for mut rect in rects {
        let is_near = |rect: Rect, other: &Rect| {
            let both = rect.area() + other.area();
            rect.union(*other).area() - both < LEAST_SPARED
        };
        while let Some(i) = joined.iter().position(|other| is_near(rect, other)) {
            rect |= joined.swap_remove(i);
        }
        joined.push(rect);
    }
    let mut apart: Vec<Rect> = Vec::new();
    while let Some(rect) = joined.pop() {
        let crosses = |other: &&Rect| rect.intersect(**other).is_positive();
        match apart.iter().find(crosses) {
            Some(other) => joined.extend(without(rect, *other)),
            None => apart.push(rect),
        }
    }
    apart
}

/// The parts of a rectangle beside another that it crosses.
fn without(rect: Rect, other: Rect) -> impl Iterator<Item = Rect> {
    let common = rect.intersect(other);
    let across = rect.with_min_y(common.top()).with_max_y(common.bottom());
    let parts = [
        rect.with_max_y(common.top()),
        rect.with_min_y(common.bottom()),
        across.with_max_x(common.left()),
        across.with_min_x(common.right()),
    ];
    parts.into_iter().filter(Rect::is_positive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{Color32, Shape, Stroke, vec2};

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
        let rects = between(&before, &now, |_| false, 1.0, None);
        assert!(holds(&rects, &before[1]) && holds(&rects, &now[1]));
        assert!(!holds(&rects, &now[2]));
        let area: f32 = rects.iter().map(|rect| rect.area()).sum();
        assert!(area < 0.01 * WINDOW.area(), "{rects:?}");
        assert!(between(&now, &now, |_| false, 1.0, None).is_empty());
    }

    #[test]
    fn what_came_and_what_went_is_damaged() {
        let ground = filled(WINDOW);
        let few = [ground.clone(), vline(100.0), vline(900.0)];
        let more = [ground, vline(100.0), vline(500.0), vline(900.0)];
        for (before, now) in [(&few[..], &more[..]), (&more, &few)] {
            let rects = between(before, now, |_| false, 1.5, None);
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
        let rects = between(&shapes, &shapes, |id| id == TextureId::default(), 1.0, None);
        assert!(holds(&rects, &shapes[0]));
    }

    #[test]
    fn what_scrolled_is_moved_beneath_what_lies_over_it() {
        let area = Rect::from_min_max(pos2(100.0, 50.0), pos2(900.0, 450.0));
        let within = |x: f32| {
            let rect = Rect::from_min_size(pos2(x, 200.0), vec2(30.0, 10.0));
            ClippedShape::new(area, Shape::rect_filled(rect, 0.0, Color32::GREEN))
        };
        let notice = Rect::from_min_max(pos2(110.0, 60.0), pos2(300.0, 90.0));
        let notice = filled(notice);
        let moved = Moved {
            area,
            whole: area,
            points: 16.0,
        };
        let before = [within(400.0), notice.clone()];
        let now = [within(384.0), notice.clone()];
        let rects = between(&before, &now, |_| false, 1.0, Some(&moved));
        assert!(holds(&rects, &notice), "{rects:?}");
        assert!(!rects.iter().any(|it| it.contains(pos2(400.0, 205.0))));
        // without a move all of it differs
        let rects = between(&before, &now, |_| false, 1.0, None);
        assert!(rects.iter().any(|it| it.contains(pos2(400.0, 205.0))));
        assert!(!holds(&rects, &notice));
    }

    #[test]
    fn rectangles_of_damage_do_not_overlap_and_lie_on_pixels() {
        let rects: Vec<_> = (0..40)
            .map(|i| {
                let corner = pos2((i * 37 % 101) as f32 * 7.3, (i * 53 % 89) as f32 * 3.1);
                to_pixels(Rect::from_min_max(corner, corner + vec2(60.4, 21.7)), 1.25)
            })
            .collect();
        let crossing = [
            Rect::from_min_max(pos2(0.0, 100.0), pos2(1500.0, 103.0)),
            Rect::from_min_max(pos2(700.0, 0.0), pos2(712.0, 900.0)),
        ];
        let rects: Vec<_> = rects.into_iter().chain(crossing).collect();
        let found = apart(rects.clone());
        for (i, a) in found.iter().enumerate() {
            let overlaps = |b: &Rect| a.intersect(*b).is_positive();
            assert!(!found[..i].iter().any(overlaps));
            let edge = a.min.x * 1.25;
            assert!((edge - edge.round()).abs() < 0.05, "{a:?}");
        }
        for rect in &rects {
            let covered: f32 = found
                .iter()
                .map(|it| it.intersect(*rect))
                .filter(Rect::is_positive)
                .map(|it| it.area())
                .sum();
            assert!(
                (covered - rect.area()).abs() < 0.001 * rect.area(),
                "{rect:?}"
            );
        }
        // two lines that cross are no square
        let area: f32 = apart(crossing.to_vec()).iter().map(Rect::area).sum();
        assert!(area < 20_000.0);
    }
}
