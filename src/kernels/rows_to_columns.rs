//! Copies that take rows to columns, and channels from plane after plane to side by side.

use std::ops::Range;

use super::simd;

/// Rows and columns of a block: what goes through the registers or the first-level cache.
pub const SIDE: usize = 16;

/// Transposes `rows` of `columns` values each, block by block.
///
/// `read(row)` is a row, which may run on beyond its columns; `write(column, first, values)`
/// gets up to [`SIDE`] values of a column, from row `first` on.
pub fn rows_to_columns<'a>(
    (rows, columns): (usize, usize),
    read: impl Fn(usize) -> &'a [f32],
    mut write: impl FnMut(usize, usize, &[f32]),
) {
    let tiles = simd::best();
    let (mut block, mut transposed) = ([[0.0; SIDE]; SIDE], [[0.0; SIDE]; SIDE]);
    for first in (0..rows).step_by(SIDE) {
        let n_rows = SIDE.min(rows - first);
        for start in (0..columns).step_by(SIDE) {
            let n_columns = SIDE.min(columns - start);
            for (row, block) in (first..first + n_rows).zip(&mut block) {
                let values = &read(row)[start..];
                put(&values[..SIDE.min(values.len())], block);
            }
            tiles.with(
                #[inline(always)]
                || transpose_block(&block, &mut transposed),
            );
            for (column, values) in (start..start + n_columns).zip(&transposed) {
                write(column, first, &values[..n_rows]);
            }
        }
    }
}

/// Takes `rows` of `width` values of each of `channels` to where channels lie side by side.
///
/// `value(channel, row, into)` writes a row; `write(row, column, lane, values)` gets up to [`SIDE`]
/// values of a column, from the channel on that is the `lane`th of `channels`.
pub fn to_channels_last(
    channels: Range<usize>,
    (rows, width): (Range<usize>, usize),
    lines: &mut Vec<f32>,
    value: impl Fn(usize, usize, &mut [f32]),
    mut write: impl FnMut(usize, usize, usize, &[f32]),
) {
    // Short rows share blocks.
    let together = (SIDE / width.max(1)).max(1);
    for first_row in rows.clone().step_by(together) {
        let rows = first_row..rows.end.min(first_row + together);
        let len = rows.len() * width;
        lines.resize(SIDE * len, 0.0);
        for first in channels.clone().step_by(SIDE) {
            let n_lines = SIDE.min(channels.end - first);
            for (channel, line) in (first..first + n_lines).zip(lines.chunks_exact_mut(len)) {
                for (row, line) in rows.clone().zip(line.chunks_exact_mut(width)) {
                    value(channel, row, line);
                }
            }
            rows_to_columns(
                (n_lines, len),
                |line| &lines[line * len..],
                |at, _, values| {
                    // Most rows are long and come alone: no division then.
                    let (row, column) = match rows.len() {
                        1 => (0, at),
                        _ => (at / width, at % width),
                    };
                    write(first_row + row, column, first - channels.start, values);
                },
            );
        }
    }
}

/// A block: rows side by side.
type SquareBlock = [[f32; SIDE]; SIDE];

/// Transposes a block by four perfect shuffles, which vectors do faster than single values move.
#[inline(always)]
fn transpose_block(block: &SquareBlock, transposed: &mut SquareBlock) {
    let mut other = [[0.0; SIDE]; SIDE];
    shuffle(block, &mut other);
    shuffle(&other, transposed);
    shuffle(transposed, &mut other);
    shuffle(&other, transposed);
}

/// Puts the values of each row of the lower half between those of the same row of the upper.
#[inline(always)]
fn shuffle(from: &SquareBlock, to: &mut SquareBlock) {
    const HALF: usize = SIDE / 2;
    for i in 0..HALF {
        let (upper, lower) = (from[i], from[i + HALF]);
        for k in 0..HALF {
            (to[2 * i][2 * k], to[2 * i][2 * k + 1]) = (upper[k], lower[k]);
            (to[2 * i + 1][2 * k], to[2 * i + 1][2 * k + 1]) = (upper[k + HALF], lower[k + HALF]);
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
        rows_to_columns(
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
