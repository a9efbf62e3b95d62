//! The first pass, which finds the recording's range and draws it.

use std::path::Path;
use std::sync::Arc;

use super::ahead::Ahead;
use super::picture::{Picture, PictureKind};
use super::{AnalysisError, Models};
use crate::audio::{AudioError, AudioInfo, AudioReader, Resampler, downmix};
use crate::dsp::{Cfp, CfpStream, FeatureScale, Layers, LogMelStream, MelFrames};
use crate::progress::{Progress, Stage};

/// What the second pass must know of the whole recording.
pub struct Survey {
    /// Rate, channels, tags and duration.
    pub audio: AudioInfo,
    /// Range of the CFP layers.
    pub scale: FeatureScale,
    /// Mean of the log-mel values.
    pub mel_mean: f32,
    /// Root mean square of each frame's hop.
    pub level: Vec<f32>,
    /// The spectrogram.
    pub picture: Picture,
    /// What the decoder noticed.
    pub warnings: Vec<String>,
}

/// Blocks decoded ahead while those before are transformed.
const BLOCKS_AHEAD: usize = 2;

/// A recording on its way: decoded, mixed down, resampled, transformed, block by block.
pub struct Frames {
    decoded: Ahead<Result<Decoded, AudioError>>,
    audio: AudioInfo,
    /// What the decoder noticed so far.
    warnings: Vec<String>,
    /// Samples decoded so far.
    position: u64,
    pitch_rate: Resampler,
    cfp: CfpStream,
    voicing: Option<(Resampler, LogMelStream)>,
}

/// A block of samples, mixed down; none in the last.
struct Decoded {
    mono: Vec<f32>,
    position: u64,
    warnings: Vec<String>,
    last: bool,
}

/// Decodes on a thread of its own.
fn decode_ahead(mut reader: AudioReader) -> Ahead<Result<Decoded, AudioError>> {
    let mut ended = false;
    Ahead::new(BLOCKS_AHEAD, move || {
        if ended {
            return None;
        }
        let block = reader.next_block();
        ended = !matches!(block, Ok(Some(_)));
        Some(block.map(|block| Decoded {
            mono: block.map(|block| downmix(&block)).unwrap_or_default(),
            position: reader.position(),
            warnings: reader.warnings().to_vec(),
            last: ended,
        }))
    })
}

/// What a block of a recording adds.
pub struct Transformed {
    /// Samples at the CFP's rate.
    pub samples: Vec<f32>,
    /// New CFP frames.
    pub layers: Layers,
    /// New log-mel frames.
    pub mel: MelFrames,
}

impl Frames {
    /// Opens a recording.
    ///
    /// # Errors
    /// [`AnalysisError::Audio`].
    pub fn open(path: &Path, models: &Models) -> Result<Self, AnalysisError> {
        let reader = AudioReader::open(path)?;
        let audio = reader.info().clone();
        let rate = audio.rate_hz;
        let voicing = models.voicing.as_ref().map(|voicing| {
            let resampler = Resampler::new(rate, voicing.mel.config().rate_hz)?;
            let stream = LogMelStream::new(Arc::clone(&voicing.mel));
            Ok::<_, AnalysisError>((resampler, stream))
        });
        Ok(Self {
            pitch_rate: Resampler::new(rate, models.cfp.config().rate_hz)?,
            cfp: CfpStream::new(Arc::clone(&models.cfp)),
            voicing: voicing.transpose()?,
            decoded: decode_ahead(reader),
            audio,
            warnings: Vec::new(),
            position: 0,
        })
    }

    /// The next block; `None` after the last.
    ///
    /// # Errors
    /// [`AnalysisError::Audio`].
    pub fn read(&mut self) -> Result<Option<Transformed>, AnalysisError> {
        let Some(decoded) = self.decoded.next().transpose()? else {
            return Ok(None);
        };
        let Decoded { mono, last, .. } = decoded;
        (self.position, self.warnings) = (decoded.position, decoded.warnings);
        let mut samples = self.pitch_rate.push(&mono);
        if last {
            samples.extend(self.pitch_rate.finish());
        }
        let mut layers = self.cfp.push(&samples);
        let mut mel = MelFrames::default();
        if last {
            layers.append(&self.cfp.finish());
        }
        if let Some((resampler, stream)) = &mut self.voicing {
            mel = stream.push(&resampler.push(&mono));
            if last {
                mel.append(&stream.push(&resampler.finish()));
                mel.append(&stream.finish());
            }
        }
        Ok(Some(Transformed {
            samples,
            layers,
            mel,
        }))
    }

    /// The blocks, transformed on a thread of their own.
    pub fn ahead(mut self) -> Ahead<Result<Transformed, AnalysisError>> {
        Ahead::new(BLOCKS_AHEAD, move || self.read().transpose())
    }

    /// How much is decoded, 0 to 1; 0 where the file does not tell its length.
    pub fn fraction(&self) -> f32 {
        let audio = &self.audio;
        let total = audio.duration_secs.unwrap_or(0.0) * f64::from(audio.rate_hz);
        if total > 0.0 {
            (self.position as f64 / total) as f32
        } else {
            0.0
        }
    }
}

/// Draws a picture of another kind; `on_columns` is told the first of the columns that came, and them.
///
/// # Errors
/// [`AnalysisError`] if the recording cannot be read, or the user stops it.
pub fn draw(
    path: &Path,
    kind: PictureKind,
    cfp: &Arc<Cfp>,
    progress: &Progress,
    on_columns: &mut dyn FnMut(usize, &[u8]),
) -> Result<(), AnalysisError> {
    let mut reader = AudioReader::open(path)?;
    let mut resampler = Resampler::new(reader.info().rate_hz, cfp.config().rate_hz)?;
    let mut stream = CfpStream::new(Arc::clone(cfp));
    let mut picture = Picture::new(cfp.config().axis(), cfp.config().grid());
    let mut add = |layers: &Layers| {
        let (first, start) = (picture.n_columns(), picture.cells.len());
        picture.extend(kind, cfp, layers);
        on_columns(first, &picture.cells[start..]);
    };
    while let Some(block) = reader.next_block()? {
        add(&stream.push(&resampler.push(&downmix(&block))));
        progress.report(Stage::Features, 0.0)?;
    }
    add(&stream.push(&resampler.finish()));
    add(&stream.finish());
    Ok(())
}

/// Reads the whole recording once; `on_columns` is told the first of the columns that came, them,
/// and the level of those frames whose hop is over.
///
/// # Errors
/// [`AnalysisError`] if it cannot be read, or the user stops it.
pub fn survey(
    path: &Path,
    models: &Models,
    progress: &Progress,
    mut on_columns: impl FnMut(usize, &[u8], &[f32]),
) -> Result<Survey, AnalysisError> {
    let mut frames = Frames::open(path, models)?;
    let config = models.cfp.config();
    let mut scale = FeatureScale::empty();
    let mut picture = Picture::new(config.axis(), config.grid());
    let mut level = Level::new(config.hop);
    let (mut mel_sum, mut mel_count) = (0.0f64, 0usize);
    progress.report(Stage::Features, 0.0)?;
    while let Some(block) = frames.read()? {
        scale.include(&block.layers);
        level.push(&block.samples);
        let bands = block.mel.bands.iter();
        mel_sum += bands.map(|&value| f64::from(value)).sum::<f64>();
        mel_count += block.mel.bands.len();
        let (first, start) = (picture.n_columns(), picture.cells.len());
        picture.extend(PictureKind::Spectrum, &models.cfp, &block.layers);
        on_columns(
            first,
            &picture.cells[start..],
            &level.levels[first.min(level.levels.len())..],
        );
        progress.report(Stage::Features, frames.fraction())?;
    }
    progress.report(Stage::Features, 1.0)?;
    let mut audio = frames.audio;
    let decoded = frames.position as f64 / f64::from(audio.rate_hz.max(1));
    audio.duration_secs = Some(decoded);
    Ok(Survey {
        audio,
        scale,
        mel_mean: (mel_sum / mel_count.max(1) as f64) as f32,
        level: level.finish(picture.n_columns()),
        warnings: frames.warnings,
        picture,
    })
}

/// Root mean square of the hop around each frame's centre.
struct Level {
    hop: usize,
    skipped: usize,
    sum: f64,
    count: usize,
    levels: Vec<f32>,
}

impl Level {
    fn new(hop: usize) -> Self {
        Self {
            hop,
            skipped: hop / 2, // frame 0 is centred one hop in
            sum: 0.0,
            count: 0,
            levels: Vec::new(),
        }
    }

    fn push(&mut self, samples: &[f32]) {
        let skip = self.skipped.min(samples.len());
        self.skipped -= skip;
        for &sample in &samples[skip..] {
            self.sum += f64::from(sample) * f64::from(sample);
            self.count += 1;
            if self.count == self.hop {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        self.levels
            .push((self.sum / self.count.max(1) as f64).sqrt() as f32);
        (self.sum, self.count) = (0.0, 0);
    }

    fn finish(mut self, n_frames: usize) -> Vec<f32> {
        if self.count > 0 {
            self.close();
        }
        self.levels.resize(n_frames, 0.0);
        self.levels
    }
}
