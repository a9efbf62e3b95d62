//! What is applied to each output.

use super::simd::Tiles;

/// An activation function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// Scaled exponential linear unit (Klambauer et al. 2017).
    Selu,
    /// Rectifier.
    Relu,
}

const SELU_ALPHA: f32 = 1.673_263_2;
const SELU_SCALE: f32 = 1.050_701;

impl Activation {
    /// Replaces each value by the activation of `value + bias`.
    ///
    /// Plain arithmetic without branches, for whatever width it is compiled for.
    pub fn apply(self, tiles: &Tiles, values: &mut [f32], bias: f32) {
        tiles.with(
            #[inline(always)]
            || match self {
                Self::Identity => values.iter_mut().for_each(|v| *v += bias),
                Self::Selu => values.iter_mut().for_each(|v| *v = selu(*v + bias)),
                Self::Relu => values.iter_mut().for_each(|v| *v = (*v + bias).max(0.0)),
            },
        );
    }

    /// The derivative, from the output `y` alone.
    #[inline]
    pub fn slope(self, y: f32) -> f32 {
        match self {
            Self::Identity => 1.0,
            Self::Selu if y > 0.0 => SELU_SCALE,
            Self::Selu => y + SELU_SCALE * SELU_ALPHA,
            Self::Relu if y > 0.0 => 1.0,
            Self::Relu => 0.0,
        }
    }
}

#[inline(always)]
fn selu(x: f32) -> f32 {
    let below = SELU_SCALE * SELU_ALPHA * (exp(x.min(0.0)) - 1.0);
    if x > 0.0 { SELU_SCALE * x } else { below }
}

/// `e^x` for `x` of 0 or less, within 2 units in the last place; 0 below -87.
///
/// `e^x = 2^n e^r` with a whole `n` and `|r| <= ln 2 / 2`, then the series of `e^r`.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first exact in few bits.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let shifted = x.max(-87.0) * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x.max(-87.0) - n * LN_2[0]) - n * LN_2[1];
    let mut series = 1.0 / 5040.0;
    for factorial in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        series = series * r + 1.0 / factorial;
    }
    f32::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::super::simd;
    use super::*;

    #[test]
    fn exponentials_agree_with_the_standard_library() {
        let step = if cfg!(miri) { 997 } else { 1 };
        for i in (0..87_000).step_by(step) {
            let x = -(i as f32) / 1000.0;
            let error = (f64::from(exp(x)) / f64::from(x).exp() - 1.0).abs();
            assert!(error < 2.4e-7, "{x}: {error}");
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn slopes_are_those_of_the_function() {
        for activation in [Activation::Identity, Activation::Selu, Activation::Relu] {
            for x in [-3.0f32, -0.7, -0.1, 0.2, 2.0] {
                let mut y = [x - 1e-3, x, x + 1e-3];
                activation.apply(simd::best(), &mut y, 0.0);
                let slope = (y[2] - y[0]) / 2e-3;
                assert!(
                    (slope - activation.slope(y[1])).abs() < 1e-3,
                    "{activation:?} {x}"
                );
            }
        }
    }
}
