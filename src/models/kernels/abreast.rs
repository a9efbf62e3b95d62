//! Small planes: items of a batch side by side.
//!
//! A register tile spans tens of neighboring pixels, and a plane of fewer leaves
//! most of it idle. With pixel `x` of `items` items in columns `x * items..` there
//! are enough; widths, padding and dilation grow by `items`, and the convolution
//! is one like any other.

use std::ops::Range;

use rayon::prelude::*;

use super::ConvShape;
use super::forward::{self, Convolution};

/// A convolution of groups of items abreast.
pub struct Abreast {
    /// Its sizes; an item is a group here, a column of the plane one of each item.
    pub shape: ConvShape,
    /// Items in a group.
    items: usize,
    /// Items in all; the last group may lack some, which are zeros.
    batch: usize,
}

impl Abreast {
    /// Groups of at most `most` items, as many as give `pixels` neighboring outputs.
    ///
    /// A stride along the columns would have to skip whole groups: there a group is one item.
    pub fn new(shape: &ConvShape, pixels: usize, most: usize) -> Self {
        let plane = (shape.out_height() - 1) * shape.padded_width() + shape.out_width();
        let items = match shape.stride.1 {
            1 => pixels.div_ceil(plane).clamp(1, most.clamp(1, shape.batch)),
            _ => 1,
        };
        // As many groups with fewer missing items.
        let items = shape.batch.div_ceil(shape.batch.div_ceil(items));
        Self {
            shape: ConvShape {
                batch: shape.batch.div_ceil(items),
                width: shape.width * items,
                padding: (shape.padding.0, shape.padding.1 * items),
                dilation: (shape.dilation.0, shape.dilation.1 * items),
                ..*shape
            },
            items,
            batch: shape.batch,
        }
    }

    /// Reads groups, given how single items are read.
    pub fn read(
        &self,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    ) -> impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync {
        let (items, batch) = (self.items, self.batch);
        move |group, channel, range, into| {
            if items == 1 {
                return value(group, channel, range, into);
            }
            const PIECE: usize = 64;
            let mut values = [0.0; PIECE];
            for lane in 0..items {
                let (item, skip) = (
                    group * items + lane,
                    (lane + items - range.start % items) % items,
                );
                let mut start = (range.start + skip) / items;
                for into in into[skip.min(range.len())..].chunks_mut(PIECE * items) {
                    let values = &mut values[..into.len().div_ceil(items)];
                    let end = start + values.len();
                    if item < batch {
                        value(item, channel, start..end, values);
                    } else {
                        values.fill(0.0);
                    }
                    for (place, &value) in into.iter_mut().step_by(items).zip(&*values) {
                        *place = value;
                    }
                    start = end;
                }
            }
        }
    }

    /// Takes groups, `[group, cout, out_height, out_width]`, apart to items.
    fn part(&self, groups: &[f32], out: &mut [f32]) {
        let group_len = self.shape.out_len() / self.shape.batch;
        out.par_chunks_exact_mut(group_len / self.items)
            .enumerate()
            .for_each(|(item, out)| {
                let group = &groups[item / self.items * group_len..][..group_len];
                let values = group.iter().skip(item % self.items).step_by(self.items);
                for (out, &value) in out.iter_mut().zip(values) {
                    *out = value;
                }
            });
    }
}

/// Runs a convolution into `out` with as many items abreast as fill its tile.
pub fn store(
    convolution: &Convolution,
    value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    out: &mut [f32],
) {
    let shape = &convolution.shape;
    let tile = forward::tile(convolution.tiles, shape.cout);
    // Every thread keeps a group.
    let most = shape.batch.div_ceil(rayon::current_num_threads());
    let abreast = Abreast::new(shape, FILLED * tile.pixels, most);
    if abreast.items == 1 {
        return convolution.store_within(value, out, shape.out_height(), 0);
    }
    let grouped = Convolution {
        shape: abreast.shape,
        ..*convolution
    };
    let mut groups = vec![0.0; grouped.shape.out_len()];
    let rows = grouped.shape.out_height();
    grouped.store_within(abreast.read(value), &mut groups, rows, 0);
    abreast.part(&groups, out);
}

/// Tiles in a group; all but the last are full.
const FILLED: usize = 2;
