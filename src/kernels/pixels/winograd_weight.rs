//! The gradient by a weight of 3x3 or 5x5, by fewer products; see [`winograd`](super::winograd).
//!
//! The components of a piece's inputs times those of its outputs' gradients, added up over all pieces,
//! are the components of the gradient, which the transposed transform of the kernel takes to its taps.
//! Channels of the output lie side by side.

use std::ops::Range;

use rayon::prelude::*;

use super::super::ConvShape;
use super::super::channels::channel_conv;
use super::super::rows_to_columns::{put, to_channels_last};
use super::super::scratch_pool::{Buffer, ScratchPool};
use super::super::simd::{BroadcastTile, Taps, Tiles};
use super::filter::PIECE;
use super::layout::{LANES, Layout};
use super::winograd::ColumnPlanes;
use super::winograd_2d::{MOST_COMPONENTS, STRAND, SquareKernel};

/// Components that one thread holds, in values: a share of the second-level cache.
const HELD: usize = 192 * 1024;

/// The fewest pieces for which a pass through all products pays.
const LEAST: usize = 160;

/// Pieces that are added up on their own before they join the rest: a value added to a long sum loses
/// its last digits, and the components are larger than the gradient in which they cancel.
const RUN: usize = 64;

/// Taps of the largest kernel.
const MOST_TAPS: usize = 25;

static SCRATCH: ScratchPool<GradientScratch> = ScratchPool::new();

/// Gradients by the weight, `[cout, cin, kh, kw]`, and by the bias, `[cout]`.
///
/// `x` writes input values as in [`Convolution`](crate::kernels::Convolution), and so does `dy`
/// values of the output's gradient.
pub fn gradients(
    square: SquareKernel,
    shape: &ConvShape,
    tiles: &Tiles,
    x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
) -> (Vec<f32>, Vec<f32>) {
    let plan = GradientPlan {
        square,
        shape,
        tiles,
        tile: channel_conv::broadcast_tile(tiles, shape.cout),
    };
    let threads = rayon::current_num_threads();
    let windows = RowWindows::new(&plan, threads);
    let shares: Vec<ThreadShare> = (0..threads)
        .into_par_iter()
        .map(|thread| {
            let mut share = ThreadShare::new(&plan);
            let all = windows.count(shape);
            SCRATCH.lend(|scratch| {
                for window in thread * all / threads..(thread + 1) * all / threads {
                    let (item, rows) = windows.window(shape, window);
                    let x = |channel, range: Range<usize>, into: &mut [f32]| {
                        x(item, channel, range, into);
                    };
                    scratch.inputs(&plan, rows.clone(), x);
                    let dy = |channel, range: Range<usize>, into: &mut [f32]| {
                        dy(item, channel, range, into);
                    };
                    scratch.outputs(&plan, rows, &mut share.bias, dy);
                    share.add(&plan, scratch);
                }
            });
            share
        })
        .collect();
    let bias =
        (0..shape.cout).map(|c| shares.iter().map(|share| share.bias[c]).sum::<f64>() as f32);
    (plan.weight(&shares), bias.collect())
}

/// A convolution, and what its gradients are made with.
struct GradientPlan<'a> {
    square: SquareKernel,
    shape: &'a ConvShape,
    tiles: &'a Tiles,
    tile: BroadcastTile,
}

/// How items are cut into windows of whole rows.
struct RowWindows {
    /// Output rows of a window, in whole pieces.
    rows: usize,
    /// Windows of an item.
    down: usize,
}

impl RowWindows {
    fn new(plan: &GradientPlan, threads: usize) -> Self {
        let (shape, n_components) = (plan.shape, plan.square.components());
        let height = shape.out_height();
        let pieces = (HELD / (n_components * (shape.cin + shape.cout))).max(LEAST);
        let most = (pieces / shape.out_width().div_ceil(PIECE)).max(1);
        let fair = height
            .div_ceil(PIECE)
            .div_ceil(threads.div_ceil(shape.batch));
        let rows = PIECE * most.min(fair);
        Self {
            rows,
            down: height.div_ceil(rows),
        }
    }

    fn count(&self, shape: &ConvShape) -> usize {
        shape.batch * self.down
    }

    /// Item and output rows.
    fn window(&self, shape: &ConvShape, window: usize) -> (usize, Range<usize>) {
        let first = window % self.down * self.rows;
        (
            window / self.down,
            first..shape.out_height().min(first + self.rows),
        )
    }
}

/// What a thread leaves to the next.
#[derive(Default)]
struct GradientScratch {
    parted: ColumnPlanes,
    lines: Vec<f32>,
    /// The rows of a piece, of a block's channels, `[row][column][lane]`.
    rows: Buffer,
    /// Pieces of the window.
    pieces: usize,
    /// `[component][channel][piece]`.
    inputs: Buffer,
    /// `[block of channels][component][piece][lane]`.
    outputs: Buffer,
}

/// Distance of components of `len` values: a power of two would make them compete for one set of the cache.
fn apart(len: usize) -> usize {
    len + LANES
}

impl GradientScratch {
    /// Transforms what a window's `rows` read.
    fn inputs(
        &mut self,
        plan: &GradientPlan,
        rows: Range<usize>,
        value: impl Fn(usize, Range<usize>, &mut [f32]),
    ) {
        let (shape, tiles) = (plan.shape, plan.tiles);
        let layout = Layout::new(plan.square, (rows.len(), shape.out_width()), 1, 1);
        self.pieces = layout.span;
        let apart = apart(shape.cin * layout.span);
        let inputs = self.inputs.of(plan.square.components() * apart);
        let places = plan.square.places(apart);
        for channel in 0..shape.cin {
            let from = (rows.start, 0);
            let read = self.parted.of(shape, channel, from, &layout, &[], &value);
            let components = &mut inputs[channel * layout.span..];
            tiles.with(
                #[inline(always)]
                || {
                    plan.square
                        .transform_inputs(read, &layout, components, &places)
                },
            );
        }
    }

    /// Transforms the gradient by a window's `rows`; adds the gradient itself to `bias`.
    fn outputs(
        &mut self,
        plan: &GradientPlan,
        rows: Range<usize>,
        bias: &mut [f64],
        value: impl Fn(usize, Range<usize>, &mut [f32]),
    ) {
        let (square, shape, tiles) = (plan.square, plan.shape, plan.tiles);
        let (height, width, lanes) = (shape.out_height(), shape.out_width(), plan.tile.channels);
        let across = width.div_ceil(PIECE);
        let apart = apart(self.pieces * lanes);
        let outputs = self.outputs.of(plan.blocks() * square.components() * apart);
        let places = plan.square.places(apart);
        let row_len = PIECE * across * lanes;
        let values = self.rows.of(PIECE * row_len);
        for (block, components) in outputs
            .chunks_exact_mut(square.components() * apart)
            .enumerate()
        {
            let channels = block * lanes..shape.cout.min((block + 1) * lanes);
            let bias = &mut bias[block * lanes..][..lanes];
            values.fill(0.0); // beyond the last column and channel
            for (piece, first) in rows.clone().step_by(PIECE).enumerate() {
                let last = height.min(first + PIECE);
                values[(last - first) * row_len..].fill(0.0);
                to_channels_last(
                    channels.clone(),
                    (first..last, width),
                    &mut self.lines,
                    |channel, row, into| {
                        let start = (channel * height + row) * width;
                        value(channel, start..start + width, into);
                    },
                    |row, column, lane, channels| {
                        let place = (row - first) * row_len + column * lanes + lane;
                        put(channels, &mut values[place..]);
                    },
                );
                let components = &mut components[piece * across * lanes..];
                tiles.with(
                    #[inline(always)]
                    || square.transform_gradients(values, components, &places, bias),
                );
            }
        }
    }
}

/// A thread's share of the gradients.
struct ThreadShare {
    /// `[block of output channels][component][input channel][lane]`, input channels in whole tiles.
    products: Vec<f32>,
    /// `[block][lane]`.
    bias: Vec<f64>,
}

impl ThreadShare {
    fn new(plan: &GradientPlan) -> Self {
        let blocks = plan.blocks();
        Self {
            products: vec![0.0; blocks * plan.square.components() * plan.products_len()],
            bias: vec![0.0; blocks * plan.tile.channels],
        }
    }

    /// Adds the products of a window.
    fn add(&mut self, plan: &GradientPlan, scratch: &mut GradientScratch) {
        let (shape, tile, len) = (plan.shape, plan.tile, plan.products_len());
        let pieces = scratch.pieces;
        let taps = Taps::new((0..pieces).collect());
        let channels = 0..shape.cin.next_multiple_of(tile.places);
        let bases: Vec<usize> = channels.map(|c| c.min(shape.cin - 1) * pieces).collect();
        let apart_out = apart(pieces * tile.channels);
        let mut run = vec![0.0; tile.places * tile.channels];
        let n_components = plan.square.components();
        let inputs = scratch.inputs.of(n_components * apart(shape.cin * pieces));
        let outputs = scratch.outputs.of(plan.blocks() * n_components * apart_out);
        let outputs = outputs.chunks_exact(n_components * apart_out);
        let blocks = self.products.chunks_exact_mut(n_components * len);
        for (products, outputs) in blocks.zip(outputs) {
            let inputs = inputs.chunks_exact(apart(shape.cin * pieces));
            let products = products.chunks_exact_mut(len);
            let components = inputs.zip(outputs.chunks_exact(apart_out));
            for (products, (inputs, outputs)) in products.zip(components) {
                let tiles = products.chunks_exact_mut(tile.places * tile.channels);
                for (products, bases) in tiles.zip(bases.chunks_exact(tile.places)) {
                    for first in (0..pieces).step_by(RUN) {
                        run.fill(0.0);
                        let chosen = first..pieces.min(first + RUN);
                        tile.run(inputs, bases, &taps, chosen, outputs, &mut run);
                        let both = products.iter_mut().zip(&run);
                        both.for_each(|(product, run)| *product += run);
                    }
                }
            }
        }
    }
}

impl GradientPlan<'_> {
    /// Blocks of output channels.
    fn blocks(&self) -> usize {
        self.shape.cout.div_ceil(self.tile.channels)
    }

    /// Values of one block and component of [`ThreadShare::products`].
    fn products_len(&self) -> usize {
        self.shape.cin.next_multiple_of(self.tile.places) * self.tile.channels
    }

    /// Takes the products of all shares back to the weight.
    fn weight(&self, shares: &[ThreadShare]) -> Vec<f32> {
        let (square, cin, lanes) = (self.square, self.shape.cin, self.tile.channels);
        let (n_components, n_taps, len) = (square.components(), square.taps(), self.products_len());
        let mut weight = vec![0.0; self.shape.weight_len()];
        let blocks = weight.par_chunks_mut(lanes * cin * n_taps);
        blocks.enumerate().for_each(|(block, weight)| {
            let products = shares
                .iter()
                .map(|share| &share.products[block * n_components * len..]);
            let products: Vec<&[f32]> = products
                .map(|products| &products[..n_components * len])
                .collect();
            for place in 0..cin * lanes / STRAND {
                let (channel, first) = (place * STRAND / lanes, place * STRAND % lanes);
                let components = added(&products, len, place);
                let mut gradient = [0.0; STRAND * MOST_TAPS];
                let mut put = |tap: usize, lanes: [f32; STRAND]| {
                    gradient[tap * STRAND..][..STRAND].copy_from_slice(&lanes);
                };
                self.tiles.with(
                    #[inline(always)]
                    || square.kernel_gradient(&components[..n_components], &mut put),
                );
                let rows = weight.chunks_exact_mut(cin * n_taps).skip(first);
                for (lane, row) in rows.take(STRAND).enumerate() {
                    let lane = gradient.iter().skip(lane).step_by(STRAND);
                    let taps = row[channel * n_taps..][..n_taps].iter_mut();
                    taps.zip(lane).for_each(|(tap, &gradient)| *tap = gradient);
                }
            }
        });
        weight
    }
}

/// The components at a place, added up over shares whose components have `len` values each.
fn added(shares: &[&[f32]], len: usize, place: usize) -> [[f32; STRAND]; MOST_COMPONENTS] {
    let mut components = [[0.0; STRAND]; MOST_COMPONENTS];
    for share in shares {
        for (components, products) in components.iter_mut().zip(share.chunks_exact(len)) {
            let products = &products[place * STRAND..][..STRAND];
            let both = components.iter_mut().zip(products);
            both.for_each(|(sum, product)| *sum += product);
        }
    }
    components
}
