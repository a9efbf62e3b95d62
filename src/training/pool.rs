//! Features of many excerpts, cached on disk.
//!
//! A pool's file is named by a checksum of what made it, so that a changed
//! recipe makes another and a resumed run finds its own. Features lie frame
//! after frame in half precision; labels behind them.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use half::f16;
use half::slice::HalfFloatSliceExt;
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::remix::{Excerpt, Remixer};
use super::task::Task;
use super::{Recipe, TrainingError};
use crate::datasets::{RATE_HZ, Voice, n_frames};
use crate::models::store::checksum;
use crate::progress::{Progress, Stage};

/// Excerpts whose features are computed between two reports.
const CHUNK: usize = 32;

/// Excerpts of equal length with features and labels.
pub struct Pool {
    /// Frames of an excerpt.
    pub n_frames: usize,
    /// Values of a frame.
    pub width: usize,
    features: Vec<f16>,
    f0_hz: Vec<f32>,
    mask: Vec<u8>,
}

impl Pool {
    /// The pool of a recipe: from `folder` if it is there, else made and kept there.
    ///
    /// `on_warning` hears of recordings that were left out.
    ///
    /// # Errors
    /// [`TrainingError`] of corpora, remixes and files, or if cancelled.
    pub fn open<T: Task>(
        task: &T,
        recipe: &Recipe,
        data: &Path,
        folder: &Path,
        progress: &Progress,
        on_warning: &mut dyn FnMut(String),
    ) -> Result<Self, TrainingError> {
        let made_by = (recipe.seed, &recipe.data, &recipe.pool, &recipe.remix);
        let made_by = format!("{made_by:?} {:?}", task.network());
        let path = folder.join(format!("{}.pool", &checksum(made_by.as_bytes())[..16]));
        let samples = (recipe.pool.seconds * f64::from(RATE_HZ)).round() as usize;
        let frames = n_frames(samples);
        if !path.is_file() {
            fs::create_dir_all(folder).map_err(TrainingError::io(folder))?;
            let values = frames * task.width();
            make(task, recipe, data, &path, values, progress, on_warning)?;
        }
        Self::read(&path, recipe.pool.excerpts, frames, task.width())
    }

    fn read(
        path: &Path,
        excerpts: usize,
        frames: usize,
        width: usize,
    ) -> Result<Self, TrainingError> {
        let mut pool = Self {
            n_frames: frames,
            width,
            features: vec![f16::ZERO; excerpts * frames * width],
            f0_hz: vec![0.0; excerpts * frames],
            mask: vec![0; excerpts * frames],
        };
        let mut file = File::open(path).map_err(TrainingError::io(path))?;
        let mut read = |bytes: &mut [u8]| file.read_exact(bytes);
        for excerpt in 0..excerpts {
            let (values, labels) = (excerpt * frames * width, excerpt * frames);
            read(bytemuck::cast_slice_mut(
                &mut pool.features[values..][..frames * width],
            ))
            .and_then(|()| {
                read(bytemuck::cast_slice_mut(
                    &mut pool.f0_hz[labels..][..frames],
                ))
            })
            .and_then(|()| read(&mut pool.mask[labels..][..frames]))
            .map_err(TrainingError::io(path))?;
        }
        Ok(pool)
    }

    /// Number of excerpts.
    pub fn len(&self) -> usize {
        self.f0_hz.len() / self.n_frames
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.f0_hz.is_empty()
    }

    /// `frames` frames of an excerpt from `start` on.
    pub fn crop(&self, excerpt: usize, start: usize, frames: usize) -> Crop<'_> {
        let first = excerpt * self.n_frames + start;
        Crop {
            features: &self.features[first * self.width..][..frames * self.width],
            f0_hz: &self.f0_hz[first..][..frames],
            mask: &self.mask[first..][..frames],
            width: self.width,
        }
    }
}

/// A part of an excerpt.
#[derive(Clone, Copy)]
pub struct Crop<'a> {
    features: &'a [f16],
    /// f0 in Hz, 0 where unvoiced.
    pub f0_hz: &'a [f32],
    /// 1 where a frame counts in the loss.
    pub mask: &'a [u8],
    width: usize,
}

impl Crop<'_> {
    /// Writes the features as `[width, frames]`.
    pub fn transpose_into(&self, out: &mut [f32]) {
        let frames = self.f0_hz.len();
        let mut row = vec![0.0; self.width];
        for (t, frame) in self.features.chunks_exact(self.width).enumerate() {
            frame.convert_to_f32_slice(&mut row);
            for (i, &value) in row.iter().enumerate() {
                out[i * frames + t] = value;
            }
        }
    }
}

fn make<T: Task>(
    task: &T,
    recipe: &Recipe,
    data: &Path,
    path: &Path,
    values: usize,
    progress: &Progress,
    on_warning: &mut dyn FnMut(String),
) -> Result<(), TrainingError> {
    progress.report(Stage::Dataset, 0.0)?;
    let material = recipe.material(data)?;
    material.warnings.into_iter().for_each(on_warning);
    let recorded: Vec<Voice> = material
        .voices
        .iter()
        .filter(|v| v.accompaniment.is_some())
        .cloned()
        .collect();
    let remixer = Remixer::new(
        recipe.remix.clone(),
        material.voices,
        material.instrumentals,
    )?;
    let excerpt = |index: usize| {
        let seed = recipe
            .seed
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(index as u64);
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5EED);
        if !recorded.is_empty() && rng.random_bool(recipe.pool.recorded_share) {
            let voice = recorded.choose(&mut rng).expect("there are recorded clips");
            as_recorded(voice, recipe.pool.seconds, &mut rng)
        } else {
            remixer.excerpt(seed, recipe.pool.seconds)
        }
    };
    let folder = path.parent().expect("a pool lies in a folder");
    let file = tempfile::NamedTempFile::new_in(folder).map_err(TrainingError::io(path))?;
    let mut writer = BufWriter::new(file);
    let total = recipe.pool.excerpts;
    for first in (0..total).step_by(CHUNK) {
        let records: Vec<Vec<u8>> = (first..total.min(first + CHUNK))
            .into_par_iter()
            .map(|index| record(task, &excerpt(index), values))
            .collect();
        for record in records {
            writer.write_all(&record).map_err(TrainingError::io(path))?;
        }
        progress.report(Stage::Dataset, (first + CHUNK) as f32 / total as f32)?;
    }
    let file = writer
        .into_inner()
        .map_err(|error| TrainingError::io(path)(error.into_error()))?;
    file.persist(path)
        .map_err(|error| TrainingError::io(path)(error.error))?;
    Ok(())
}

fn record<T: Task>(task: &T, excerpt: &Excerpt, values: usize) -> Vec<u8> {
    let features = task.features(&excerpt.mix);
    assert_eq!(
        features.len(),
        values,
        "features of every excerpt are alike"
    );
    let features: Vec<f16> = features.into_iter().map(f16::from_f32).collect();
    let mut bytes = bytemuck::cast_slice(&features).to_vec();
    bytes.extend_from_slice(bytemuck::cast_slice(&excerpt.f0_hz));
    bytes.extend(excerpt.mask.iter().map(|&counts| u8::from(counts)));
    bytes
}

/// A stretch of a clip at 0 dB as it was recorded; silence that does not count behind a short one.
fn as_recorded(voice: &Voice, seconds: f64, rng: &mut impl Rng) -> Excerpt {
    let samples = (seconds * f64::from(RATE_HZ)).round() as usize;
    let frames = n_frames(samples);
    let spare = voice.f0_hz.len().saturating_sub(frames);
    let start = if spare > 0 {
        rng.random_range(0..=spare)
    } else {
        0
    };
    let mut mix: Vec<f32> = voice.mixture().split_off(start * crate::datasets::HOP);
    mix.resize(samples, 0.0);
    let part = |values: &[f32]| {
        let mut part = values[start..].to_vec();
        part.resize(frames, 0.0);
        part
    };
    let mut mask = voice.mask[start..].to_vec();
    mask.resize(frames, false);
    Excerpt {
        mix,
        f0_hz: part(&voice.f0_hz),
        mask,
    }
}
