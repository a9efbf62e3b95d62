//! What is read, from which files broken ones are made, and what reading may take.
//!
//! The bounds hold for files of some kilobytes. On an idle machine a file takes milliseconds; tests run
//! beside others.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use melograph::analysis::cache::Cache;
use melograph::analysis::{Analysis, Product};
use melograph::annotation::{Annotation, AudioReference, ModelReference, Project};
use melograph::audio::AudioReader;
use melograph::formats::{Content, Export, FORMATS, Format, found_in};
use melograph::melody::{ClassFrame, F0Frame, FrameGrid, Note, PitchAxis, PitchFrame};

use crate::models;

/// Reads a file; what is wrong with it is no matter.
pub type FuzzedReader = Box<dyn Fn(&[u8])>;

/// A reader that is given broken files.
pub struct Target {
    /// What it is asked for by.
    pub name: &'static str,
    /// Whole files.
    pub files: Vec<Vec<u8>>,
    /// What reads them.
    pub read: FuzzedReader,
    /// What reading may take, and hold at any time.
    pub max_time: Duration,
    pub max_bytes: usize,
}

/// All targets; formats follow from their list.
pub fn all() -> Vec<Target> {
    let readable = FORMATS.iter().filter(|format| format.reader.is_some());
    let mut targets = vec![recordings(), projects(), cache_entries()];
    targets.extend([models::configs(), models::weights()]);
    targets.extend(readable.map(format));
    targets
}

/// More sound than this is not read; silence for holes and edits may be long.
const MAX_BLOCKS: usize = 3000;

fn recordings() -> Target {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audio");
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut paths: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|it| it != "sh"))
        .collect();
    paths.sort();
    let broken = tempfile::NamedTempFile::new().unwrap();
    let read = move |input: &[u8]| {
        fs::write(broken.path(), input).unwrap();
        let Ok(mut reader) = AudioReader::open(broken.path()) else {
            return;
        };
        for _ in 0..MAX_BLOCKS {
            let Ok(Some(block)) = reader.next_block() else {
                break;
            };
            assert!(block.iter().flatten().all(|it| it.is_finite()));
            assert!(block.iter().all(|it| it.len() == block[0].len()));
        }
    };
    Target {
        name: "audio",
        files: paths.iter().map(|path| fs::read(path).unwrap()).collect(),
        read: Box::new(read),
        max_time: Duration::from_secs(10),
        max_bytes: 512 << 20,
    }
}

/// What other programs write in columns.
const COLUMNS: [&str; 5] = [
    "time,frequency,confidence\n0.00,220.5,0.93\n0.01,221.0,0.2\n",
    "# pitch of a song\n# time f0\n0,01;nan\n0,02;220,5\n",
    "0.000000000\t-220.000\r\n0.005804989\t221.5\r\n",
    "0.50\t0.90\t57\tla\n1.00\t1.25\t69\tli\n",
    "ONSET OFFSET PITCH\n0.5 0.9 220\n1 1.25 440\n",
];

/// A song and phrases with all that they may have.
const SONG: &str = "#TITLE:Song\r\n#BPM:150,5\r\n#GAP:1000\r\n#RELATIVE:YES\r\n: 0 4 0 Hel\r\n* 4 4 2 lo\r\n\
                    - 8 9\r\nF 1 2 0 hey\r\nB 2 300\r\nP2\r\n: 3 1 -7  world\r\nE\r\n";
const PHRASES: &str = r#"[{"offset": 10.0, "text": "SP a b AP", "note_seq": "rest C4 D#4+12 rest",
    "note_dur": "0.1 0.2 0.1 0.1", "note_slur": [0, 0, 1, 0], "f0_seq": "0 261 311 330", "f0_timestep": 0.1}]"#;

/// What other programs wrote in a format.
fn others_files(format: &Format) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/files");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    paths.sort();
    let is_of = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        Format::of_file(&name) == Some(format)
    };
    let files = paths.iter().filter(|path| is_of(path));
    files.map(|path| fs::read(path).unwrap()).collect()
}

/// A format's reader, by the files that the format writes and those that other programs wrote.
fn format(format: &'static Format) -> Target {
    let analysis = analysis(Path::new("Wind & <Wetter>.wav"));
    let export = Export::of(&analysis);
    let mut files: Vec<Vec<u8>> = format.files.iter().map(|_| Vec::new()).collect();
    for (file, bytes) in format.files.iter().zip(&mut files) {
        (file.write)(&export, bytes).unwrap();
    }
    match format.name {
        "csv" | "mirex" | "tony" | "notes" => {
            files.extend(COLUMNS.map(|text| text.as_bytes().to_vec()));
        }
        "ultrastar" => files.push(SONG.as_bytes().to_vec()),
        "ds" => files.push(PHRASES.as_bytes().to_vec()),
        _ => {}
    }
    files.extend(others_files(format));
    let paths: Vec<PathBuf> = format
        .files
        .iter()
        .map(|file| PathBuf::from(format!("song{}", file.suffix)))
        .collect();
    let read = move |input: &[u8]| {
        for path in &paths {
            let named = found_in(path, input, Some(format));
            let melody = named.ok().and_then(|it| it.contents.melody);
            let _ = melody.map(|it| (it.to_track(), it.leaves_out_unvoiced()));
            let _ = found_in(path, input, None);
        }
    };
    Target {
        name: format.name,
        files,
        read: Box::new(read),
        max_time: Duration::from_secs(5),
        max_bytes: 256 << 20,
    }
}

/// What is opened is written in all formats.
fn projects() -> Target {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("song.melograph");
    let analysis = analysis(Path::new("song.wav"));
    let annotation = Annotation::new(analysis.f0, analysis.notes).unwrap();
    let project = Project {
        audio: AudioReference {
            sha256: "0f".repeat(32),
            rate_hz: 44_100,
            duration_secs: Some(1.0),
            track: Some(1),
            relative_path: Some("Ständchen.flac".into()),
            absolute_path: "/nowhere/Ständchen.flac".into(),
        },
        models: vec![ModelReference {
            name: "msnet-hs".into(),
            sha256: "a0".repeat(32),
        }],
        annotation,
    };
    project.save(&path).unwrap();
    let file = fs::read(&path).unwrap();
    let read = move |input: &[u8]| {
        let path = folder.path().join("song.melograph");
        fs::write(&path, input).unwrap();
        if let Ok(project) = Project::open(&path) {
            write_all(&Export::corrected(&blank(&path), &project.annotation));
        }
    };
    Target {
        name: "project",
        files: vec![file],
        read: Box::new(read),
        max_time: Duration::from_secs(5),
        max_bytes: 64 << 20,
    }
}

/// What is loaded of a broken entry is written in all formats.
fn cache_entries() -> Target {
    let folder = tempfile::tempdir().unwrap();
    let song = folder.path().join("song.wav");
    fs::write(&song, "sound").unwrap();
    let cache = Cache {
        folder: folder.path().join("cache"),
        limit: u64::MAX,
    };
    let same = |_: Product| String::new();
    cache.store(&analysis(&song), &same).unwrap();
    let entries = fs::read_dir(&cache.folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    paths.sort();
    let files: Vec<Vec<u8>> = paths.iter().map(|it| fs::read(it).unwrap()).collect();
    let whole = files.clone();
    let read = move |input: &[u8]| {
        let _kept = &folder;
        // the first byte tells the product
        let is_like = |file: &Vec<u8>| file.first() == input.first();
        let at = whole.iter().position(is_like).unwrap_or(0);
        fs::write(&paths[at], input).unwrap();
        let mut analysis = blank(&song);
        cache.load(&mut analysis, &same);
        fs::write(&paths[at], &whole[at]).unwrap();
        write_all(&Export::of(&analysis));
    };
    Target {
        name: "cache",
        files,
        read: Box::new(read),
        max_time: Duration::from_secs(5),
        max_bytes: 64 << 20,
    }
}

/// Writes all formats but figures, nowhere.
fn write_all(export: &Export) {
    let formats = FORMATS.iter().filter(|it| it.content != Content::Figure);
    for file in formats.flat_map(|it| it.files) {
        (file.write)(export, &mut std::io::sink()).unwrap();
    }
}

fn blank(path: &Path) -> Analysis {
    Analysis::new(path, PitchAxis::HKDSME, FrameGrid::from_hop(0.01))
}

/// A second of everything.
fn analysis(path: &Path) -> Analysis {
    let mut analysis = blank(path);
    let pitch = |i: usize| PitchFrame {
        f0_hz: 220.0 + i as f32 / 7.0,
        own_hz: 220.0,
        confidence: i as f32 / 100.0,
    };
    let frame = |i: usize| F0Frame {
        f0_hz: pitch(i).f0_hz,
        confidence: pitch(i).confidence,
        voiced: i % 20 > 4,
    };
    let note = |i: usize| Note {
        onset_secs: 0.2 * i as f64 + 0.05,
        offset_secs: 0.2 * i as f64 + 0.2,
        midi: 57.0 + i as f32,
        confidence: 0.75,
    };
    analysis.audio.title = Some("夜".into());
    analysis.audio.rate_hz = 44_100;
    analysis.models = vec!["msnet-hs".into()];
    analysis.picture.cells = (0..100 * PitchAxis::HKDSME.n_rows)
        .map(|i| i as u8)
        .collect();
    analysis.level = (0..100).map(|i| i as f32 / 100.0).collect();
    analysis.pitch = (0..100).map(pitch).collect();
    analysis.classes.frames = vec![ClassFrame::default(); 100];
    analysis.f0.frames = (0..100).map(frame).collect();
    analysis.notes = (0..5).map(note).collect();
    analysis.complete.extend(Product::ALL);
    analysis
}
