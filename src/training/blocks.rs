//! Long recordings through a network part by part, so that memory does not grow with them.

use std::ops::Range;

use crate::analysis::blocks::{Block, Blocks};
use crate::models::{Framing, cut_segments, join_segments};

/// Frames decided at once.
const BLOCK_FRAMES: usize = 4096;

/// Runs a network of some framing on `[rows, frames]`, block by block, with the result of all at
/// once.
///
/// `run` takes a part and its number of frames, and gives `[other rows, frames]`. The last segment of
/// a network that wants them is filled up with zeros.
pub fn in_blocks(
    input: &[f32],
    frames: usize,
    framing: Framing,
    run: impl FnMut(Vec<f32>, usize) -> Vec<f32>,
) -> Vec<f32> {
    match framing {
        Framing::Context(_) => with_context(input, frames, framing, run),
        Framing::Segments(len) | Framing::Windows(len) => in_segments(input, frames, len, run),
    }
}

fn in_segments(
    input: &[f32],
    frames: usize,
    len: usize,
    mut run: impl FnMut(Vec<f32>, usize) -> Vec<f32>,
) -> Vec<f32> {
    let segments = cut_segments(input, frames, len);
    let segment_len = (segments.len() / frames.div_ceil(len).max(1)).max(1);
    let segments = segments.chunks_exact(segment_len);
    let output: Vec<f32> = segments.flat_map(|it| run(it.to_vec(), len)).collect();
    join_segments(&output, frames, len)
}

fn with_context(
    input: &[f32],
    frames: usize,
    framing: Framing,
    mut run: impl FnMut(Vec<f32>, usize) -> Vec<f32>,
) -> Vec<f32> {
    let mut blocks = Blocks::new(BLOCK_FRAMES, framing);
    let mut output = Vec::new();
    while let Some(Block { decided, seen }) = blocks.next(frames, true) {
        let len = seen.len();
        let part = run(columns(input, frames, &seen), len);
        output.resize(part.len() / len * frames, 0.0);
        let inside = decided.start - seen.start;
        let parts = part.chunks_exact(len);
        for (row, part) in output.chunks_exact_mut(frames).zip(parts) {
            row[decided.clone()].copy_from_slice(&part[inside..][..decided.len()]);
        }
    }
    output
}

/// The frames `range` of each row.
fn columns(input: &[f32], frames: usize, range: &Range<usize>) -> Vec<f32> {
    let rows = input.chunks_exact(frames);
    rows.flat_map(|row| &row[range.clone()]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_run_one_by_one_and_filled_up() {
        let input: Vec<f32> = (0..14).map(|i| i as f32).collect(); // two rows of seven frames
        let run = |part: Vec<f32>, n: usize| {
            assert_eq!(n, 3);
            let sum = |row: &[f32]| vec![row.iter().sum::<f32>(); n];
            part.chunks_exact(n).flat_map(sum).collect()
        };
        let sums = in_blocks(&input, 7, Framing::Segments(3), run);
        let expected = [3.0, 3.0, 3.0, 12.0, 12.0, 12.0, 6.0];
        assert_eq!(sums[..7], expected);
        assert_eq!(sums[7..], [24.0, 24.0, 24.0, 33.0, 33.0, 33.0, 13.0]);
    }

    #[test]
    fn blocks_with_context_give_the_whole() {
        let frames = 2 * BLOCK_FRAMES + 1000;
        let input: Vec<f32> = (0..2 * frames).map(|i| (i * 7919 % 1000) as f32).collect();
        // Three rows of two, each frame the sum of itself and its neighbors.
        let run = |part: Vec<f32>, n: usize| {
            let row = |row: &[f32]| -> Vec<f32> {
                let around = |t: usize| &row[t.saturating_sub(1)..(t + 2).min(n)];
                (0..n).map(|t| around(t).iter().sum()).collect()
            };
            let rows: Vec<Vec<f32>> = part.chunks_exact(n).map(row).collect();
            [&rows[0][..], &rows[1], &rows[0]].concat()
        };
        let whole = run(input.clone(), frames);
        assert_eq!(in_blocks(&input, frames, Framing::Context(1), run), whole);
        assert_ne!(in_blocks(&input, frames, Framing::Context(0), run), whole);
        assert!(in_blocks(&[], 0, Framing::Context(1), run).is_empty());
        assert!(in_blocks(&[], 0, Framing::Segments(3), run).is_empty());
    }
}
