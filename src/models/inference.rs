//! The networks on the processor, without tensors: layers of [`crate::kernels`], each with its weight
//! packed once.
//!
//! A pooled layer leaves its maxima and their places, an unpooling is how the next layer reads, and
//! buffers are used again.

use std::sync::Mutex;

use burn::tensor::Tensor;

use crate::kernels::{ConvShape, Input, Norm, PackedConv, Pooled};

use super::layer::NormConv;
use super::msnet::{Msnet, POOL};
use super::voicing::{BANDS, Listener, PLANES, VoicingNet};

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data();
    data.try_to_vec().expect("weights are floats")
}

/// The layer as it runs on the processor.
fn pack(layer: &NormConv) -> PackedConv {
    let norm = &layer.norm;
    let weight = layer.conv.weight.val();
    let [cout, cin, kh, kw] = weight.dims();
    let options = layer.options();
    let shape = ConvShape {
        batch: 1,
        cin,
        cout,
        height: 1,
        width: 1,
        kernel: (kh, kw),
        padding: options.padding,
        dilation: options.dilation,
        stride: options.stride,
    };
    let bias = layer.conv.bias.as_ref().expect("layers have a bias");
    let norm = Norm::new(
        &values(norm.running_mean.value()),
        &values(norm.running_var.value()),
        &values(norm.gamma.val()),
        &values(norm.beta.val()),
        options.epsilon,
    );
    let (weight, bias) = (values(weight), values(bias.val()));
    PackedConv::new(shape, &weight, &bias, Some(&norm), options.activation)
}

/// Runs a layer into `out`, `[cout, out_height, out_width]`.
fn run_into(layer: &PackedConv, input: Input, height: usize, width: usize, out: &mut Vec<f32>) {
    let (out_height, out_width) = layer.out_shape(height, width);
    out.resize(layer.out_channels() * out_height * out_width, 0.0);
    layer.run(input, 1, height, width, out);
}

/// Lends buffers that calls leave for later ones.
fn with_buffers<T: Default, R>(pool: &Mutex<Vec<T>>, work: impl FnOnce(&mut T) -> R) -> R {
    let take = || pool.lock().expect("nothing panics with it").pop();
    let mut buffers = take().unwrap_or_default();
    let result = work(&mut buffers);
    pool.lock().expect("nothing panics with it").push(buffers);
    result
}

/// [`Msnet`] on the processor.
pub struct CpuMsnet {
    down: [PackedConv; 3],
    bottom: PackedConv,
    up: [PackedConv; 3],
    maps: usize,
    buffers: Mutex<Vec<MsnetBuffers>>,
}

#[derive(Default)]
struct MsnetBuffers {
    pooled: [Pooled; 3],
    bottom: Vec<f32>,
    up: [Vec<f32>; 3],
}

impl CpuMsnet {
    /// The network with its weights as they are now.
    pub fn new(net: &Msnet) -> Self {
        Self {
            down: [&net.conv1, &net.conv2, &net.conv3].map(pack),
            bottom: pack(&net.bottom),
            up: [&net.up3, &net.up2, &net.up1].map(pack),
            maps: net.bottom.conv.weight.dims()[0],
            buffers: Mutex::default(),
        }
    }

    /// Raw scores: `[3, n_rows, frames]` → `[maps, n_rows + 1, frames]`, as [`Msnet::forward`].
    pub fn scores(&self, stack: &[f32], n_rows: usize, frames: usize) -> Vec<f32> {
        // From within the pool layers follow each other without its threads going to sleep.
        rayon::scope(|_| {
            with_buffers(&self.buffers, |buffers| {
                self.run(buffers, stack, n_rows, frames)
            })
        })
    }

    fn run(&self, b: &mut MsnetBuffers, stack: &[f32], n_rows: usize, frames: usize) -> Vec<f32> {
        let rows = [n_rows, n_rows / POOL, n_rows / POOL / POOL];
        let [p1, p2, p3] = &mut b.pooled;
        let [u3, u2, u1] = &mut b.up;
        self.down[0].run_pooled(Input::Plain(stack), 1, rows[0], frames, POOL, p1);
        self.down[1].run_pooled(Input::Plain(&p1.values), 1, rows[1], frames, POOL, p2);
        self.down[2].run_pooled(Input::Plain(&p2.values), 1, rows[2], frames, POOL, p3);
        run_into(
            &self.bottom,
            Input::Plain(&p3.values),
            rows[2] / POOL,
            frames,
            &mut b.bottom,
        );
        run_into(&self.up[0], unpooled(&p3.values, p3), rows[2], frames, u3);
        run_into(&self.up[1], unpooled(u3, p2), rows[1], frames, u2);
        run_into(&self.up[2], unpooled(u2, p1), rows[0], frames, u1);
        let planes = b.bottom.chunks_exact(frames);
        let mut out = Vec::with_capacity(self.maps * (n_rows + 1) * frames);
        for (bottom, up) in planes.zip(u1.chunks_exact(n_rows * frames)) {
            out.extend_from_slice(bottom);
            out.extend_from_slice(up);
        }
        out
    }
}

fn unpooled<'a>(values: &'a [f32], like: &'a Pooled) -> Input<'a> {
    Input::Unpooled {
        values,
        places: &like.places,
        size: POOL,
    }
}

/// [`VoicingNet`] on the processor.
pub struct CpuVoicingNet {
    mixture: CpuListener,
    melody: CpuListener,
    buffers: Mutex<Vec<ListenerBuffers>>,
}

struct CpuListener {
    bands: [PackedConv; 3],
    project: PackedConv,
    contour: Option<PackedConv>,
    temporal: Vec<PackedConv>,
    out: PackedConv,
}

#[derive(Default)]
struct ListenerBuffers {
    pooled: [Pooled; 3],
    x: Vec<f32>,
    y: Vec<f32>,
}

impl CpuVoicingNet {
    /// The network with its weights as they are now.
    pub fn new(net: &VoicingNet) -> Self {
        Self {
            mixture: CpuListener::new(&net.mixture),
            melody: CpuListener::new(&net.melody),
            buffers: Mutex::default(),
        }
    }

    /// Logits of a voice: `[ROWS, frames]` → one a frame, as [`VoicingNet::forward`].
    pub fn logits(&self, input: &[f32], frames: usize) -> Vec<f32> {
        let (planes, contour) = input.split_at(PLANES * BANDS * frames);
        let mixture = &planes[..BANDS * frames];
        rayon::scope(|_| {
            with_buffers(&self.buffers, |buffers| {
                let mut logits = self.mixture.run(buffers, mixture, contour, frames);
                let melody = self.melody.run(buffers, planes, contour, frames);
                for (logit, melody) in logits.iter_mut().zip(melody) {
                    *logit = (*logit + melody) / 2.0;
                }
                logits
            })
        })
    }
}

impl CpuListener {
    fn new(net: &Listener) -> Self {
        Self {
            bands: [&net.band1, &net.band2, &net.band3].map(pack),
            project: pack(&net.project),
            contour: net.contour.as_ref().map(pack),
            temporal: net.temporal.iter().map(pack).collect(),
            out: pack(&net.out),
        }
    }

    fn run(
        &self,
        b: &mut ListenerBuffers,
        planes: &[f32],
        contour: &[f32],
        frames: usize,
    ) -> Vec<f32> {
        let [p1, p2, p3] = &mut b.pooled;
        let [first, second, third] = &self.bands;
        let [by1, by2, by3] = super::voicing::POOLS;
        let rows = [BANDS, BANDS / by1, BANDS / by1 / by2];
        first.run_pooled(Input::Plain(planes), 1, rows[0], frames, by1, p1);
        second.run_pooled(Input::Plain(&p1.values), 1, rows[1], frames, by2, p2);
        third.run_pooled(Input::Plain(&p2.values), 1, rows[2], frames, by3, p3);
        let pooled = Input::Plain(&p3.values);
        run_into(&self.project, pooled, rows[2] / by3, frames, &mut b.x);
        if let Some(layer) = &self.contour {
            run_into(layer, Input::Plain(contour), 1, frames, &mut b.y);
            b.x.iter_mut().zip(&b.y).for_each(|(x, y)| *x += *y);
        }
        for layer in &self.temporal {
            run_into(layer, Input::Plain(&b.x), 1, frames, &mut b.y);
            b.x.iter_mut().zip(&b.y).for_each(|(x, y)| *x += *y);
        }
        let mut logits = Vec::new();
        run_into(&self.out, Input::Plain(&b.x), 1, frames, &mut logits);
        logits
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor, TensorData};

    use super::super::store::Folder;
    use super::super::voicing::ROWS;
    use super::*;

    /// Noise between 0 and 1, as features are.
    fn noise(len: usize) -> Vec<f32> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        (0..len).map(|_| next()).collect()
    }

    fn agree(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{found} for {expected}");
        }
    }

    #[test]
    fn the_pitch_network_is_the_one_of_tensors() {
        let device = Device::flex();
        let net = Folder::find("msnet-hs").unwrap().msnet(&device).unwrap();
        let fast = CpuMsnet::new(&net);
        // The second call finds buffers of another size. Both are wide enough for the same kernels:
        // others round otherwise, and choose another of maxima that are nearly equal.
        for frames in [70, 52] {
            let stack = noise(3 * 320 * frames);
            let x = TensorData::new(stack.clone(), [1, 3, 320, frames]);
            let expected = net.forward(Tensor::from_data(x, &device));
            let expected: Vec<f32> = expected.into_data().try_to_vec().unwrap();
            agree(&fast.scores(&stack, 320, frames), &expected);
        }
    }

    #[test]
    fn the_voicing_network_is_the_one_of_tensors() {
        let device = Device::flex();
        let net = Folder::find("voicing-wide").unwrap();
        let net = net.voicing(&device).unwrap();
        let fast = CpuVoicingNet::new(&net);
        for frames in [700, 300] {
            let input = noise(ROWS * frames);
            let x = TensorData::new(input.clone(), [1, 1, ROWS, frames]);
            let expected = net.forward(Tensor::from_data(x, &device));
            let expected: Vec<f32> = expected.into_data().try_to_vec().unwrap();
            agree(&fast.logits(&input, frames), &expected);
        }
    }
}
