//! Max-pooling over rows, and its inverse by the positions of the maxima (SegNet).

use rayon::prelude::*;

/// Which of `size` rows is largest in each column; the first of equals.
struct Places {
    best: Vec<f32>,
    row: Vec<u32>,
}

impl Places {
    fn new(width: usize) -> Self {
        Self {
            best: vec![0.0; width],
            row: vec![0; width],
        }
    }

    /// Finds the places in `rows`, `[size, width]`.
    fn find(&mut self, rows: &[f32]) {
        let width = self.best.len();
        self.best.copy_from_slice(&rows[..width]);
        self.row.fill(0);
        for (number, row) in (0u32..).zip(rows.chunks_exact(width)).skip(1) {
            let state = self.best.iter_mut().zip(&mut self.row);
            for (&value, (best, place)) in row.iter().zip(state) {
                let larger = value > *best;
                *best = if larger { value } else { *best };
                *place = if larger { number } else { *place };
            }
        }
    }
}

/// Maxima of each `size` rows: `[planes, height, width]` → `[planes, height / size, width]`.
pub fn max_pool(x: &[f32], size: usize, height: usize, width: usize) -> Vec<f32> {
    gather(x, x, size, height, width)
}

/// Values of `from` at the maxima of `like`; both `[planes, height, width]`.
///
/// The gradient of [`unpool`], and with `from = like` the pooling itself.
pub fn gather(like: &[f32], from: &[f32], size: usize, height: usize, width: usize) -> Vec<f32> {
    let plane = height * width;
    let mut out = vec![0.0; like.len() / size];
    out.par_chunks_exact_mut(plane / size)
        .zip(
            like.par_chunks_exact(plane)
                .zip(from.par_chunks_exact(plane)),
        )
        .for_each_init(
            || Places::new(width),
            |places, (out, (like, from))| {
                let blocks = like
                    .chunks_exact(size * width)
                    .zip(from.chunks_exact(size * width));
                for (out, (like, from)) in out.chunks_exact_mut(width).zip(blocks) {
                    places.find(like);
                    for (number, from) in (0u32..).zip(from.chunks_exact(width)) {
                        for (out, (&value, &place)) in
                            out.iter_mut().zip(from.iter().zip(&places.row))
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
    let plane = height * width;
    let mut out = vec![0.0; like.len()];
    out.par_chunks_exact_mut(plane)
        .zip(
            like.par_chunks_exact(plane)
                .zip(x.par_chunks_exact(plane / size)),
        )
        .for_each_init(
            || Places::new(width),
            |places, (out, (like, x))| {
                let blocks = like.chunks_exact(size * width).zip(x.chunks_exact(width));
                for (out, (like, x)) in out.chunks_exact_mut(size * width).zip(blocks) {
                    places.find(like);
                    for (number, out) in (0u32..).zip(out.chunks_exact_mut(width)) {
                        for (out, (&value, &place)) in out.iter_mut().zip(x.iter().zip(&places.row))
                        {
                            *out = if place == number { value } else { 0.0 };
                        }
                    }
                }
            },
        );
    out
}
