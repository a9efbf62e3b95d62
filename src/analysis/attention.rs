//! What a person looks at, which is analyzed first.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// What a person looks at; the window sets it while an analysis reads it.
#[derive(Clone, Debug, Default)]
pub struct LookedAt(Arc<Mutex<Option<Range<f64>>>>);

impl LookedAt {
    /// Somebody looks at this time, in seconds.
    pub fn set(&self, secs: Range<f64>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(secs);
    }

    /// The time that is looked at, in seconds; `None` if nobody looks.
    pub fn secs(&self) -> Option<Range<f64>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
