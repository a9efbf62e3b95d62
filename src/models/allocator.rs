//! A setting of the C library's allocator: memory that one pass of a network leaves to the next.
//!
//! Every pass allocates the same tens of megabytes and frees them. The C library gives such blocks
//! back to the system at once and gets them again as new pages, each with a fault and cleared: a
//! sixth of a training step, a twentieth of an analysis. Programs that run until the work is done
//! keep them; the window, which stays, does not.

/// Lets this process keep the memory that it frees, from now on; where the C library is not glibc, nothing
/// changes.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: two settings of the allocator, which take effect for later calls.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST);
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
    }
}

/// Blocks up to this many bytes lie in the heap; glibc allows no more.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGEST: libc::c_int = 32 << 20;
