//! Features of many excerpts, cached on disk.
//!
//! A cache's file is named by a checksum of what made it, so that a changed
//! recipe makes another and a resumed run finds its own. Features lie frame
//! after frame in half precision; labels behind them.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use super::TrainingError;
use crate::models::store::checksum;
use crate::progress::{Progress, Stage};

/// Excerpts whose features are computed between two reports.
const CHUNK: usize = 32;

/// Makes what is kept of an excerpt, by its number.
pub type ExcerptSource<'a> = Box<dyn Fn(usize) -> CachedExcerpt + Sync + 'a>;

/// What is kept of an excerpt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CachedExcerpt {
    /// Features, frame after frame.
    pub features: Vec<f32>,
    /// f0 of each frame in Hz, 0 where unvoiced.
    pub f0_hz: Vec<f32>,
    /// Whether a frame counts in the loss.
    pub mask: Vec<bool>,
}

/// Excerpts of equal length with features and labels.
pub struct ExcerptCache {
    /// Frames of an excerpt.
    pub n_frames: usize,
    /// Values of a frame.
    pub width: usize,
    features: Vec<f16>,
    f0_hz: Vec<f32>,
    mask: Vec<u8>,
}

/// How many excerpts of what there are, and how they are told from others.
#[derive(Clone, Debug)]
pub struct CacheRequest {
    /// All that the excerpts and their features depend on, in words.
    pub made_by: String,
    /// Number of excerpts.
    pub count: usize,
    /// Frames of each.
    pub frames: usize,
    /// Values of a frame.
    pub width: usize,
}

impl ExcerptCache {
    /// The excerpts asked for: from `folder` if they are there, else made and kept there.
    ///
    /// `open_source` is called only in the latter case.
    ///
    /// # Errors
    /// [`TrainingError`] of the source and of files, or if cancelled.
    pub fn open<'a>(
        request: &CacheRequest,
        folder: &Path,
        progress: &Progress,
        open_source: &mut dyn FnMut() -> Result<ExcerptSource<'a>, TrainingError>,
    ) -> Result<Self, TrainingError> {
        let name = &checksum(request.made_by.as_bytes())[..16];
        let path = folder.join(format!("{name}.excerpts"));
        if !path.is_file() {
            fs::create_dir_all(folder).map_err(TrainingError::io(folder))?;
            progress.report(Stage::Dataset, 0.0)?;
            write(&path, request, &open_source()?, progress)?;
        }
        Self::read(&path, request)
    }

    fn read(path: &Path, request: &CacheRequest) -> Result<Self, TrainingError> {
        let CacheRequest {
            count,
            frames,
            width,
            ..
        } = *request;
        let mut cache = Self {
            n_frames: frames,
            width,
            features: vec![f16::ZERO; count * frames * width],
            f0_hz: vec![0.0; count * frames],
            mask: vec![0; count * frames],
        };
        let mut file = File::open(path).map_err(TrainingError::io(path))?;
        let excerpts = cache
            .features
            .chunks_exact_mut(frames * width)
            .zip(cache.f0_hz.chunks_exact_mut(frames))
            .zip(cache.mask.chunks_exact_mut(frames));
        for ((features, f0_hz), mask) in excerpts {
            file.read_exact(bytemuck::cast_slice_mut(features))
                .and_then(|()| file.read_exact(bytemuck::cast_slice_mut(f0_hz)))
                .and_then(|()| file.read_exact(mask))
                .map_err(TrainingError::io(path))?;
        }
        Ok(cache)
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

impl<'a> Crop<'a> {
    /// The same with other labels, as many as it has frames.
    pub fn labeled(self, f0_hz: &'a [f32], mask: &'a [u8]) -> Self {
        Self {
            f0_hz,
            mask,
            ..self
        }
    }
}

impl Crop<'_> {
    /// The features frame after frame.
    pub fn frames(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.features.len()];
        self.features.convert_to_f32_slice(&mut values);
        values
    }

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

fn write(
    path: &Path,
    request: &CacheRequest,
    source: &ExcerptSource,
    progress: &Progress,
) -> Result<(), TrainingError> {
    let count = request.count;
    let folder = path.parent().expect("a cache lies in a folder");
    let file = tempfile::NamedTempFile::new_in(folder).map_err(TrainingError::io(path))?;
    let mut writer = BufWriter::new(file);
    for first in (0..count).step_by(CHUNK) {
        let records: Vec<Vec<u8>> = (first..count.min(first + CHUNK))
            .into_par_iter()
            .map(|index| record(&source(index), request))
            .collect();
        for record in records {
            writer.write_all(&record).map_err(TrainingError::io(path))?;
        }
        progress.report(Stage::Dataset, (first + CHUNK) as f32 / count as f32)?;
    }
    let file = writer
        .into_inner()
        .map_err(|error| TrainingError::io(path)(error.into_error()))?;
    file.persist(path)
        .map_err(|error| TrainingError::io(path)(error.error))?;
    Ok(())
}

fn record(excerpt: &CachedExcerpt, request: &CacheRequest) -> Vec<u8> {
    let sizes = [
        excerpt.features.len(),
        excerpt.f0_hz.len(),
        excerpt.mask.len(),
    ];
    let frames = request.frames;
    let expected = [frames * request.width, frames, frames];
    assert_eq!(sizes, expected, "every excerpt is as long as the others");
    let largest = f16::MAX.to_f32();
    let features = excerpt.features.iter();
    let features: Vec<f16> = features
        .map(|&value| f16::from_f32(value.clamp(-largest, largest)))
        .collect();
    let mut bytes = bytemuck::cast_slice(&features).to_vec();
    bytes.extend_from_slice(bytemuck::cast_slice(&excerpt.f0_hz));
    bytes.extend(excerpt.mask.iter().map(|&counts| u8::from(counts)));
    bytes
}
