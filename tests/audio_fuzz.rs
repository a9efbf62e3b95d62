//! Recordings with bytes cut, changed, moved and repeated: whatever a file holds, reading it ends
//! soon, in bounded memory, without a panic.
//!
//! A short run is one of the tests; `scripts/fuzz` runs a million inputs, or as many as asked for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use melograph::audio::{AudioError, AudioReader};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Inputs made of each fixture unless `MELOGRAPH_FUZZ` says another number.
const N_INPUTS: u64 = 12;
/// What reading a file of some kilobytes may take, and what it may hold at any time.
const MAX_TIME: Duration = Duration::from_secs(10);
const MAX_BYTES: usize = 512 << 20;
/// More sound than this is not read; silence for holes and edits may be long.
const MAX_BLOCKS: usize = 3000;

/// Counts what is allocated.
struct Counter;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTER: Counter = Counter;

/// A file made of others: cut, with bytes changed, pieces moved, repeated and taken from a second.
fn mutate(random: &mut StdRng, file: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..random.random_range(1..5) {
        if bytes.len() < 2 {
            break;
        }
        // Headers decide most, and they come first or last.
        let reach = match random.random_range(0..3) {
            0 => bytes.len(),
            1 => bytes.len().min(200),
            _ => bytes.len().min(2000),
        };
        let mut at = random.random_range(0..reach);
        if random.random_range(0..4) == 0 {
            at = bytes.len() - 1 - at;
        }
        let len = random.random_range(1..64).min(bytes.len() - at);
        match random.random_range(0..7) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << random.random_range(0..8),
            2 => bytes[at..at + len].fill([0, 1, 0x7f, 0x80, 0xff][random.random_range(0..5)]),
            3 => drop(bytes.drain(at..at + len)),
            4 => {
                let piece = bytes[at..at + len].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => {
                let from = random.random_range(0..other.len());
                let piece = &other[from..other.len().min(from + len)];
                bytes.splice(at..at, piece.to_vec());
            }
            _ => (at..at + len).for_each(|i| bytes[i] = random.random()),
        }
    }
    bytes
}

/// Reads a file to its end; what was wrong is no matter.
fn read(path: &Path) -> Result<(), AudioError> {
    let mut reader = AudioReader::open(path)?;
    for _ in 0..MAX_BLOCKS {
        let Some(block) = reader.next_block()? else {
            break;
        };
        assert!(block.iter().flatten().all(|it| it.is_finite()));
        assert!(block.iter().all(|it| it.len() == block[0].len()));
    }
    Ok(())
}

#[test]
fn broken_recordings_end_soon_and_in_bounded_memory() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audio");
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it != "sh"))
        .collect();
    names.sort();
    let files: Vec<Vec<u8>> = names.iter().map(|path| fs::read(path).unwrap()).collect();
    let asked = std::env::var("MELOGRAPH_FUZZ").ok();
    let n_inputs = asked.map_or(N_INPUTS, |it| it.parse().expect("a number of inputs"));
    let broken = tempfile::NamedTempFile::new().unwrap();
    for (name, file) in names.iter().zip(&files) {
        for seed in 0..n_inputs {
            let mut random = StdRng::seed_from_u64(seed);
            let other = &files[random.random_range(0..files.len())];
            fs::write(broken.path(), mutate(&mut random, file, other)).unwrap();
            let input = format!("{} with seed {seed}", name.display());
            PEAK.store(HELD.load(Ordering::Relaxed), Ordering::Relaxed);
            let (before, began) = (HELD.load(Ordering::Relaxed), Instant::now());
            let outcome = std::panic::catch_unwind(|| drop(read(broken.path())));
            assert!(outcome.is_ok(), "{input}: a panic");
            assert!(began.elapsed() < MAX_TIME, "{input}: {:?}", began.elapsed());
            let held = PEAK.load(Ordering::Relaxed).saturating_sub(before);
            assert!(held < MAX_BYTES, "{input}: {held} bytes");
        }
    }
}
