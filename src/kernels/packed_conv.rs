//! A layer for inference: its weight packed once, the normalization in front of it folded in.
//!
//! A normalization is a factor and an offset for each channel, which the weight and the bias of the
//! convolution behind it can take over. The padding stays: zeros were padded behind the
//! normalization, so without it each channel is surrounded by the value that it would take to zero.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::channels::channel_conv::ChannelConv;
use super::dispatch::suits_pixels;
use super::input::SizedInput;
use super::pack::PackedWeight;
use super::pixels::pixel_conv::{PixelConv, PixelWeights};
use super::scratch_pool::ScratchPool;
use super::{Activation, ConvInput, ConvShape, Norm, Pooled, simd};

/// Normalization, convolution and activation of inputs of any size.
///
/// The kernel is chosen by the size of the input. The weight is packed for a kernel when it first
/// runs, and kept.
pub struct PackedConv {
    shape: ConvShape,
    weight: Vec<f32>,
    bias: Vec<f32>,
    norm: Option<Norm>,
    activation: Activation,
    pixels: OnceLock<Folded>,
    channels: OnceLock<Arc<PackedWeight>>,
}

/// The weight for vectors over pixels, with the normalization folded in.
struct Folded {
    weights: PixelWeights,
    bias: Vec<f32>,
    border: Vec<f32>,
}

/// Outputs on their way to be pooled.
static WHOLE: ScratchPool<Vec<f32>> = ScratchPool::new();

impl PackedConv {
    /// A layer with `weight`, `[cout, cin, kh, kw]`, and `bias`, `[cout]`, behind the normalization
    /// of its `cin` inputs, if there is one.
    ///
    /// Batch, height and width of `shape` do not matter.
    ///
    /// # Panics
    /// If the weight, the bias or the normalization is not of these sizes.
    pub fn new(
        shape: ConvShape,
        weight: &[f32],
        bias: &[f32],
        norm: Option<&Norm>,
        activation: Activation,
    ) -> Self {
        assert_eq!(weight.len(), shape.weight_len(), "the weight's size");
        assert_eq!(bias.len(), shape.cout, "the bias's size");
        assert!(norm.is_none_or(|norm| norm.mean.len() == shape.cin));
        Self {
            shape,
            weight: weight.to_vec(),
            bias: bias.to_vec(),
            norm: norm.cloned(),
            activation,
            pixels: OnceLock::new(),
            channels: OnceLock::new(),
        }
    }

    /// Output channels.
    pub fn out_channels(&self) -> usize {
        self.shape.cout
    }

    /// Rows and columns of the output for `height` rows of `width` values.
    pub fn out_shape(&self, height: usize, width: usize) -> (usize, usize) {
        let shape = self.sized(1, height, width);
        (shape.out_height(), shape.out_width())
    }

    /// Runs the layer on a batch of `height` rows of `width` values, into `out`,
    /// `[batch, cout, out_height, out_width]`.
    ///
    /// # Panics
    /// If `out` is of another size.
    pub fn run(
        &self,
        input: ConvInput,
        batch: usize,
        height: usize,
        width: usize,
        out: &mut [f32],
    ) {
        let shape = self.sized(batch, height, width);
        assert_eq!(out.len(), shape.out_len(), "the output's size");
        let input = self.input(input, height, width);
        if suits_pixels(&shape, simd::best()) {
            let read = |item, channel, range: Range<usize>, into: &mut [f32]| {
                input.read(item, channel, range, into);
            };
            self.over_pixels(shape).store(read, out);
        } else {
            self.across_channels(shape, input, out);
        }
    }

    /// Runs the layer and pools each `size` rows of its output, `[batch, cout, out_height / size, out_width]`.
    pub fn run_pooled(
        &self,
        input: ConvInput,
        batch: usize,
        height: usize,
        width: usize,
        size: usize,
        out: &mut Pooled,
    ) {
        let shape = self.sized(batch, height, width);
        let input = self.input(input, height, width);
        if suits_pixels(&shape, simd::best()) {
            let read = |item, channel, range: Range<usize>, into: &mut [f32]| {
                input.read(item, channel, range, into);
            };
            return out.convolve(&self.over_pixels(shape), size, read);
        }
        WHOLE.lend(|whole| {
            whole.resize(shape.out_len(), 0.0);
            self.across_channels(shape, input, whole);
            out.pool(whole, size, shape.out_height(), shape.out_width());
        });
    }

    fn sized(&self, batch: usize, height: usize, width: usize) -> ConvShape {
        ConvShape {
            batch,
            height,
            width,
            ..self.shape
        }
    }

    fn input<'a>(&self, input: ConvInput<'a>, height: usize, width: usize) -> SizedInput<'a> {
        SizedInput {
            input,
            channels: self.shape.cin,
            height,
            width,
        }
    }

    /// The layer with vectors over neighboring pixels, for inputs as they are.
    fn over_pixels(&self, shape: ConvShape) -> PixelConv<'_> {
        let folded = once(&self.pixels, || self.fold());
        PixelConv {
            shape,
            tiles: simd::best(),
            weights: &folded.weights,
            bias: &folded.bias,
            border: &folded.border,
            activation: self.activation,
        }
    }

    fn fold(&self) -> Folded {
        let (mut weight, mut bias) = (self.weight.clone(), self.bias.clone());
        let norm = self.norm.as_ref();
        let border = norm.map_or(Vec::new(), |norm| norm.fold(&mut weight, &mut bias));
        Folded {
            weights: PixelWeights::forward(&self.shape, simd::best(), &weight),
            bias,
            border,
        }
    }

    /// Runs the layer with vectors across channels, which are always padded with zeros: inputs are
    /// normalized as they are read.
    fn across_channels(&self, shape: ConvShape, input: SizedInput, out: &mut [f32]) {
        let tiles = simd::best();
        let pack = || Arc::new(ChannelConv::pack(&shape, tiles, &self.weight));
        let weights = once(&self.channels, pack);
        let conv = ChannelConv::with_weights(&shape, Arc::clone(weights));
        let read = |item, channel, range: Range<usize>, into: &mut [f32]| {
            input.read(item, channel, range, into);
            if let Some(norm) = &self.norm {
                norm.apply_in_place(channel, into);
            }
        };
        conv.run(tiles, &self.bias, self.activation, read, out);
    }
}

/// What `cell` keeps, made if it keeps nothing yet.
///
/// It is made outside of the cell: parallel work in there could come back to the cell and wait for
/// itself. Threads that come at once each make it, and one is kept.
fn once<T>(cell: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    if let Some(kept) = cell.get() {
        return kept;
    }
    let made = make();
    cell.get_or_init(|| made)
}
