//! Long recordings through a network part by part, so that memory does not grow with them.

use std::ops::Range;

use crate::analysis::blocks::Blocks;
use crate::models::Framing;

/// Frames decided at once.
const BLOCK_FRAMES: usize = 4096;

/// Runs a network of some framing on `[rows, frames]`, block by block, with the result of all at
/// once.
///
/// `run` takes a part and its number of frames, and gives `[other rows, frames]`.
pub fn in_blocks(
    input: &[f32],
    frames: usize,
    framing: Framing,
    mut run: impl FnMut(Vec<f32>, usize) -> Vec<f32>,
) -> Vec<f32> {
    let mut blocks = Blocks::new(BLOCK_FRAMES, framing);
    let mut output = Vec::new();
    while let Some(block) = blocks.next(frames, true) {
        let (decided, seen) = (block.decided, block.seen);
        let part = run(columns(input, frames, seen.clone()), seen.len());
        output.resize(part.len() / seen.len() * frames, 0.0);
        let inside = decided.start - seen.start;
        let parts = part.chunks_exact(seen.len());
        for (row, part) in output.chunks_exact_mut(frames).zip(parts) {
            row[decided.clone()].copy_from_slice(&part[inside..][..decided.len()]);
        }
    }
    output
}

fn columns(input: &[f32], frames: usize, range: Range<usize>) -> Vec<f32> {
    let rows = input.chunks_exact(frames);
    rows.flat_map(|row| &row[range.clone()]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
