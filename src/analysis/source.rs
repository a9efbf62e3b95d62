//! Where samples come from: a file today.

use std::path::Path;

use super::front_end::{FrameBlock, FrontEnd, Transforms};
use super::prefetch::Prefetch;
use crate::audio::{
    AudioError, AudioInfo, AudioReader, CancellationMeter, ChannelMixer, Mixdown, TrackSelection,
};

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

    /// How its channels should have been mixed, after the last samples; `None` if that was known.
    fn learned(&self) -> Option<Mixdown>;
}

/// A file, mixed as it is selected; without a mixdown, as the mean, which is then judged.
struct MixedFile {
    reader: AudioReader,
    mixer: ChannelMixer,
    meter: Option<CancellationMeter>,
    /// Samples still to be passed over.
    n_skipped: u64,
}

impl MixedFile {
    fn open(path: &Path, selection: &TrackSelection) -> Result<Self, AudioError> {
        let reader = AudioReader::open_track(path, selection.track)?;
        let (n_channels, rate_hz) = (reader.info().n_channels, reader.info().rate_hz);
        let meter = selection.mixdown.is_none();
        Ok(Self {
            mixer: ChannelMixer::new(&selection.mixdown.clone().unwrap_or_default(), rate_hz),
            meter: meter.then(|| CancellationMeter::new(n_channels, rate_hz)),
            n_skipped: 0,
            reader,
        })
    }

    /// Samples without those that are passed over.
    fn behind_skipped(&mut self, mut samples: Vec<f32>) -> Vec<f32> {
        let n_skipped = self.n_skipped.min(samples.len() as u64);
        self.n_skipped -= n_skipped;
        samples.drain(..n_skipped as usize);
        samples
    }
}

impl Source for MixedFile {
    fn info(&self) -> &AudioInfo {
        self.reader.info()
    }

    fn next_samples(&mut self) -> Result<Option<Vec<f32>>, AudioError> {
        let Some(block) = self.reader.next_block()? else {
            let rest = self.mixer.finish();
            let rest = self.behind_skipped(rest);
            return Ok((!rest.is_empty()).then_some(rest));
        };
        if let Some(meter) = &mut self.meter {
            meter.push(&block);
        }
        let samples = self.mixer.push(&block);
        Ok(Some(self.behind_skipped(samples)))
    }

    fn warnings(&self) -> &[String] {
        self.reader.warnings()
    }

    fn learned(&self) -> Option<Mixdown> {
        self.meter.as_ref().map(CancellationMeter::mixdown)
    }
}

/// Blocks decoded ahead while those before are transformed.
const BLOCKS_AHEAD: usize = 2;

/// A recording's features, block by block; it is decoded on a thread of its own.
pub struct FrameReader {
    samples: Prefetch<Result<Samples, AudioError>>,
    audio: AudioInfo,
    warnings: Vec<String>,
    learned: Option<Mixdown>,
    n_samples: u64,
    front_end: FrontEnd,
}

/// A block of samples; none in the last.
struct Samples {
    mono: Vec<f32>,
    warnings: Vec<String>,
    learned: Option<Mixdown>,
    last: bool,
}

impl FrameReader {
    /// Opens a file.
    ///
    /// # Errors
    /// [`AudioError`].
    pub fn open(
        path: &Path,
        selection: &TrackSelection,
        transforms: &Transforms,
    ) -> Result<Self, AudioError> {
        Self::open_at(path, selection, transforms, 0.0)
    }

    /// Opens a file, and begins at a time in seconds as if its sound began there.
    ///
    /// # Errors
    /// [`AudioError`].
    pub fn open_at(
        path: &Path,
        selection: &TrackSelection,
        transforms: &Transforms,
        secs: f64,
    ) -> Result<Self, AudioError> {
        let mut file = MixedFile::open(path, selection)?;
        file.n_skipped = (secs * f64::from(file.info().rate_hz)).round() as u64;
        let mut reader = Self::new(file, transforms)?;
        reader.audio.selection = selection.clone();
        Ok(reader)
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
                learned: source.learned().filter(|_| ended),
                last: ended,
            }))
        });
        Ok(Self {
            samples,
            audio,
            warnings: Vec::new(),
            learned: None,
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
        self.learned = samples.learned;
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

    /// After the last block, the selection with which to read the recording again, if its channels
    /// cancel as they were mixed.
    pub fn better_selection(&self) -> Option<TrackSelection> {
        let mixdown = self.learned.clone().filter(|it| !it.is_mean())?;
        Some(TrackSelection {
            mixdown: Some(mixdown),
            ..self.audio.selection.clone()
        })
    }

    /// How long the recording is, in seconds, if the file tells.
    pub fn total_secs(&self) -> Option<f64> {
        self.audio.duration_secs.filter(|&secs| secs > 0.0)
    }

    /// How much is decoded, 0 to 1; 0 where the file does not tell its length.
    pub fn fraction(&self) -> f32 {
        let share = |total_secs| (self.decoded_secs() / total_secs) as f32;
        self.total_secs().map_or(0.0, share)
    }

    /// How many seconds are decoded.
    pub fn decoded_secs(&self) -> f64 {
        self.n_samples as f64 / f64::from(self.audio.rate_hz.max(1))
    }

    /// The recording as it turned out, and what went less than well.
    pub fn into_recording(mut self) -> (AudioInfo, Vec<String>) {
        self.audio.duration_secs = Some(self.decoded_secs());
        let mixdown = &mut self.audio.selection.mixdown;
        *mixdown = mixdown.take().or(self.learned);
        let remark = mixdown.as_ref().and_then(Mixdown::remark);
        self.warnings.extend(remark.map(str::to_string));
        (self.audio, self.warnings)
    }
}
