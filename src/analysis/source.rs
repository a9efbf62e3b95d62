//! Where samples come from: a file today.

use std::path::Path;

use super::front_end::{FrameBlock, FrontEnd, Transforms};
use super::prefetch::Prefetch;
use crate::audio::{AudioError, AudioInfo, AudioReader, downmix};

/// A recording, mono, from its start on.
pub trait Source: Send {
    /// Rate, channels, tags, and the duration if it is told beforehand.
    fn info(&self) -> &AudioInfo;

    /// The next samples; none after the last.
    ///
    /// # Errors
    /// [`AudioError`] if they cannot be had.
    fn next_samples(&mut self) -> Result<Option<Vec<f32>>, AudioError>;

    /// What went less than well so far, one sentence each.
    fn warnings(&self) -> &[String];
}

impl Source for AudioReader {
    fn info(&self) -> &AudioInfo {
        AudioReader::info(self)
    }

    fn next_samples(&mut self) -> Result<Option<Vec<f32>>, AudioError> {
        Ok(self.next_block()?.map(|block| downmix(&block)))
    }

    fn warnings(&self) -> &[String] {
        AudioReader::warnings(self)
    }
}

/// Blocks decoded ahead while those before are transformed.
const BLOCKS_AHEAD: usize = 2;

/// A recording's features, block by block; it is decoded on a thread of its own.
pub struct FrameReader {
    samples: Prefetch<Result<Samples, AudioError>>,
    audio: AudioInfo,
    warnings: Vec<String>,
    n_samples: u64,
    front_end: FrontEnd,
}

/// A block of samples; none in the last.
struct Samples {
    mono: Vec<f32>,
    warnings: Vec<String>,
    last: bool,
}

impl FrameReader {
    /// Opens a file.
    ///
    /// # Errors
    /// [`AudioError`].
    pub fn open(path: &Path, transforms: &Transforms) -> Result<Self, AudioError> {
        Self::new(AudioReader::open(path)?, transforms)
    }

    /// Reads a source.
    ///
    /// # Errors
    /// [`AudioError`] if its rate is out of range.
    pub fn new(
        mut source: impl Source + 'static,
        transforms: &Transforms,
    ) -> Result<Self, AudioError> {
        let audio = source.info().clone();
        let front_end = FrontEnd::new(audio.rate_hz, transforms)?;
        let mut ended = false;
        let samples = Prefetch::new(BLOCKS_AHEAD, move || {
            if ended {
                return None;
            }
            let mono = source.next_samples();
            ended = !matches!(mono, Ok(Some(_)));
            Some(mono.map(|mono| Samples {
                mono: mono.unwrap_or_default(),
                warnings: source.warnings().to_vec(),
                last: ended,
            }))
        });
        Ok(Self {
            samples,
            audio,
            warnings: Vec::new(),
            n_samples: 0,
            front_end,
        })
    }

    /// The next block of features; `None` after the last.
    ///
    /// # Errors
    /// [`AudioError`].
    pub fn read(&mut self) -> Result<Option<FrameBlock>, AudioError> {
        let Some(samples) = self.samples.next().transpose()? else {
            return Ok(None);
        };
        self.n_samples += samples.mono.len() as u64;
        self.warnings = samples.warnings;
        let mut block = self.front_end.push(&samples.mono);
        if samples.last {
            block.append(&self.front_end.finish());
        }
        Ok(Some(block))
    }

    /// The blocks, transformed on a thread of their own.
    pub fn prefetch(mut self) -> Prefetch<Result<FrameBlock, AudioError>> {
        Prefetch::new(BLOCKS_AHEAD, move || self.read().transpose())
    }

    /// How much is decoded, 0 to 1; 0 where the file does not tell its length.
    pub fn fraction(&self) -> f32 {
        let total_secs = self.audio.duration_secs.unwrap_or(0.0);
        if total_secs > 0.0 {
            (self.decoded_secs() / total_secs) as f32
        } else {
            0.0
        }
    }

    /// How many seconds are decoded.
    pub fn decoded_secs(&self) -> f64 {
        self.n_samples as f64 / f64::from(self.audio.rate_hz.max(1))
    }

    /// The recording as it turned out, and what went less than well.
    pub fn into_recording(self) -> (AudioInfo, Vec<String>) {
        let duration_secs = Some(self.decoded_secs());
        let audio = AudioInfo {
            duration_secs,
            ..self.audio
        };
        (audio, self.warnings)
    }
}
