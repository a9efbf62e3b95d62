//! Vectors of floats, as wide as an instruction set has them.

/// A vector of `N` floats.
///
/// # Safety
/// Methods may be called only where the processor has the instructions, and
/// pointers must be valid for the `N` floats (one for `splat`) they name.
pub unsafe trait Vector: Copy {
    /// Floats in the vector.
    const N: usize;
    /// One float in every place.
    unsafe fn splat(from: *const f32) -> Self;
    /// The `N` floats from `from` on.
    unsafe fn load(from: *const f32) -> Self;
    /// Writes its floats from `to` on.
    unsafe fn store(self, to: *mut f32);
    /// `self + a * b`.
    unsafe fn add_mul(self, a: Self, b: Self) -> Self;
}

/// Eight floats in plain Rust, for any processor.
#[derive(Clone, Copy)]
pub struct Portable([f32; 8]);

// SAFETY: plain reads and writes of eight floats.
unsafe impl Vector for Portable {
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

/// The vectors of x86 processors.
#[cfg(target_arch = "x86_64")]
pub mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    /// Eight floats.
    #[derive(Clone, Copy)]
    pub struct Avx2(__m256);
    /// Sixteen floats.
    #[derive(Clone, Copy)]
    pub struct Avx512(__m512);

    // SAFETY: unaligned loads and stores of eight floats; used behind `avx2,fma`.
    unsafe impl Vector for Avx2 {
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
    unsafe impl Vector for Avx512 {
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
