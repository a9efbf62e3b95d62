//! Kernels of 3x3 and 5x5 by fewer products: minimal filtering (Winograd 1980; F(4x4, 3x3) of
//! Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016).
//!
//! A piece of four by four outputs of 3x3 reads 6x6 inputs. Linear transforms (sums and differences)
//! take these inputs to 36 components, and the kernel to as many. Their products, transformed back,
//! are the outputs: 36 products where plain taps take 144, and of 5x5, 64 for 400. The register tile
//! adds up the products over channels, once for each component.

use std::ops::Range;

use rayon::prelude::*;

use super::super::ConvShape;
use super::super::scratch_pool::Buffer;
use super::super::simd::{self, Taps, Tiles};
use super::filter::PIECE;
use super::layout::{LANES, Layout};
use super::pad::{self, SLACK};
use super::pixel_conv::{FinishedRows, OutputWindow, PixelConv, convolve_tile};
use super::strided::{STRIDE, by_branch, by_phase};
use super::winograd_2d::SquareKernel;

/// Components of inputs that one task holds, in values: a share of the second-level cache.
const TASK_VALUES: usize = 192 * 1024;

/// Channels from which fewer products outweigh the transforms.
const CHANNELS: usize = 8;

/// The weight of a convolution, transformed: `[block][component][input plane][lane]`.
pub struct Winograd {
    square: SquareKernel,
    values: Vec<f32>,
    /// Values of a component in a block.
    component_len: usize,
    /// Phases along each axis whose outputs are joined.
    branches: usize,
}

/// What a task reuses from window to window.
#[derive(Default)]
pub struct WinogradScratch {
    inputs: ColumnPlanes,
    /// `[component][plane][piece]`.
    components: Buffer,
    /// `[component][channel of the block][piece]`.
    products: Buffer,
    /// One output channel, `[row branch][column branch][row of a piece][column of a piece][piece]`.
    phases: Buffer,
    /// Its rows.
    outputs: Buffer,
}

/// The kernel of a convolution that gains by fewer products.
pub fn suits(shape: &ConvShape) -> Option<SquareKernel> {
    SquareKernel::of(shape).filter(|_| shape.cin.min(shape.cout) >= CHANNELS)
}

impl Winograd {
    /// Transforms `weight`, `[cout, cin, kh, kw]`.
    pub fn new(square: SquareKernel, shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let planes = shape.planes();
        let place = |out: usize, plane: usize| out * planes + plane;
        let of = |kernels: &[f32]| Self::of(square, (shape.cout, planes), tiles, kernels, place);
        match shape.stride {
            (1, 1) => of(weight),
            _ => of(&by_phase(square, shape, weight)),
        }
    }

    /// Transforms the weight of `shape` for the transposed convolution.
    pub fn transposed(
        square: SquareKernel,
        shape: &ConvShape,
        tiles: &Tiles,
        weight: &[f32],
    ) -> Self {
        let mut kernels = weight.to_vec();
        kernels
            .chunks_exact_mut(square.taps())
            .for_each(<[f32]>::reverse);
        let place = |out: usize, channel: usize| channel * shape.cin + out;
        Self::of(square, (shape.cin, shape.cout), tiles, &kernels, place)
    }

    /// Transforms the weight of `shape`, which has a stride, for all branches of the transposed
    /// convolution at once: for the shape of [`all_branches`](super::strided::all_branches).
    pub fn all_branches(
        square: SquareKernel,
        shape: &ConvShape,
        tiles: &Tiles,
        weight: &[f32],
    ) -> Self {
        let kernels = by_branch(square, shape, weight);
        let place = |out: usize, channel: usize| out * shape.cout + channel;
        let channels = (STRIDE * STRIDE * shape.cin, shape.cout);
        Self {
            branches: STRIDE,
            ..Self::of(square, channels, tiles, &kernels, place)
        }
    }

    /// `place` numbers the kernels by output channel and input plane.
    fn of(
        square: SquareKernel,
        (cout, planes): (usize, usize),
        tiles: &Tiles,
        kernels: &[f32],
        place: impl Fn(usize, usize) -> usize + Sync,
    ) -> Self {
        let (lanes, taps) = (convolve_tile(tiles, cout).channels, square.taps());
        // Components a power of two apart would compete for one set of the cache.
        let component_len = planes * lanes + LANES;
        let block_len = square.components() * component_len;
        let mut values = vec![0.0; cout.div_ceil(lanes) * block_len];
        let blocks = values.par_chunks_exact_mut(block_len);
        blocks.enumerate().for_each(|(block, values)| {
            let outs = block * lanes..cout.min((block + 1) * lanes);
            let mut chosen = Vec::with_capacity(lanes);
            for plane in 0..planes {
                chosen.clear();
                chosen.extend(outs.clone().map(|out| {
                    let kernel = place(out, plane) * taps;
                    &kernels[kernel..kernel + taps]
                }));
                let values = &mut values[plane * lanes..];
                tiles.with(
                    #[inline(always)]
                    || {
                        square.transform_kernels(
                            &chosen,
                            #[inline(always)]
                            |component, values_of_outs| {
                                values[component * component_len..][..lanes]
                                    .copy_from_slice(&values_of_outs[..lanes]);
                            },
                        );
                    },
                );
            }
        });
        Self {
            square,
            values,
            component_len,
            branches: 1,
        }
    }

    /// Phases along each axis whose outputs are joined.
    pub fn branches(&self) -> usize {
        self.branches
    }

    /// How many rows of pieces a window has, of `columns` pieces each, for a tile of `pixels`.
    pub fn piece_rows(&self, planes: usize, columns: usize, pixels: usize) -> usize {
        let most = TASK_VALUES / (self.square.components() * planes) / pixels * pixels;
        (most.max(pixels) / columns).max(1)
    }

    /// The channels of one window that its task takes; see [`PixelConv::run`].
    pub fn window(
        &self,
        convolution: &PixelConv,
        scratch: &mut WinogradScratch,
        place: &OutputWindow,
        value: impl Fn(usize, Range<usize>, &mut [f32]),
        emit: &impl Fn(&FinishedRows),
    ) {
        let (shape, tiles, tile) = (&convolution.shape, convolution.tiles, convolution.tile());
        let (square, n_components, planes) =
            (self.square, self.square.components(), shape.planes());
        let size = (place.rows.len(), place.columns.len());
        let layout = Layout::new(square, size, tile.pixels, shape.phases().1);
        let span = layout.span;
        // Components a power of two apart would compete for one set of the cache.
        let apart = planes * span + LANES;
        let inputs = scratch.components.of(n_components * apart + SLACK);
        let places = square.places(apart);
        let from = (place.rows.start, place.columns.start);
        // A share is the planes of one channel and row phase.
        for share in 0..planes / shape.phases().1 {
            let border = convolution.border;
            let read = scratch
                .inputs
                .of(shape, share, from, &layout, border, &value);
            for across in 0..shape.phases().1 {
                let plane = share * shape.phases().1 + across;
                let inputs = &mut inputs[plane * span..];
                tiles.with(
                    #[inline(always)]
                    || {
                        square.transform_inputs(
                            &read[across * layout.plane..],
                            &layout,
                            inputs,
                            &places,
                        )
                    },
                );
            }
        }
        let taps = Taps::new((0..planes).map(|plane| plane * span).collect());
        let block_len = tile.channels * span;
        let products = scratch.products.of(n_components * block_len);
        let group = self.branches * self.branches;
        let whole = group * PIECE * PIECE * span;
        let (phases, outputs) = (scratch.phases.of(whole), scratch.outputs.of(whole));
        let made = square.places(block_len);
        for block in place.blocks.clone() {
            let both = inputs
                .chunks(apart)
                .zip(products.chunks_exact_mut(block_len));
            let weights = self
                .values
                .chunks_exact(self.component_len)
                .skip(block * n_components);
            for (weights, (inputs, products)) in weights.zip(both) {
                for first in (0..span).step_by(tile.pixels) {
                    let (inputs, products) = (&inputs[first..], &mut products[first..]);
                    tile.run(inputs, &taps, weights, products, span);
                }
            }
            let channels = block * tile.channels..shape.cout.min((block + 1) * tile.channels);
            for first in channels.clone().step_by(group) {
                let branches = phases.chunks_exact_mut(PIECE * PIECE * span);
                for (branch, phases) in branches.enumerate() {
                    let products = &products[(first + branch - channels.start) * span..];
                    tiles.with(
                        #[inline(always)]
                        || square.transform_products(products, &made, phases, span),
                    );
                }
                let channel = first / group;
                convolution.finish(channel, phases);
                layout.join(phases, self.branches, outputs);
                let stride = self.branches * PIECE * layout.width;
                emit(&FinishedRows {
                    item: place.item,
                    channel,
                    window: place.window,
                    columns: self.branches * place.columns.len(),
                    stride,
                    values: &outputs[..self.branches * place.rows.len() * stride],
                });
            }
        }
    }
}

/// Inputs of a channel, parted into planes as [`Layout`] has them.
#[derive(Default)]
pub struct ColumnPlanes {
    /// The inputs with their padding.
    padded: Buffer,
    planes: Buffer,
}

impl ColumnPlanes {
    /// The `index`th channel and row phase, from `row` and `column` of its phase planes on;
    /// `border` surrounds the channels.
    pub fn of(
        &mut self,
        shape: &ConvShape,
        index: usize,
        (row, column): (usize, usize),
        layout: &Layout,
        border: &[f32],
        value: &impl Fn(usize, Range<usize>, &mut [f32]),
    ) -> &[f32] {
        let (stride, padding) = (shape.stride, shape.padding);
        let (channel, phase) = (index / shape.phases().0, index % shape.phases().0);
        let n_planes = PIECE * stride.1;
        let (height, width) = (layout.rows, n_planes * layout.below);
        let (row, column) = (row * stride.0 + phase, column * stride.1);
        let left = padding.1.saturating_sub(column).min(width);
        let start = (column + left - padding.1).min(shape.width);
        let inside = start..shape.width.min(start + width - left);
        let padded = self.padded.of(height * width);
        padded.fill(border.get(channel).copied().unwrap_or(0.0));
        for (number, padded) in padded.chunks_exact_mut(width).enumerate() {
            let row = (row + number * stride.0).checked_sub(padding.0);
            if let Some(row) = row.filter(|&row| row < shape.height) {
                let first = (channel * shape.height + row) * shape.width;
                let inputs = &mut padded[left..][..inside.len()];
                value(channel, first + inside.start..first + inside.end, inputs);
            }
        }
        let planes = self.planes.of(n_planes * layout.plane);
        simd::best().with(
            #[inline(always)]
            || {
                for (first, plane) in planes.chunks_exact_mut(layout.plane).enumerate() {
                    let plane = &mut plane[..height * layout.below];
                    pad::deal(&padded[first..], n_planes, plane);
                }
            },
        );
        planes
    }
}
