//! What a reader holds, and how long it takes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, Once};
use std::time::{Duration, Instant};

use crate::targets::Target;

/// Bytes that are held now, before the input, and at most since then.
static HELD: AtomicUsize = AtomicUsize::new(0);
static BEFORE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// More than this at once is refused, which ends the program; the input is told before.
static MOST: AtomicUsize = AtomicUsize::new(usize::MAX);
static IS_TOLD: AtomicBool = AtomicBool::new(false);
/// The input that is read.
static SEED: AtomicU64 = AtomicU64::new(0);
static NOW: Mutex<Option<Watched>> = Mutex::new(None);

#[derive(Clone, Copy)]
struct Watched {
    name: &'static str,
    began: Instant,
    max_time: Duration,
}

/// Counts what is allocated.
struct Counter;

#[global_allocator]
static COUNTER: Counter = Counter;

// SAFETY: all is passed on to the system's allocator, or refused.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        if layout.size() > MOST.load(Relaxed) && !IS_TOLD.swap(true, Relaxed) {
            let (size, seed) = (layout.size(), SEED.load(Relaxed));
            let _ = writeln!(std::io::stderr(), "seed {seed} asks for {size} bytes");
            return std::ptr::null_mut();
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

/// An input is read from here on.
pub fn begin(target: &Target, seed: u64) {
    static WATCHDOG: Once = Once::new();
    WATCHDOG.call_once(|| drop(std::thread::spawn(end_what_does_not_end)));
    SEED.store(seed, Relaxed);
    *NOW.lock().unwrap() = Some(Watched {
        name: target.name,
        began: Instant::now(),
        max_time: target.max_time,
    });
    let held = HELD.load(Relaxed);
    BEFORE.store(held, Relaxed);
    PEAK.store(held, Relaxed);
    MOST.store(target.max_bytes, Relaxed);
}

/// The input was read: how long it took, and how many bytes were held for it at most.
pub fn end() -> (Duration, usize) {
    MOST.store(usize::MAX, Relaxed);
    let watched = NOW.lock().unwrap().take();
    let took = watched.map_or(Duration::ZERO, |it| it.began.elapsed());
    let held = PEAK.load(Relaxed).saturating_sub(BEFORE.load(Relaxed));
    (took, held)
}

/// Ends the program with a word on the input that takes twice its time.
fn end_what_does_not_end() {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let now = *NOW.lock().unwrap();
        if let Some(Watched {
            name,
            began,
            max_time,
        }) = now
            && began.elapsed() > 2 * max_time
        {
            let seed = SEED.load(Relaxed);
            let _ = writeln!(std::io::stderr(), "{name} with seed {seed} does not end");
            std::process::abort();
        }
    }
}
