//! Files with bytes cut, changed, moved and repeated: whatever a file holds, reading it ends soon, in
//! bounded memory, without a panic.
//!
//! - `targets`: what is read, from which files broken ones are made, and what reading may take.
//! - `models`: networks and their settings as targets.
//! - `mutation`: broken files, each the same for the same seed.
//! - `watch`: what is held and how long it takes.
//!
//! A short run of each target is one of the tests; `scripts/fuzz` runs a million inputs of each, or as
//! many as asked for. Inputs that were found live on as tests of their own, beside what they broke.

mod models;
mod mutation;
mod targets;
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use targets::Target;

/// Inputs of each target unless `MELOGRAPH_FUZZ` says another number.
const N_INPUTS: u64 = 600;

/// One test for all targets, since what is held is measured for the whole program.
#[test]
fn broken_files_are_read_soon_and_in_bounded_memory() {
    let asked = std::env::var("MELOGRAPH_FUZZ_TARGET").ok();
    let is_asked = |it: &Target| asked.as_deref().is_none_or(|asked| asked == it.name);
    let targets = targets::all();
    let names: Vec<_> = targets.iter().map(|it| it.name).collect();
    let chosen: Vec<_> = targets.iter().filter(|it| is_asked(it)).collect();
    assert!(
        !chosen.is_empty(),
        "choose a target of {}",
        names.join(", ")
    );
    chosen.into_iter().for_each(run);
}

/// Reads broken files of a target, each made of one file and pieces of another.
fn run(target: &Target) {
    let seeds = number("MELOGRAPH_FUZZ_SEED", 0)..;
    let n_inputs = number("MELOGRAPH_FUZZ", N_INPUTS);
    let began = Instant::now();
    for seed in seeds.take(n_inputs as usize) {
        let mut random = StdRng::seed_from_u64(seed);
        let file = &target.files[seed as usize % target.files.len()];
        let other = &target.files[random.random_range(0..target.files.len())];
        check(target, seed, &mutation::mutate(&mut random, file, other));
    }
    let by_second = n_inputs as f64 / began.elapsed().as_secs_f64();
    println!(
        "{}: {n_inputs} inputs, {by_second:.0} a second",
        target.name
    );
}

/// Reads an input within the target's bounds.
fn check(target: &Target, seed: u64, input: &[u8]) {
    let told = format!("{} with seed {seed}", target.name);
    watch::begin(target, seed);
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.read)(input)));
    let (took, held) = watch::end();
    assert!(outcome.is_ok(), "{told}: a panic");
    assert!(took < target.max_time, "{told}: {took:?}");
    assert!(held < target.max_bytes, "{told}: {held} bytes");
}

fn number(variable: &str, usual: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.map_or(usual, |it| it.parse().expect("a number"))
}
