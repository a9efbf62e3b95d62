//! Register tiles behind checks of their slices, so that callers need nothing unsafe.

use std::ops::Range;

pub(super) type BroadcastFn = unsafe fn(*const f32, &[usize], &[usize], *const f32, *mut f32);
pub(super) type ConvolveFn = unsafe fn(*const f32, &[usize], *const f32, *mut f32, usize);
pub(super) type CorrelateFn = unsafe fn(*const f32, usize, *const f32, &[usize], usize, *mut f32);

/// Where the taps of a convolution lie, from the first output's first input on.
pub struct Taps {
    offsets: Vec<usize>,
    furthest: usize,
}

impl Taps {
    /// Taps at these offsets.
    pub fn new(offsets: Vec<usize>) -> Self {
        let furthest = offsets.iter().copied().max().unwrap_or(0);
        Self { offsets, furthest }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.offsets.len()
    }
}

/// A convolution tile: `channels` output channels at `pixels` neighboring pixels.
#[derive(Clone, Copy)]
pub struct ConvolveTile {
    /// Output channels.
    pub channels: usize,
    /// Pixels.
    pub pixels: usize,
    pub(super) run: ConvolveFn,
}

/// A tile of `channels` neighboring channels at `places` places anywhere.
#[derive(Clone, Copy)]
pub struct BroadcastTile {
    /// Channels.
    pub channels: usize,
    /// Places.
    pub places: usize,
    pub(super) run: BroadcastFn,
}

/// A correlation tile: `channels` rows of the gradient against `taps` shifts of the input.
#[derive(Clone, Copy)]
pub struct CorrelateTile {
    /// Output channels.
    pub channels: usize,
    /// Taps.
    pub taps: usize,
    /// Pixels in a step; the run's length must be a multiple.
    pub step: usize,
    pub(super) run: CorrelateFn,
}

impl ConvolveTile {
    /// Convolves one tile into `out`: `pixels` of each channel, `out_stride` apart.
    ///
    /// # Panics
    /// If `input`, `weights` (`[tap][channel]`) or `out` are too short for the taps.
    pub fn run(
        &self,
        input: &[f32],
        taps: &Taps,
        weights: &[f32],
        out: &mut [f32],
        out_stride: usize,
    ) {
        assert!(input.len() >= taps.furthest + self.pixels);
        assert!(weights.len() >= taps.offsets.len() * self.channels);
        assert!(out.len() >= (self.channels - 1) * out_stride + self.pixels);
        let (taps, out) = (&taps.offsets, out.as_mut_ptr());
        // SAFETY: the lengths are checked above, and a tile is handed out only where
        // its instructions exist.
        unsafe { (self.run)(input.as_ptr(), taps, weights.as_ptr(), out, out_stride) }
    }
}

impl BroadcastTile {
    /// Adds one tile's products of the taps numbered `chosen` to `sums`, `[places][channels]`.
    ///
    /// Place `p` reads `input[bases[p] + offset of a tap]`; `weights` is `[tap][channels]`.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn run(
        &self,
        input: &[f32],
        bases: &[usize],
        taps: &Taps,
        chosen: Range<usize>,
        weights: &[f32],
        sums: &mut [f32],
    ) {
        assert!(bases.len() == self.places && sums.len() >= self.places * self.channels);
        let furthest = bases.iter().max().expect("a tile has places") + taps.furthest;
        assert!(furthest < input.len());
        let weights = &weights[chosen.start * self.channels..chosen.end * self.channels];
        let offsets = &taps.offsets[chosen];
        // SAFETY: the lengths are checked above, and a tile is handed out only
        // where its instructions exist.
        unsafe {
            (self.run)(
                input.as_ptr(),
                bases,
                offsets,
                weights.as_ptr(),
                sums.as_mut_ptr(),
            )
        }
    }
}

impl CorrelateTile {
    /// Adds one tile's products over `len` pixels to `sums`, `[channels][taps][step]`.
    ///
    /// # Panics
    /// If a slice is too short, or `len` no multiple of the step.
    pub fn run(
        &self,
        dy: &[f32],
        dy_stride: usize,
        x: &[f32],
        taps: &[usize],
        len: usize,
        sums: &mut [f32],
    ) {
        assert!(taps.len() == self.taps && len.is_multiple_of(self.step));
        assert!(dy.len() >= (self.channels - 1) * dy_stride + len);
        assert!(taps.iter().all(|&tap| x.len() >= tap + len));
        assert!(sums.len() >= self.channels * self.taps * self.step);
        // SAFETY: the lengths are checked above, and a tile is handed out only
        // where its instructions exist.
        unsafe {
            (self.run)(
                dy.as_ptr(),
                dy_stride,
                x.as_ptr(),
                taps,
                len,
                sums.as_mut_ptr(),
            )
        }
    }
}
