//! Sums of slices.

/// Values that are added up side by side.
const STRANDS: usize = 16;

/// The sum of `values`, in strands that do not wait for each other.
pub fn total(values: &[f32]) -> f32 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_counts_once() {
        for len in [0, 1, 15, 16, 17, 100] {
            let values: Vec<f32> = (1..=len).map(|value| value as f32).collect();
            assert_eq!(total(&values), (len * (len + 1) / 2) as f32);
        }
    }
}
