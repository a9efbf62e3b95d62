//! The sound: what the callback may not do, and what is heard on a real device.
#![cfg(feature = "gui")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::f64::consts::TAU;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::clips::write_wav;
use melograph::audio::play::callback::ring;
use melograph::audio::play::{PlayNotice, Player};

/// Counts what a thread allocates and frees while it is watched.
struct Watched;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static N_CALLS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    if WATCHED.get() {
        N_CALLS.set(N_CALLS.get() + 1);
    }
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watched = Watched;

/// Calls of the allocator during `work`.
fn allocations(work: impl FnOnce()) -> usize {
    N_CALLS.set(0);
    WATCHED.set(true);
    work();
    WATCHED.set(false);
    N_CALLS.get()
}

#[test]
fn the_callback_never_allocates() {
    assert_eq!(
        allocations(|| drop(std::hint::black_box(vec![1u8; 100]))),
        2
    );
    let (mut supply, mut callback) = ring(20_000, 48_000);
    let mut buffer = [0.0f32; 2048];
    let mut fill = |n_pushed: usize, cut: bool| {
        (0..n_pushed).for_each(|_| supply.push([0.3; 2]).unwrap());
        if cut {
            supply.discard();
        }
        allocations(|| {
            callback.fill(1024, 0.0, |i, frame| {
                buffer[2 * i..2 * i + 2].copy_from_slice(&frame);
            });
        })
    };
    // Dry, running, cut, dry again, and more notes than the clock's ring holds.
    for _ in 0..2000 {
        assert_eq!(fill(0, false), 0);
        assert_eq!(fill(2048, false), 0);
        assert_eq!(fill(1024, true), 0);
    }
}

/// Times of the bursts in the recording, in seconds.
const BURSTS: [f64; 4] = [0.5, 1.0, 1.5, 2.0];
const DURATION_SECS: f64 = 2.2;

fn wait_for(secs: f64, mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed().as_secs_f64() < secs {
        if done() {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    done()
}

/// Writes short bursts of a tone, soft enough for any speed.
fn bursts_in(folder: &Path, rate_hz: u32) -> PathBuf {
    let samples = (0..(DURATION_SECS * f64::from(rate_hz)) as usize).map(|i| {
        let secs = i as f64 / f64::from(rate_hz);
        let burst = |center: &f64| (-0.5 * ((secs - center) / 0.005).powi(2)).exp();
        let level: f64 = BURSTS.iter().map(burst).sum();
        let sample = 0.8 * level * (TAU * 1000.0 * secs).sin();
        (sample * 32_767.0) as i16
    });
    let name = format!("bursts-{rate_hz}.wav");
    write_wav(folder.join(name), rate_hz, 1, samples)
}

#[test]
fn the_transport_runs_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let mut player = Player::silent();
    player.play(None, false);
    assert!(!player.is_playing());
    player.open(&bursts_in(folder.path(), 16_000));
    player.seek(1.0);
    assert_eq!(player.playhead_secs(), 1.0);
    player.play(None, false);
    assert!(player.is_playing() && player.is_silent());
    assert!(wait_for(20.0, || player.playhead_secs() > 1.2));
    player.pause();
    assert!(!player.is_playing());
    let paused = player.playhead_secs();
    thread::sleep(Duration::from_millis(300));
    // What the clock had already taken may still be heard.
    assert!((player.playhead_secs() - paused).abs() < 0.1);
    player.set_speed(2.0);
    player.play(Some(0.5..0.7), false);
    assert!(wait_for(20.0, || !player.is_playing()));
    assert!((player.playhead_secs() - 0.7).abs() < 1e-9);
    player.play(None, false);
    assert!(player.playhead_secs() >= 0.7);
    assert!(wait_for(20.0, || !player.is_playing()));
    assert!((player.playhead_secs() - DURATION_SECS).abs() < 1e-3);
    player.play(None, false);
    assert!(player.playhead_secs() < 1.0, "the end leads to the start");
    player.seek(100.0);
    assert!(wait_for(20.0, || !player.is_playing()), "nothing is there");
    assert_eq!(player.take_notices(), []);
}

#[test]
fn a_loop_goes_round_and_a_seek_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut player = Player::silent();
    player.open(&bursts_in(folder.path(), 16_000));
    player.play(Some(0.5..0.8), true);
    let (mut last, mut n_rounds) = (0.0, 0);
    let rounds = wait_for(20.0, || {
        let now = player.playhead_secs();
        assert!((0.49..0.81).contains(&now), "{now}");
        n_rounds += usize::from(now < last);
        last = now;
        n_rounds == 3
    });
    assert!(rounds && player.is_playing());
    player.seek(1.9);
    assert!(wait_for(20.0, || player.playhead_secs() > 2.0));
}

#[test]
fn a_recording_that_cannot_be_read_is_a_notice() {
    let mut player = Player::silent();
    player.open(Path::new("/no/such/recording.wav"));
    player.play(None, false);
    assert!(wait_for(20.0, || !player.is_playing()));
    assert!(matches!(
        &player.take_notices()[..],
        [PlayNotice::Recording(_)]
    ));
}

// ---- With a sound server of our own ------------------------------------------------

/// A PulseAudio daemon with a null sink, in a folder of its own; ends when dropped.
struct Server {
    daemon: Child,
    folder: tempfile::TempDir,
}

impl Server {
    fn start(rate_hz: u32) -> Self {
        for (program, version) in [
            ("pulseaudio", "--version"),
            ("parec", "--version"),
            ("pactl", "--version"),
        ] {
            let found = Command::new(program).arg(version).output();
            assert!(
                found.is_ok_and(|found| found.status.success()),
                "{program} is missing; install it with: apt-get install pulseaudio pulseaudio-utils libasound2-plugins"
            );
        }
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let daemon = Command::new("pulseaudio")
            .args([
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--use-pid-file=no",
            ])
            .args([
                "--disable-shm=yes",
                "--log-level=error",
                "--realtime=no",
                "--high-priority=no",
            ])
            .arg(format!(
                "--load=module-null-sink sink_name=ear format=s16le channels=2 rate={rate_hz}"
            ))
            .arg(format!(
                "--load=module-native-protocol-unix auth-anonymous=1 socket={}",
                socket.display()
            ))
            .env("HOME", folder.path())
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("PULSE_RUNTIME_PATH", folder.path())
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { daemon, folder };
        let answers = || {
            let mut ask = Command::new("pactl");
            server.set_environment(&mut ask);
            ask.arg("info")
                .output()
                .is_ok_and(|answer| answer.status.success())
        };
        assert!(wait_for(30.0, answers), "PulseAudio does not start");
        server
    }

    /// Leads programs to this server, ALSA's default device included.
    fn set_environment(&self, command: &mut Command) {
        let folder = self.folder.path();
        let config = folder.join("asound.conf");
        let other = "type pulse device other hint { show on description \"Other\" }";
        let text = format!(
            "pcm.!default {{ type pulse }}\nctl.!default {{ type pulse }}\npcm.other {{ {other} }}\n"
        );
        fs::write(&config, text).unwrap();
        command
            .env("ALSA_CONFIG_PATH", config)
            .env(
                "PULSE_SERVER",
                format!("unix:{}", folder.join("socket").display()),
            )
            .env("HOME", folder)
            .env("XDG_RUNTIME_DIR", folder)
            .env_remove("MELOGRAPH_AUDIO");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Runs one of the scenes below in a process with an environment of its own.
fn play_scene(scene: &str, arguments: &str, set_environment: impl Fn(&mut Command)) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([
        "--exact",
        scene,
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ]);
    child.env("SCENE", arguments);
    set_environment(&mut child);
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{text}");
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{scene} {arguments}:\n{text}\n{trouble}"
    );
    assert!(text.contains("1 passed"), "{scene} did not run");
}

/// One server at a time: they would steal each other's processor time.
static ONE_SERVER: Mutex<()> = Mutex::new(());

#[test]
fn the_playhead_is_what_is_heard() {
    let _turn = ONE_SERVER.lock();
    for sink_hz in [44_100, 48_000] {
        let server = Server::start(sink_hz);
        for file_hz in [44_100, 48_000] {
            for speed in ["1", "0.5"] {
                let arguments = format!("{file_hz} {sink_hz} {speed}");
                play_scene("scene_bursts_and_playhead", &arguments, |child| {
                    server.set_environment(child);
                });
            }
        }
    }
}

#[test]
fn a_lost_device_is_a_notice_and_a_silent_clock() {
    let _turn = ONE_SERVER.lock();
    let server = Server::start(48_000);
    play_scene("scene_lost_device", "", |child| {
        server.set_environment(child)
    });
}

#[test]
fn another_device_takes_over_while_playing() {
    let _turn = ONE_SERVER.lock();
    let server = Server::start(44_100);
    play_scene("scene_another_device", "", |child| {
        server.set_environment(child)
    });
}

#[test]
fn no_device_is_a_notice_and_a_silent_clock() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("asound.conf");
    fs::write(&config, "").unwrap();
    play_scene("scene_no_device", "", |child| {
        child.env("ALSA_CONFIG_PATH", &config);
        child.env_remove("MELOGRAPH_AUDIO");
    });
}

/// A recording of the null sink, and when its first sample was heard.
struct Ear {
    recorder: Child,
    stop: Arc<AtomicBool>,
    reader: thread::JoinHandle<(Vec<f32>, f64)>,
}

impl Ear {
    /// Listens at `rate_hz`; times are in seconds since `epoch`.
    fn open(rate_hz: u32, epoch: Instant) -> Self {
        let mut recorder = Command::new("parec")
            .args([
                "--device=ear.monitor",
                "--format=s16le",
                "--channels=1",
                "--latency-msec=5",
            ])
            .arg(format!("--rate={rate_hz}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut sound = recorder.stdout.take().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let reader = thread::spawn(move || {
            let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
            let mut start_secs = f64::INFINITY;
            while !stopped.load(Ordering::Relaxed) {
                let n_read = sound.read(&mut buffer).unwrap_or(0);
                if n_read == 0 {
                    break;
                }
                bytes.extend(&buffer[..n_read]);
                // The block that came with the least delay tells the time best.
                let recorded_secs = (bytes.len() / 2) as f64 / f64::from(rate_hz);
                start_secs = start_secs.min(epoch.elapsed().as_secs_f64() - recorded_secs);
            }
            let sample = |pair: &[u8]| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0;
            (bytes.chunks_exact(2).map(sample).collect(), start_secs)
        });
        Self {
            recorder,
            stop,
            reader,
        }
    }

    fn close(mut self) -> (Vec<f32>, f64) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.recorder.kill();
        let _ = self.recorder.wait();
        self.reader.join().unwrap()
    }
}

/// Centers of the bursts in a recording, in seconds from its start.
fn find_bursts(samples: &[f32], rate_hz: u32) -> Vec<f64> {
    let reach = (0.15 * f64::from(rate_hz)) as usize;
    let mut centers = Vec::new();
    let mut i = 0;
    while i < samples.len() {
        if samples[i].abs() > 0.1 {
            let range = i.saturating_sub(reach)..(i + reach).min(samples.len());
            let energy = |i: usize| f64::from(samples[i]).powi(2);
            let sum: f64 = range.clone().map(energy).sum();
            let moment: f64 = range.map(|i| i as f64 * energy(i)).sum();
            centers.push(moment / sum / f64::from(rate_hz));
            i += reach;
        }
        i += 1;
    }
    centers
}

/// The playhead at a time, between the looks at it.
fn playhead_at(looks: &[(f64, f64)], secs: f64) -> f64 {
    let after = looks
        .partition_point(|look| look.0 < secs)
        .clamp(1, looks.len() - 1);
    let ((t0, p0), (t1, p1)) = (looks[after - 1], looks[after]);
    p0 + (p1 - p0) * (secs - t0) / (t1 - t0)
}

#[test]
#[ignore = "a scene of the_playhead_is_what_is_heard"]
fn scene_bursts_and_playhead() {
    let arguments = std::env::var("SCENE").unwrap();
    let numbers: Vec<f64> = arguments
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect();
    let (file_hz, sink_hz, speed) = (numbers[0] as u32, numbers[1] as u32, numbers[2]);
    let folder = tempfile::tempdir().unwrap();
    let mut player = Player::new();
    player.open(&bursts_in(folder.path(), file_hz));
    player.set_speed(speed);
    let epoch = Instant::now();
    let ear = Ear::open(sink_hz, epoch);
    thread::sleep(Duration::from_millis(500));
    player.play(None, false);
    let mut looks = Vec::new();
    let ended = wait_for(60.0, || {
        let before = epoch.elapsed().as_secs_f64();
        looks.push((before, player.playhead_secs()));
        !player.is_playing()
    });
    thread::sleep(Duration::from_millis(300));
    let (samples, start_secs) = ear.close();
    assert!(ended && !player.is_silent(), "{:?}", player.take_notices());
    let heard = find_bursts(&samples, sink_hz);
    assert_eq!(heard.len(), BURSTS.len(), "{heard:?}");
    for (heard, burst) in heard.iter().zip(BURSTS) {
        let off_secs = (playhead_at(&looks, start_secs + heard) - burst) / speed;
        println!(
            "{arguments}: burst at {burst} s, playhead {:+.1} ms",
            1000.0 * off_secs
        );
        assert!(off_secs.abs() < 0.02, "{arguments}: {off_secs} s off");
    }
}

#[test]
#[ignore = "a scene of a_lost_device_is_a_notice_and_a_silent_clock"]
fn scene_lost_device() {
    let folder = tempfile::tempdir().unwrap();
    let mut player = Player::new();
    player.open(&bursts_in(folder.path(), 44_100));
    player.play(Some(0.0..2.0), true);
    assert!(wait_for(20.0, || player.playhead_secs() > 0.3));
    assert!(!player.is_silent(), "{:?}", player.take_notices());
    assert!(
        Command::new("pactl")
            .arg("exit")
            .status()
            .unwrap()
            .success()
    );
    assert!(wait_for(20.0, || player.is_silent()));
    assert!(matches!(
        &player.take_notices()[..],
        [PlayNotice::Silent { .. }]
    ));
    let before = player.playhead_secs();
    assert!(wait_for(20.0, || (player.playhead_secs() - before).abs() > 0.3));
    assert!(player.is_playing());
}

fn pactl(arguments: &[&str]) -> String {
    let answer = Command::new("pactl").args(arguments).output().unwrap();
    assert!(answer.status.success(), "pactl {arguments:?}");
    String::from_utf8(answer.stdout).unwrap()
}

/// Name of the sink that something plays to.
fn sink_played_to() -> Option<String> {
    let inputs = pactl(&["list", "short", "sink-inputs"]);
    let number = inputs.lines().next()?.split('\t').nth(1)?.to_owned();
    let sinks = pactl(&["list", "short", "sinks"]);
    let fields = sinks
        .lines()
        .map(|sink| sink.split('\t').collect::<Vec<_>>());
    let mut named = fields.filter(|sink| sink[0] == number);
    named.next().map(|sink| sink[1].to_owned())
}

#[test]
#[ignore = "a scene of another_device_takes_over_while_playing"]
fn scene_another_device() {
    pactl(&[
        "load-module",
        "module-null-sink",
        "sink_name=other",
        "rate=48000",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let mut player = Player::new();
    player.list_devices();
    let other = || player.devices().into_iter().find(|name| name == "Other");
    assert!(
        wait_for(20.0, || other().is_some()),
        "{:?}",
        player.devices()
    );
    let other = other();
    player.open(&bursts_in(folder.path(), 44_100));
    player.play(Some(0.0..2.0), true);
    let to_ear = || sink_played_to().as_deref() == Some("ear");
    assert!(wait_for(20.0, || player.playhead_secs() > 0.3 && to_ear()));
    // The other sink has another rate; the playhead goes on from where it is.
    player.set_device(other);
    let to_other = || sink_played_to().as_deref() == Some("other");
    assert!(wait_for(20.0, || !player.is_silent() && to_other()));
    assert!(player.is_playing());
    let before = player.playhead_secs();
    assert!(wait_for(20.0, || (player.playhead_secs() - before).abs() > 0.3));
    assert!(player.take_notices().is_empty());
}

#[test]
#[ignore = "a scene of no_device_is_a_notice_and_a_silent_clock"]
fn scene_no_device() {
    let folder = tempfile::tempdir().unwrap();
    let mut player = Player::new();
    player.open(&bursts_in(folder.path(), 44_100));
    player.play(None, false);
    assert!(wait_for(20.0, || player.playhead_secs() > 0.5));
    assert!(player.is_silent());
    assert!(matches!(
        &player.take_notices()[..],
        [PlayNotice::Silent { .. }]
    ));
}
