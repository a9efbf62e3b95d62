//! Where a part of the window that scrolls differs from what it was, moved along.
//!
//! A view scrolls by whole pixels. What was drawn then stays as it is, only elsewhere: its pixels are
//! moved, and drawn are those that came in, and what does not move with the others.

use std::ops::Range;

use eframe::egui::epaint::{
    CircleShape, ClippedShape, Mesh, PathShape, RectShape, TextShape, Vertex,
};
use eframe::egui::{Pos2, Rangef, Rect, Shape, Vec2, vec2};

use super::damage::extent;

/// Places nearer than this, in points, are the same: sums of rounded numbers differ.
const SAME_PLACE: f32 = 0.02;
/// So many shapes may come in between two that stayed.
const MOST_BETWEEN: usize = 96;
/// Corners at either end of a change in a mesh that are drawn anew with it: those of its neighbors.
const NEIGHBORS: usize = 8;

/// A part of the window whose content moves across as a view scrolls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScrolledArea {
    /// Where it is, in points; its left and upper edges are on whole pixels.
    pub rect: Rect,
    /// Pixels in a second of the recording.
    pub pixels_per_sec: f64,
    /// The pixel at its left edge, counted from the recording's start on.
    pub first_pixel: i64,
}

impl ScrolledArea {
    /// By how many pixels the content moved to the left since it was at another place; none if it is
    /// at another zoom, or if little of it is still there.
    pub fn moved_since(&self, before: &Self, pixels_per_point: f32) -> Option<i32> {
        let zoomed = (self.pixels_per_sec - before.pixels_per_sec).abs();
        let is_same = self.rect == before.rect && zoomed <= 1e-9 * self.pixels_per_sec;
        let pixels = self.first_pixel - before.first_pixel;
        let half = (self.rect.width() * pixels_per_point / 2.0) as i64;
        let is_move = is_same && pixels != 0 && pixels.abs() < half;
        is_move.then_some(pixels as i32)
    }
}

/// Content of a part of the window that was moved to the left, or to the right by less than nothing.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    /// The part of the window.
    pub area: Rect,
    /// What of it is on whole pixels, and so moved.
    pub whole: Rect,
    /// By how many points.
    pub points: f32,
}

impl Moved {
    /// Whether a shape is in the part that moves, rather than over it.
    pub fn holds(&self, shape: &ClippedShape) -> bool {
        self.area.expand(1.0).contains_rect(shape.clip_rect)
    }

    /// Where a shape that was drawn before is now, in points.
    pub fn extent_of_moved(&self, was: &ClippedShape) -> Rect {
        extent(was).translate(self.step()).intersect(self.area)
    }

    /// What differs from what was moved: what came in, and shapes that did not move along.
    pub fn differing(&self, before: &[&ClippedShape], now: &[&ClippedShape]) -> Vec<Rect> {
        let right = self.area.with_min_x(self.whole.right());
        let below = self.area.with_min_y(self.whole.bottom());
        let mut differing = vec![self.came_in(), right, below];
        let mut rest = before;
        for is in now {
            let window = rest.iter().take(MOST_BETWEEN).enumerate();
            let mut found = window.filter_map(|(i, was)| Some((i, self.compare(was, is)?)));
            match found.next() {
                Some((i, changes)) => {
                    let gone = rest[..i].iter();
                    differing.extend(gone.map(|was| self.extent_of_moved(was)));
                    differing.extend(changes.iter().map(|it| it.intersect(is.clip_rect)));
                    rest = &rest[i + 1..];
                }
                None => differing.push(extent(is)),
            }
        }
        differing.extend(rest.iter().map(|was| self.extent_of_moved(was)));
        differing
    }

    fn step(&self) -> Vec2 {
        vec2(-self.points, 0.0)
    }

    /// The part that shows what was not seen before.
    fn came_in(&self) -> Rect {
        match self.points > 0.0 {
            true => self.area.with_min_x(self.whole.right() - self.points),
            false => self.area.with_max_x(self.area.left() - self.points),
        }
    }

    /// The part that shows what was seen before too.
    fn stayed(&self) -> Rangef {
        match self.points > 0.0 {
            true => Rangef::new(self.area.left(), self.whole.right() - self.points),
            false => Rangef::new(self.area.left() - self.points, self.whole.right()),
        }
    }

    /// Where a shape differs from one that was moved; none if it is another.
    fn compare(&self, was: &ClippedShape, is: &ClippedShape) -> Option<Vec<Rect>> {
        let kept = |rect: Rect| {
            let stayed = self.stayed();
            let across = Rangef::new(stayed.clamp(rect.left()), stayed.clamp(rect.right()));
            Rect::from_x_y_ranges(across, rect.y_range())
        };
        let clip = kept(was.clip_rect.translate(self.step()));
        if !is_near_rect(clip, kept(is.clip_rect)) {
            return None;
        }
        match (&was.shape, &is.shape) {
            (Shape::Mesh(was), Shape::Mesh(is)) => self.compare_meshes(was, is),
            (was, is) => self.is_same(was, is).then(Vec::new),
        }
    }

    fn is_same(&self, was: &Shape, is: &Shape) -> bool {
        let moved = |was: Pos2, is: Pos2| is_near(was + self.step(), is);
        match (was, is) {
            (Shape::Noop, Shape::Noop) => true,
            (Shape::Vec(was), Shape::Vec(is)) => {
                let mut pairs = was.iter().zip(is);
                was.len() == is.len() && pairs.all(|(was, is)| self.is_same(was, is))
            }
            (
                Shape::LineSegment { points: a, stroke },
                Shape::LineSegment {
                    points: b,
                    stroke: now,
                },
            ) => {
                let is_level = a[0].y == a[1].y && b[0].y == b[1].y && a[0].y == b[0].y;
                let ends = moved(a[0], b[0]) && moved(a[1], b[1]);
                let level = || self.keeps(a.map(|p| p.x), b.map(|p| p.x));
                stroke == now && (ends || is_level && level())
            }
            (Shape::Rect(a), Shape::Rect(b)) => {
                let corners = moved(a.rect.min, b.rect.min) && moved(a.rect.max, b.rect.max);
                let is_plain = a.stroke.is_empty() && a.corner_radius.average() == 0.0;
                let is_level = is_plain && a.rect.y_range() == b.rect.y_range();
                let edges = |rect: Rect| [rect.left(), rect.right()];
                let same = RectShape {
                    rect: b.rect,
                    ..a.clone()
                };
                same == *b && (corners || is_level && self.keeps(edges(a.rect), edges(b.rect)))
            }
            (Shape::Circle(a), Shape::Circle(b)) => {
                let same = CircleShape {
                    center: b.center,
                    ..*a
                };
                moved(a.center, b.center) && same == *b
            }
            (Shape::Text(a), Shape::Text(b)) => {
                moved(a.pos, b.pos)
                    && TextShape {
                        pos: b.pos,
                        ..a.clone()
                    } == *b
            }
            (Shape::Path(a), Shape::Path(b)) => {
                let mut pairs = a.points.iter().zip(&b.points);
                a.points.len() == b.points.len()
                    && pairs.all(|(was, is)| moved(*was, *is))
                    && PathShape {
                        points: b.points.clone(),
                        ..a.clone()
                    } == *b
            }
            _ => false,
        }
    }

    /// Whether what reaches across from one edge to another looks the same in the part that stayed.
    fn keeps(&self, was: [f32; 2], is: [f32; 2]) -> bool {
        let stayed = self.stayed();
        let mut pairs = was.iter().zip(&is);
        pairs.all(|(was, is)| {
            let moved = stayed.clamp(was - self.points);
            (moved - stayed.clamp(*is)).abs() < SAME_PLACE
        })
    }

    /// Where two meshes differ that have corners in common; none if they have not.
    fn compare_meshes(&self, was: &Mesh, is: &Mesh) -> Option<Vec<Rect>> {
        if was.texture_id != is.texture_id {
            return None;
        }
        let same = |a: &Vertex, b: &Vertex| {
            is_near(a.pos + self.step(), b.pos) && (a.color, a.uv) == (b.color, b.uv)
        };
        if was.vertices.is_empty() && is.vertices.is_empty() {
            return Some(Vec::new());
        }
        let middle = is.vertices.len() / 2;
        let vertex = is.vertices.get(middle)?;
        let place = was.vertices.iter().position(|it| same(it, vertex))?;
        // vertex `i` now is that of `i + offset` before
        let offset = place as isize - middle as isize;
        let first = (-offset).min(0);
        let end = (is.vertices.len() as isize).max(was.vertices.len() as isize - offset);
        let at = |mesh: &Mesh, i: isize| {
            usize::try_from(i)
                .ok()
                .and_then(|i| mesh.vertices.get(i).copied())
        };
        let differs = |&i: &isize| match (at(was, i + offset), at(is, i)) {
            (Some(a), Some(b)) => !same(&a, &b),
            _ => true,
        };
        let changed = stretches((first..end).filter(differs));
        let bounds = |range: Range<isize>| {
            let range = range.start - NEIGHBORS as isize..range.end + NEIGHBORS as isize;
            let before = range.clone().filter_map(|i| at(was, i + offset));
            let before = before.map(|it| it.pos + self.step());
            let now = range.filter_map(|i| at(is, i)).map(|it| it.pos);
            Rect::from_points(&before.chain(now).collect::<Vec<_>>()).intersect(self.area)
        };
        Some(changed.into_iter().map(bounds).collect())
    }
}

/// Numbers in ascending order, as stretches that lie apart by more than their neighbors.
fn stretches(numbers: impl Iterator<Item = isize>) -> Vec<Range<isize>> {
    let mut stretches: Vec<Range<isize>> = Vec::new();
    for i in numbers {
        match stretches.last_mut() {
            Some(last) if i - last.end <= NEIGHBORS as isize => last.end = i + 1,
            _ => stretches.push(i..i + 1),
        }
    }
    stretches
}

fn is_near(a: Pos2, b: Pos2) -> bool {
    (a.x - b.x).abs() < SAME_PLACE && (a.y - b.y).abs() < SAME_PLACE
}

fn is_near_rect(a: Rect, b: Rect) -> bool {
    is_near(a.min, b.min) && is_near(a.max, b.max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{Color32, Stroke, pos2};

    const AREA: Rect = Rect::from_min_max(pos2(56.0, 26.0), pos2(1056.0, 526.0));
    const MOVED: Moved = Moved {
        area: AREA,
        whole: AREA,
        points: 10.0,
    };

    fn clipped(shape: Shape) -> ClippedShape {
        ClippedShape::new(AREA, shape)
    }

    fn vline(x: f32) -> ClippedShape {
        let stroke = Stroke::new(1.0, Color32::WHITE);
        clipped(Shape::line_segment([pos2(x, 26.0), pos2(x, 526.0)], stroke))
    }

    fn hline(y: f32) -> ClippedShape {
        let stroke = Stroke::new(1.0, Color32::GRAY);
        let ends = [pos2(AREA.left(), y), pos2(AREA.right(), y)];
        clipped(Shape::line_segment(ends, stroke))
    }

    fn block(x: f32) -> ClippedShape {
        let rect = Rect::from_min_size(pos2(x, 200.0), vec2(40.0, 12.0));
        clipped(Shape::rect_filled(rect, 2.0, Color32::GREEN))
    }

    /// A line of so many knots, 4 points apart, of which the one of this number lies elsewhere.
    fn ribbon(first_x: f32, n: usize, odd: Option<usize>) -> ClippedShape {
        let mut mesh = Mesh::default();
        for i in 0..n {
            let x = first_x + 4.0 * i as f32;
            let y = 300.0 + (x * 0.1).sin() * 20.0 + if odd == Some(i) { 40.0 } else { 0.0 };
            for half in [-1.0, 1.0] {
                mesh.colored_vertex(pos2(x, y + half), Color32::from_gray(i as u8));
            }
        }
        clipped(Shape::mesh(mesh))
    }

    fn differing(before: &[ClippedShape], now: &[ClippedShape]) -> Vec<Rect> {
        let [before, now] = [before, now].map(|it| it.iter().collect::<Vec<_>>());
        let mut rects = MOVED.differing(&before, &now);
        rects.retain(|rect| rect.is_positive());
        rects
    }

    #[test]
    fn what_moved_along_is_not_drawn_anew() {
        let before = [hline(100.0), block(50.0), block(300.0), block(700.0)];
        // one left, one came, and sums are never quite the same
        let now = [hline(100.0), block(290.004), block(690.0), block(1050.0)];
        let rects = differing(&before, &now);
        let came_in = AREA.with_min_x(1046.0);
        assert!(rects.contains(&came_in), "{rects:?}");
        assert!(
            rects
                .iter()
                .all(|it| it.left() > 1040.0 || it.right() < 90.0),
            "{rects:?}"
        );
    }

    #[test]
    fn what_stays_in_place_is_drawn_where_it_was_moved_to_and_where_it_is() {
        let rects = differing(&[vline(556.0), block(300.0)], &[vline(556.0), block(290.0)]);
        for x in [546.0, 556.0] {
            assert!(rects.iter().any(|it| it.x_range().contains(x)), "{rects:?}");
        }
        assert!(!rects.iter().any(|it| it.x_range().contains(300.0)));
    }

    #[test]
    fn a_shape_of_another_color_or_place_is_drawn_anew() {
        let mut other = block(290.0);
        if let Shape::Rect(rect) = &mut other.shape {
            rect.fill = Color32::RED;
        }
        for now in [other, block(291.0)] {
            let rects = differing(&[block(300.0)], &[now]);
            assert!(rects.iter().any(|it| it.contains(pos2(300.0, 205.0))));
        }
    }

    #[test]
    fn of_a_line_only_what_changed_is_drawn_anew() {
        let whole = |first: f32, skipped: usize, odd| {
            let mut shape = ribbon(first, 200, odd);
            if let Shape::Mesh(mesh) = &mut shape.shape {
                std::sync::Arc::make_mut(mesh).vertices.drain(..2 * skipped);
            }
            shape
        };
        // the same line 10 points on, without its first knots
        let moved = |skipped: usize, odd: Option<usize>| {
            let mut shape = whole(100.0, skipped, odd);
            if let Shape::Mesh(mesh) = &mut shape.shape {
                for vertex in &mut std::sync::Arc::make_mut(mesh).vertices {
                    vertex.pos.x -= 10.0;
                }
            }
            shape
        };
        let kept = differing(&[whole(100.0, 0, None)], &[moved(3, None)]);
        assert!(
            kept.iter()
                .all(|it| it.right() < 140.0 || it.left() > 1040.0),
            "{kept:?}"
        );
        let changed = differing(&[whole(100.0, 0, None)], &[moved(0, Some(30))]);
        let [x, far] = [100.0 + 4.0 * 30.0 - 10.0, 100.0 + 4.0 * 120.0];
        assert!(
            changed.iter().any(|it| it.x_range().contains(x)),
            "{changed:?}"
        );
        assert!(!changed.iter().any(|it| it.x_range().contains(far)));
    }

    #[test]
    fn a_move_is_one_of_the_same_zoom_of_which_something_is_left() {
        let area = |first_pixel, pixels_per_sec| ScrolledArea {
            rect: AREA,
            pixels_per_sec,
            first_pixel,
        };
        let moved = |now: ScrolledArea| now.moved_since(&area(100, 80.0), 1.0);
        assert_eq!(moved(area(117, 80.0)), Some(17));
        assert_eq!(moved(area(60, 80.0)), Some(-40));
        let others = [area(100, 80.0), area(117, 81.0), area(700, 80.0)];
        assert_eq!(others.map(moved), [None; 3]);
    }
}
