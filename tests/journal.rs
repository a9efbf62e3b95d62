//! Unsaved work outlives the program: a process that edits and saves as the window does is killed
//! again and again, and what it had finished is there each time.

#![cfg(feature = "gui")]

mod common;

use std::collections::HashSet;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use common::clips::{harmonics, write_wav};
use eframe::egui::Context;
use melograph::annotation::{Annotation, Mark, Operation, Project, Selection};
use melograph::app::event::OwnerEvent;
use melograph::app::memory::Memory;
use melograph::app::notice::Notice;
use melograph::app::shell::AppSettings;
use melograph::app::workspace::{AnalysisState, Workspace, WorkspaceCommand};
use rand::Rng;

/// Tells the process that is killed where to work.
const FOLDER: &str = "MELOGRAPH_JOURNAL_TEST";
/// How often it is killed.
const N_KILLS: usize = 200;
/// Long enough for the networks on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn clip(folder: &Path) -> PathBuf {
    let samples = (0..32_000).map(|i| {
        let secs = f64::from(i) / 16_000.0;
        (harmonics(220.0 * secs + 10.0 * secs * secs, 7) * 6000.0) as i16
    });
    write_wav(folder.join("clip.wav"), 16_000, 1, samples)
}

/// The window's recordings without the window.
struct Desk {
    workspace: Workspace,
    settings: AppSettings,
    notices: Vec<Notice>,
}

impl Desk {
    /// Opens a file, with the journal in a folder, and waits for its analysis.
    fn open(path: &Path, journal: &Path, settings: AppSettings) -> Self {
        let mut workspace = Workspace::new(Context::default(), Memory::default());
        workspace.keep_in(journal.to_owned());
        workspace.open(path.to_owned(), &settings);
        let mut desk = Self {
            workspace,
            settings,
            notices: Vec::new(),
        };
        desk.wait(|it| {
            let session = it.workspace.session();
            session.is_some_and(|it| it.state == AnalysisState::Done && it.document.is_some())
        });
        desk
    }

    /// What a frame does around drawing.
    fn frame(&mut self) {
        self.workspace.take_reports(&self.settings);
        for event in self.workspace.take_events() {
            match event {
                OwnerEvent::Notice(notice) => self.notices.push(notice),
                OwnerEvent::WouldReplace(file) => self.apply(WorkspaceCommand::Replace(file.path)),
                _ => {}
            }
        }
    }

    fn keep(&mut self) {
        self.workspace.keep();
        assert!(self.workspace.settle(PATIENCE), "the journal is stuck");
    }

    fn apply(&mut self, command: WorkspaceCommand) {
        self.workspace.apply(command, &self.settings);
    }

    fn edit(&mut self, operation: Operation, secs: std::ops::Range<f64>) {
        self.apply(WorkspaceCommand::Select(Selection::Span(secs)));
        self.apply(WorkspaceCommand::Edit(operation));
        self.wait(|it| !it.workspace.session().unwrap().pending_notes.is_pending());
        self.keep();
    }

    fn wait(&mut self, done: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !done(self) {
            assert!(began.elapsed() < PATIENCE, "waited in vain");
            std::thread::sleep(Duration::from_millis(1));
            self.frame();
        }
    }

    fn annotation(&self) -> &Annotation {
        let document = self.workspace.session().unwrap().document.as_ref();
        document.unwrap().annotation()
    }

    fn is_told(&self, text: &str) -> bool {
        self.notices.iter().any(|notice| notice.text.contains(text))
    }
}

/// Ends windows as a crash does, and waits until the journal's threads are gone.
fn crash<const N: usize>(desks: [Desk; N], journal: &Path) {
    drop(desks);
    let began = Instant::now();
    let is_held = |path: PathBuf| fs::File::open(path).is_ok_and(|it| it.try_lock().is_err());
    let runs = || fs::read_dir(journal.join("runs")).into_iter().flatten();
    while runs().any(|entry| is_held(entry.unwrap().path())) {
        assert!(began.elapsed() < PATIENCE, "a thread goes on");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn sum(annotation: &Annotation) -> u64 {
    let mut hasher = DefaultHasher::new();
    let frames: Vec<_> = annotation.frames(0..annotation.n_frames()).collect();
    let notes: Vec<_> = annotation
        .annotated_notes(0..annotation.notes().len())
        .collect();
    let marks = (annotation.marked(), annotation.threshold());
    format!("{frames:?} {notes:?} {marks:?}").hash(&mut hasher);
    hasher.finish()
}

/// Says something in one piece, so that it is said or not.
fn say(word: &str, sum: u64) {
    let mut out = std::io::stdout();
    out.write_all(format!("{word} {sum}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

#[test]
#[ignore = "run by the test that kills it"]
fn a_process_that_edits_and_saves_without_end() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let project = folder.join("clip.melograph");
    let path = match project.exists() {
        true => project,
        false => folder.join("clip.wav"),
    };
    let mut desk = Desk::open(&path, &folder.join("journal"), AppSettings::default());
    say("\nopened", sum(desk.annotation()));
    let mut random = rand::rng();
    loop {
        act(&mut desk, &mut random);
        // what follows from it may come with the same frame or a later one
        std::thread::sleep(Duration::from_millis(random.random_range(0..6)));
        desk.frame();
        say("made", sum(desk.annotation()));
        desk.keep();
        say("kept", sum(desk.annotation()));
    }
}

/// What a person might do.
fn act(desk: &mut Desk, random: &mut impl Rng) {
    let start = random.random_range(0.0..1.8);
    let secs = start..start + random.random_range(0.05..0.5);
    let operations = &Operation::OF_SELECTION;
    match random.random_range(0..12) {
        0 => desk.apply(WorkspaceCommand::SaveBeside),
        1 | 2 => desk.apply(WorkspaceCommand::Undo),
        3 => desk.apply(WorkspaceCommand::Redo),
        4 => {
            let threshold = random.random_range(0.0..1.0);
            desk.apply(WorkspaceCommand::SetThreshold(threshold));
        }
        _ => {
            let operation = operations[random.random_range(0..operations.len())].clone();
            desk.apply(WorkspaceCommand::Select(Selection::Span(secs)));
            desk.apply(WorkspaceCommand::Edit(operation));
        }
    }
}

/// Runs the process, kills it after a while that begins once it is open, or at once, and returns
/// what it said.
fn run_and_kill(folder: &Path, wait: Duration, is_opened_first: bool) -> Vec<String> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("a_process_that_edits_and_saves_without_end")
        .env(FOLDER, folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, opened) = channel();
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        for line in lines.map_while(Result::ok) {
            if line.starts_with("opened") {
                let _ = sender.send(());
            }
            said.push(line);
        }
        said
    });
    if is_opened_first {
        opened.recv_timeout(PATIENCE).expect("it does not open");
    }
    std::thread::sleep(wait);
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn killed_at_any_moment_it_has_lost_nothing_that_was_finished() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    clip(folder);
    let project = folder.join("clip.melograph");
    let mut random = rand::rng();
    let mut made = HashSet::new();
    // what may be found: what was kept last, or what was made since
    let mut possible = HashSet::new();
    let (mut n_opened, mut n_kept, mut n_saved) = (0, 0, 0);
    for kill in 0..N_KILLS {
        let is_opened_first = kill == 0 || random.random_ratio(4, 5);
        let wait = Duration::from_micros(random.random_range(0..120_000));
        for line in run_and_kill(folder, wait, is_opened_first) {
            let Some((word, sum)) = line.split_once(' ') else {
                continue;
            };
            let Ok(sum) = sum.parse::<u64>() else {
                continue;
            };
            match word {
                "opened" => {
                    assert!(
                        kill == 0 || possible.contains(&sum),
                        "kill {kill} lost work"
                    );
                    possible = HashSet::from([sum]);
                    n_opened += 1;
                }
                "made" => {
                    possible.insert(sum);
                }
                "kept" => {
                    possible = HashSet::from([sum]);
                    n_kept += 1;
                }
                _ => continue,
            }
            made.insert(sum);
        }
        if project.exists() {
            let saved = Project::open(&project).expect("a half file was left");
            assert!(made.contains(&sum(&saved.annotation)), "kill {kill}");
            n_saved += 1;
        }
    }
    assert!(n_opened > N_KILLS / 2 && n_kept > N_KILLS && n_saved > 0);
    println!("{n_opened} openings, {n_kept} gestures");
    let database = rusqlite::Connection::open(folder.join("journal/work.sqlite")).unwrap();
    let check = database.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(check.unwrap(), "ok");
}

/// No cache: the person's own is left alone.
fn settings() -> AppSettings {
    AppSettings {
        cache_mib: 0,
        ..AppSettings::default()
    }
}

#[test]
fn two_windows_on_one_file_keep_their_work_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (path, journal) = (clip(folder.path()), folder.path().join("journal"));
    let mut first = Desk::open(&path, &journal, settings());
    first.edit(Operation::Unvoice, 0.2..0.5);
    let mut second = Desk::open(&path, &journal, settings());
    assert!(second.is_told("Another window"), "{:?}", second.notices);
    second.edit(Operation::Mark(Mark::Starred), 1.0..1.5);
    first.edit(Operation::Unvoice, 0.8..1.0);
    let sums = [sum(first.annotation()), sum(second.annotation())];
    // both end without a word
    crash([first, second], &journal);
    let third = Desk::open(&path, &journal, settings());
    assert!(third.is_told("here they are again"), "{:?}", third.notices);
    let fourth = Desk::open(&path, &journal, settings());
    let found = [sum(third.annotation()), sum(fourth.annotation())];
    assert!(found == sums || found == [sums[1], sums[0]]);
}

#[test]
fn work_comes_back_with_its_history_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (path, journal) = (clip(folder.path()), folder.path().join("journal"));
    let mut desk = Desk::open(&path, &journal, settings());
    let beginning = sum(desk.annotation());
    desk.edit(Operation::Unvoice, 0.2..0.5);
    desk.edit(Operation::Mark(Mark::Accepted), 0.5..0.9);
    let end = sum(desk.annotation());
    crash([desk], &journal);
    let mut again = Desk::open(&path, &journal, settings());
    assert_eq!(sum(again.annotation()), end);
    assert!(again.workspace.is_modified());
    again.apply(WorkspaceCommand::Revert);
    assert_eq!(sum(again.annotation()), beginning);
    assert!(!again.workspace.is_modified());
    again.apply(WorkspaceCommand::Redo);
    again.apply(WorkspaceCommand::Redo);
    assert_eq!(sum(again.annotation()), end);
    // once it is saved, nothing is left to bring back
    again.apply(WorkspaceCommand::SaveBeside);
    again.wait(|it| !it.workspace.is_modified());
    again.keep();
    crash([again], &journal);
    let project = path.with_extension("melograph");
    let saved = Desk::open(&project, &journal, settings());
    assert!(!saved.is_told("here they are again"), "{:?}", saved.notices);
    assert_eq!(sum(saved.annotation()), end);
}

#[test]
fn work_is_not_put_on_another_sound() {
    let folder = tempfile::tempdir().unwrap();
    let (path, journal) = (clip(folder.path()), folder.path().join("journal"));
    let mut desk = Desk::open(&path, &journal, settings());
    let beginning = sum(desk.annotation());
    desk.edit(Operation::Unvoice, 0.2..0.5);
    crash([desk], &journal);
    let whole = fs::read(&path).unwrap();
    let mut other = whole.clone();
    let end = other.len();
    other[end - 4000..].fill(0);
    fs::write(&path, other).unwrap();
    let desk = Desk::open(&path, &journal, settings());
    assert!(desk.is_told("changed since"), "{:?}", desk.notices);
    assert!(!desk.workspace.is_modified());
    crash([desk], &journal);
    // the right one is back, of another time
    fs::write(&path, whole).unwrap();
    let mut desk = Desk::open(&path, &journal, settings());
    assert!(desk.is_told("here they are again"), "{:?}", desk.notices);
    desk.apply(WorkspaceCommand::Revert);
    assert_eq!(sum(desk.annotation()), beginning);
}

#[test]
fn a_project_that_another_program_changed_is_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let (path, journal) = (clip(folder.path()), folder.path().join("journal"));
    let mut desk = Desk::open(&path, &journal, settings());
    desk.edit(Operation::Unvoice, 0.2..0.5);
    desk.apply(WorkspaceCommand::SaveBeside);
    desk.wait(|it| !it.workspace.is_modified());
    let project = path.with_extension("melograph");
    let mut text = fs::read(&project).unwrap();
    text.extend(b"\n");
    fs::write(&project, &text).unwrap();
    desk.edit(Operation::Unvoice, 0.6..0.7);
    desk.apply(WorkspaceCommand::Save);
    let began = Instant::now();
    let asked = loop {
        assert!(began.elapsed() < PATIENCE, "nobody asked");
        desk.workspace.take_reports(&desk.settings);
        let mut events = desk.workspace.take_events().into_iter();
        let asked = events.find_map(|event| match event {
            OwnerEvent::WouldReplace(file) => Some(file),
            _ => None,
        });
        match asked {
            Some(file) => break file,
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    assert!(asked.was_opened);
    assert_eq!(fs::read(&project).unwrap(), text);
    desk.apply(WorkspaceCommand::Replace(project.clone()));
    desk.wait(|it| !it.workspace.is_modified());
    let saved = Project::open(&project).unwrap();
    assert_eq!(sum(&saved.annotation), sum(desk.annotation()));
}

#[test]
fn a_journal_that_cannot_be_written_is_told_once_and_work_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (path, journal) = (clip(folder.path()), folder.path().join("journal"));
    fs::write(&journal, "a file where the folder should be").unwrap();
    let mut desk = Desk::open(&path, &journal, settings());
    desk.edit(Operation::Unvoice, 0.2..0.5);
    desk.edit(Operation::Unvoice, 0.6..0.7);
    desk.wait(|it| it.is_told("save often"));
    let told = desk.notices.iter();
    assert_eq!(told.filter(|it| it.text.contains("save often")).count(), 1);
    // the folder can be made now: what waited is written with what comes next
    fs::remove_file(&journal).unwrap();
    desk.edit(Operation::Unvoice, 0.8..0.9);
    let end = sum(desk.annotation());
    crash([desk], &journal);
    let again = Desk::open(&path, &journal, settings());
    assert_eq!(sum(again.annotation()), end);
}
