//! Voice and accompaniment of a recording, at its own rate and with its own channels.
//!
//! A network tells of each frame which part of its spectrum is the voice. It hears all channels mixed to one
//! at its own rate; what it tells is applied to every channel. Above its band the voice is as much of the
//! sound as in the highest octave that it hears, moment by moment. The accompaniment is the recording
//! less the voice, so that both add up to it.
//!
//! The recording is read twice, first for its level; what is kept does not grow with its length.
//!
//! - [`separate`]: the whole; [`StemBlock`]: what it gives, block by block.
//! - [`kept`]: stems kept on disk; [`drawing`]: their pictures.
//! - [`masks`]: frames through the network, blocks faded into each other.
//! - `channel`: there and back between a channel's rate and the network's; `high_band`: above it.

mod channel;
pub mod drawing;
mod high_band;
pub mod kept;
pub mod masks;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use self::channel::StemChannel;
use self::high_band::HighBand;
use self::masks::{Maps, MaskStream};
use super::AnalysisError;
use super::models::wrong_features;
use crate::audio::{
    AudioError, AudioInfo, AudioReader, CancellationMeter, ChannelMixer, Mixdown, Resampler,
};
use crate::dsp::stft::mask::VoiceMaps;
use crate::dsp::{Features, Spectrum, Stft, StftStream};
use crate::models::{
    DeviceChoice, DeviceInfo, FeatureKind, LoadedNetwork, ModelError, ModelFolder, Task, device,
};
use crate::progress::{Progress, Stage};
use serde::{Deserialize, Serialize};

/// A network that separates voices, loaded.
pub struct VoiceSeparator {
    network: LoadedNetwork,
    stft: Arc<Stft>,
    device: DeviceInfo,
}

impl VoiceSeparator {
    /// Loads a network by folder or name.
    ///
    /// # Errors
    /// [`ModelError`] if it is missing, damaged or for another task, or there is no such device.
    pub fn load(name: &str, device: DeviceChoice) -> Result<Self, ModelError> {
        let device = device::choose(device).map_err(ModelError::Device)?;
        let folder = ModelFolder::find(name)?;
        let network = LoadedNetwork::load(&folder, Task::Separation, &device)?;
        let Features::Spectrum(stft) = &folder.config.network.features else {
            return Err(wrong_features(&folder, FeatureKind::Spectrum));
        };
        Ok(Self {
            network,
            stft: Arc::new(Stft::new(stft.clone())),
            device,
        })
    }

    /// The name it was found under.
    pub fn name(&self) -> &str {
        &self.network.name
    }

    /// What it runs on, for people.
    pub fn device_name(&self) -> String {
        self.device.to_string()
    }

    /// Rate of what it hears, in Hz.
    fn rate_hz(&self) -> u32 {
        self.stft.config().rate_hz
    }
}

/// A part of a recording; both add up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stem {
    /// The voice.
    Vocals,
    /// All else.
    Accompaniment,
}

impl Stem {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Vocals, Self::Accompaniment];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Stem::Vocals => "Voice",
            Stem::Accompaniment => "Accompaniment",
        }
    }

    /// Its name in files.
    pub fn file_stem(self) -> &'static str {
        match self {
            Stem::Vocals => "vocals",
            Stem::Accompaniment => "accompaniment",
        }
    }
}

/// Samples of a recording and of its voice, all channels of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StemBlock {
    /// The recording.
    pub mixture: Vec<Vec<f32>>,
    /// Its voice.
    pub vocals: Vec<Vec<f32>>,
}

impl StemBlock {
    /// The recording less its voice.
    pub fn accompaniment(&self) -> Vec<Vec<f32>> {
        let channels = self.mixture.iter().zip(&self.vocals);
        channels
            .map(|(mixture, vocals)| mixture.iter().zip(vocals).map(|(m, v)| m - v).collect())
            .collect()
    }

    /// One of both stems.
    pub fn stem(&self, stem: Stem) -> Cow<'_, [Vec<f32>]> {
        match stem {
            Stem::Vocals => Cow::Borrowed(&self.vocals),
            Stem::Accompaniment => Cow::Owned(self.accompaniment()),
        }
    }

    /// Number of samples of a channel.
    pub fn len(&self) -> usize {
        self.mixture.first().map_or(0, Vec::len)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Separates a recording; `on_block` takes its stems from start to end.
///
/// `track` is one of the file's tracks of sound, counted from 1; `None` for the default one. Returns what
/// the file says of itself, and what went less than well.
///
/// # Errors
/// [`AnalysisError`] if it cannot be read, the network fails, or the user stops it; and those of `on_block`.
pub fn separate<E: From<AnalysisError>>(
    path: &Path,
    track: Option<usize>,
    separator: &VoiceSeparator,
    progress: &Progress,
    on_block: &mut dyn FnMut(&AudioInfo, StemBlock) -> Result<(), E>,
) -> Result<(AudioInfo, Vec<String>), E> {
    let loudness = Loudness::of(path, track, progress)?;
    let mut reader = AudioReader::open_track(path, track).map_err(AnalysisError::from)?;
    let mut info = reader.info().clone();
    let mut run = SeparationRun::new(separator, &info, &loudness)?;
    let mut n_samples = 0;
    loop {
        let block = reader.next_block().map_err(AnalysisError::from)?;
        let ended = block.is_none();
        match block {
            Some(block) => run.push(block),
            None => run.end(),
        }
        while let Some(maps) = run.masks.next(ended).map_err(AnalysisError::from)? {
            run.apply(&maps);
            let stems = run.take();
            n_samples += stems.len() as u64;
            on_block(&info, stems)?;
            let done = n_samples as f32 / loudness.n_samples.max(1) as f32;
            let told = progress.report(Stage::Separation, 0.1 + 0.9 * done);
            told.map_err(AnalysisError::from)?;
        }
        if ended {
            on_block(&info, run.finish())?;
            info.duration_secs = Some(loudness.n_samples as f64 / f64::from(info.rate_hz.max(1)));
            return Ok((info, reader.warnings().to_vec()));
        }
    }
}

/// What a first reading tells.
struct Loudness {
    n_samples: u64,
    /// How channels become one.
    mixdown: Mixdown,
    /// Root mean square of that one.
    level: f32,
}

impl Loudness {
    fn of(path: &Path, track: Option<usize>, progress: &Progress) -> Result<Self, AnalysisError> {
        let mut mixdown = Mixdown::default();
        loop {
            let mut reader = AudioReader::open_track(path, track)?;
            let (rate_hz, n_channels) = (reader.info().rate_hz, reader.info().n_channels);
            let stated = reader.info().duration_secs.unwrap_or(0.0) * f64::from(rate_hz);
            let mut meter = CancellationMeter::new(n_channels, rate_hz);
            let mut mixer = ChannelMixer::new(&mixdown, rate_hz);
            let (mut sum, mut n_samples) = (0.0, 0u64);
            while let Some(block) = reader.next_block()? {
                n_samples += block.first().map_or(0, Vec::len) as u64;
                meter.push(&block);
                sum += energy(&mixer.push(&block));
                let done = n_samples as f64 / stated.max(n_samples as f64);
                progress.report(Stage::Separation, 0.1 * done as f32)?;
            }
            sum += energy(&mixer.finish());
            let learned = meter.mixdown();
            if !mixdown.is_mean() || learned.is_mean() {
                return Ok(Self {
                    n_samples,
                    mixdown,
                    level: (sum / n_samples.max(1) as f64).sqrt() as f32,
                });
            }
            mixdown = learned;
        }
    }
}

fn energy(samples: &[f32]) -> f64 {
    samples.iter().map(|&x| f64::from(x) * f64::from(x)).sum()
}

/// A separation under way.
struct SeparationRun<'a> {
    stft: Arc<Stft>,
    mixer: ChannelMixer,
    down: Resampler,
    mono: StftStream,
    masks: MaskStream<'a>,
    high_band: HighBand,
    /// Spectra of the mix whose masks are not there yet.
    heard: Spectrum,
    channels: Vec<StemChannel>,
    /// Level of the mix, which the network hears at 1.
    level: f32,
}

impl<'a> SeparationRun<'a> {
    fn new(
        separator: &'a VoiceSeparator,
        info: &AudioInfo,
        loudness: &Loudness,
    ) -> Result<Self, AnalysisError> {
        let stft = Arc::clone(&separator.stft);
        let (from_hz, to_hz) = (info.rate_hz, separator.rate_hz());
        let channel = |_| StemChannel::new(&stft, from_hz);
        let channels = (0..info.n_channels).map(channel);
        let n_bins = stft.config().n_bins();
        Ok(Self {
            mixer: ChannelMixer::new(&loudness.mixdown, from_hz),
            down: Resampler::new(from_hz, to_hz)?,
            mono: StftStream::new(Arc::clone(&stft)),
            masks: MaskStream::new(&separator.network, stft.config().n_rows()),
            high_band: HighBand::new(stft.config(), from_hz),
            heard: Spectrum {
                n_bins,
                ..Spectrum::default()
            },
            channels: channels.collect::<Result<_, AudioError>>()?,
            level: match loudness.level > 0.0 {
                true => loudness.level,
                false => 1.0,
            },
            stft,
        })
    }

    fn push(&mut self, block: Vec<Vec<f32>>) {
        let mono = self.down.push(&self.mixer.push(&block));
        let spectrum = self.mono.push(&mono);
        self.hear(spectrum);
        let channels = self.channels.par_iter_mut().zip(block);
        channels.for_each(|(channel, samples)| channel.push(&samples));
    }

    /// Ends the recording.
    fn end(&mut self) {
        let rest = self.down.push(&self.mixer.finish());
        let mut spectrum = self.mono.push(&rest);
        let rest = self.down.finish();
        spectrum.values.extend(self.mono.push(&rest).values);
        spectrum.values.extend(self.mono.finish().values);
        self.hear(spectrum);
        self.channels.par_iter_mut().for_each(StemChannel::end);
    }

    fn hear(&mut self, spectrum: Spectrum) {
        self.masks.push(&spectrum, 1.0 / self.level);
        self.heard.values.extend(spectrum.values);
    }

    /// Takes the voice out of the next frames.
    fn apply(&mut self, maps: &Maps) {
        let voice = VoiceMaps::new(&maps.values, maps.n_maps, maps.n_frames);
        let n_values = maps.n_frames * self.stft.config().n_bins();
        let heard = Spectrum {
            n_bins: self.heard.n_bins,
            values: self.heard.values.drain(..n_values).collect(),
        };
        self.high_band
            .push(&heard, &voice.apply(&heard, self.level));
        let level = self.level;
        let channels = self.channels.par_iter_mut();
        channels.for_each(|channel| channel.apply(&voice, maps.n_frames, level));
    }

    /// The stems as far as they are known.
    fn take(&mut self) -> StemBlock {
        let ready = self.channels.iter().map(StemChannel::n_ready).min();
        let gains = self.high_band.take(ready.unwrap_or(0));
        let channels = self.channels.iter_mut().map(|channel| channel.take(&gains));
        let (mixture, vocals) = channels.unzip();
        StemBlock { mixture, vocals }
    }

    /// The rest of the stems.
    fn finish(&mut self) -> StemBlock {
        self.channels.par_iter_mut().for_each(StemChannel::finish);
        self.take()
    }
}
