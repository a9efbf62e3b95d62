//! What a register tile can reach, to compare layers with.

use std::hint::black_box;
use std::time::Instant;

use super::{Taps, best};

/// GFLOP/s of one core whose register tile reads nothing but the first-level cache.
pub fn peak_gflops() -> f64 {
    let tile = best().wide;
    let n_taps = 400;
    let taps = Taps::new((0..n_taps).map(|tap| tap % 64).collect());
    let input = vec![0.5; 64 + tile.pixels];
    let weights = vec![0.5; n_taps * tile.channels];
    let mut out = vec![0.0; tile.channels * tile.pixels];
    let products = n_taps * tile.channels * tile.pixels;
    let runs = (0..2000).map(|_| {
        let began = Instant::now();
        tile.run(&input, &taps, &weights, &mut out, tile.pixels);
        black_box(&mut out);
        2.0 * products as f64 / began.elapsed().as_secs_f64() / 1e9
    });
    runs.fold(0.0, f64::max)
}
