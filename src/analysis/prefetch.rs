//! Work done before it is asked for, on a thread of its own.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

/// Results of a thread that is at most a few ahead; dropped, it stops.
///
/// A panic of the thread is one of whoever takes its results.
pub struct Prefetch<T> {
    results: Receiver<T>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Prefetch<T> {
    /// Calls `next` until it returns none, up to `n_ahead` results before they are taken.
    pub fn new(n_ahead: usize, mut next: impl FnMut() -> Option<T> + Send + 'static) -> Self {
        let (sender, results) = sync_channel(n_ahead);
        let work = move || {
            while let Some(result) = next() {
                if sender.send(result).is_err() {
                    return; // nobody takes them any more
                }
            }
        };
        Self {
            results,
            thread: Some(thread::spawn(work)),
        }
    }
}

impl<T> Iterator for Prefetch<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if let Ok(result) = self.results.recv() {
            return Some(result);
        }
        let thread = self.thread.take()?;
        thread.join().map_err(|payload| resume_unwind(payload)).ok();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn results_come_in_order_and_end() {
        let mut n = 0;
        let numbers = Prefetch::new(2, move || {
            n += 1;
            (n <= 100).then_some(n)
        });
        assert!(numbers.eq(1..=100));
    }

    #[test]
    fn a_panic_is_passed_on() {
        let mut n = 0;
        let mut numbers = Prefetch::new(1, move || {
            n += 1;
            assert!(n < 3, "third");
            Some(n)
        });
        assert_eq!((numbers.next(), numbers.next()), (Some(1), Some(2)));
        let third = catch_unwind(AssertUnwindSafe(|| numbers.next()));
        assert!(third.is_err());
    }
}
