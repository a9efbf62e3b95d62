//! Rows to columns, for copies that exchange what lies side by side.

/// Rows and columns of a piece: what goes through the registers or the first-level cache.
pub const SIDE: usize = 16;

/// Turns `rows` of `columns` values each, piece by piece.
///
/// `read(row)` is a row, which may run on beyond its columns; `write(column, first, values)`
/// gets up to [`SIDE`] values of a column, from row `first` on.
pub fn turn<'a>(
    (rows, columns): (usize, usize),
    read: impl Fn(usize) -> &'a [f32],
    mut write: impl FnMut(usize, usize, &[f32]),
) {
    let (mut piece, mut turned) = ([[0.0; SIDE]; SIDE], [[0.0; SIDE]; SIDE]);
    for first in (0..rows).step_by(SIDE) {
        let n_rows = SIDE.min(rows - first);
        for start in (0..columns).step_by(SIDE) {
            let n_columns = SIDE.min(columns - start);
            for (row, piece) in (first..first + n_rows).zip(&mut piece) {
                let values = &read(row)[start..];
                put(&values[..SIDE.min(values.len())], piece);
            }
            for (column, turned) in turned.iter_mut().enumerate() {
                for (value, row) in turned.iter_mut().zip(&piece) {
                    *value = row[column];
                }
            }
            for (column, values) in (start..start + n_columns).zip(&turned) {
                write(column, first, &values[..n_rows]);
            }
        }
    }
}

/// Copies up to [`SIDE`] values to the beginning of `into`; most often as many, which takes no call.
#[inline(always)]
pub fn put(values: &[f32], into: &mut [f32]) {
    if let (Some(values), Some(into)) = (values.as_array::<SIDE>(), into.first_chunk_mut::<SIDE>())
    {
        *into = *values;
        return;
    }
    for (into, &value) in into[..values.len()].iter_mut().zip(values) {
        *into = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_rows_afterward() {
        let values: Vec<f32> = (0..35 * 20).map(|value| value as f32).collect();
        let mut found = vec![0.0; values.len()];
        turn(
            (35, 20),
            |row| &values[row * 20..][..20],
            |column, first, values| {
                put(values, &mut found[column * 35 + first..]);
            },
        );
        for (i, &found) in found.iter().enumerate() {
            assert_eq!(found, values[i % 35 * 20 + i / 35]);
        }
    }
}
