//! What is applied to each output.

use super::simd::Tiles;

/// An activation function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// Scaled exponential linear unit (Klambauer et al. 2017).
    Selu,
    /// Rectifier.
    Relu,
    /// Rectifier with this slope below zero, 0 or more (Maas et al. 2013).
    LeakyRelu(f32),
    /// Logistic function, between 0 and 1.
    Sigmoid,
}

const SELU_ALPHA: f32 = 1.673_263_2;
const SELU_SCALE: f32 = 1.050_701;

impl Activation {
    /// The activation of `x`.
    #[inline]
    pub fn value(self, x: f32) -> f32 {
        match self {
            Self::Identity => x,
            Self::Selu => selu(x),
            Self::Relu => x.max(0.0),
            Self::LeakyRelu(slope) => leaky_relu(slope, x),
            Self::Sigmoid => sigmoid(x),
        }
    }

    /// Replaces each value by the activation of `value + bias`.
    ///
    /// Plain arithmetic without branches, for whatever width it is compiled for.
    pub(super) fn apply(self, tiles: &Tiles, values: &mut [f32], bias: f32) {
        tiles.with(
            #[inline(always)]
            || match self {
                Self::Identity => values.iter_mut().for_each(|v| *v += bias),
                Self::Selu => values.iter_mut().for_each(|v| *v = selu(*v + bias)),
                Self::Relu => values.iter_mut().for_each(|v| *v = (*v + bias).max(0.0)),
                Self::LeakyRelu(slope) => {
                    let value = |v: &mut f32| *v = leaky_relu(slope, *v + bias);
                    values.iter_mut().for_each(value);
                }
                Self::Sigmoid => values.iter_mut().for_each(|v| *v = sigmoid(*v + bias)),
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
            Self::LeakyRelu(_) if y > 0.0 => 1.0,
            Self::LeakyRelu(slope) => slope,
            Self::Sigmoid => y * (1.0 - y),
        }
    }
}

#[inline(always)]
fn selu(x: f32) -> f32 {
    let below = SELU_SCALE * SELU_ALPHA * (exp(x.min(0.0)) - 1.0);
    if x > 0.0 { SELU_SCALE * x } else { below }
}

#[inline(always)]
fn leaky_relu(slope: f32, x: f32) -> f32 {
    if x > 0.0 { x } else { slope * x }
}

/// `1 / (1 + e^-x)`, by an exponential that cannot overflow.
#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    let small = exp(-x.abs());
    let above = 1.0 / (1.0 + small);
    if x > 0.0 { above } else { small * above }
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

    const ALL: [Activation; 5] = [
        Activation::Identity,
        Activation::Selu,
        Activation::Relu,
        Activation::LeakyRelu(0.2),
        Activation::Sigmoid,
    ];

    #[test]
    fn activations_follow_their_definitions() {
        for x in [-100.0f32, -3.0, -0.7, 0.0, 0.2, 2.0, 100.0] {
            let wide = f64::from(x);
            let selu = if wide > 0.0 {
                wide
            } else {
                1.673_263_242 * wide.exp_m1()
            };
            let leaky = if wide > 0.0 { wide } else { 0.2 * wide };
            let sigmoid = 1.0 / (1.0 + (-wide).exp());
            let expected = [wide, 1.050_700_987 * selu, wide.max(0.0), leaky, sigmoid];
            for (activation, expected) in ALL.into_iter().zip(expected) {
                let error = f64::from(activation.value(x)) - expected;
                assert!(
                    error.abs() < 2e-6 * expected.abs().max(0.1),
                    "{activation:?} {x}"
                );
            }
        }
    }

    #[test]
    fn slices_get_the_bias_first_on_every_instruction_set() {
        for tiles in simd::available() {
            for activation in ALL {
                let values: Vec<f32> = (-20..21).map(|i| i as f32 / 5.0).collect();
                let mut found = values.clone();
                activation.apply(&tiles, &mut found, 0.5);
                for (found, value) in found.into_iter().zip(values) {
                    let expected = activation.value(value + 0.5);
                    assert!((found - expected).abs() < 1e-6, "{activation:?} {value}");
                }
            }
        }
    }

    #[test]
    fn slopes_are_those_of_the_function() {
        for activation in ALL {
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
