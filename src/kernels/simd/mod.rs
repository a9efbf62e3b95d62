//! Register tiles for the instruction set at hand.
//!
//! Each tile is written once over a vector type and compiled for AVX-512, for AVX2
//! with FMA, and for whatever the target has; the widest that the processor
//! knows is chosen at run time.
//!
//! - [`vector`]: vectors of floats; [`inner_loops`]: the tiles' loops over them.
//! - [`tile`]: tiles that check what they are given.
//! - [`peak`]: what a tile can reach.

mod inner_loops;
mod peak;
mod tile;
mod vector;

use std::sync::OnceLock;

use inner_loops::{broadcast, convolve, correlate};
use vector::{Portable, Vector};

#[cfg(target_arch = "x86_64")]
use vector::x86;

pub use peak::peak_gflops;
pub use tile::{BroadcastTile, ConvolveTile, CorrelateTile, Taps};

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
            const N: usize = <$lanes as Vector>::N;
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
