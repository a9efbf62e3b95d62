//! One task's share of a convolution across channels: rows of some items.

use std::ops::Range;

use super::super::polyphase::{Branch, hull};
use super::super::rows_to_columns::{SIDE, put, rows_to_columns};
use super::super::shared_windows::SharedWindows;
use super::super::simd::BroadcastTile;
use super::channel_conv::ChannelConv;
use super::padded_item::PaddedItem;

/// Rows of some items, and how they are made.
pub struct ChannelWindow<'a> {
    conv: &'a ChannelConv,
    items: Range<usize>,
    rows: Range<usize>,
    /// The window's number in its planes.
    number: usize,
    /// What the rows read of each item.
    padded: PaddedItem,
    /// By each pair of branches, the outputs that its taps make.
    places: Vec<Vec<OutputPixel>>,
}

/// An output.
struct OutputPixel {
    /// Its number in the window, `[item, row, column]`.
    pixel: usize,
    /// Where its first tap reads.
    base: usize,
    /// The taps from the first to the last that reads more than zeros.
    taps: Range<usize>,
}

/// What a task reuses from window to window.
#[derive(Default)]
pub struct ChannelScratch {
    /// The padded items.
    input: Vec<f32>,
    /// Lines on their way there.
    lines: Vec<f32>,
    /// Where the places of a tile read.
    bases: Vec<usize>,
    /// Its sums, `[place][lane]`.
    tile: Vec<f32>,
    /// The window's, `[item][row][column][lane]`.
    sums: Vec<f32>,
}

impl<'a> ChannelWindow<'a> {
    /// Rows of some items, with their number in a plane.
    pub fn new(
        conv: &'a ChannelConv,
        items: Range<usize>,
        (number, rows): (usize, Range<usize>),
    ) -> Self {
        let read_rows = conv
            .rows
            .iter()
            .map(|branch| branch.reads(&branch.within(&rows)));
        // One row where nothing is read.
        let padded = conv.padded_item(hull(read_rows).unwrap_or(0..1));
        let mut window = Self {
            conv,
            items,
            rows,
            number,
            padded,
            places: Vec::new(),
        };
        let places = conv
            .pairs()
            .map(|(rows, columns)| window.places(rows, columns));
        window.places = places.collect();
        window
    }

    /// The outputs of two branches, column by column: neighbors read zeros by the same taps.
    fn places(&self, rows: &Branch, columns: &Branch) -> Vec<OutputPixel> {
        let run = rows.taps.len() * self.conv.cin;
        let within = rows.within(&self.rows);
        let mut places = Vec::with_capacity(columns.count * self.items.len() * within.len());
        for column in 0..columns.count {
            let inside = columns.inside(column, self.conv.size.1);
            let taps = inside.start * run..inside.end * run;
            for item in 0..self.items.len() {
                for row in within.clone() {
                    let line = item * self.rows.len() + rows.output(row) - self.rows.start;
                    let read = match run * columns.taps.len() {
                        0 => 0,
                        _ => self.padded.at(rows.read(row), columns.read(column)),
                    };
                    places.push(OutputPixel {
                        pixel: line * self.conv.out.1 + columns.output(column),
                        base: item * self.padded.size() + read,
                        taps: taps.clone(),
                    });
                }
            }
        }
        places
    }

    /// Fills the padded items; `value` writes inputs as in
    /// [`Convolution`](crate::kernels::Convolution).
    pub fn fill(
        &self,
        scratch: &mut ChannelScratch,
        value: &impl Fn(usize, usize, Range<usize>, &mut [f32]),
    ) {
        let len = self.padded.size();
        scratch.input.resize(self.items.len() * len, 0.0);
        let items = scratch.input.chunks_exact_mut(len);
        for (item, values) in self.items.clone().zip(items) {
            self.padded
                .fill(0, values, &mut scratch.lines, |channel, range, into| {
                    value(item, channel, range, into);
                });
        }
    }

    /// Makes the outputs of one block of channels.
    pub fn convolve(&self, tile: BroadcastTile, block: usize, scratch: &mut ChannelScratch) {
        let ChannelScratch {
            input,
            bases,
            tile: made,
            sums,
            ..
        } = scratch;
        let pixels = self.items.len() * self.rows.len() * self.conv.out.1;
        sums.resize(pixels * tile.channels, 0.0);
        let mut weights = self.conv.weights.block(block);
        for (taps, places) in self.conv.taps.iter().zip(&self.places) {
            let (these, rest) = weights.split_at(taps.count() * tile.channels);
            weights = rest;
            for places in places.chunks(tile.places) {
                bases.clear();
                bases.extend(places.iter().map(|place| place.base));
                bases.resize(tile.places, places[0].base);
                made.clear();
                made.resize(tile.places * tile.channels, 0.0);
                let chosen = hull(places.iter().map(|place| place.taps.clone())).unwrap_or(0..0);
                tile.run(input, bases, taps, chosen, these, made);
                for (place, made) in places.iter().zip(made.chunks_exact(tile.channels)) {
                    let sums = &mut sums[place.pixel * tile.channels..][..tile.channels];
                    for (sums, made) in sums.chunks_mut(SIDE).zip(made.chunks(SIDE)) {
                        put(made, sums);
                    }
                }
            }
        }
    }

    /// Takes the outputs of one block to their planes, and finishes each by its channel.
    pub fn emit(
        &self,
        tile: BroadcastTile,
        block: usize,
        scratch: &ChannelScratch,
        planes: &SharedWindows<f32>,
        finish: impl Fn(usize, &mut [f32]),
    ) {
        let cout = self.conv.cout;
        let channels = block * tile.channels..cout.min((block + 1) * tile.channels);
        let pixels = self.rows.len() * self.conv.out.1;
        let items = scratch.sums.chunks_exact(pixels * tile.channels);
        for (item, sums) in self.items.clone().zip(items) {
            let rows = channels
                .clone()
                .flat_map(|c| planes.take(item * cout + c, 0, self.number));
            let mut rows: Vec<&mut [f32]> = rows.collect();
            rows_to_columns(
                (pixels, rows.len()),
                |pixel| &sums[pixel * tile.channels..],
                |lane, first, values| put(values, &mut rows[lane][first..]),
            );
            for (channel, rows) in channels.clone().zip(rows) {
                finish(channel, rows);
            }
        }
    }
}
