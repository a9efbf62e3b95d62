//! Buffers that outlive a call.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Buffers that calls leave for later ones; as many as calls at a time.
///
/// Fresh memory costs twice: the system hands it out page by page, and it is cleared.
pub struct ScratchPool<T>(Mutex<Vec<T>>);

impl<T: Default> Default for ScratchPool<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Default> ScratchPool<T> {
    /// No buffers yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Lends buffers, with what was left in them, for some work.
    pub fn lend<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut buffers = self.lock().pop().unwrap_or_default();
        let result = work(&mut buffers);
        self.lock().push(buffers);
        result
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Values in a line of the cache.
const LINE: usize = 16;

/// A buffer whose values begin with a line of the cache, so that vectors do not straddle two.
#[derive(Default)]
pub struct Buffer(Vec<f32>);

impl Buffer {
    /// The first `len` values, as they were left; zeros where nothing was.
    pub fn of(&mut self, len: usize) -> &mut [f32] {
        if self.0.len() < len + LINE {
            self.0.resize(len + LINE, 0.0);
        }
        let start = self.0.as_ptr().align_offset(LINE * size_of::<f32>());
        &mut self.0[start..][..len]
    }
}
