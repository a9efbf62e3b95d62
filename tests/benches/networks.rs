//! Convolutions and whole networks on the processor, row by row of `layers.json`.
//!
//! `cargo bench --bench networks` prints a table; `scripts/bench-peers` runs the rows
//! one by one beside ONNX Runtime and PyTorch, with
//! `--row NAME --pass forward|step --threads N`, which prints one line of JSON;
//! `--peak` prints what one core's tile reaches.

use std::error::Error;
use std::time::{Duration, Instant};

use melograph::kernels::{instruction_set, peak_gflops};

#[path = "networks/layer.rs"]
mod layer;
#[path = "networks/msnet.rs"]
mod msnet;
#[path = "networks/rows.rs"]
mod rows;

use rows::{Kind, Row, rows};

/// How long a row is repeated, before and while it is timed.
const WARM_UP: Duration = Duration::from_millis(300);
const TIMED: Duration = Duration::from_millis(1500);
const LEAST_RUNS: usize = 5;

/// One pass through a row's layer or network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// From input to output.
    Forward,
    /// Forward and the gradients; a network's weights take a step.
    Step,
}

/// Median milliseconds of a pass, from within the pool as networks run.
fn time(row: &Row, pass: Pass) -> f64 {
    if pass == Pass::Step {
        melograph::models::allocator::keep_freed_memory(); // as a training run does
    }
    rayon::scope(|_| median(row, pass))
}

fn median(row: &Row, pass: Pass) -> f64 {
    let mut work: Box<dyn FnMut()> = match (&row.kind, pass) {
        (Kind::Conv(conv), Pass::Forward) => layer::forward(conv),
        (Kind::Conv(conv), Pass::Step) => layer::step(conv),
        (Kind::Msnet(net), Pass::Forward) => msnet::forward(net),
        (Kind::Msnet(net), Pass::Step) => msnet::step(net),
    };
    let began = Instant::now();
    while began.elapsed() < WARM_UP {
        work();
    }
    let (began, mut times) = (Instant::now(), Vec::new());
    while began.elapsed() < TIMED || times.len() < LEAST_RUNS {
        let run = Instant::now();
        work();
        times.push(run.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The most memory this process ever held, in MiB.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| {
        line.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<f64>()
            .ok()
    });
    kib.unwrap_or(f64::NAN) / 1024.0
}

/// The value after an option.
fn option(arguments: &[String], name: &str) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).cloned()
}

fn print_one(name: &str, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let all = rows();
    let row = all.iter().find(|row| row.name == name);
    let row = row.ok_or(format!("no row is called {name}"))?;
    let pass = match option(arguments, "--pass").as_deref() {
        None | Some("forward") => Pass::Forward,
        Some("step") => Pass::Step,
        Some(other) => return Err(format!("--pass is {other}; expected forward or step").into()),
    };
    let base_mib = peak_mib();
    let ms = time(row, pass);
    let pass = option(arguments, "--pass").unwrap_or("forward".into());
    let line = serde_json::json!({
        "engine": "melograph", "row": name, "pass": pass, "ms": ms,
        "peak_mib": peak_mib(), "base_mib": base_mib, "variant": instruction_set(),
    });
    println!("{line}");
    Ok(())
}

fn print_peak() -> f64 {
    let (peak, name) = (peak_gflops(), instruction_set());
    println!("{name} kernels; a tile in the first-level cache reaches {peak:.0} GFLOP/s on a core");
    peak
}

fn print_all() {
    let (peak, threads) = (print_peak(), rayon::current_num_threads());
    println!("{threads} threads\n");
    println!("| Row | forward, ms | GFLOP/s a core | of the tile | step, ms |");
    println!("|---|---:|---:|---:|---:|");
    for row in rows() {
        let (forward, step) = (time(&row, Pass::Forward), time(&row, Pass::Step));
        let speed = row.flops() / forward / 1e6 / threads as f64;
        let share = 100.0 * speed / peak;
        let name = &row.name;
        println!("| {name} | {forward:.2} | {speed:.0} | {share:.0} % | {step:.2} |");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(threads) = option(&arguments, "--threads") {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?);
        pool.build_global()?;
    }
    match option(&arguments, "--row") {
        Some(name) => print_one(&name, &arguments),
        None if arguments.iter().any(|argument| argument == "--peak") => {
            print_peak();
            Ok(())
        }
        None => {
            print_all();
            Ok(())
        }
    }
}
