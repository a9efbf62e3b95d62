//! Max-pooling over rows, and its inverse by the positions of the maxima (SegNet).

use std::ops::Range;

use rayon::prelude::*;

use super::pixels::pixel_conv::PixelConv;
use super::shared_windows::{SharedWindows, WindowGrid};
use super::simd::{self, Tiles};

/// Maxima of rows `stride` apart, column by column, and which row each is in; the first of equals.
fn maxima(tiles: &Tiles, rows: &[f32], stride: usize, best: &mut [f32], places: &mut [u32]) {
    /// Without branches, for whatever width it is compiled for.
    #[inline(always)]
    fn update(row: &[f32], number: u32, best: &mut [f32], places: &mut [u32]) {
        let state = best.iter_mut().zip(places.iter_mut());
        for (&value, (best, place)) in row.iter().zip(state) {
            let larger = value > *best;
            *best = if larger { value } else { *best };
            *place = if larger { number } else { *place };
        }
    }
    best.copy_from_slice(&rows[..best.len()]);
    places.fill(0);
    tiles.with(
        #[inline(always)]
        || {
            for (number, row) in (0u32..).zip(rows.chunks(stride)).skip(1) {
                update(row, number, best, places);
            }
        },
    );
}

/// Maxima of a plane's rows and where they were.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pooled {
    /// `[planes, height / size, width]`.
    pub values: Vec<f32>,
    /// Row of each maximum among its `size` rows, laid like the values.
    pub places: Vec<u32>,
}

impl Pooled {
    /// Convolves and pools each `size` rows, `[batch, cout, out_height / size, out_width]`.
    ///
    /// What is pooled never reaches memory.
    pub(super) fn convolve(
        &mut self,
        conv: &PixelConv,
        size: usize,
        read: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    ) {
        let shape = &conv.shape;
        let (height, width) = (shape.out_height() / size, shape.out_width());
        self.resize(shape.batch * shape.cout * height * width);
        if height == 0 {
            return;
        }
        let windows = conv.windows(size);
        let grid = WindowGrid {
            height,
            width,
            window: (windows.rows / size, windows.columns),
        };
        let values = SharedWindows::new(&mut self.values, grid);
        let places = SharedWindows::new(&mut self.places, grid);
        conv.run(windows, read, |rows| {
            let (down, across) = rows.window;
            if down * windows.rows >= height * size {
                return; // the last rows, too few for a maximum
            }
            let plane = rows.item * shape.cout + rows.channel;
            let found = values.take(plane, down, across);
            let found = found.zip(places.take(plane, down, across));
            for (block, (best, places)) in rows.blocks(size).zip(found) {
                maxima(conv.tiles, block, rows.stride, best, places);
            }
        });
    }

    /// Pools each `size` rows of `x`, `[planes, height, width]`.
    pub(super) fn pool(&mut self, x: &[f32], size: usize, height: usize, width: usize) {
        let (plane, pooled, tiles) = (height * width, height / size * width, simd::best());
        self.resize(x.len() / plane * pooled);
        if pooled == 0 {
            return;
        }
        let found = self.values.par_chunks_exact_mut(pooled);
        let found = found.zip(self.places.par_chunks_exact_mut(pooled));
        let planes = found.zip(x.par_chunks_exact(plane));
        planes.for_each(|((values, places), x)| {
            let found = values.chunks_exact_mut(width);
            let found = found.zip(places.chunks_exact_mut(width));
            for (block, (best, places)) in x.chunks_exact(size * width).zip(found) {
                maxima(tiles, block, width, best, places);
            }
        });
    }

    fn resize(&mut self, len: usize) {
        self.values.resize(len, 0.0);
        self.places.resize(len, 0);
    }
}

/// Maxima of each `size` rows: `[planes, height, width]` → `[planes, height / size, width]`.
///
/// Of equal maxima the first counts; rows beyond the last whole `size` are left out.
pub fn max_pool(x: &[f32], size: usize, height: usize, width: usize) -> Vec<f32> {
    gather(x, x, size, height, width)
}

/// Values of `from` at the maxima of `like`; both `[planes, height, width]`.
///
/// The gradient of [`unpool`], and with `from = like` the pooling itself.
pub fn gather(like: &[f32], from: &[f32], size: usize, height: usize, width: usize) -> Vec<f32> {
    let (plane, pooled, tiles) = (height * width, height / size * width, simd::best());
    let mut out = vec![0.0; like.len() / plane * pooled];
    if pooled == 0 {
        return out;
    }
    out.par_chunks_exact_mut(pooled)
        .zip(
            like.par_chunks_exact(plane)
                .zip(from.par_chunks_exact(plane)),
        )
        .for_each_init(
            || (vec![0.0; width], vec![0; width]),
            |(best, places), (out, (like, from))| {
                let blocks = like
                    .chunks_exact(size * width)
                    .zip(from.chunks_exact(size * width));
                for (out, (like, from)) in out.chunks_exact_mut(width).zip(blocks) {
                    maxima(tiles, like, width, best, places);
                    for (number, from) in (0u32..).zip(from.chunks_exact(width)) {
                        for (out, (&value, &place)) in
                            out.iter_mut().zip(from.iter().zip(places.iter()))
                        {
                            *out = if place == number { value } else { *out };
                        }
                    }
                }
            },
        );
    out
}

/// Writes each value of `x` where its maximum in `like` came from, zeros elsewhere.
///
/// `x` is `[planes, height / size, width]`, `like` and the result `[planes, height, width]`.
/// Also the gradient of [`max_pool`].
pub fn unpool(like: &[f32], x: &[f32], size: usize, height: usize, width: usize) -> Vec<f32> {
    let (plane, pooled, tiles) = (height * width, height / size * width, simd::best());
    let mut out = vec![0.0; like.len()];
    if pooled == 0 {
        return out;
    }
    out.par_chunks_exact_mut(plane)
        .zip(like.par_chunks_exact(plane).zip(x.par_chunks_exact(pooled)))
        .for_each_init(
            || (vec![0.0; width], vec![0; width]),
            |(best, places), (out, (like, x))| {
                let blocks = like.chunks_exact(size * width).zip(x.chunks_exact(width));
                for (out, (like, x)) in out.chunks_exact_mut(size * width).zip(blocks) {
                    maxima(tiles, like, width, best, places);
                    for (number, out) in (0u32..).zip(out.chunks_exact_mut(width)) {
                        for (out, (&value, &place)) in
                            out.iter_mut().zip(x.iter().zip(places.iter()))
                        {
                            *out = if place == number { value } else { 0.0 };
                        }
                    }
                }
            },
        );
    out
}
