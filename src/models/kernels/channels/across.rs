//! Convolution with vectors across output channels.
//!
//! The pixel tile of [`pixels`](super::super::pixels) needs tens of neighboring pixels
//! one stride apart. This one takes its pixels from anywhere: small planes and
//! strides cost it nothing, and a convolution turned around writes every output
//! in place, whichever taps make it.

use std::ops::Range;

use rayon::prelude::*;

use super::super::comb::{Comb, hull, pairs};
use super::super::pack::Packed;
use super::super::passes::parts;
use super::super::simd::{BroadcastTile, Grid, Parts, Taps, Tiles};
use super::super::spare::Spare;
use super::super::{Activation, ConvShape};
use super::frame::Frame;
use super::window::{Scratch, Window};

/// Outputs of a channel that a task makes at a time, unless a row has more.
const PIXELS: usize = 1024;

/// Input values that a task holds, a share of the second-level cache, unless a row needs more.
const HELD: usize = 96 * 1024;

static SCRATCH: Spare<Scratch> = Spare::new();

/// A convolution, or one turned around, with its weight packed.
pub struct Across {
    /// Items in the batch.
    pub batch: usize,
    /// Input channels.
    pub cin: usize,
    /// Output channels.
    pub cout: usize,
    /// Input rows and columns.
    pub size: (usize, usize),
    /// Output rows and columns.
    pub out: (usize, usize),
    /// Combs of rows.
    pub rows: Vec<Comb>,
    /// Combs of columns.
    pub columns: Vec<Comb>,
    /// Packed for [`tile`], taps of one pair of combs after the other's; see [`Self::pairs`].
    pub weights: Packed,
    /// Where the taps of each pair of combs read, `[column tap][row tap][channel]`.
    pub taps: Vec<Taps>,
}

/// The tile for `channels` output channels.
pub fn tile(tiles: &Tiles, channels: usize) -> BroadcastTile {
    if channels <= tiles.slim.channels {
        tiles.slim
    } else {
        tiles.broad
    }
}

impl Across {
    /// The convolution of `shape` with `weight`, `[cout, cin, kh, kw]`.
    pub fn forward(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let (rows, columns) = shape.axes();
        let (rows, columns) = (vec![Comb::forward(&rows)], vec![Comb::forward(&columns)]);
        let order = order(&rows, &columns, shape.cin);
        let channels = (0..shape.cin).flat_map(|c| order.iter().map(move |tap| tap + c));
        let order: Vec<usize> = channels.collect();
        let lanes = tile(tiles, shape.cout).channels;
        let weights = Packed::across(weight, shape.cout, &order, lanes);
        let out = (shape.out_height(), shape.out_width());
        let sizes = [(shape.height, shape.width), out];
        let channels = (shape.cin, shape.cout);
        Self::new(shape.batch, channels, sizes, (rows, columns), weights)
    }

    /// The convolution of `shape` turned around, from its outputs to its inputs.
    pub fn turned(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let (rows, columns) = shape.axes();
        let (rows, columns) = (Comb::turned(&rows), Comb::turned(&columns));
        let order = order(&rows, &columns, shape.cout);
        let lanes = tile(tiles, shape.cin).channels;
        let weights = Packed::across(weight, shape.cin, &order, lanes);
        let size = (shape.out_height(), shape.out_width());
        let sizes = [size, (shape.height, shape.width)];
        let channels = (shape.cout, shape.cin);
        Self::new(shape.batch, channels, sizes, (rows, columns), weights)
    }

    fn new(
        batch: usize,
        (cin, cout): (usize, usize),
        [size, out]: [(usize, usize); 2],
        (rows, columns): (Vec<Comb>, Vec<Comb>),
        weights: Packed,
    ) -> Self {
        // Windows differ in rows alone, and so share the taps.
        let frame = frame(cin, size, &columns, 0..1);
        let taps = pairs(&rows, &columns).map(|(rows, columns)| {
            let mut offsets = Vec::with_capacity(rows.taps.len() * columns.taps.len() * cin);
            for column in 0..columns.taps.len() {
                for row in 0..rows.taps.len() {
                    let start = row * rows.dilation * frame.pitch
                        + column * columns.dilation * frame.column;
                    offsets.extend(start..start + cin);
                }
            }
            Taps::new(offsets)
        });
        Self {
            batch,
            cin,
            cout,
            size,
            out,
            taps: taps.collect(),
            rows,
            columns,
            weights,
        }
    }

    /// What `rows` of the input look like, with all columns that are read; one if none is.
    pub fn frame(&self, rows: Range<isize>) -> Frame {
        frame(self.cin, self.size, &self.columns, rows)
    }

    /// Combs of rows and of columns, each with each.
    pub fn pairs(&self) -> impl Iterator<Item = (&Comb, &Comb)> {
        pairs(&self.rows, &self.columns)
    }

    /// Convolves into `out`, `[batch, cout, out_height, out_width]`.
    ///
    /// `value` writes inputs as in [`Convolution::run`](super::super::pixels::forward::Convolution::run). A bias
    /// for each output channel (or none) and an activation follow.
    pub fn run(
        &self,
        tiles: &Tiles,
        bias: &[f32],
        activation: Activation,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        out: &mut [f32],
    ) {
        let tile = tile(tiles, self.cout);
        let tasks = Tasks::new(self, self.cout.div_ceil(tile.channels));
        // A window's rows are as wide as the plane, and so lie together.
        let grid = Grid {
            plane_rows: 1,
            width: self.out.0 * self.out.1,
            first_row: 0,
            height: 1,
            window: (1, tasks.rows * self.out.1),
        };
        let planes = Parts::new(out, grid);
        let all = (0..tasks.count()).into_par_iter();
        all.for_each(|task| {
            let (items, rows, blocks) = tasks.task(self, task);
            SCRATCH.lend(|scratch| {
                let window = Window::new(self, items, rows);
                window.fill(scratch, &value);
                for block in blocks {
                    window.convolve(tile, block, scratch);
                    window.emit(tile, block, scratch, &planes, |channel, plane| {
                        let bias = bias.get(channel).copied().unwrap_or(0.0);
                        activation.apply(tiles, plane, bias);
                    });
                }
            });
        });
    }
}

fn frame(channels: usize, size: (usize, usize), columns: &[Comb], rows: Range<isize>) -> Frame {
    let columns = columns.iter().map(|comb| comb.reads(&(0..comb.count)));
    Frame::new(channels, size, rows, hull(columns).unwrap_or(0..1))
}

/// How a batch is cut into tasks.
struct Tasks {
    /// Items of a window.
    items: usize,
    /// Rows of a window.
    rows: usize,
    /// Windows, counted along the batch and down.
    windows: (usize, usize),
    /// Tasks that share the channels of a window.
    parts: usize,
    /// Blocks of channels.
    blocks: usize,
}

impl Tasks {
    fn new(across: &Across, blocks: usize) -> Self {
        let (batch, height) = (across.batch, across.out.0);
        let inputs = across.cin * across.size.0 * across.size.1;
        let plane = (height * across.out.1).max(inputs * PIXELS / HELD);
        // Windows for every thread, unless threads share the blocks of channels.
        let threads = rayon::current_num_threads().div_ceil(blocks);
        let items = (PIXELS / plane).clamp(1, batch.div_ceil(threads));
        let rows = (PIXELS * height / plane).clamp(1, height.div_ceil(threads.div_ceil(batch)));
        let (items, rows) = (even(batch, items), even(height, rows));
        let windows = (batch.div_ceil(items), height.div_ceil(rows));
        Self {
            items,
            rows,
            windows,
            parts: parts(windows.0 * windows.1, blocks),
            blocks,
        }
    }

    fn count(&self) -> usize {
        self.windows.0 * self.windows.1 * self.parts
    }

    /// Items, rows with the number of their window in a plane, and blocks of channels.
    fn task(
        &self,
        across: &Across,
        task: usize,
    ) -> (Range<usize>, (usize, Range<usize>), Range<usize>) {
        let (window, part) = (task / self.parts, task % self.parts);
        let (along, down) = (window / self.windows.1, window % self.windows.1);
        let items = along * self.items..across.batch.min((along + 1) * self.items);
        let rows = down * self.rows..across.out.0.min((down + 1) * self.rows);
        let blocks = part * self.blocks / self.parts..(part + 1) * self.blocks / self.parts;
        (items, (down, rows), blocks)
    }
}

/// The size of equal shares of `len` that are at most `most` long.
fn even(len: usize, most: usize) -> usize {
    len.div_ceil(len.div_ceil(most))
}

/// Where the first channel's weight of each tap `[kh, kw]` goes: pair of combs by pair, and in
/// each `[column tap][row tap][channel]`, so that columns which read zeros end a run.
fn order(rows: &[Comb], columns: &[Comb], channels: usize) -> Vec<usize> {
    let taps = |combs: &[Comb]| combs.iter().map(|comb| comb.taps.len()).sum::<usize>();
    let width = taps(columns);
    let mut order = vec![0; taps(rows) * width];
    let mut next = 0;
    for (rows, columns) in pairs(rows, columns) {
        for column in &columns.taps {
            for row in &rows.taps {
                order[row * width + column] = next;
                next += channels;
            }
        }
    }
    order
}
