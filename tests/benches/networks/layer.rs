//! One convolution with bias and rectifier, as a layer of a network runs it.

use std::hint::black_box;
use std::ops::Range;

use melograph::kernels::{
    Activation, ConvInput, ConvShape, Convolution, PackedConv, TransposedShape,
};

use crate::rows::Conv;

/// ConvInput, weight, bias, output and their gradients.
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
    fn new(conv: &Conv, convolution: &Convolution) -> Self {
        let len = conv.batch * conv.cin * conv.height * conv.width;
        let out_len = convolution.out_dims().iter().product();
        Self {
            x: noise(len),
            weight: noise(conv.cin * conv.cout * conv.kernel.0 * conv.kernel.1),
            bias: noise(conv.cout),
            y: vec![0.0; out_len],
            dy: noise(out_len),
            dx: vec![0.0; len],
        }
    }

    fn forward(&mut self, convolution: &Convolution, batch: usize) {
        let (x, y) = (read(&self.x, batch), &mut self.y);
        convolution.forward(&self.weight, &self.bias, Activation::Relu, x, y);
        black_box(&mut self.y);
    }

    fn backward(&mut self, convolution: &Convolution, batch: usize) {
        let len = self.y.len() / batch;
        let (y, dy) = (&self.y, &self.dy);
        let slope = |item: usize, _: usize, range: Range<usize>, into: &mut [f32]| {
            let y = &y[item * len..][range.clone()];
            let dy = &dy[item * len..][range];
            for (into, (&y, &dy)) in into.iter_mut().zip(y.iter().zip(dy)) {
                *into = if y > 0.0 { dy } else { 0.0 };
            }
        };
        black_box(convolution.weight_gradients(read(&self.x, batch), slope));
        convolution.input_gradient(&self.weight, slope, &mut self.dx);
        black_box(&mut self.dx);
    }
}

fn convolution(conv: &Conv) -> Convolution {
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
    let sizes = ConvShape {
        batch,
        cin,
        cout,
        height,
        width,
        kernel,
        padding,
        dilation,
        stride,
    };
    match conv.transposed {
        true => Convolution::Transposed(TransposedShape::new(sizes, conv.output_padding)),
        false => Convolution::Plain(sizes),
    }
}

/// The layer as in a network that looks through a recording: a plain one with its weight packed
/// before, a transposed one packs it each time.
pub fn forward(conv: &Conv) -> Box<dyn FnMut()> {
    let (convolution, batch) = (convolution(conv), conv.batch);
    let mut data = Data::new(conv, &convolution);
    let (height, width) = (conv.height, conv.width);
    match convolution {
        Convolution::Plain(shape) => {
            let (weight, bias) = (&data.weight, &data.bias);
            let packed = PackedConv::new(shape, weight, bias, None, Activation::Relu);
            Box::new(move || {
                packed.run(ConvInput::Plain(&data.x), batch, height, width, &mut data.y);
                black_box(&mut data.y);
            })
        }
        Convolution::Transposed(_) => Box::new(move || data.forward(&convolution, batch)),
    }
}

/// Forward, then the gradients by input, weight and bias.
pub fn step(conv: &Conv) -> Box<dyn FnMut()> {
    let (convolution, batch) = (convolution(conv), conv.batch);
    let mut data = Data::new(conv, &convolution);
    Box::new(move || {
        data.forward(&convolution, batch);
        data.backward(&convolution, batch);
    })
}
