//! The corpora of a recipe, made into excerpts, and what a card says of them.

use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::TrainingError;
use super::recipe::{DataConfig, Recipe, UnlabeledConfig};
use crate::datasets::corpora::folders::{self, NamedFolder};
use crate::datasets::remix::{Excerpt, Remixer};
use crate::datasets::{
    Corpus, CorpusContent, DataRoots, DatasetError, Description, Example, Split,
    UnlabeledRecording, Voice, n_frames,
};

/// Makes an excerpt by its number.
pub type MixtureSource = Box<dyn Fn(usize) -> Excerpt + Sync>;

/// Excerpts with labels: some clips as recorded, the rest remixed.
///
/// `on_warning` hears of recordings that were left out.
///
/// # Errors
/// [`TrainingError`] of corpora and remixes.
pub fn labeled(
    recipe: &Recipe,
    roots: &DataRoots,
    on_warning: &mut dyn FnMut(String),
) -> Result<MixtureSource, TrainingError> {
    let (voices, instrumentals) = recordings(&recipe.data, roots, on_warning)?;
    let has_backing = |voice: &&Voice| voice.accompaniment.is_some();
    let recorded: Vec<Voice> = voices.iter().filter(has_backing).cloned().collect();
    let remixer =
        Remixer::new(recipe.remix.clone(), voices, instrumentals).map_err(DatasetError::from)?;
    let (seed, config) = (recipe.seed, recipe.excerpts.clone());
    Ok(Box::new(move |index| {
        let seed = excerpt_seed(seed, index);
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5EED);
        if !recorded.is_empty() && rng.random_bool(config.recorded_share) {
            let voice = recorded.choose(&mut rng).expect("there are recorded clips");
            Excerpt::as_recorded(voice, config.seconds, &mut rng)
        } else {
            remixer.excerpt(seed, config.seconds)
        }
    }))
}

/// Excerpts of songs of which nothing is known.
///
/// # Errors
/// [`TrainingError`] of folders that are not there or hold no song.
pub fn unlabeled(
    recipe: &Recipe,
    config: &UnlabeledConfig,
    roots: &DataRoots,
    on_warning: &mut dyn FnMut(String),
) -> Result<MixtureSource, TrainingError> {
    let named = config
        .songs
        .iter()
        .map(|name| NamedFolder::find(name, roots));
    let named = named.collect::<Result<Vec<_>, _>>()?;
    let (songs, warnings) = folders::read(&named, &[], f64::INFINITY)?;
    warnings.into_iter().for_each(on_warning);
    let mut songs: Vec<Voice> = songs.into_iter().map(unknown_voice).collect();
    for voice in voices(&config.corpora, roots)? {
        let labeled = &recipe.data.singers;
        if !labeled.is_empty() && !labeled.contains(&voice.singer) {
            songs.push(voice);
        }
    }
    if songs.is_empty() {
        let names = [&config.songs[..], &config.corpora].concat();
        return Err(TrainingError::NoSongs(names.join(", ")));
    }
    let (seed, seconds) = (recipe.seed, recipe.excerpts.seconds);
    Ok(Box::new(move |index| {
        let mut rng = ChaCha8Rng::seed_from_u64(excerpt_seed(seed, index) ^ 0x50_465);
        let song = songs.choose(&mut rng).expect("there are songs");
        Excerpt::as_recorded(song, seconds, &mut rng)
    }))
}

/// The seed of an excerpt of this number.
pub(super) fn excerpt_seed(seed: u64, index: usize) -> u64 {
    seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(index as u64)
}

/// A song as a recording of which no frame is known.
fn unknown_voice(song: UnlabeledRecording) -> Voice {
    let n = n_frames(song.samples.len());
    Voice {
        singer: song.id.clone(),
        id: song.id,
        samples: song.samples,
        f0_hz: vec![0.0; n],
        mask: vec![false; n],
        accompaniment: None,
    }
}

/// Voices of the train splits of some corpora.
fn voices(corpora: &[String], roots: &DataRoots) -> Result<Vec<Voice>, TrainingError> {
    let mut voices = Vec::new();
    for name in corpora {
        let corpus = <dyn Corpus>::named(name)?;
        let examples = corpus.examples(&roots.folder(name)?, Split::Train)?;
        voices.extend(examples.into_iter().filter_map(Example::into_voice));
    }
    Ok(voices)
}

/// Voices and instrumentals of the train splits, in the order of the recipe.
fn recordings(
    config: &DataConfig,
    roots: &DataRoots,
    on_warning: &mut dyn FnMut(String),
) -> Result<(Vec<Voice>, Vec<UnlabeledRecording>), TrainingError> {
    let (mut voices, mut instrumentals) = (Vec::new(), Vec::new());
    for name in &config.corpora {
        let corpus = <dyn Corpus>::named(name)?;
        for example in corpus.examples(&roots.folder(name)?, Split::Train)? {
            match example {
                Example::Voice(voice) => voices.push(voice),
                Example::Instrumental(track) => instrumentals.push(track),
                Example::Song(_) => (),
            }
        }
    }
    let is_there = |singer: &&String| voices.iter().any(|voice| voice.singer == **singer);
    if let Some(singer) = config.singers.iter().find(|singer| !is_there(singer)) {
        return Err(TrainingError::NoSinger(singer.clone()));
    }
    voices.retain(|voice| config.singers.is_empty() || config.singers.contains(&voice.singer));
    let mut present = Vec::new();
    for name in &config.instrumentals {
        match NamedFolder::find(name, roots) {
            Ok(folder) => present.push(folder),
            Err(missing) => on_warning(missing.to_string()),
        }
    }
    let (tracks, warnings) = folders::read(&present, &config.exclude, config.max_secs)?;
    warnings.into_iter().for_each(on_warning);
    instrumentals.extend(tracks);
    Ok((voices, instrumentals))
}

/// Checks that voices or accompaniments can be had of every corpus.
///
/// # Errors
/// One sentence that names the first of which neither can.
pub fn check(config: &DataConfig) -> Result<(), String> {
    for name in &config.corpora {
        let corpus = <dyn Corpus>::named(name).map_err(|error| error.to_string())?;
        let Description { holds, splits, .. } = corpus.description();
        let mixable = [CorpusContent::Voice, CorpusContent::Accompaniment];
        let useful = holds.iter().any(|content| mixable.contains(content));
        if !useful || !splits.contains(&Split::Train) {
            return Err(format!(
                "corpus `{name}` has neither voices nor accompaniments to train on"
            ));
        }
    }
    Ok(())
}

/// What weights were trained on, for `config.json`: titles of the corpora, names of folders.
///
/// `from` names the network whose weights it began with.
pub fn data_note(recipe: &Recipe, from: Option<&str>) -> String {
    let corpora = descriptions(&recipe.data).map(|corpus| corpus.title.to_owned());
    let folder = |kind: &str, names: &[String]| {
        (!names.is_empty()).then(|| format!("{kind} of {}", names.join(", ")))
    };
    let folders = folder("instrumentals", &recipe.data.instrumentals);
    let scores = folder("scores", &recipe.data.scores);
    let unlabeled = recipe.unlabeled.as_ref();
    let songs = unlabeled.and_then(|unlabeled| {
        let names = [&unlabeled.songs[..], &unlabeled.corpora].concat();
        folder("unlabeled songs", &names)
    });
    let teacher = recipe.teacher.as_ref();
    let teacher = teacher.map(|teacher| format!("taught by {}", shown_name(&teacher.model)));
    let from = from.map(|name| format!("begun from {}", shown_name(name)));
    let parts = recipe.network.parts.iter();
    let parts = parts.map(|(part, name)| format!("its part {part} from {}", shown_name(name)));
    let notes: Vec<String> = corpora
        .chain(folders)
        .chain(scores)
        .chain(songs)
        .chain(from)
        .chain(parts)
        .chain(teacher)
        .collect();
    notes.join("; ")
}

/// The last two parts of a name that may be a folder's: a card tells no whole path.
fn shown_name(name: &str) -> String {
    let parts: Vec<&str> = name
        .split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

/// Under which licences, for `config.json`.
pub fn licence_note(recipe: &Recipe) -> String {
    let note = |corpus: Description| match corpus.licence {
        Some(licence) => format!("{}: {licence}", corpus.name),
        None => format!("{}: none stated", corpus.name),
    };
    let corpora = descriptions(&recipe.data);
    let unstated = corpora.clone().any(|corpus| corpus.licence.is_none());
    let use_note = unstated.then(|| "for research".to_owned());
    let notes: Vec<String> = use_note.into_iter().chain(corpora.map(note)).collect();
    notes.join("; ")
}

fn descriptions(config: &DataConfig) -> impl Iterator<Item = Description> + Clone {
    let named = |name: &String| <dyn Corpus>::named(name).ok();
    let corpora: Vec<_> = config.corpora.iter().filter_map(named).collect();
    corpora.into_iter().map(|corpus| corpus.description())
}
