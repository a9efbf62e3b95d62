//! Examples of one step, laid as a network reads them.

use burn::tensor::{Device, Tensor, TensorData};

use super::excerpt_cache::Crop;
use crate::dsp::Spectrum;

/// Examples with what their outputs are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Values of `[examples, channels, rows, frames]`.
    pub input: Vec<f32>,
    /// Those four numbers.
    pub dims: [usize; 4],
    /// What is right.
    pub targets: Targets,
    /// How much each frame counts in a loss, `[examples, frames]`.
    pub weights: Vec<f32>,
}

/// What the outputs of a batch are compared with, `[examples, frames]`.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// The pitch class of each frame, 0 for unvoiced.
    Classes(Vec<u16>),
    /// Whether a voice is heard in each frame.
    Voiced(Vec<bool>),
    /// The voice alone, of each example.
    Voices(Vec<VoiceTarget>),
    /// Nothing: the examples are unlabeled.
    None,
}

/// What a separated voice is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct VoiceTarget {
    /// Spectra of the mixture.
    pub mixture: Spectrum,
    /// Samples of the voice.
    pub voice: Vec<f32>,
}

impl Batch {
    /// The input as a tensor.
    pub fn tensor(&self, device: &Device) -> Tensor<4> {
        Tensor::from_data(TensorData::new(self.input.clone(), self.dims), device)
    }

    /// Frames of an example.
    pub fn frames(&self) -> usize {
        self.dims[3]
    }

    /// The examples of both, of one length, with pitch classes.
    ///
    /// # Panics
    /// If the examples are not alike.
    pub fn joined(mut self, other: Self) -> Self {
        assert_eq!(self.dims[1..], other.dims[1..], "examples of one size");
        self.input.extend(other.input);
        self.weights.extend(other.weights);
        self.dims[0] += other.dims[0];
        if let (Targets::Classes(own), Targets::Classes(others)) =
            (&mut self.targets, other.targets)
        {
            own.extend(others);
        }
        self
    }

    /// The same examples without labels: every frame counts, whatever was known of it.
    pub fn without_labels(self) -> Self {
        Self {
            targets: Targets::None,
            weights: vec![1.0; self.dims[0] * self.dims[3]],
            ..self
        }
    }
}

/// Weights of the frames of crops: 1 where a frame counts, else 0.
pub fn weights(crops: &[Crop]) -> Vec<f32> {
    let masks = crops.iter().flat_map(|crop| crop.mask);
    masks
        .map(|&counts| f32::from(u8::from(counts != 0)))
        .collect()
}
