//! Sums of slices.

/// Values that are added up side by side.
const STRANDS: usize = 16;

/// The sum of `values`, in several sums at once that do not wait for each other.
pub fn sum(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<STRANDS>();
    let mut strands = [0.0; STRANDS];
    for values in whole {
        for (strand, value) in strands.iter_mut().zip(values) {
            *strand += value;
        }
    }
    let mut len = STRANDS / 2;
    while len > 0 {
        for i in 0..len {
            strands[i] += strands[i + len];
        }
        len /= 2;
    }
    strands[0] + rest.iter().sum::<f32>()
}

/// Values that are added up in f32 before they join a sum in f64.
const RUN: usize = 4096;

/// The sum of many values, in runs short enough for f32.
pub fn long_sum(values: &[f32]) -> f64 {
    let runs = values.chunks(RUN);
    runs.map(|run| f64::from(sum(run))).sum()
}

/// The sum of `term` over two slices, in runs short enough for f32.
pub fn sum_of(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f64 {
    let mut whole = 0.0f64;
    for (a, b) in a.chunks(RUN).zip(b.chunks(RUN)) {
        let (a, a_rest) = a.as_chunks::<STRANDS>();
        let (b, b_rest) = b.as_chunks::<STRANDS>();
        let mut strands = [0.0f32; STRANDS];
        for (a, b) in a.iter().zip(b) {
            for (strand, (&a, &b)) in strands.iter_mut().zip(a.iter().zip(b)) {
                *strand += term(a, b);
            }
        }
        for (strand, (&a, &b)) in strands.iter_mut().zip(a_rest.iter().zip(b_rest)) {
            *strand += term(a, b);
        }
        whole += strands.iter().map(|&strand| f64::from(strand)).sum::<f64>();
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_counts_once() {
        for len in [0, 1, 15, 16, 17, 100, 5000] {
            let values: Vec<f32> = (1..=len).map(|value| value as f32).collect();
            let expected = (len * (len + 1) / 2) as f64;
            if len <= 100 {
                assert_eq!(f64::from(sum(&values)), expected); // no digit lost yet
            }
            assert_eq!(long_sum(&values), expected);
            assert_eq!(sum_of(&values, &values, |a, _| a), expected);
        }
    }
}
