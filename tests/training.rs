//! Training, on material made here.

mod common;

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use common::clips::{harmonics, write_wav};
use melograph::models::ModelFolder;
use melograph::progress::Progress;
use melograph::training::{self, Event, TrainingRequest};

/// Random weights come from one generator a process: tests that draw them take turns.
static WEIGHTS: Mutex<()> = Mutex::new(());

/// A stereo clip, accompaniment left and a voice of harmonics right, with its labels.
fn write_clip(data: &Path, split: &str, id: &str, hz: f64) {
    let folder = data.join("mir1k").join(split);
    let labels = data.join("mir1k/labels/pitch");
    fs::create_dir_all(&labels).unwrap();
    let cycles = |hz: f64, i: i32| hz * f64::from(i) / 16_000.0;
    let frame = |i| [harmonics(cycles(131.0, i), 1), harmonics(cycles(hz, i), 5)];
    let samples = (0..48_000).flat_map(frame).map(|it| (it * 6000.0) as i16);
    write_wav(folder.join(format!("{id}.wav")), 16_000, 2, samples);
    let midi = 69.0 + 12.0 * (hz / 440.0).log2();
    let text: String = (0..149).map(|_| format!("{midi:.4}\n")).collect();
    fs::write(labels.join(format!("{id}.pv")), text).unwrap();
}

/// Half a minute of a tone, enough to count as a song.
fn write_song(path: &Path) {
    let tone = |i| harmonics(220.0 * f64::from(i) / 16_000.0, 1);
    let samples = (0..31 * 16_000).map(|i| (tone(i) * 6000.0) as i16);
    write_wav(path, 16_000, 1, samples);
}

fn write_data(data: &Path) {
    write_clip(data, "train", "anna_1_01", 220.0);
    write_clip(data, "train", "bert_1_01", 330.0);
    write_clip(data, "dev", "carl_1_01", 260.0);
    let music = data.join("fretsonfire");
    fs::create_dir_all(&music).unwrap();
    let clip = data.join("mir1k/train/anna_1_01.wav");
    fs::copy(clip, music.join("band.wav")).unwrap();
}

/// Losses of a run, stopped after `stop` steps.
fn losses(args: &TrainingRequest, stop: usize) -> Vec<f32> {
    let progress = Progress::silent();
    let canceller = progress.canceller();
    let mut losses = Vec::new();
    let result = training::run(args, &progress, &mut |event| {
        if let Event::Step(step) = event {
            losses.push(step.loss);
            if step.step == stop {
                canceller.cancel();
            }
        }
    });
    assert_eq!(result.is_ok(), stop == usize::MAX, "{result:?}");
    losses
}

/// A run of a recipe in `folder`, on the corpora made there.
fn run_in(folder: &Path, recipe: &str, out: &str, resume: bool) -> TrainingRequest {
    let data = folder.join("data");
    if !data.exists() {
        write_data(&data);
    }
    let path = folder.join("recipe.toml");
    fs::write(&path, recipe).unwrap();
    TrainingRequest {
        recipe: path,
        data: vec![data],
        out: folder.join(out),
        from: None,
        device: None,
        resume,
    }
}

/// A recipe that learns one stretch by heart.
fn by_heart(network: &str, measure: &str, steps: usize) -> String {
    format!(
        r#"
        seed = 7
        network = {{ {network} }}
        data = {{ corpora = ["mir1k"] }}
        excerpts = {{ count = 1, seconds = 0.17, recorded_share = 1.0 }}
        [optimizer]
        steps = {steps}
        batch = 1
        frames = 16
        peak_rate = 3e-3
        weight_decay = 1e-2
        [validation]
        every = {steps}
        sets = {{ mir1k = 1 }}
        choose_by = {{ set = "mir1k", measure = "{measure}" }}
        "#
    )
}

/// Asserts that a run came down to a share of the loss it began with.
fn assert_learned(losses: &[f32], steps: usize, left: f32) {
    assert_eq!(losses.len(), steps);
    let (first, last) = (losses[0], losses[steps - 1]);
    assert!(last < left * first, "from {first} to {last}");
}

#[test]
fn one_batch_is_learned_by_heart() {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let recipe = by_heart(
        r#"name = "msnet", settings = { maps = 4 }, features = "hkdsme""#,
        "RPA",
        60,
    );
    let args = run_in(folder.path(), &recipe, "out", false);
    assert_learned(&losses(&args, usize::MAX), 60, 0.2);
    let best = ModelFolder::find(args.out.join("best").to_str().unwrap()).unwrap();
    assert!(best.config.data.contains("MIR-1K"));
    assert!(best.config.licence.contains("mir1k: none stated"));
    best.network(&burn::tensor::Device::flex()).unwrap();
    let log = fs::read_to_string(args.out.join("log.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(log.trim()).unwrap();
    assert_eq!(line["step"], 60);
    assert!(line["parts"]["maps"].as_f64().unwrap() > 0.0);
    assert!(line["scores"]["mir1k"]["RPA"].is_number(), "{line}");
}

#[test]
fn songs_without_labels_are_learned_from_too() {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let recipe = r#"
        seed = 7
        network = { name = "msnet", settings = { maps = 4 }, features = "hkdsme" }
        data = { corpora = ["mir1k"] }
        excerpts = { count = 2, seconds = 0.17, recorded_share = 1.0 }
        optimizer = { steps = 4, batch = 1, frames = 16, peak_rate = 1e-3, weight_decay = 1e-2 }
        [unlabeled]
        songs = ["album"]
        count = 2
        batch = 1
        weight = 1.0
        min_confidence = 0.0
        [validation]
        every = 4
        sets = { mir1k = 1 }
        choose_by = { set = "mir1k", measure = "RPA" }
    "#;
    let args = run_in(folder.path(), recipe, "out", false);
    write_song(&folder.path().join("data/album/song.wav"));
    assert_eq!(losses(&args, usize::MAX).len(), 4);
    let log = fs::read_to_string(args.out.join("log.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(log.trim()).unwrap();
    assert!(
        line["parts"]["consistency"].as_f64().unwrap() > 0.0,
        "{line}"
    );
}

#[test]
fn a_killed_run_goes_on_with_the_same_losses() {
    let network = r#"name = "voicing", features = "melody-bands""#;
    assert_goes_on(network, "VA");
}

#[test]
fn what_a_network_leaves_out_is_the_same_after_a_kill() {
    let settings = "{ depth = 2, width = 16, states = 2, drop_path = 0.5 }";
    let network = r#"name = "spectmamba", features = "hkdsme", settings = "#;
    assert_goes_on(&format!("{network}{settings}"), "RPA");
}

/// Asserts that a run that was stopped goes on as one that was not.
fn assert_goes_on(network: &str, measure: &str) {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let recipe = format!(
        r#"
        seed = 3
        network = {{ {network} }}
        data = {{ corpora = ["mir1k", "fretsonfire"] }}
        excerpts = {{ count = 6, seconds = 3.0, recorded_share = 0.5 }}
        optimizer = {{ steps = 8, batch = 2, frames = 100, peak_rate = 1e-3, weight_decay = 1e-2 }}
        [validation]
        every = 4
        sets = {{ mir1k = 1 }}
        choose_by = {{ set = "mir1k", measure = "{measure}" }}
    "#
    );
    let args = |out: &str, resume| run_in(folder.path(), &recipe, out, resume);
    let whole = losses(&args("whole", false), usize::MAX);
    assert_eq!(whole.len(), 8);
    let first = losses(&args("parts", false), 5);
    assert_eq!(first, whole[..5]);
    // The checkpoint is of step 4: step 5 is taken again.
    let rest = losses(&args("parts", true), usize::MAX);
    assert_eq!(rest, whole[4..]);
    let best = folder.path().join("parts/best");
    ModelFolder::find(best.to_str().unwrap()).unwrap();
}

/// Asserts that a network learns a stretch by heart, by a loss of these parts, and that its checkpoint
/// is read.
fn assert_learns(network: &str, steps: usize, parts: &[&str]) {
    let network = format!(r#"{network}, features = "hkdsme""#);
    assert_learns_with_features(&network, steps, 0.2, parts);
}

/// The same of a network with its features, until no more than a share of the loss is `left`.
fn assert_learns_with_features(network: &str, steps: usize, left: f32, parts: &[&str]) {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let recipe = by_heart(network, "RPA", steps);
    let args = run_in(folder.path(), &recipe, "out", false);
    assert_learned(&losses(&args, usize::MAX), steps, left);
    let best = ModelFolder::find(args.out.join("best").to_str().unwrap()).unwrap();
    best.network(&burn::tensor::Device::flex()).unwrap();
    let log = fs::read_to_string(args.out.join("log.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(log.trim()).unwrap();
    for part in parts {
        assert!(line["parts"][part].as_f64().unwrap() > 0.0, "{line}");
    }
}

#[test]
fn ftanet_learns_a_segment_and_its_checkpoint_is_read() {
    assert_learns(r#"name = "ftanet""#, 100, &["melody"]);
}

#[test]
fn segmentation_learns_a_window_and_its_checkpoint_is_read() {
    let network = r#"name = "segmentation", settings = { hop = 128 }, features = "lu-su-salience""#;
    assert_learns_with_features(network, 30, 0.5, &["pixels"]);
}

#[test]
fn spectmamba_learns_a_segment_and_its_checkpoint_is_read() {
    let settings = "{ depth = 2, width = 32, states = 4, drop_path = 0.0 }";
    let network = format!(r#"name = "spectmamba", settings = {settings}"#);
    assert_learns(&network, 60, &["melody", "notes"]);
}

#[test]
fn a_run_goes_on_from_the_weights_of_another() {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let network = r#"name = "msnet", settings = { maps = 4 }, features = "hkdsme""#;
    let first = run_in(folder.path(), &by_heart(network, "RPA", 40), "first", false);
    let begun = losses(&first, usize::MAX)[0];
    let from = |name: String| TrainingRequest {
        from: Some(name),
        ..run_in(
            folder.path(),
            &by_heart(network, "RPA", 20),
            "second",
            false,
        )
    };
    let best = first.out.join("best").to_str().unwrap().to_owned();
    let further = losses(&from(best), usize::MAX);
    assert!(further[0] < 0.6 * begun, "{further:?} after {begun}");
    assert!(further[19] < 0.7 * further[0], "{further:?}");
    let kept = |out: &str| {
        let best = folder.path().join(out).join("best");
        ModelFolder::find(best.to_str().unwrap()).unwrap().config
    };
    let (first_kept, second) = (kept("first"), kept("second"));
    assert!(
        second.data.contains("begun from first/best"),
        "{}",
        second.data
    );
    assert_ne!(second.weights_sha256, first_kept.weights_sha256);
    // what it began with can have a share in what is kept: here all
    let recipe = by_heart(network, "RPA", 2).replace("1e-2", "1e-2\nbegun_share = 1.0");
    let third = TrainingRequest {
        from: Some(first.out.join("best").to_str().unwrap().to_owned()),
        ..run_in(folder.path(), &recipe, "third", false)
    };
    losses(&third, usize::MAX);
    let values = |out: &str| -> Vec<f32> {
        let bytes = fs::read(folder.path().join(out).join("best/weights.safetensors")).unwrap();
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let values = bytes[8 + header..].chunks_exact(4);
        values
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
            .collect()
    };
    let (third, first) = (values("third"), values("first"));
    assert_eq!(third.len(), first.len());
    let apart = third
        .iter()
        .zip(&first)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(apart < 1e-6, "{apart}");
    let other = training::run(
        &from("voicing-wide".into()),
        &Progress::silent(),
        &mut |_| {},
    );
    let refused = other.unwrap_err().to_string();
    assert!(
        refused.contains("voicing-wide") && refused.contains("msnet"),
        "{refused}"
    );
}

/// Asserts that a separator takes a voice out of one stretch by heart: no more than a share of the loss
/// it began with is `left`.
fn assert_separates(network: &str, steps: usize, left: f32) {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let recipe = by_heart(network, "SDR", steps)
        .replace("seconds = 0.17", "seconds = 1.3")
        .replace("frames = 16", "frames = 128");
    let args = run_in(folder.path(), &recipe, "out", false);
    let losses = losses(&args, usize::MAX);
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    let (first, last) = (mean(&losses[..5]), mean(&losses[steps - 5..]));
    assert!(last < left * first, "from {first} to {last}");
    let best = ModelFolder::find(args.out.join("best").to_str().unwrap()).unwrap();
    best.network(&burn::tensor::Device::flex()).unwrap();
    let log = fs::read_to_string(args.out.join("log.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(log.trim()).unwrap();
    assert!(line["parts"]["voice"].as_f64().unwrap() > 0.0, "{line}");
    assert!(line["scores"]["mir1k"]["SDR"].is_number(), "{line}");
}

#[test]
fn tfc_tdf_separates_a_stretch_by_heart() {
    let settings = "{ width = 4 }";
    let network = format!(r#"name = "tfc-tdf", settings = {settings}, features = "spectrum32ms""#);
    assert_separates(&network, 60, 0.3);
}

#[test]
fn a_u_net_separates_a_segment_by_heart() {
    // It drops half of what its first decoder layers say, and so learns more slowly.
    assert_separates(r#"name = "unet", features = "spectrum20ms""#, 30, 0.6);
}

#[test]
fn a_killed_separation_goes_on_with_the_same_losses() {
    let network = r#"name = "tfc-tdf", settings = { width = 2 }, features = "spectrum32ms""#;
    assert_goes_on(network, "SDR");
}

/// A recipe on which unlabeled songs and a teacher are tried.
fn semi_supervised(settings: &str, tables: &str) -> String {
    format!(
        r#"
        seed = 7
        network = {{ name = "msnet", settings = {settings}, features = "hkdsme" }}
        data = {{ corpora = ["mir1k"], singers = ["mir1k/anna"] }}
        excerpts = {{ count = 2, seconds = 0.35, recorded_share = 1.0 }}
        optimizer = {{ steps = 4, batch = 1, frames = 32, peak_rate = 1e-3, weight_decay = 1e-2 }}
        [validation]
        every = 2
        sets = {{ mir1k = 1 }}
        choose_by = {{ set = "mir1k", measure = "RPA" }}
        {tables}
    "#
    )
}

fn last_line(out: &Path) -> serde_json::Value {
    let log = fs::read_to_string(out.join("log.jsonl")).unwrap();
    serde_json::from_str(log.trim().lines().last().unwrap()).unwrap()
}

#[test]
fn binary_regularization_learns_from_other_singers() {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let tables = "[unlabeled]\ncorpora = [\"mir1k\"]\ncount = 2\nbatch = 1\nby = \"binary\"";
    let recipe = semi_supervised("{ maps = 4 }", tables);
    let args = run_in(folder.path(), &recipe, "out", false);
    let whole = losses(&args, usize::MAX);
    assert_eq!(whole.len(), 4);
    let line = last_line(&args.out);
    assert!(line["parts"]["binary"].as_f64().unwrap() > 0.0, "{line}");
    // what the teacher was sure of is known after a kill
    let parts = run_in(folder.path(), &recipe, "parts", false);
    losses(&parts, 3);
    let rest = losses(&run_in(folder.path(), &recipe, "parts", true), usize::MAX);
    assert_eq!(rest, whole[2..]);
}

#[test]
fn a_student_has_a_frozen_teacher_selects_and_is_kept_without_projections() {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let network = r#"name = "msnet", settings = { maps = 4 }, features = "hkdsme""#;
    let teacher = run_in(
        folder.path(),
        &by_heart(network, "RPA", 60),
        "teacher",
        false,
    );
    losses(&teacher, usize::MAX);
    let best = teacher.out.join("best");
    // the teacher goes on as the student's own beginning would: what it knows is consistent
    let tables = format!(
        "partials = [2, 3]\n[teacher]\nmodel = {best:?}\n[unlabeled]\ncorpora = [\"mir1k\"]\n\
         count = 2\nbatch = 1\nby = \"selection\"\n[selection]\nevery = 2\nunvoiced = true"
    );
    let recipe = semi_supervised("{ maps = 4, projection = 1 }", "");
    let (head, sections) = tables.split_once('\n').unwrap();
    let recipe = format!("{head}\n{recipe}\n{sections}");
    let before = fs::read(best.join("weights.safetensors")).unwrap();
    let args = run_in(folder.path(), &recipe, "out", false);
    let mut selected = 0;
    training::run(&args, &Progress::silent(), &mut |event| {
        selected += usize::from(matches!(event, Event::Selected(_)));
    })
    .unwrap();
    assert_eq!(selected, 2);
    assert_eq!(fs::read(best.join("weights.safetensors")).unwrap(), before);
    let line = last_line(&args.out);
    for part in ["melody", "divergence", "guided", "projections"] {
        assert!(line["parts"][part].as_f64().unwrap() > 0.0, "{line}");
    }
    assert!(line["selection"]["share"].is_number(), "{line}");
    let kept = ModelFolder::find(args.out.join("best").to_str().unwrap()).unwrap();
    assert_eq!(
        kept.config.network.settings,
        serde_json::json!({ "maps": 4 })
    );
    assert!(
        kept.config.data.contains("taught by teacher/best"),
        "{}",
        kept.config.data
    );
    kept.network(&burn::tensor::Device::flex()).unwrap();
}

/// Ten scores of a melody over a bass.
fn write_scores(folder: &Path) {
    use midly::num::{u4, u7, u15, u28};
    use midly::{
        Format, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind,
    };
    fs::create_dir_all(folder).unwrap();
    let event = |delta: u32, kind| TrackEvent {
        delta: u28::new(delta),
        kind,
    };
    let note = |delta: u32, channel: u8, key: u8, vel: u8| {
        let (key, vel) = (u7::new(key), u7::new(vel));
        let message = MidiMessage::NoteOn { key, vel };
        let channel = u4::new(channel);
        event(delta, TrackEventKind::Midi { channel, message })
    };
    for score in 0..10 {
        let named =
            |name: &'static [u8]| event(0, TrackEventKind::Meta(MetaMessage::TrackName(name)));
        let end = event(0, TrackEventKind::Meta(MetaMessage::EndOfTrack));
        let mut smf = Smf::new(Header::new(
            Format::Parallel,
            Timing::Metrical(u15::new(96)),
        ));
        smf.tracks = vec![
            vec![named(b"Bass"), note(0, 0, 40, 90), note(960, 0, 40, 0), end],
            vec![
                named(b"Voice"),
                note(96, 1, 65 + score, 90),
                note(480, 1, 65 + score, 0),
                end,
            ],
        ];
        smf.save(folder.join(format!("{score}.mid"))).unwrap();
    }
}

#[test]
fn a_progressive_network_keeps_what_its_first_column_learned_of_scores() {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let of_scores = by_heart(
        r#"name = "score-segmentation", settings = { hop = 128 }, features = "score-notes""#,
        "OA",
        2,
    );
    let of_scores = of_scores
        .replace(
            r#"corpora = ["mir1k"]"#,
            r#"corpora = [], scores = ["scores"]"#,
        )
        .replace("{ mir1k = 1 }", "{ scores = 1 }")
        .replace(r#"set = "mir1k""#, r#"set = "scores""#);
    let column = run_in(folder.path(), &of_scores, "column", false);
    write_scores(&folder.path().join("data/scores"));
    assert_eq!(losses(&column, usize::MAX).len(), 2);
    let best = column.out.join("best");
    let progressive = by_heart(
        r#"name = "progressive", settings = { hop = 128 }, features = "lu-su-salience""#,
        "RPA",
        2,
    );
    let parts = format!(r#"features = "lu-su-salience", parts = {{ symbolic = {best:?} }}"#);
    let progressive = progressive.replace(r#"features = "lu-su-salience""#, &parts);
    let args = run_in(folder.path(), &progressive, "progressive", false);
    assert_eq!(losses(&args, usize::MAX).len(), 2);
    let [column, both] = [&column.out, &args.out].map(|out| {
        let bytes = fs::read(out.join("best/weights.safetensors")).unwrap();
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let names: serde_json::Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
        (names, bytes[8 + header..].to_vec())
    });
    let values = |(names, bytes): &(serde_json::Value, Vec<u8>), name: &str| -> Vec<f32> {
        let offsets = &names[name]["data_offsets"];
        let [from, to] = [0, 1].map(|i| offsets[i].as_u64().unwrap() as usize);
        let values = bytes[from..to].chunks_exact(4);
        values
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
            .collect()
    };
    for name in ["first.conv.weight", "last.conv.conv.bias"] {
        let (own, kept) = (
            values(&column, name),
            values(&both, &format!("symbolic.{name}")),
        );
        let apart = own.iter().zip(&kept).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f32::max) < 1e-6, "{name}");
    }
}
