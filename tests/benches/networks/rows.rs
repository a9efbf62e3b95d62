//! The rows of `layers.json`.

use serde::Deserialize;

/// A layer or a network to time.
#[derive(Deserialize)]
pub struct Row {
    pub name: String,
    #[serde(flatten)]
    pub kind: Kind,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    Conv(Conv),
    Msnet(Net),
}

/// A convolution with bias and rectifier; pairs are (height, width).
#[derive(Deserialize)]
pub struct Conv {
    pub batch: usize,
    pub cin: usize,
    pub cout: usize,
    pub height: usize,
    pub width: usize,
    pub kernel: (usize, usize),
    pub stride: (usize, usize),
    pub padding: (usize, usize),
    pub dilation: (usize, usize),
    pub transposed: bool,
    pub output_padding: (usize, usize),
}

/// MSNet on a stack of `height` rows and `width` frames.
#[derive(Deserialize)]
pub struct Net {
    pub batch: usize,
    pub step_batch: usize,
    pub height: usize,
    pub width: usize,
    pub maps: usize,
}

/// All rows.
pub fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("../layers.json")).expect("rows are as described here")
}

impl Row {
    /// Two for each product of the forward pass's convolutions, those with padding included.
    pub fn flops(&self) -> f64 {
        match &self.kind {
            Kind::Conv(conv) => conv.flops(),
            Kind::Msnet(net) => {
                let rows = net.height;
                let layers = [
                    (3, 32, rows),
                    (32, 64, rows / 4),
                    (64, 128, rows / 16),
                    (128, net.maps, 1),
                    (128, 64, rows / 16),
                    (64, 32, rows / 4),
                    (32, net.maps, rows),
                ];
                let products = layers.map(|(cin, cout, height)| cin * cout * height * 25);
                (2 * net.batch * net.width * products.iter().sum::<usize>()) as f64
            }
        }
    }
}

impl Conv {
    fn flops(&self) -> f64 {
        let outputs =
            |size: usize, kernel: usize, stride: usize, padding: usize, dilation: usize| {
                (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
            };
        let (h, w) = if self.transposed {
            (self.height, self.width)
        } else {
            let (k, s, p, d) = (self.kernel, self.stride, self.padding, self.dilation);
            (
                outputs(self.height, k.0, s.0, p.0, d.0),
                outputs(self.width, k.1, s.1, p.1, d.1),
            )
        };
        let products = self.cin * self.cout * self.kernel.0 * self.kernel.1;
        (2 * self.batch * h * w * products) as f64
    }
}
