//! Fast powers and logarithms of whole slices.
//!
//! CFP raises thousands of numbers a frame to fractional powers, more work than
//! its transforms if each is a call to `powf`. Here they are plain arithmetic
//! without branches, which the compiler turns into vector instructions.
//! The same operations in the same order give the same bits on every width.

use std::f64::consts::{LN_2, LOG2_E, SQRT_2};

/// Raises each number to `exponent` (above 0, at most 2), to 13 digits.
///
/// Numbers below the normal range, negative ones and NaN become 0.
pub(super) fn raise(values: &mut [f64], exponent: f64) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been asked for the instructions.
        return unsafe { raise_avx2(values, exponent) };
    }
    raise_inline(values, exponent);
}

/// Replaces each `v` (at least 0) by `(ln(1 + v) - offset) * scale`.
pub(super) fn scaled_ln_1p(values: &mut [f32], offset: f64, scale: f64) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been asked for the instructions.
        return unsafe { scaled_ln_1p_avx2(values, offset, scale) };
    }
    scaled_ln_1p_inline(values, offset, scale);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn raise_avx2(values: &mut [f64], exponent: f64) {
    raise_inline(values, exponent);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn scaled_ln_1p_avx2(values: &mut [f32], offset: f64, scale: f64) {
    scaled_ln_1p_inline(values, offset, scale);
}

#[inline(always)]
fn raise_inline(values: &mut [f64], exponent: f64) {
    for value in values {
        let raised = exp2(exponent * log2(*value));
        *value = if *value >= f64::MIN_POSITIVE {
            raised
        } else {
            0.0
        };
    }
}

#[inline(always)]
fn scaled_ln_1p_inline(values: &mut [f32], offset: f64, scale: f64) {
    for value in values {
        let ln = LN_2 * log2(1.0 + f64::from(*value));
        *value = ((ln - offset) * scale) as f32;
    }
}

/// Base-2 logarithm of a normal positive number.
///
/// `x = m * 2^k` with `m` within sqrt(1/2)..sqrt(2), then the series of
/// `ln m = 2 atanh((m - 1) / (m + 1))`.
#[inline(always)]
fn log2(x: f64) -> f64 {
    const LOWEST: u64 = (SQRT_2 / 2.0).to_bits();
    const MANTISSA: u64 = (1 << 52) - 1;
    const TWO_52: f64 = (1_u64 << 52) as f64;
    let bits = x.to_bits().wrapping_add(1.0_f64.to_bits() - LOWEST);
    let m = f64::from_bits((bits & MANTISSA).wrapping_add(LOWEST));
    // The exponent as the low bits of a float near 2^52: a conversion that vectorizes.
    let k = f64::from_bits((bits >> 52) | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let mut series = 1.0 / 17.0;
    for odd in [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = series * z + 1.0 / odd;
    }
    k + 2.0 * LOG2_E * s * series
}

/// `2^y` for a result in the normal range: `2^n * e^(f ln 2)` with `|f| <= 1/2`.
#[inline(always)]
fn exp2(y: f64) -> f64 {
    // Adding 1.5 * 2^52 rounds to an integer and leaves it in the low bits.
    const ROUND: f64 = (3_u64 << 51) as f64;
    let shifted = y + ROUND;
    let f = (y - (shifted - ROUND)) * LN_2;
    let mut series = 1.0 / 39_916_800.0;
    for factorial in [
        3_628_800.0,
        362_880.0,
        40_320.0,
        5040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0,
        1.0,
        1.0,
    ] {
        series = series * f + 1.0 / factorial;
    }
    f64::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 52))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide_range() -> Vec<f64> {
        (-6000..6000)
            .map(|i| 10_f64.powf(f64::from(i) / 61.7))
            .collect()
    }

    #[test]
    fn powers_agree_with_the_standard_library() {
        for exponent in [0.12, 0.24, 0.6, 1.0, 2.0] {
            let inputs: Vec<f64> = wide_range()
                .into_iter()
                .filter(|v| (1e-140..1e140).contains(v))
                .collect();
            let mut raised = inputs.clone();
            raise(&mut raised, exponent);
            for (v, r) in inputs.iter().zip(raised) {
                assert!((r / v.powf(exponent) - 1.0).abs() < 1e-13, "{v}^{exponent}");
            }
        }
    }

    #[test]
    fn what_has_no_power_becomes_zero() {
        let mut values = [0.0, -0.0, -3.0, f64::MIN_POSITIVE / 2.0, f64::NAN];
        raise(&mut values, 0.6);
        assert_eq!(values, [0.0; 5]);
    }

    #[test]
    fn logarithms_agree_with_the_standard_library() {
        let inputs: Vec<f32> = (0..4000).map(|i| (i as f32 / 100.0).exp() - 1.0).collect();
        let mut scaled = inputs.clone();
        scaled_ln_1p(&mut scaled, 0.25, 3.0);
        for (&v, r) in inputs.iter().zip(scaled) {
            let exact = (f64::from(v).ln_1p() - 0.25) * 3.0;
            assert!((f64::from(r) - exact).abs() <= 1e-7 * exact.abs(), "{v}");
        }
    }

    #[test]
    fn vector_widths_agree_bit_for_bit() {
        let (mut wide, mut plain) = (wide_range(), wide_range());
        raise(&mut wide, 0.12);
        raise_inline(&mut plain, 0.12);
        assert_eq!(wide, plain);
    }
}
