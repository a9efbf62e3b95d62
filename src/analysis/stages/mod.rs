//! The stages that decide frames, each by a network.

mod pitch;
mod voicing;

pub use pitch::PitchStage;
pub use voicing::VoicingStage;

use crate::models::{Framing, LoadedNetwork, ModelError, OutputKind};

/// An output on frames, `[maps, rows, frames]`.
struct FrameScores {
    n_maps: usize,
    values: Vec<f32>,
}

/// Runs a network on frames, `[channels, rows, frames]`, in segments if it wants them.
///
/// The last segment is filled up with zeros.
fn run(
    network: &LoadedNetwork,
    output: OutputKind,
    input: Vec<f32>,
    [channels, rows, frames]: [usize; 3],
) -> Result<FrameScores, ModelError> {
    let Framing::Segments(len) = network.info.framing else {
        let found = network.run(output, input, [1, channels, rows, frames])?;
        let [_, n_maps, ..] = found.dims;
        let values = found.values;
        return Ok(FrameScores { n_maps, values });
    };
    let n_segments = frames.div_ceil(len);
    let input = cut(&input, frames, len);
    let found = network.run(output, input, [n_segments, channels, rows, len])?;
    let [_, n_maps, ..] = found.dims;
    let values = join(&found.values, frames, len);
    Ok(FrameScores { n_maps, values })
}

/// `[rows, frames]` → `[segments, rows, len]`, the last filled up with zeros.
fn cut(values: &[f32], frames: usize, len: usize) -> Vec<f32> {
    let rows = values.len() / frames.max(1);
    let mut out = vec![0.0; frames.div_ceil(len) * rows * len];
    for (r, row) in values.chunks_exact(frames.max(1)).enumerate() {
        for (s, part) in row.chunks(len).enumerate() {
            out[(s * rows + r) * len..][..part.len()].copy_from_slice(part);
        }
    }
    out
}

/// The inverse of [`cut`].
fn join(values: &[f32], frames: usize, len: usize) -> Vec<f32> {
    let rows = values.len() / (frames.div_ceil(len) * len).max(1);
    let mut out = vec![0.0; rows * frames];
    for (r, row) in out.chunks_exact_mut(frames.max(1)).enumerate() {
        for (s, part) in row.chunks_mut(len).enumerate() {
            let n = part.len();
            part.copy_from_slice(&values[(s * rows + r) * len..][..n]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_cut_and_joined() {
        let values: Vec<f32> = (0..14).map(|i| i as f32).collect(); // two rows of seven frames
        let segments = cut(&values, 7, 3);
        assert_eq!(segments.len(), 3 * 2 * 3);
        assert_eq!(segments[..6], [0.0, 1.0, 2.0, 7.0, 8.0, 9.0]);
        assert_eq!(segments[12..], [6.0, 0.0, 0.0, 13.0, 0.0, 0.0]);
        assert_eq!(join(&segments, 7, 3), values);
        assert!(join(&cut(&[], 0, 3), 0, 3).is_empty());
    }
}
