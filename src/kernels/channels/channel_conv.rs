//! Convolution with vectors across output channels.
//!
//! The tile of [`pixels`](super::super::pixels) needs tens of neighboring pixels one stride apart.
//! This one takes pixels from any addresses: small planes and strides cost nothing, and a
//! transposed convolution writes every output in place, whichever taps make it.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::pack::PackedWeight;
use super::super::polyphase::{Branch, hull, pairs};
use super::super::scratch_pool::ScratchPool;
use super::super::shared_windows::{SharedWindows, WindowGrid};
use super::super::simd::{BroadcastTile, Taps, Tiles};
use super::super::tasks::tasks_per_window;
use super::super::{Activation, ConvShape};
use super::padded_item::PaddedItem;
use super::window::{ChannelScratch, ChannelWindow};

/// Outputs of a channel that a task makes at a time, unless a row has more.
const PIXELS: usize = 1024;

/// Input values that a task holds, a share of the second-level cache, unless a row needs more.
const HELD: usize = 96 * 1024;

static SCRATCH: ScratchPool<ChannelScratch> = ScratchPool::new();

/// A convolution or a transposed one, with its weight packed.
pub struct ChannelConv {
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
    /// Branches of rows.
    pub rows: Vec<Branch>,
    /// Branches of columns.
    pub columns: Vec<Branch>,
    /// Packed for [`broadcast_tile`], taps of one pair of branches after the other's; see [`Self::pairs`].
    pub weights: Arc<PackedWeight>,
    /// Where the taps of each pair of branches read, `[column tap][row tap][channel]`.
    pub taps: Vec<Taps>,
}

/// The tile for `channels` output channels.
pub fn broadcast_tile(tiles: &Tiles, channels: usize) -> BroadcastTile {
    if channels <= tiles.slim.channels {
        tiles.slim
    } else {
        tiles.broad
    }
}

impl ChannelConv {
    /// The convolution of `shape` with `weight`, `[cout, cin, kh, kw]`.
    pub fn forward(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        Self::with_weights(shape, Arc::new(Self::pack(shape, tiles, weight)))
    }

    /// Packs `weight`, `[cout, cin, kh, kw]`, for the convolution of `shape` of any height and width.
    pub fn pack(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> PackedWeight {
        let (rows, columns) = forward_branches(shape);
        let order = order(&rows, &columns, shape.cin);
        let channels = (0..shape.cin).flat_map(|c| order.iter().map(move |tap| tap + c));
        let order: Vec<usize> = channels.collect();
        let lanes = broadcast_tile(tiles, shape.cout).channels;
        PackedWeight::channels(weight, shape.cout, &order, lanes)
    }

    /// The convolution of `shape` with weights of [`Self::pack`].
    pub fn with_weights(shape: &ConvShape, weights: Arc<PackedWeight>) -> Self {
        let out = (shape.out_height(), shape.out_width());
        let sizes = [(shape.height, shape.width), out];
        let channels = (shape.cin, shape.cout);
        Self::new(
            shape.batch,
            channels,
            sizes,
            forward_branches(shape),
            weights,
        )
    }

    /// The transposed convolution of `shape`, from its outputs to its inputs.
    pub fn transposed(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let (rows, columns) = shape.axes();
        let (rows, columns) = (Branch::transposed(&rows), Branch::transposed(&columns));
        let order = order(&rows, &columns, shape.cout);
        let lanes = broadcast_tile(tiles, shape.cin).channels;
        let weights = PackedWeight::channels(weight, shape.cin, &order, lanes);
        let size = (shape.out_height(), shape.out_width());
        let sizes = [size, (shape.height, shape.width)];
        let channels = (shape.cout, shape.cin);
        Self::new(
            shape.batch,
            channels,
            sizes,
            (rows, columns),
            Arc::new(weights),
        )
    }

    fn new(
        batch: usize,
        (cin, cout): (usize, usize),
        [size, out]: [(usize, usize); 2],
        (rows, columns): (Vec<Branch>, Vec<Branch>),
        weights: Arc<PackedWeight>,
    ) -> Self {
        // Windows differ in rows alone, and so share the taps.
        let padded = padded_item(cin, size, &columns, 0..1);
        let taps = pairs(&rows, &columns).map(|(rows, columns)| {
            let mut offsets = Vec::with_capacity(rows.taps.len() * columns.taps.len() * cin);
            for column in 0..columns.taps.len() {
                for row in 0..rows.taps.len() {
                    let start = row * rows.dilation * padded.pitch
                        + column * columns.dilation * padded.column;
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
    pub fn padded_item(&self, rows: Range<isize>) -> PaddedItem {
        padded_item(self.cin, self.size, &self.columns, rows)
    }

    /// Branches of rows and of columns, each with each.
    pub fn pairs(&self) -> impl Iterator<Item = (&Branch, &Branch)> {
        pairs(&self.rows, &self.columns)
    }

    /// Convolves into `out`, `[batch, cout, out_height, out_width]`.
    ///
    /// `value` reads as in [`Convolution`](crate::kernels::Convolution). A bias
    /// for each output channel (or none) and an activation follow.
    pub fn run(
        &self,
        tiles: &Tiles,
        bias: &[f32],
        activation: Activation,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        out: &mut [f32],
    ) {
        let tile = broadcast_tile(tiles, self.cout);
        let tasks = Tasks::new(self, self.cout.div_ceil(tile.channels));
        // A window's rows are as wide as the plane, and so lie together.
        let grid = WindowGrid {
            width: self.out.0 * self.out.1,
            height: 1,
            window: (1, tasks.rows * self.out.1),
        };
        let planes = SharedWindows::new(out, grid);
        let all = (0..tasks.count()).into_par_iter();
        all.for_each(|task| {
            let (items, rows, blocks) = tasks.task(self, task);
            SCRATCH.lend(|scratch| {
                let window = ChannelWindow::new(self, items, rows);
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

/// The one branch of rows and the one of columns that make all outputs.
fn forward_branches(shape: &ConvShape) -> (Vec<Branch>, Vec<Branch>) {
    let (rows, columns) = shape.axes();
    (
        vec![Branch::forward(&rows)],
        vec![Branch::forward(&columns)],
    )
}

fn padded_item(
    channels: usize,
    size: (usize, usize),
    columns: &[Branch],
    rows: Range<isize>,
) -> PaddedItem {
    let columns = columns
        .iter()
        .map(|branch| branch.reads(&(0..branch.count)));
    PaddedItem::new(channels, size, rows, hull(columns).unwrap_or(0..1))
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
    fn new(conv: &ChannelConv, blocks: usize) -> Self {
        let (batch, height) = (conv.batch, conv.out.0);
        let inputs = conv.cin * conv.size.0 * conv.size.1;
        let plane = (height * conv.out.1).max(inputs * PIXELS / HELD);
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
            parts: tasks_per_window(windows.0 * windows.1, blocks),
            blocks,
        }
    }

    fn count(&self) -> usize {
        self.windows.0 * self.windows.1 * self.parts
    }

    /// Items, rows with the number of their window in a plane, and blocks of channels.
    fn task(
        &self,
        conv: &ChannelConv,
        task: usize,
    ) -> (Range<usize>, (usize, Range<usize>), Range<usize>) {
        let (window, part) = (task / self.parts, task % self.parts);
        let (along, down) = (window / self.windows.1, window % self.windows.1);
        let items = along * self.items..conv.batch.min((along + 1) * self.items);
        let rows = down * self.rows..conv.out.0.min((down + 1) * self.rows);
        let blocks = part * self.blocks / self.parts..(part + 1) * self.blocks / self.parts;
        (items, (down, rows), blocks)
    }
}

/// The size of equal shares of `len` that are at most `most` long.
fn even(len: usize, most: usize) -> usize {
    len.div_ceil(len.div_ceil(most))
}

/// Where the first channel's weight of each tap `[kh, kw]` goes: pair of branches by pair, and in
/// each `[column tap][row tap][channel]`, so that columns which read zeros end a run.
fn order(rows: &[Branch], columns: &[Branch], channels: usize) -> Vec<usize> {
    let taps = |branches: &[Branch]| {
        branches
            .iter()
            .map(|branch| branch.taps.len())
            .sum::<usize>()
    };
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
