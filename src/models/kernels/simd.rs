//! Register tiles, and all the unsafe code of the kernels.
//!
//! Each tile is written once over a vector type and compiled for AVX-512, for AVX2
//! with FMA, and for whatever the target has; the widest that the processor
//! knows is chosen at run time.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// A vector of `N` floats.
///
/// # Safety
/// Methods may be called only where the processor has the instructions, and
/// pointers must be valid for the `N` floats (one for `splat`) they name.
unsafe trait Lanes: Copy {
    const N: usize;
    unsafe fn splat(from: *const f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// `self + a * b`.
    unsafe fn add_mul(self, a: Self, b: Self) -> Self;
}

#[derive(Clone, Copy)]
struct Portable([f32; 8]);

// SAFETY: plain reads and writes of eight floats.
unsafe impl Lanes for Portable {
    const N: usize = 8;
    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        Self([unsafe { *from }; 8])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(unsafe { from.cast::<[f32; 8]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { to.cast::<[f32; 8]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn add_mul(mut self, a: Self, b: Self) -> Self {
        for i in 0..8 {
            self.0[i] += a.0[i] * b.0[i];
        }
        self
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Lanes;
    use std::arch::x86_64::*;

    #[derive(Clone, Copy)]
    pub struct Avx2(__m256);
    #[derive(Clone, Copy)]
    pub struct Avx512(__m512);

    // SAFETY: unaligned loads and stores of eight floats; used behind `avx2,fma`.
    unsafe impl Lanes for Avx2 {
        const N: usize = 8;
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            Self(unsafe { _mm256_set1_ps(*from) })
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            Self(unsafe { _mm256_loadu_ps(from) })
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm256_storeu_ps(to, self.0) }
        }
        #[inline(always)]
        unsafe fn add_mul(self, a: Self, b: Self) -> Self {
            Self(unsafe { _mm256_fmadd_ps(a.0, b.0, self.0) })
        }
    }

    // SAFETY: unaligned loads and stores of sixteen floats; used behind `avx512f`.
    unsafe impl Lanes for Avx512 {
        const N: usize = 16;
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            Self(unsafe { _mm512_set1_ps(*from) })
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            Self(unsafe { _mm512_loadu_ps(from) })
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm512_storeu_ps(to, self.0) }
        }
        #[inline(always)]
        unsafe fn add_mul(self, a: Self, b: Self) -> Self {
            Self(unsafe { _mm512_fmadd_ps(a.0, b.0, self.0) })
        }
    }
}

/// Convolves `OC` output channels at `NV * V::N` neighboring pixels:
/// `out[c][i] = sum over taps of weights[tap][c] * input[taps[tap] + i]`.
#[inline(always)]
unsafe fn convolve<V: Lanes, const OC: usize, const NV: usize>(
    input: *const f32,
    taps: &[usize],
    weights: *const f32,
    out: *mut f32,
    out_stride: usize,
) {
    unsafe {
        let zero = 0.0f32;
        let mut sums = [[V::splat(&zero); NV]; OC];
        let mut weight = weights;
        for &tap in taps {
            let pixels = input.add(tap);
            let mut x = [V::splat(&zero); NV];
            for (v, x) in x.iter_mut().enumerate() {
                *x = V::load(pixels.add(v * V::N));
            }
            for (c, sums) in sums.iter_mut().enumerate() {
                let w = V::splat(weight.add(c));
                for (sum, &x) in sums.iter_mut().zip(&x) {
                    *sum = sum.add_mul(w, x);
                }
            }
            weight = weight.add(OC);
        }
        for (c, sums) in sums.iter().enumerate() {
            for (v, sum) in sums.iter().enumerate() {
                sum.store(out.add(c * out_stride + v * V::N));
            }
        }
    }
}

/// Adds to the vector `sums[c * NT + t]` the products of `OC` rows of `dy` with `NT` shifted runs of `x`, over `len` pixels.
#[inline(always)]
unsafe fn correlate<V: Lanes, const OC: usize, const NT: usize>(
    dy: *const f32,
    dy_stride: usize,
    x: *const f32,
    taps: &[usize],
    len: usize,
    sums: *mut f32,
) {
    unsafe {
        let zero = 0.0f32;
        let mut acc = [[V::splat(&zero); NT]; OC];
        for (c, acc) in acc.iter_mut().enumerate() {
            for (t, acc) in acc.iter_mut().enumerate() {
                *acc = V::load(sums.add((c * NT + t) * V::N));
            }
        }
        let mut shifted = [x; NT];
        for (shifted, &tap) in shifted.iter_mut().zip(taps) {
            *shifted = x.add(tap);
        }
        for i in (0..len).step_by(V::N) {
            let mut xs = [V::splat(&zero); NT];
            for (xs, &from) in xs.iter_mut().zip(&shifted) {
                *xs = V::load(from.add(i));
            }
            for (c, acc) in acc.iter_mut().enumerate() {
                let d = V::load(dy.add(c * dy_stride + i));
                for (acc, &x) in acc.iter_mut().zip(&xs) {
                    *acc = acc.add_mul(d, x);
                }
            }
        }
        for (c, acc) in acc.iter().enumerate() {
            for (t, acc) in acc.iter().enumerate() {
                acc.store(sums.add((c * NT + t) * V::N));
            }
        }
    }
}

/// Adds to `sums[place][c]`, `NV * V::N` channels at each of `P` places,
/// `sum over taps of weights[tap][c] * input[bases[place] + offsets[tap]]`.
#[inline(always)]
unsafe fn broadcast<V: Lanes, const P: usize, const NV: usize>(
    input: *const f32,
    bases: &[usize],
    offsets: &[usize],
    weights: *const f32,
    sums: *mut f32,
) {
    unsafe {
        let zero = 0.0f32;
        let mut acc = [[V::splat(&zero); NV]; P];
        let mut places = [input; P];
        for (place, &base) in places.iter_mut().zip(bases) {
            *place = input.add(base);
        }
        for (p, acc) in acc.iter_mut().enumerate() {
            for (v, acc) in acc.iter_mut().enumerate() {
                *acc = V::load(sums.add((p * NV + v) * V::N));
            }
        }
        let mut weight = weights;
        for &offset in offsets {
            let mut w = [V::splat(&zero); NV];
            for (v, w) in w.iter_mut().enumerate() {
                *w = V::load(weight.add(v * V::N));
            }
            for (p, acc) in acc.iter_mut().enumerate() {
                let x = V::splat(places[p].add(offset));
                for (acc, &w) in acc.iter_mut().zip(&w) {
                    *acc = acc.add_mul(w, x);
                }
            }
            weight = weight.add(NV * V::N);
        }
        for (p, acc) in acc.iter().enumerate() {
            for (v, acc) in acc.iter().enumerate() {
                acc.store(sums.add((p * NV + v) * V::N));
            }
        }
    }
}

type BroadcastFn = unsafe fn(*const f32, &[usize], &[usize], *const f32, *mut f32);
type ConvolveFn = unsafe fn(*const f32, &[usize], *const f32, *mut f32, usize);
type CorrelateFn = unsafe fn(*const f32, usize, *const f32, &[usize], usize, *mut f32);

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
    run: ConvolveFn,
}

/// A tile of `channels` neighboring channels at `places` places anywhere.
#[derive(Clone, Copy)]
pub struct BroadcastTile {
    /// Channels.
    pub channels: usize,
    /// Places.
    pub places: usize,
    run: BroadcastFn,
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
    run: CorrelateFn,
}

/// What tiles are compiled for.
#[derive(Clone, Copy)]
enum Instructions {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The tiles of one instruction set.
#[derive(Clone, Copy)]
pub struct Tiles {
    instructions: Instructions,
    /// For many output channels.
    pub wide: ConvolveTile,
    /// For at most `narrow.channels` output channels.
    pub narrow: ConvolveTile,
    /// For the weight's gradient.
    pub correlate: CorrelateTile,
    /// For many channels at places anywhere.
    pub broad: BroadcastTile,
    /// For at most `slim.channels` channels at places anywhere.
    pub slim: BroadcastTile,
}

macro_rules! tiles {
    ($name:ident, $instructions:ident, $lanes:ty, [$($feature:literal)?], $wide:literal x $wv:literal, $narrow:literal x $nv:literal, $cc:literal x $ct:literal, $bp:literal x $bv:literal, $sp:literal x $sv:literal) => {
        fn $name() -> Tiles {
            $(#[target_feature(enable = $feature)])?
            unsafe fn wide(i: *const f32, t: &[usize], w: *const f32, o: *mut f32, s: usize) {
                unsafe { convolve::<$lanes, $wide, $wv>(i, t, w, o, s) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn narrow(i: *const f32, t: &[usize], w: *const f32, o: *mut f32, s: usize) {
                unsafe { convolve::<$lanes, $narrow, $nv>(i, t, w, o, s) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn corr(d: *const f32, s: usize, x: *const f32, t: &[usize], n: usize, o: *mut f32) {
                unsafe { correlate::<$lanes, $cc, $ct>(d, s, x, t, n, o) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn broad(i: *const f32, b: &[usize], t: &[usize], w: *const f32, s: *mut f32) {
                unsafe { broadcast::<$lanes, $bp, $bv>(i, b, t, w, s) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn slim(i: *const f32, b: &[usize], t: &[usize], w: *const f32, s: *mut f32) {
                unsafe { broadcast::<$lanes, $sp, $sv>(i, b, t, w, s) }
            }
            const N: usize = <$lanes as Lanes>::N;
            Tiles {
                instructions: Instructions::$instructions,
                wide: ConvolveTile { channels: $wide, pixels: $wv * N, run: wide },
                narrow: ConvolveTile { channels: $narrow, pixels: $nv * N, run: narrow },
                correlate: CorrelateTile { channels: $cc, taps: $ct, step: N, run: corr },
                broad: BroadcastTile { channels: $bv * N, places: $bp, run: broad },
                slim: BroadcastTile { channels: $sv * N, places: $sp, run: slim },
            }
        }
    };
}

tiles!(portable, Portable, Portable, [], 4 x 2, 2 x 2, 2 x 5, 4 x 1, 4 x 1);
#[cfg(target_arch = "x86_64")]
tiles!(avx2, Avx2, x86::Avx2, ["avx2,fma"], 4 x 2, 2 x 4, 2 x 5, 6 x 2, 8 x 1);
#[cfg(target_arch = "x86_64")]
tiles!(avx512, Avx512, x86::Avx512, ["avx512f"], 8 x 3, 4 x 6, 4 x 6, 8 x 2, 10 x 1);

/// All tiles that this processor can run, the fastest last.
pub fn available() -> Vec<Tiles> {
    let mut all = vec![portable()];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            all.push(avx2());
        }
        if is_x86_feature_detected!("avx512f") {
            all.push(avx512());
        }
    }
    all
}

/// The fastest tiles that this processor can run.
pub fn best() -> &'static Tiles {
    static BEST: OnceLock<Tiles> = OnceLock::new();
    BEST.get_or_init(|| {
        *available()
            .last()
            .expect("the portable tiles are always there")
    })
}

impl Tiles {
    /// What they are compiled for.
    pub fn name(&self) -> &'static str {
        match self.instructions {
            Instructions::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => "AVX-512",
        }
    }

    /// Runs plain code as compiled for these instructions, as far as it is inlined: the closure
    /// must be `#[inline(always)]`, and so must be what it calls.
    #[inline(always)]
    pub fn with<R>(&self, plain: impl FnOnce() -> R) -> R {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn avx2<R>(plain: impl FnOnce() -> R) -> R {
            plain()
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f")]
        fn avx512<R>(plain: impl FnOnce() -> R) -> R {
            plain()
        }
        match self.instructions {
            Instructions::Portable => plain(),
            // SAFETY: tiles are handed out only where their instructions exist.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { avx2(plain) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { avx512(plain) },
        }
    }
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

/// Planes in windows that parallel tasks take, each window once.
pub struct Parts<'a, T> {
    start: *mut T,
    grid: Grid,
    taken: Vec<AtomicBool>,
    slice: PhantomData<&'a mut [T]>,
}

/// How planes are cut into windows.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    /// Rows of a plane.
    pub plane_rows: usize,
    /// Values in a row.
    pub width: usize,
    /// The first row that belongs to a window.
    pub first_row: usize,
    /// How many rows do.
    pub height: usize,
    /// Rows and columns of a window; the last ones may have fewer.
    pub window: (usize, usize),
}

// SAFETY: the only access is `take`, which gives no window twice.
unsafe impl<T: Send> Send for Parts<'_, T> {}
unsafe impl<T: Send> Sync for Parts<'_, T> {}

impl<'a, T> Parts<'a, T> {
    /// Cuts a slice of whole planes.
    ///
    /// # Panics
    /// If rows of windows lie outside of the planes.
    pub fn new(slice: &'a mut [T], grid: Grid) -> Self {
        assert!(grid.first_row + grid.height <= grid.plane_rows);
        let planes = slice.len() / (grid.plane_rows * grid.width);
        let n_parts = planes * grid.down() * grid.across();
        Self {
            start: slice.as_mut_ptr(),
            grid,
            taken: (0..n_parts).map(|_| AtomicBool::new(false)).collect(),
            slice: PhantomData,
        }
    }

    /// The rows of a plane's window, counted down and across.
    ///
    /// # Panics
    /// If there is no such window, or it was taken before.
    pub fn take(
        &self,
        plane: usize,
        down: usize,
        across: usize,
    ) -> impl Iterator<Item = &'a mut [T]> {
        let (grid, start) = (self.grid, self.start);
        assert!(down < grid.down() && across < grid.across());
        let flag = &self.taken[(plane * grid.down() + down) * grid.across() + across];
        assert!(
            !flag.swap(true, Ordering::Relaxed),
            "a window is taken once"
        );
        let column = across * grid.window.1;
        let len = grid.window.1.min(grid.width - column);
        let rows = down * grid.window.0..grid.height.min((down + 1) * grid.window.0);
        rows.map(move |row| {
            let row = plane * grid.plane_rows + grid.first_row + row;
            // SAFETY: within the slice, as the flag exists, and disjoint from every other
            // row and window; nobody else has this one, as its flag was not set.
            unsafe { std::slice::from_raw_parts_mut(start.add(row * grid.width + column), len) }
        })
    }
}

impl Grid {
    fn down(&self) -> usize {
        self.height.div_ceil(self.window.0)
    }

    fn across(&self) -> usize {
        self.width.div_ceil(self.window.1)
    }
}
