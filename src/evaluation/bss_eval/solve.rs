//! Systems of equations, by elimination with pivots.

use rayon::prelude::*;

/// Rows that a thread takes at least: fewer are done sooner than handed over.
const MIN_ROWS: usize = 64;

/// A square matrix taken apart into two triangles.
pub(super) struct Factored {
    size: usize,
    /// Row after row: the lower triangle, whose diagonal is 1, and the upper.
    rows: Vec<f64>,
    /// Which row of the matrix each became.
    order: Vec<usize>,
}

impl Factored {
    /// Takes a matrix, row after row; `None` if a row follows from others.
    pub fn new(mut rows: Vec<f64>, size: usize) -> Option<Self> {
        let mut order: Vec<usize> = (0..size).collect();
        for k in 0..size {
            let largest = |row: &usize| rows[row * size + k].abs();
            let pivot = (k..size).max_by(|a, b| largest(a).total_cmp(&largest(b)))?;
            if rows[pivot * size + k].abs() < f64::MIN_POSITIVE {
                return None;
            }
            if pivot != k {
                let (above, below) = rows.split_at_mut(pivot * size);
                above[k * size..][..size].swap_with_slice(&mut below[..size]);
                order.swap(k, pivot);
            }
            let (above, below) = rows.split_at_mut((k + 1) * size);
            let top = &above[k * size..];
            let rows_below = below.par_chunks_exact_mut(size).with_min_len(MIN_ROWS);
            rows_below.for_each(|row| {
                let factor = row[k] / top[k];
                row[k] = factor;
                for (value, top) in row[k + 1..].iter_mut().zip(&top[k + 1..]) {
                    *value -= factor * top;
                }
            });
        }
        Some(Self { size, rows, order })
    }

    /// The solution for a right side.
    pub fn solve(&self, right: Vec<f64>) -> Vec<f64> {
        let mut x: Vec<f64> = self.order.iter().map(|&row| right[row]).collect();
        for i in 0..self.size {
            let row = &self.rows[i * self.size..][..i];
            let known: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            x[i] -= known;
        }
        for i in (0..self.size).rev() {
            let row = &self.rows[i * self.size..][..self.size];
            let known: f64 = row[i + 1..]
                .iter()
                .zip(&x[i + 1..])
                .map(|(a, x)| a * x)
                .sum();
            x[i] = (x[i] - known) / row[i];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_solve() {
        let matrix = vec![0.0, 2.0, 1.0, 1.0, -1.0, 0.5, 3.0, 0.0, -2.0];
        let x = Factored::new(matrix.clone(), 3)
            .unwrap()
            .solve(vec![3.0, 1.0, 2.0]);
        let products = matrix
            .chunks_exact(3)
            .map(|row| -> f64 { row.iter().zip(&x).map(|(a, x)| a * x).sum() });
        for (found, expected) in products.zip([3.0, 1.0, 2.0]) {
            assert!((found - expected).abs() < 1e-12);
        }
        assert!(Factored::new(vec![0.0, 1.0, 0.0, 1.0], 2).is_none());
    }
}
