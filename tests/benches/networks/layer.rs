//! One convolution with bias and rectifier, as a layer of a network runs it.

use std::hint::black_box;
use std::ops::Range;

use melograph::models::kernels::passes::Ready;
use melograph::models::kernels::{Activation, ConvShape, Sizes, TransposedShape, simd};

use crate::rows::Conv;

/// Input, weight, bias, output and their gradients.
struct Data {
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    y: Vec<f32>,
    dy: Vec<f32>,
    dx: Vec<f32>,
}

fn noise(len: usize) -> Vec<f32> {
    let value = |i: usize| ((i as f32 * 12.9898).sin() * 43_758.547).fract();
    (0..len).map(value).collect()
}

fn read(values: &[f32], batch: usize) -> impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync {
    let len = values.len() / batch;
    move |item, _, range, into| into.copy_from_slice(&values[item * len..][range])
}

impl Data {
    fn new(conv: &Conv, sizes: &Sizes) -> Self {
        let len = conv.batch * conv.cin * conv.height * conv.width;
        let out_len = sizes.out_dims().iter().product();
        Self {
            x: noise(len),
            weight: noise(conv.cin * conv.cout * conv.kernel.0 * conv.kernel.1),
            bias: noise(conv.cout),
            y: vec![0.0; out_len],
            dy: noise(out_len),
            dx: vec![0.0; len],
        }
    }

    fn forward(&mut self, ready: &Ready, batch: usize) {
        let (x, y) = (read(&self.x, batch), &mut self.y);
        ready.run(simd::best(), &self.bias, Activation::Relu, x, y);
        black_box(&mut self.y);
    }

    fn backward(&mut self, sizes: &Sizes, batch: usize) {
        let tiles = simd::best();
        let len = self.y.len() / batch;
        let (y, dy) = (&self.y, &self.dy);
        let slope = |item: usize, _: usize, range: Range<usize>, into: &mut [f32]| {
            let y = &y[item * len..][range.clone()];
            let dy = &dy[item * len..][range];
            for (into, (&y, &dy)) in into.iter_mut().zip(y.iter().zip(dy)) {
                *into = if y > 0.0 { dy } else { 0.0 };
            }
        };
        black_box(sizes.weight_gradients(tiles, read(&self.x, batch), slope));
        sizes.input_gradient(tiles, &self.weight, slope, &mut self.dx);
        black_box(&mut self.dx);
    }
}

fn sizes(conv: &Conv) -> Sizes {
    let &Conv {
        batch,
        cin,
        cout,
        height,
        width,
        kernel,
        stride,
        padding,
        dilation,
        ..
    } = conv;
    if conv.transposed {
        let output_padding = conv.output_padding;
        return Sizes::Transposed(TransposedShape {
            batch,
            cin,
            cout,
            height,
            width,
            kernel,
            padding,
            output_padding,
            dilation,
            stride,
        });
    }
    Sizes::Plain(ConvShape {
        batch,
        cin,
        cout,
        height,
        width,
        kernel,
        padding,
        dilation,
        stride,
    })
}

/// The layer with its weight packed before, as in a network that looks through a recording.
pub fn forward(conv: &Conv) -> Box<dyn FnMut()> {
    let (sizes, batch) = (sizes(conv), conv.batch);
    let mut data = Data::new(conv, &sizes);
    let ready = sizes.pack(simd::best(), &data.weight);
    Box::new(move || data.forward(&ready, batch))
}

/// Forward, then the gradients by input, weight and bias.
pub fn step(conv: &Conv) -> Box<dyn FnMut()> {
    let (sizes, batch) = (sizes(conv), conv.batch);
    let mut data = Data::new(conv, &sizes);
    Box::new(move || {
        let ready = sizes.pack(simd::best(), &data.weight);
        data.forward(&ready, batch);
        data.backward(&sizes, batch);
    })
}
