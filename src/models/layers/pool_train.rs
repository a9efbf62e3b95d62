//! Max-pooling and unpooling on the processor, with gradients where they are asked for.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;

use super::infer::{Values, tensor};
use super::operation::{SavedForward, record, tracked};
use crate::kernels;

/// Maxima of each `size` rows.
pub(super) fn max_pool(x: Tensor<4>, size: usize) -> Tensor<4> {
    if !x.device().is_autodiff() {
        return Tensor::from_primitive::<Flex>(pool(&Values::of(x), size));
    }
    let (x, node) = tracked(x).into_parts();
    let x = Values::contiguous(x);
    let y = pool(&x, size);
    record([node], y, |_| PoolForward { x, size })
}

/// Values of `x` at the places of the maxima of each `size` rows in `like`, zeros elsewhere.
///
/// Gradients flow to `x` alone.
pub(super) fn max_unpool(x: Tensor<4>, like: Tensor<4>, size: usize) -> Tensor<4> {
    if !x.device().is_autodiff() {
        let y = unpool(&Values::of(x), &Values::of(like), size);
        return Tensor::from_primitive::<Flex>(y);
    }
    let (x, node) = tracked(x).into_parts();
    let like = Values::contiguous(tracked(like).into_primitive());
    let y = unpool(&Values::contiguous(x), &like, size);
    record([node], y, |_| UnpoolForward { like, size })
}

fn pool(x: &Values, size: usize) -> FlexTensor {
    let [batch, channels, height, width] = x.dims();
    let out = kernels::max_pool(x.slice(), size, height, width);
    tensor(out, [batch, channels, height / size, width])
}

fn unpool(x: &Values, like: &Values, size: usize) -> FlexTensor {
    let [batch, channels, height, width] = like.dims();
    let out = kernels::unpool(like.slice(), x.slice(), size, height, width);
    tensor(out, [batch, channels, height, width])
}

#[derive(Clone, Debug)]
struct PoolForward {
    x: Values,
    size: usize,
}

impl SavedForward<1> for PoolForward {
    fn gradients(self, dy: &Values) -> [FlexTensor; 1] {
        [unpool(dy, &self.x, self.size)]
    }
}

#[derive(Clone, Debug)]
struct UnpoolForward {
    like: Values,
    size: usize,
}

impl SavedForward<1> for UnpoolForward {
    fn gradients(self, dy: &Values) -> [FlexTensor; 1] {
        let Self { like, size } = self;
        let [batch, channels, height, width] = like.dims();
        let dx = kernels::gather(like.slice(), dy.slice(), size, height, width);
        [tensor(dx, [batch, channels, height / size, width])]
    }
}
