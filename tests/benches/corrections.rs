//! How often one click on a ridge, or one of the first five candidates, is right: on MIR-1K's
//! held-out singers, whose labels tell.
//!
//! `cargo bench --bench corrections -- DATA [N]`: `DATA/mir1k` is the corpus, N how many clips are
//! taken, spread over all of them. Analyses are kept in the system's folder of temporary files.

use std::error::Error;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use melograph::analysis::{
    Analysis, AnalysisOptions, Cache, ModelChoice, Models, Product, analyze,
};
use melograph::annotation::{Document, Selection};
use melograph::app::jobs::{AnalysisEvent, RecordingInfo};
use melograph::app::workspace::{Session, SessionId};
use melograph::datasets::corpora::mir1k::{LABEL_GRID, LabeledClip, clips};
use melograph::datasets::{DataRoots, Split};
use melograph::melody::pitch::{cents_between, hz_to_midi};
use melograph::melody::{F0Frame, F0Track, Partial};
use melograph::progress::Progress;

/// Pitches this near, in cents, are the same.
const SAME_CENTS: f64 = 50.0;
/// A passage is right if this share of its frames is.
const RIGHT_SHARE: f64 = 0.9;
/// A hand points this far, in cents, beside a ridge.
const HAND_CENTS: f64 = 35.0;
/// Shorter phrases, in frames, are not clicked at.
const LEAST_PHRASE: usize = 30;
/// Shorter errors of the network, in frames, are not looked at.
const LEAST_ERROR: usize = 10;
/// Frames of ten seconds.
const WINDOW: usize = 1000;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Shares of frames that are right, a value a passage.
#[derive(Default)]
struct Tally(Vec<(usize, usize)>);

impl Tally {
    fn add(&mut self, (n_right, n): (usize, usize)) {
        if n > 0 {
            self.0.push((n_right, n));
        }
    }

    fn report(&self, what: &str) {
        let (right, all) = self.0.iter().fold((0, 0), |(a, b), (x, y)| (a + x, b + y));
        let whole = self.0.iter().filter(|it| is_right(**it)).count();
        println!(
            "{what:<58} {:5.1} % of frames, {:5.1} % of {} passages",
            100.0 * right as f64 / all.max(1) as f64,
            100.0 * whole as f64 / self.0.len().max(1) as f64,
            self.0.len(),
        );
    }
}

fn is_right((n_right, n): (usize, usize)) -> bool {
    n_right as f64 >= RIGHT_SHARE * n as f64
}

/// A clip: its analysis, and its label on the frames of that.
struct Song {
    analysis: Arc<Analysis>,
    truth_hz: Vec<f32>,
}

impl Song {
    /// A session whose contour is this one.
    fn session(&self, f0: F0Track) -> Outcome<Session> {
        let analysis = Arc::clone(&self.analysis);
        let path = analysis.path.clone();
        let mut session = Session::new(SessionId(1), path, ModelChoice::default(), None);
        session.take(AnalysisEvent::Opened(RecordingInfo {
            audio: analysis.audio.clone(),
            axis: analysis.picture.axis,
            grid: analysis.picture.grid,
            threshold: 0.5,
        }));
        session.take(AnalysisEvent::Done(analysis));
        session.document = Some(Document::new(f0, Vec::new())?);
        Ok(session)
    }

    /// The label as a contour, one phrase of it times `ratio`.
    fn slipped(&self, phrase: &Range<usize>, ratio: f32) -> F0Track {
        let frame = |(i, &hz): (usize, &f32)| F0Frame {
            f0_hz: hz * if phrase.contains(&i) { ratio } else { 1.0 },
            confidence: 0.9,
            voiced: hz > 0.0,
        };
        F0Track {
            grid: self.analysis.f0.grid,
            frames: self.truth_hz.iter().enumerate().map(frame).collect(),
        }
    }

    fn truth(&self, frame: usize) -> f64 {
        f64::from(self.truth_hz[frame])
    }

    /// How many frames of a passage are right, of those that are sung.
    fn score(&self, frames: Range<usize>, hz: impl Fn(usize) -> f32) -> (usize, usize) {
        let sung = frames.filter(|&i| self.truth_hz[i] > 0.0);
        sung.fold((0, 0), |(right, n), i| {
            let cents = cents_between(self.truth(i), hz(i).into());
            (right + usize::from(cents.abs() < SAME_CENTS), n + 1)
        })
    }

    fn score_of(&self, session: &Session, frames: Range<usize>) -> (usize, usize) {
        self.score(frames, |i| session.f0().frames[i].f0_hz)
    }

    /// Stretches that are sung without a pause.
    fn phrases(&self) -> Vec<Range<usize>> {
        let mut phrases = runs(self.truth_hz.len(), |i| self.truth_hz[i] > 0.0);
        phrases.retain(|it| it.len() >= LEAST_PHRASE);
        phrases
    }

    /// Where the networks' voiced contour has another pitch.
    fn errors(&self) -> Vec<Range<usize>> {
        let frames = &self.analysis.f0.frames;
        let is_wrong = |i: usize| {
            let frame = frames[i];
            let cents = cents_between(self.truth(i), frame.f0_hz.into());
            frame.voiced && self.truth_hz[i] > 0.0 && cents.abs() >= SAME_CENTS
        };
        let mut errors = runs(self.truth_hz.len(), is_wrong);
        errors.retain(|it| it.len() >= LEAST_ERROR);
        errors
    }
}

fn runs(n: usize, is: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    melograph::annotation::frame::stretches(0..n, is)
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let Some(data) = arguments.first() else {
        println!("give the folder that holds mir1k");
        return Ok(());
    };
    let most: usize = arguments.get(1).map_or(Ok(usize::MAX), |it| it.parse())?;
    let roots = DataRoots::open(&[data])?;
    let all = clips(&roots.folder("mir1k")?, Split::Dev)?;
    let step = all.len().div_ceil(most.max(1)).max(1);
    let songs = open(all.iter().step_by(step))?;
    println!("{} clips", songs.len());
    clicks_on_slips(&songs)?;
    errors_of_networks(&songs)?;
    windows(&songs)
}

/// Analyzes clips, or finds them analyzed before.
fn open<'a>(clips: impl Iterator<Item = &'a LabeledClip>) -> Outcome<Vec<Song>> {
    let choice = ModelChoice::default();
    let identities = choice.identities()?;
    let models = choice.load()?;
    let cache = Cache {
        folder: std::env::temp_dir().join("melograph-corrections"),
        limit: 1 << 30,
    };
    let identity = |product: Product| identities(product);
    clips
        .map(|clip| open_clip(clip, &models, &cache, &identity))
        .collect()
}

fn open_clip(
    clip: &LabeledClip,
    models: &Models,
    cache: &Cache,
    identity: &dyn Fn(Product) -> String,
) -> Outcome<Song> {
    let mut analysis = models.begin(&clip.path);
    cache.load(&mut analysis, identity);
    if !analysis.is_complete() {
        let (options, progress) = (AnalysisOptions::default(), Progress::silent());
        analysis = analyze(analysis, models, &options, &progress, &mut |_| {})?;
        cache.store(&analysis, identity)?;
    }
    let labels = clip.reference_hz()?;
    let grid = analysis.f0.grid;
    let on_label = |i: usize| (grid.time(i) - LABEL_GRID.first_secs) / LABEL_GRID.hop_secs;
    let truth = |i: usize| {
        let place = on_label(i).max(0.0);
        let label = |at: f64| labels.get(at as usize).copied().unwrap_or(0.0);
        let (below, above) = (label(place.floor()), label((place - 1e-6).ceil()));
        // between two labels, on the line of pitch; beside silence, silent
        match below > 0.0 && above > 0.0 && (above / below).log2().abs() < 0.1 {
            true => ((below.ln() + above.ln()) / 2.0).exp() as f32,
            false => 0.0,
        }
    };
    let n = analysis.f0.frames.len();
    Ok(Song {
        truth_hz: (0..n).map(truth).collect(),
        analysis: Arc::new(analysis),
    })
}

/// Each phrase of the labels an octave off, and one click on its ridge or on another partial.
fn clicks_on_slips(songs: &[Song]) -> Outcome<()> {
    let mut candidates = [Tally::default(), Tally::default(), Tally::default()];
    for (ratio, slip) in [(2.0, "an octave too high"), (0.5, "an octave too low")] {
        for (clicked, at, taken_for) in [
            ("fundamental", 1.0, None),
            ("2nd partial, by the classes", 2.0, None),
            ("2nd partial, said to be it", 2.0, Some(Partial::Second)),
            ("3rd partial, by the classes", 3.0, None),
            ("3rd partial, said to be it", 3.0, Some(Partial::Third)),
            ("sub-harmonic, by the classes", 0.5, None),
        ] {
            let mut tally = Tally::default();
            for song in songs {
                for (n, phrase) in song.phrases().into_iter().enumerate() {
                    let frame = phrase.start + phrase.len() * (1 + n % 3) / 4;
                    let hand = if n % 2 == 0 { HAND_CENTS } else { -HAND_CENTS };
                    let midi = hz_to_midi(at * song.truth(frame)) + hand / 100.0;
                    let mut session = song.session(song.slipped(&phrase, ratio))?;
                    click(&mut session, frame, midi, taken_for);
                    tally.add(song.score_of(&session, phrase));
                }
            }
            tally.report(&format!("{slip}, a click on the {clicked}"));
        }
    }
    for song in songs {
        for phrase in song.phrases() {
            for (ratio, tally) in [2.0, 0.5, 1.5].into_iter().zip(&mut candidates) {
                let session = song.session(song.slipped(&phrase, ratio))?;
                tally.add(best_of_five(song, &session, phrase.clone()));
            }
        }
    }
    for (slip, tally) in [
        "an octave too high",
        "an octave too low",
        "a fifth too high",
    ]
    .into_iter()
    .zip(&candidates)
    {
        tally.report(&format!("{slip}, the best of five candidates"));
    }
    Ok(())
}

/// What a click corrects, with nothing selected.
fn click(session: &mut Session, frame: usize, midi: f64, taken_for: Option<Partial>) {
    let secs = session.f0().grid.time(frame);
    let pointed = session.ridge_at(secs, midi, taken_for);
    let Some(pointed) = pointed else { return };
    let Some(selection) = session.pointed_selection(&Selection::Nothing, pointed.frame) else {
        return;
    };
    if let Some(operation) = session.along_ridge(&pointed, &selection) {
        // refused where all is right already
        let _ = session.edit(&operation, &selection);
    }
}

fn span(session: &Session, frames: &Range<usize>) -> Selection {
    let grid = session.f0().grid;
    let half = 0.5 * grid.hop_secs;
    Selection::Span(grid.time(frames.start) - half..grid.time(frames.end) - half)
}

fn best_of_five(song: &Song, session: &Session, frames: Range<usize>) -> (usize, usize) {
    let Some((start, all)) = session.candidates(&span(session, &frames)) else {
        return (0, 0);
    };
    let scores = all.iter().take(5).map(|candidate| {
        song.score(frames.clone(), |i| {
            candidate.f0_hz.get(i - start).copied().unwrap_or(0.0)
        })
    });
    scores.max_by_key(|it| it.0).unwrap_or_default()
}

/// What the networks took for another pitch: a click on the ridge that is right, and candidates.
fn errors_of_networks(songs: &[Song]) -> Outcome<()> {
    let [
        mut before,
        mut after,
        mut around_before,
        mut around,
        mut five,
    ] = [const { Tally(Vec::new()) }; 5];
    for song in songs {
        for error in song.errors() {
            let mut session = song.session(song.analysis.f0.clone())?;
            let frame = (error.start + error.end) / 2;
            five.add(best_of_five(song, &session, error.clone()));
            let wide = error.start.saturating_sub(100)..(error.end + 100).min(song.truth_hz.len());
            before.add(song.score_of(&session, error.clone()));
            around_before.add(song.score_of(&session, wide.clone()));
            click(
                &mut session,
                frame,
                hz_to_midi(song.truth(frame)),
                Some(Partial::Fundamental),
            );
            after.add(song.score_of(&session, error));
            around.add(song.score_of(&session, wide));
        }
    }
    before.report("the networks' errors, before");
    after.report("the networks' errors, a click on the fundamental");
    around_before.report("with a second on either side, before");
    around.report("with a second on either side, after the click");
    five.report("the networks' errors, the best of five candidates");
    Ok(())
}

/// Ten seconds of the networks' contour at a time.
fn windows(songs: &[Song]) -> Outcome<()> {
    let [mut present, mut five, mut wrong] = [const { Tally(Vec::new()) }; 3];
    let mut slowest = 0.0f64;
    for song in songs {
        let session = song.session(song.analysis.f0.clone())?;
        for start in (0..song.truth_hz.len()).step_by(WINDOW) {
            let frames = start..(start + WINDOW).min(song.truth_hz.len());
            let now = song.score_of(&session, frames.clone());
            let began = Instant::now();
            let best = best_of_five(song, &session, frames);
            slowest = slowest.max(began.elapsed().as_secs_f64());
            present.add(now);
            five.add(if best.0 > now.0 { best } else { now });
            if !is_right(now) {
                wrong.add(best);
            }
        }
    }
    present.report("ten seconds, the networks' contour");
    five.report("ten seconds, it or one of five candidates");
    wrong.report("of those it has wrong, the best of five candidates");
    println!("candidates took at most {slowest:.3} s");
    Ok(())
}
