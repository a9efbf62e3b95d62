//! Maxima over rows or columns, and SegNet's unpooling.

use burn::nn::pool::MaxPool2dConfig;
use burn::tensor::{Int, Tensor};

use super::{on_cpu, pool_train};

/// Maxima of each `size` rows, and where each came from.
#[derive(Clone, Debug)]
pub struct PooledRows {
    values: Tensor<4>,
    origin: Origin,
    size: usize,
}

/// How the place of each maximum is known.
#[derive(Clone, Debug)]
enum Origin {
    /// By what was pooled.
    Full(Tensor<4>),
    /// By its row among the `size` rows, laid like the values.
    Row(Tensor<4, Int>),
}

impl PooledRows {
    /// Pools each `size` rows of `full`, `[batch, channels, height, width]`.
    pub fn new(full: Tensor<4>, size: usize) -> Self {
        Self {
            values: max_pool(full.clone(), [size, 1]),
            origin: Origin::Full(full),
            size,
        }
    }

    pub(super) fn with_rows(values: Tensor<4>, rows: Tensor<4, Int>, size: usize) -> Self {
        let origin = Origin::Row(rows);
        Self {
            values,
            origin,
            size,
        }
    }

    /// The maxima, `[batch, channels, height / size, width]`.
    pub fn values(&self) -> Tensor<4> {
        self.values.clone()
    }

    /// How many rows became one.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Row of each maximum among its `size` rows, if the places of maxima are kept so.
    pub(super) fn rows(&self) -> Option<&Tensor<4, Int>> {
        match &self.origin {
            Origin::Row(rows) => Some(rows),
            Origin::Full(_) => None,
        }
    }

    /// Puts each value of `x`, laid like the maxima, where its maximum came from, zeros elsewhere
    /// (SegNet's unpooling). Of equal maxima the first counts.
    pub fn unpool(&self, x: Tensor<4>) -> Tensor<4> {
        match &self.origin {
            Origin::Full(like) if on_cpu(&x.device()) => {
                pool_train::max_unpool(x, like.clone(), self.size)
            }
            Origin::Full(like) => {
                let [batch, channels, height, width] = like.dims();
                let blocks = [batch, channels, height / self.size, self.size, width];
                let rows = like.clone().detach().reshape(blocks).argmax(3);
                place(x, rows.reshape(self.values.dims()), self.size)
            }
            Origin::Row(rows) => place(x, rows.clone(), self.size),
        }
    }
}

/// Puts each value of `x` in row `rows` of its `size` rows.
fn place(x: Tensor<4>, rows: Tensor<4, Int>, size: usize) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let blocks = [batch, channels, height, size, width];
    let numbers = Tensor::<1, Int>::arange(0..size as i64, &x.device())
        .reshape([1, 1, 1, size, 1])
        .expand(blocks);
    let rows = rows.reshape([batch, channels, height, 1, width]);
    let here = rows.expand(blocks).equal(numbers).float();
    let x = x.reshape([batch, channels, height, 1, width]);
    (x.expand(blocks) * here).reshape([batch, channels, height * size, width])
}

/// Maxima of blocks of `[rows, columns]`: `[batch, channels, height, width]` →
/// `[batch, channels, height / rows, width / columns]`.
pub fn max_pool(x: Tensor<4>, [rows, columns]: [usize; 2]) -> Tensor<4> {
    if columns == 1 && on_cpu(&x.device()) {
        return pool_train::max_pool(x, rows);
    }
    if columns == 1 {
        let [batch, channels, height, width] = x.dims();
        return x
            .reshape([batch, channels, height / rows, rows, width])
            .max_dim(3)
            .reshape([batch, channels, height / rows, width]);
    }
    let config = MaxPool2dConfig::new([rows, columns]);
    config.with_strides([rows, columns]).init().forward(x)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};

    use super::*;

    #[test]
    fn pooling_takes_either_axis() {
        let x = [[0.0, 3.0], [2.0, 1.0], [5.0, 4.0], [6.0, 7.0]];
        let x = Tensor::<2>::from_floats(x, &Device::flex()).reshape([1, 1, 4, 2]);
        let pool = |size| {
            let pooled = max_pool(x.clone(), size);
            pooled.into_data().try_to_vec::<f32>().unwrap()
        };
        assert_eq!(pool([2, 1]), [2.0, 3.0, 6.0, 7.0]);
        assert_eq!(pool([1, 2]), [3.0, 2.0, 5.0, 7.0]);
        assert_eq!(pool([2, 2]), [3.0, 7.0]);
    }

    #[test]
    fn unpooling_puts_values_where_maxima_were() {
        let device = Device::flex();
        let x: Tensor<4> = Tensor::random([2, 3, 8, 5], Distribution::Default, &device);
        let pooled = PooledRows::new(x.clone(), 4);
        let back = pooled.unpool(pooled.values());
        // where something stands, it is the value that stood there
        let kept = back.clone().greater_elem(0.0).float();
        assert_eq!(
            (x * kept - back.clone()).abs().max().into_scalar::<f32>(),
            0.0
        );
        let sums = (back.sum() - pooled.values().sum()).abs();
        assert!(sums.into_scalar::<f32>() < 1e-4);
    }
}
