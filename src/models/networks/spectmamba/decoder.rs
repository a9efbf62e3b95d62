//! The note-f0 decoder: notes first, then the pitch, which the notes make more likely.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor, activation};

use crate::melody::{NoteRule, PitchAxis};

/// Classes of pitch.
const PITCHES: usize = PitchAxis::HKDSME.n_classes();

/// Classes of notes.
const NOTES: usize = NoteRule::CLASSES;

/// The decoder; see the module's documentation.
#[derive(Module, Debug)]
pub struct NoteF0Decoder {
    pitch: Linear,
    notes: Linear,
    output: Linear,
    #[module(skip)]
    rule: NoteRule,
}

impl NoteF0Decoder {
    /// Random weights, for tokens of `width` values.
    pub fn new(width: usize, rule: NoteRule, device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        Self {
            pitch: linear(width, PITCHES),
            notes: linear(width, NOTES),
            output: linear(PITCHES, PITCHES),
            rule,
        }
    }

    /// `[batch, frames, width]` → scores of pitches and of notes, `[batch, frames, classes]`.
    pub fn forward(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
        let pitch = self.pitch.forward(x.clone());
        let notes = self.notes.forward(x);
        let of_pitch = self.rule.note_of_pitch().into_iter().map(i32::from);
        let of_pitch: Vec<i32> = of_pitch.collect();
        let of_pitch = Tensor::<1, Int>::from_ints(&of_pitch[..], &notes.device());
        let likely = activation::softmax(notes.clone().select(2, of_pitch), 2);
        let scores = self.output.forward(likely * pitch.clone() + pitch);
        (scores, notes)
    }
}
