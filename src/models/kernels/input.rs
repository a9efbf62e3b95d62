//! Gradient of a convolution by its input.
//!
//! Inputs one stride apart are read by the same taps. Their gradient is a
//! convolution of stride 1 over the output's gradient, by those taps turned
//! around; a stride of (2, 2) makes four such convolutions, stride 1 a single one.

use std::ops::Range;

use rayon::prelude::*;

use super::forward::{self, Convolution};
use super::pack::Packed;
use super::shape::Axis;
use super::simd::Tiles;
use super::{Activation, ConvShape};

/// Inputs of one axis that are one stride apart, and the taps that read them.
#[derive(Clone)]
struct Comb {
    /// The first of the inputs.
    first: usize,
    /// How many there are.
    count: usize,
    /// The taps, the last first; a stride wider than the kernel leaves some combs without.
    taps: Vec<usize>,
    /// Distance of the outputs that neighboring taps read from.
    dilation: usize,
    /// The output that the first of `taps` meets at input `first`; it may lie outside.
    origin: isize,
}

impl Comb {
    fn new(axis: &Axis, first: usize) -> Self {
        let place = first + axis.padding;
        let meets = |tap: &usize| tap * axis.dilation % axis.stride == place % axis.stride;
        let taps: Vec<usize> = (0..axis.kernel).rev().filter(meets).collect();
        let output = |tap: usize| tap * axis.dilation / axis.stride;
        let last = taps.first().map_or(0, |&tap| output(tap));
        Self {
            first,
            count: (axis.size - first).div_ceil(axis.stride),
            dilation: taps.get(1).map_or(1, |&tap| last - output(tap)),
            origin: (place / axis.stride) as isize - last as isize,
            taps,
        }
    }

    /// The combs that an axis consists of.
    fn all(axis: &Axis) -> Vec<Self> {
        let firsts = 0..axis.stride.min(axis.size);
        firsts.map(|first| Self::new(axis, first)).collect()
    }

    /// Outputs from the first to the last that the taps meet.
    fn span(&self) -> usize {
        self.count + self.dilation * (self.taps.len() - 1)
    }
}

/// A convolution turned around, from outputs to inputs, with its weight packed.
pub struct Turned {
    shape: ConvShape,
    parts: Vec<Part>,
}

/// The inputs of two combs.
struct Part {
    rows: Comb,
    columns: Comb,
    /// None where no tap reads them.
    weights: Option<Packed>,
}

impl Turned {
    /// Turns the convolution of `shape` with `weight`, `[cout, cin, kh, kw]`.
    pub fn new(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let lanes = forward::tile(tiles, shape.cin).channels;
        let (rows, columns) = shape.axes();
        let pairs = Comb::all(&rows).into_iter().flat_map(|rows| {
            Comb::all(&columns)
                .into_iter()
                .map(move |c| (rows.clone(), c))
        });
        let parts = pairs.map(|(rows, columns)| {
            let taps = (&rows.taps[..], &columns.taps[..]);
            let read = !taps.0.is_empty() && !taps.1.is_empty();
            let weights = read.then(|| Packed::transposed(shape, weight, taps, lanes));
            Part {
                rows,
                columns,
                weights,
            }
        });
        Self {
            shape: *shape,
            parts: parts.collect(),
        }
    }

    /// Takes `dy`, the gradient by the output, to the input: `dx` is `[batch, cin, height, width]`.
    ///
    /// `dy` writes values as in [`Convolution::run`]. A bias for each of `cin` channels
    /// (or none) and an activation follow.
    pub fn run(
        &self,
        tiles: &Tiles,
        bias: &[f32],
        activation: Activation,
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        dx: &mut [f32],
    ) {
        if let [part] = &self.parts[..] {
            return self.part(part, tiles, bias, activation, dy, dx);
        }
        let mut values = Vec::new();
        for part in &self.parts {
            let planes = self.shape.batch * self.shape.cin;
            values.resize(planes * part.rows.count * part.columns.count, 0.0);
            self.part(part, tiles, bias, activation, &dy, &mut values);
            interleave(&self.shape, &part.rows, &part.columns, &values, dx);
        }
    }

    fn part(
        &self,
        part: &Part,
        tiles: &Tiles,
        bias: &[f32],
        activation: Activation,
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        out: &mut [f32],
    ) {
        let (rows, columns) = (&part.rows, &part.columns);
        let Some(weights) = &part.weights else {
            for (index, plane) in out.chunks_mut(rows.count * columns.count).enumerate() {
                let bias = bias.get(index % self.shape.cin).copied().unwrap_or(0.0);
                plane.fill(0.0);
                activation.apply(plane, bias);
            }
            return;
        };
        let window = Window::new(&self.shape, rows, columns);
        let convolution = Convolution {
            shape: turned(&self.shape, rows, columns),
            tiles,
            weights,
            bias,
            activation,
        };
        let value = |item: usize, channel: usize, range, into: &mut [f32]| {
            window.read(range, into, |range, into| dy(item, channel, range, into));
        };
        convolution.store(value, out);
    }
}

/// Takes `dy`, the gradient by the output, to the input; see [`Turned::run`].
pub fn gradient(
    shape: &ConvShape,
    tiles: &Tiles,
    weight: &[f32],
    dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    dx: &mut [f32],
) {
    Turned::new(shape, tiles, weight).run(tiles, &[], Activation::Identity, dy, dx);
}

/// The convolution from the output's gradient, seen through the [`Window`], to the inputs of two combs.
fn turned(shape: &ConvShape, rows: &Comb, columns: &Comb) -> ConvShape {
    ConvShape {
        batch: shape.batch,
        cin: shape.cout,
        cout: shape.cin,
        height: rows.span(),
        width: columns.span(),
        kernel: (rows.taps.len(), columns.taps.len()),
        padding: (0, 0),
        dilation: (rows.dilation, columns.dilation),
        stride: (1, 1),
    }
}

/// Writes `part`, `[batch, cin]` planes of the inputs of two combs, to their places.
fn interleave(shape: &ConvShape, rows: &Comb, columns: &Comb, part: &[f32], dx: &mut [f32]) {
    let (width, stride) = (shape.width, shape.stride);
    dx.par_chunks_exact_mut(shape.height * width)
        .zip(part.par_chunks_exact(rows.count * columns.count))
        .for_each(|(dx, part)| {
            let lines = dx.chunks_exact_mut(width).skip(rows.first);
            for (line, part) in lines
                .step_by(stride.0)
                .zip(part.chunks_exact(columns.count))
            {
                let places = line.iter_mut().skip(columns.first).step_by(stride.1);
                for (place, &value) in places.zip(part) {
                    *place = value;
                }
            }
        });
}

/// The outputs that the taps of two combs meet; they may reach beyond the output, where zeros are.
struct Window {
    /// Output rows and columns.
    size: (usize, usize),
    /// Rows and columns of the window.
    span: (usize, usize),
    /// Output at the window's first row and column.
    origin: (isize, isize),
}

impl Window {
    fn new(shape: &ConvShape, rows: &Comb, columns: &Comb) -> Self {
        Self {
            size: (shape.out_height(), shape.out_width()),
            span: (rows.span(), columns.span()),
            origin: (rows.origin, columns.origin),
        }
    }

    /// Reads `range`, part of a row of the window's `[cout, rows, columns]`, from the output.
    fn read(
        &self,
        range: Range<usize>,
        into: &mut [f32],
        value: impl FnOnce(Range<usize>, &mut [f32]),
    ) {
        let (height, width) = self.size;
        let line = range.start / self.span.1;
        let (channel, row) = (line / self.span.0, line % self.span.0);
        let row = self.origin.0 + row as isize;
        let row = usize::try_from(row).ok().filter(|&row| row < height);
        let left = self.origin.1 + (range.start % self.span.1) as isize;
        let before = left.min(0).unsigned_abs();
        let first = left.max(0).unsigned_abs();
        let count = width
            .saturating_sub(first)
            .min(into.len().saturating_sub(before));
        let Some(row) = row.filter(|_| count > 0) else {
            return into.fill(0.0);
        };
        let start = (channel * height + row) * width + first;
        into[..before].fill(0.0);
        into[before + count..].fill(0.0);
        value(start..start + count, &mut into[before..before + count]);
    }
}
