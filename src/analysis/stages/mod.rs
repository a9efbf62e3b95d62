//! The stages that decide frames: two by a network each, one by what the first of them found.

mod pitch;
mod speech;
mod voice_level;
mod voicing;

pub use pitch::PitchStage;
pub use speech::{HEARD, SpeechStage, SpokenAndSung};
pub use voice_level::VoiceLevelStage;
pub use voicing::VoicingStage;

use std::ops::Range;

use crate::models::{
    Framing, LoadedNetwork, ModelError, OutputKind, WindowLayout, cut_segments, join_segments,
};

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
    let input = cut_segments(&input, frames, len);
    let found = network.run(output, input, [n_segments, channels, rows, len])?;
    let [_, n_maps, ..] = found.dims;
    let values = join_segments(&found.values, frames, len);
    Ok(FrameScores { n_maps, values })
}

/// `[frames, rows]` → `[rows, frames]`.
fn columns(values: &[f32], n_rows: usize) -> Vec<f32> {
    let frames = values.len() / n_rows;
    let mut out = vec![0.0; values.len()];
    for (t, frame) in values.chunks_exact(n_rows).enumerate() {
        for (row, &value) in frame.iter().enumerate() {
            out[row * frames + t] = value;
        }
    }
    out
}

/// Melody probabilities of the frames `within`, `[rows, frames]`, by a network that looks at windows of
/// `len` frames of `[rows, frames]`.
fn superposed(
    network: &LoadedNetwork,
    input: &[f32],
    [rows, frames]: [usize; 2],
    within: Range<usize>,
    len: usize,
) -> Result<Vec<f32>, ModelError> {
    let layout = WindowLayout::of(&network.config.network, len);
    layout.superpose(input, frames, within, |window| {
        let found = network.run(OutputKind::MelodyPixels, window, [1, 1, rows, len])?;
        Ok(found.values[rows * len..].to_vec()) // the second map is the melody's
    })
}
