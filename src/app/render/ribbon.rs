//! Lines whose color and width change along them.

use eframe::egui::{Color32, Mesh, Pos2, Vec2, vec2};

/// One place of a ribbon.
#[derive(Clone, Copy, Debug)]
pub struct Knot {
    /// Middle of the ribbon.
    pub pos: Pos2,
    /// From the middle to either edge; its direction is across the ribbon.
    pub half: Vec2,
    /// Color, premultiplied.
    pub color: Color32,
}

/// Appends a ribbon through `knots` with edges that fade over `feather` points.
pub fn append(mesh: &mut Mesh, knots: &[Knot], feather: f32) {
    let first = mesh.vertices.len() as u32;
    for knot in knots {
        let fade = knot.half + knot.half.normalized() * feather;
        mesh.colored_vertex(knot.pos - fade, Color32::TRANSPARENT);
        mesh.colored_vertex(knot.pos - knot.half, knot.color);
        mesh.colored_vertex(knot.pos + knot.half, knot.color);
        mesh.colored_vertex(knot.pos + fade, Color32::TRANSPARENT);
    }
    for i in 0..knots.len().saturating_sub(1) as u32 {
        let near = first + 4 * i;
        for edge in near..near + 3 {
            mesh.add_triangle(edge, edge + 1, edge + 4);
            mesh.add_triangle(edge + 1, edge + 4, edge + 5);
        }
    }
}

/// Knots of a line of constant width through colored points.
pub fn line(points: &[(Pos2, Color32)], width: f32) -> Vec<Knot> {
    let direction = |i: usize| {
        let before = points[i.saturating_sub(1)].0;
        let after = points[(i + 1).min(points.len() - 1)].0;
        (after - before).normalized()
    };
    let knot = |(i, &(pos, color)): (usize, &(Pos2, Color32))| {
        let along = direction(i);
        Knot {
            pos,
            half: vec2(-along.y, along.x) * (width / 2.0),
            color,
        }
    };
    points.iter().enumerate().map(knot).collect()
}

/// Knot of an upright band from `top` to `bottom`, at least `width` high.
pub fn band(x: f32, top: f32, bottom: f32, width: f32, color: Color32) -> Knot {
    Knot {
        pos: Pos2::new(x, (top + bottom) / 2.0),
        half: vec2(0.0, (bottom - top).max(0.0) / 2.0 + width / 2.0),
        color,
    }
}
