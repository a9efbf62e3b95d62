//! Kernels with a stride of 2 for the Winograd transform, split into kernels without a stride: by the
//! phases of their inputs, or of the transposed convolution, by the branches of its outputs.

use std::ops::Range;

use super::super::ConvShape;
use super::super::polyphase::{Branch, hull};
use super::super::shape::Axis;
use super::winograd_2d::SquareKernel;

/// The stride of kernels that are split by phase and by branch.
pub const STRIDE: usize = 2;

/// The convolution of stride 1 that computes all branches of the transposed convolution of `shape`,
/// which has a stride of 2, if one can; its output channels are `[cin, row branch, column branch]`.
pub fn all_branches(shape: &ConvShape) -> Option<ConvShape> {
    let square = SquareKernel::of(shape).filter(|_| shape.stride == (STRIDE, STRIDE))?;
    let (rows, columns) = shape.axes();
    let padding = (
        branch_padding(square, &rows)?,
        branch_padding(square, &columns)?,
    );
    Some(ConvShape {
        batch: shape.batch,
        cin: shape.cout,
        cout: STRIDE * STRIDE * shape.cin,
        height: shape.out_height(),
        width: shape.out_width(),
        kernel: (square.width(), square.width()),
        padding,
        dilation: (1, 1),
        stride: (1, 1),
    })
}

/// The padding with which as many taps as the kernel has make both branches of an axis.
fn branch_padding(square: SquareKernel, axis: &Axis) -> Option<usize> {
    let reads = first_reads(axis);
    let padding = usize::try_from(-reads.start).ok()?;
    let width = square.width();
    let fits = reads.len() == width
        && axis.size.is_multiple_of(STRIDE)
        && axis.outputs() + 2 * padding + 1 == axis.size / STRIDE + width;
    fits.then_some(padding)
}

/// What the first outputs of all branches read.
fn first_reads(axis: &Axis) -> Range<isize> {
    let branches = Branch::transposed(axis);
    hull(branches.iter().map(|branch| branch.reads(&(0..1)))).unwrap_or(0..0)
}

/// The kernels of each branch, `[cin, row branch, column branch, cout]`, with zeros where it has fewer taps.
pub fn by_branch(square: SquareKernel, shape: &ConvShape, weight: &[f32]) -> Vec<f32> {
    // Branch and place of each tap of an axis.
    let places = |axis: &Axis| {
        let start = first_reads(axis).start;
        let mut places = vec![(0, 0); axis.kernel];
        for (number, branch) in Branch::transposed(axis).into_iter().enumerate() {
            for (&tap, place) in branch.taps.iter().zip((branch.origin - start) as usize..) {
                places[tap] = (number, place);
            }
        }
        places
    };
    let (rows, columns) = shape.axes();
    let (rows, columns) = (places(&rows), places(&columns));
    let place = |(down, row): (usize, usize), (across, column): (usize, usize)| {
        let branch = down * STRIDE + across;
        branch * shape.cout * square.taps() + row * square.width() + column
    };
    let places = rows
        .iter()
        .flat_map(|&row| columns.iter().map(move |&column| place(row, column)));
    let places: Vec<usize> = places.collect();
    let mut kernels = vec![0.0; STRIDE * STRIDE * shape.cin * shape.cout * square.taps()];
    for (number, weight) in weight.chunks_exact(places.len()).enumerate() {
        let (out, channel) = (number / shape.cin, number % shape.cin);
        let start = (STRIDE * STRIDE * channel * shape.cout + out) * square.taps();
        for (place, &weight) in places.iter().zip(weight) {
            kernels[start + place] = weight;
        }
    }
    kernels
}

/// The kernels of each phase, `[cout, cin, row phase, column phase]`, with zeros where it has fewer taps.
pub fn by_phase(square: SquareKernel, shape: &ConvShape, weight: &[f32]) -> Vec<f32> {
    let (down, across) = shape.phases();
    let (height, width) = shape.kernel;
    let mut kernels = vec![0.0; shape.cout * shape.planes() * square.taps()];
    let phases = kernels.chunks_exact_mut(down * across * square.taps());
    let place = |tap: usize| {
        let (row, column) = (tap / width, tap % width);
        let phase = row % down * across + column % across;
        phase * square.taps() + row / down * square.width() + column / across
    };
    let places: Vec<usize> = (0..height * width).map(place).collect();
    for (phases, weight) in phases.zip(weight.chunks_exact(height * width)) {
        for (&place, &weight) in places.iter().zip(weight) {
            phases[place] = weight;
        }
    }
    kernels
}
