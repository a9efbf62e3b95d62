//! The selective scan of state-space layers (Gu & Dao 2023, equation 2 and section 3.2).
//!
//! A channel keeps a few states that fade and take in its input, by a step that differs from frame
//! to frame:
//!
//! ```text
//! h[t, n] = exp(step[t] * rate[n]) * h[t - 1, n] + step[t] * input[t, n] * x[t]
//! y[t]    = sum over n of output[t, n] * h[t, n]
//! ```
//!
//! On a processor without gradients a plain loop runs it. Otherwise it is composed of tensor
//! operations whose number grows with the chunks, not with the frames: within all chunks at once
//! by doubling (Hillis & Steele 1986), from chunk to chunk in turn. It multiplies fading factors and
//! never divides by them, so that states that fade fast do no harm.

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::on_cpu;

/// Frames of a chunk.
const CHUNK: usize = 16;

/// What a scan reads.
#[derive(Clone, Debug)]
pub struct SelectiveScan {
    /// Input, `[batch, frames, channels]`.
    pub x: Tensor<3>,
    /// Steps, positive, laid like the input.
    pub step: Tensor<3>,
    /// How fast states fade, negative, `[channels, states]`.
    pub rate: Tensor<2>,
    /// How much the states take in, `[batch, frames, states]`.
    pub input: Tensor<3>,
    /// How much they give, `[batch, frames, states]`.
    pub output: Tensor<3>,
}

impl SelectiveScan {
    /// Runs it over all frames, from states of zero; returns `[batch, frames, channels]`.
    pub fn run(self) -> Tensor<3> {
        let device = self.x.device();
        if on_cpu(&device) && !device.is_autodiff() {
            self.frame_by_frame()
        } else {
            self.in_chunks()
        }
    }

    /// The plain loop, each channel by itself.
    fn frame_by_frame(self) -> Tensor<3> {
        let device = self.x.device();
        let [batch, frames, channels] = self.x.dims();
        let n_states = self.rate.dims()[1];
        let [x, step, input, output] = [self.x, self.step, self.input, self.output].map(values);
        let rate = values(self.rate);
        let mut y = vec![0.0; batch * channels * frames];
        y.par_chunks_exact_mut(frames)
            .enumerate()
            .for_each(|(row, y)| {
                let (item, channel) = (row / channels, row % channels);
                let rate = &rate[channel * n_states..][..n_states];
                let mut states = vec![0.0; n_states];
                for (t, y) in y.iter_mut().enumerate() {
                    let frame = item * frames + t;
                    let at = frame * channels + channel;
                    let of_states = frame * n_states..(frame + 1) * n_states;
                    let (input, output) = (&input[of_states.clone()], &output[of_states]);
                    let (step, taken) = (step[at], step[at] * x[at]);
                    for (n, state) in states.iter_mut().enumerate() {
                        *state = (step * rate[n]).exp() * *state + taken * input[n];
                        *y += output[n] * *state;
                    }
                }
            });
        let y = TensorData::new(y, [batch, channels, frames]);
        Tensor::<3>::from_data(y, &device).swap_dims(1, 2)
    }

    /// The same with gradients.
    fn in_chunks(self) -> Tensor<3> {
        let [batch, frames, channels] = self.x.dims();
        let n_states = self.rate.dims()[1];
        let n_chunks = frames.div_ceil(CHUNK);
        let chunked = |tensor: Tensor<3>, [channels, states]: [usize; 2]| {
            let tensor = fill_up(tensor, n_chunks * CHUNK);
            tensor.reshape([batch, n_chunks, CHUNK, channels, states])
        };
        let of_channels = [channels, 1];
        let of_states = [1, n_states];
        let taken = chunked(self.step.clone() * self.x, of_channels);
        let rate = self.rate.reshape([1, 1, 1, channels, n_states]);
        let kept = (chunked(self.step, of_channels) * rate).exp();
        let added = taken * chunked(self.input, of_states);
        let states = states(kept, added);
        let y = (states * chunked(self.output, of_states)).sum_dim(4);
        y.reshape([batch, n_chunks * CHUNK, channels])
            .narrow(1, 0, frames)
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("tensors are f32")
}

/// Zeros up to `frames`.
fn fill_up(tensor: Tensor<3>, frames: usize) -> Tensor<3> {
    let [batch, there, width] = tensor.dims();
    if there == frames {
        return tensor;
    }
    let zeros = Tensor::zeros([batch, frames - there, width], &tensor.device());
    Tensor::cat(vec![tensor, zeros], 1)
}

/// States of all frames, of what is kept of the state before and what is added to it;
/// all `[batch, chunks, frames, channels, states]`.
fn states(mut kept: Tensor<5>, mut added: Tensor<5>) -> Tensor<5> {
    let mut reach = 1;
    while reach < CHUNK {
        added = kept.clone() * delayed(added.clone(), reach, 0.0) + added;
        kept = kept.clone() * delayed(kept, reach, 1.0);
        reach *= 2;
    }
    // Now `added` is what a chunk makes of a state of zero, and `kept` what stays of its first.
    let before = states_before_chunks(
        kept.clone().narrow(2, CHUNK - 1, 1),
        added.clone().narrow(2, CHUNK - 1, 1),
    );
    kept * before + added
}

/// Each frame's value `by` frames later in its chunk, and `first` before.
fn delayed(tensor: Tensor<5>, by: usize, first: f32) -> Tensor<5> {
    let mut dims = tensor.dims();
    dims[2] = by;
    let first = Tensor::full(dims, first, &tensor.device());
    Tensor::cat(vec![first, tensor.narrow(2, 0, CHUNK - by)], 2)
}

/// The state that each chunk begins with, of the last frames of all; all of one frame a chunk.
fn states_before_chunks(kept: Tensor<5>, added: Tensor<5>) -> Tensor<5> {
    let n_chunks = kept.dims()[1];
    let mut state = Tensor::zeros_like(&kept.clone().narrow(1, 0, 1));
    let mut before = vec![state.clone()];
    for chunk in 0..n_chunks - 1 {
        let of_chunk = |tensor: &Tensor<5>| tensor.clone().narrow(1, chunk, 1);
        state = of_chunk(&kept) * state + of_chunk(&added);
        before.push(state.clone());
    }
    Tensor::cat(before, 1)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};

    use super::*;

    const BATCH: usize = 2;
    const CHANNELS: usize = 5;
    const STATES: usize = 3;

    /// Random inputs; some steps are long enough that states are forgotten at once.
    fn scan(frames: usize, device: &Device) -> SelectiveScan {
        let normal = Distribution::Normal(0.0, 1.0);
        let random = |width| Tensor::<3>::random([BATCH, frames, width], normal, device);
        SelectiveScan {
            x: random(CHANNELS),
            step: (random(CHANNELS) * 3.0).exp(),
            rate: -Tensor::<2>::random([CHANNELS, STATES], normal, device).exp(),
            input: random(STATES),
            output: random(STATES),
        }
    }

    /// The formula, with gradients.
    fn by_formula(scan: SelectiveScan) -> Tensor<3> {
        let [batch, frames, channels] = scan.x.dims();
        let states = scan.rate.dims()[1];
        let rate = scan.rate.reshape([1, channels, states]);
        let mut state: Tensor<3> = Tensor::zeros([batch, channels, states], &scan.x.device());
        let mut y = Vec::new();
        for t in 0..frames {
            let at =
                |tensor: &Tensor<3>, dims| tensor.clone().narrow(1, t, 1).reshape::<3, _>(dims);
            let (of_channels, of_states) = ([batch, channels, 1], [batch, 1, states]);
            let step = at(&scan.step, of_channels);
            let taken = step.clone() * at(&scan.x, of_channels) * at(&scan.input, of_states);
            state = (step * rate.clone()).exp() * state + taken;
            let given = state.clone() * at(&scan.output, of_states);
            y.push(given.sum_dim(2).reshape([batch, 1, channels]));
        }
        Tensor::cat(y, 1)
    }

    fn assert_near<const D: usize>(a: Tensor<D>, b: Tensor<D>) {
        let scale: f32 = b.clone().abs().max().into_scalar();
        let difference: f32 = (a - b).abs().max().into_scalar();
        assert!(difference <= 1e-5 * scale, "{difference} of {scale}");
    }

    const LENGTHS: [usize; 6] = [1, 7, 16, 17, 50, 64];

    #[test]
    fn the_loop_and_the_chunks_agree() {
        for frames in LENGTHS {
            let scan = scan(frames, &Device::flex());
            assert_near(scan.clone().in_chunks(), scan.frame_by_frame());
        }
    }

    #[test]
    fn gradients_are_those_of_the_formula() {
        let device = Device::flex().autodiff();
        let weight = Tensor::<3>::random(
            [BATCH, 64, CHANNELS],
            Distribution::Normal(0.0, 1.0),
            &device,
        );
        for frames in LENGTHS {
            let mut scan = scan(frames, &device);
            for tensor in [
                &mut scan.x,
                &mut scan.step,
                &mut scan.input,
                &mut scan.output,
            ] {
                *tensor = tensor.clone().detach().require_grad();
            }
            scan.rate = scan.rate.detach().require_grad();
            let weight = weight.clone().narrow(1, 0, frames);
            let gradients = |y: Tensor<3>| {
                let gradients = (y * weight.clone()).sum().backward();
                let inputs = [&scan.x, &scan.step, &scan.input, &scan.output];
                let of_inputs = inputs.map(|tensor| tensor.grad(&gradients).unwrap());
                (of_inputs, scan.rate.grad(&gradients).unwrap())
            };
            let (found, found_rate) = gradients(scan.clone().run());
            let (expected, expected_rate) = gradients(by_formula(scan.clone()));
            for (found, expected) in found.into_iter().zip(expected) {
                assert_near(found, expected);
            }
            assert_near(found_rate, expected_rate);
        }
    }
}
