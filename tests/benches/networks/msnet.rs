//! MSNet as the program runs and trains it.

use std::hint::black_box;

use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Distribution, Tensor};
use melograph::dsp::CfpConfig;
use melograph::melody::PitchAxis;
use melograph::melody::harmonics::partial_rows;
use melograph::models::{AnyNetwork, Features, NetworkConfig};
use melograph::training::loss::rows::ScoreLayout;
use melograph::training::loss::{harmonic, values};

use crate::rows::Net;

/// What the program does with a stack.
pub fn forward(net: &Net) -> Box<dyn FnMut()> {
    let (rows, frames) = (net.height, net.width);
    let device = Device::flex();
    let network = network(net, &device);
    let stack = noise([1, 3, rows, frames], &device);
    Box::new(move || {
        let scores = rayon::scope(|_| network.forward(stack.clone()).swap_remove(0));
        black_box(scores.into_data());
    })
}

fn network(net: &Net, device: &Device) -> AnyNetwork {
    let settings = serde_json::json!({ "maps": net.maps });
    let config = NetworkConfig::new("msnet", settings, Features::Cfp(CfpConfig::hkdsme()));
    AnyNetwork::new(&config, device).expect("MSNet can be")
}

/// A step of training: harmonic supervision, which has two losses where the peers have one.
pub fn step(net: &Net) -> Box<dyn FnMut()> {
    let (rows, frames, batch) = (net.height, net.width, net.step_batch);
    let device = Device::flex().autodiff();
    let mut network = Some(self::network(net, &device));
    let mut optimizer = AdamConfig::new().init();
    let stack = noise([batch, 3, rows, frames], &device);
    let targets: Vec<u16> = (0..batch * frames)
        .map(|t| (t * 37 % (rows + 1)) as u16)
        .collect();
    let weights = vec![1.0; targets.len()];
    let partials = partial_rows(&[2], PitchAxis::HKDSME.bins_per_octave);
    Box::new(move || {
        let net = network.take().expect("put back below");
        let output = net.forward(stack.clone()).swap_remove(0);
        let (scores, layout) = (values(&output), ScoreLayout::of(&output));
        let loss = harmonic::supervision(&scores, &targets, &weights, layout, &partials);
        let gradients = loss.into_term(output).loss.backward();
        let gradients = GradientsParams::from_grads(gradients, &net);
        network = Some(optimizer.step(1e-4, net, gradients));
    })
}

fn noise(dims: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::random(dims, Distribution::Normal(0.0, 1.0), device)
}
