//! A file taken apart: its format, its first track that can be decoded, its decoder.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::LazyLock;

use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP3, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::FORMAT_ID_MP3;
use symphonia::core::formats::{FormatReader, Track};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::units::TimeBase;

use super::error::AudioError;
use super::info::{AudioInfo, set_if_none};
use super::outline::Outline;
use super::patched::PatchedFile;
use super::sniff::{self, Kind};

/// Opus is always decoded at this rate, whatever the container says.
const OPUS_RATE_HZ: u32 = 48_000;

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    codecs
});

/// An opened file.
pub struct Container {
    pub format: Box<dyn FormatReader>,
    pub outline: Outline,
    pub voice: Voice,
}

/// One track and its decoder.
pub struct Voice {
    pub track_id: u32,
    pub params: AudioCodecParameters,
    pub decoder: Box<dyn AudioDecoder>,
    pub time_base: Option<TimeBase>,
    /// Frames that the container states, if it does.
    pub n_frames: Option<u64>,
    /// Length that the container states, in seconds.
    pub duration_secs: Option<f64>,
    /// Frames of padding before and after the sound, if the container states them.
    pub delay: Option<u32>,
    pub padding: Option<u32>,
}

impl Container {
    /// Opens the file by its content, whatever its name says.
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        let mut file = open_file(path)?;
        let head = read_head(&mut file).map_err(|error| AudioError::from_io(path, error))?;
        refuse(path, &head)?;
        let outline = Outline::read(&mut file).map_err(|error| AudioError::from_io(path, error))?;
        let format = probe(path, file, &outline)?;
        let voice = Voice::first(path, format.as_ref())?;
        Ok(Self {
            format,
            outline,
            voice,
        })
    }

    /// Starts over with the tracks that the format has now (chained Ogg streams).
    pub fn renew(&mut self, path: &Path) -> Result<(), AudioError> {
        self.voice = Voice::first(path, self.format.as_ref())?;
        Ok(())
    }

    /// Whether the number of frames is read from the file, not guessed by its length.
    pub fn states_frames(&self) -> bool {
        let is_mp3 = self.format.format_info().format == FORMAT_ID_MP3;
        self.voice.n_frames.is_some() && (!is_mp3 || self.voice.delay.is_some())
    }

    /// Puts the tags read so far into `info`.
    pub fn read_tags(&mut self, info: &mut AudioInfo) {
        let (title, artist) = (&self.outline.title, &self.outline.artist);
        set_if_none(&mut info.title, title.as_deref().unwrap_or_default());
        set_if_none(&mut info.artist, artist.as_deref().unwrap_or_default());
        let mut metadata = self.format.metadata();
        while let Some(revision) = metadata.current() {
            info.add_tags(revision);
            if metadata.pop().is_none() {
                break;
            }
        }
    }
}

impl Voice {
    /// The first track of sound that can be decoded.
    fn first(path: &Path, format: &dyn FormatReader) -> Result<Self, AudioError> {
        let mut refused = None;
        for track in format.tracks() {
            let Some(params) = track.codec_params.as_ref().and_then(|it| it.audio()) else {
                continue;
            };
            match Self::new(track, params) {
                Ok(mut voice) => {
                    let secs = || total_secs(format);
                    voice.duration_secs = voice.duration_secs.or_else(secs);
                    return Ok(voice);
                }
                Err(error) => refused = refused.or(Some(describe(params, &error))),
            }
        }
        let found = refused.unwrap_or_else(|| "no track of sound that is known".to_string());
        let path = path.to_path_buf();
        Err(AudioError::Unsupported { path, found })
    }

    fn new(track: &Track, params: &AudioCodecParameters) -> Result<Self, Error> {
        let mut params = params.clone();
        // The reader trims by itself: decoders know less about the container.
        let options = AudioDecoderOptions::default().gapless(params.codec != CODEC_ID_MP3);
        let decoder = if params.codec == CODEC_ID_OPUS {
            params.sample_rate = Some(OPUS_RATE_HZ);
            let mut untrimmed = params.clone();
            untrimmed.extra_data = None;
            CODECS.make_audio_decoder(&untrimmed, &options)?
        } else {
            CODECS.make_audio_decoder(&params, &options)?
        };
        let ticks = track.duration.map(|it| it.get() as f64);
        Ok(Self {
            track_id: track.id,
            decoder,
            time_base: track.time_base,
            n_frames: track.num_frames,
            duration_secs: ticks.zip(track.time_base).map(|(it, base)| it * secs(base)),
            delay: track.delay,
            padding: track.padding,
            params,
        })
    }

    /// Length that the container states, padding included where it counts it.
    pub fn stated_secs(&self) -> Option<f64> {
        let ticks = self.n_frames.map(|it| it as f64);
        let exact = ticks.zip(self.time_base).map(|(it, base)| it * secs(base));
        exact.or(self.duration_secs)
    }
}

/// Seconds in a tick.
pub fn secs(base: TimeBase) -> f64 {
    f64::from(base.numer.get()) / f64::from(base.denom.get())
}

fn total_secs(format: &dyn FormatReader) -> Option<f64> {
    let media = format.media_info();
    let ticks = media.duration?.get() as f64;
    Some(ticks * secs(media.time_base?)).filter(|it| *it > 0.0)
}

/// What a track holds, for someone who has to convert it.
fn describe(params: &AudioCodecParameters, error: &Error) -> String {
    if params.codec == CODEC_ID_OPUS {
        let n_channels = params.channels.as_ref().map_or(0, |it| it.count());
        return format!("Opus sound of {n_channels} channels");
    }
    let known = CODECS.get_audio_decoder(params.codec);
    match known {
        Some(decoder) => format!(
            "{} sound of a rare kind ({error})",
            decoder.codec.info.long_name
        ),
        None => format!("sound of an unknown kind ({})", params.codec),
    }
}

fn open_file(path: &Path) -> Result<File, AudioError> {
    let from_io = |error| AudioError::from_io(path, error);
    let metadata = std::fs::metadata(path).map_err(from_io)?;
    let path = path.to_path_buf();
    if metadata.is_dir() {
        return Err(AudioError::Folder { path });
    }
    if metadata.is_file() && metadata.len() == 0 {
        return Err(AudioError::Empty { path });
    }
    File::open(&path).map_err(|error| AudioError::from_io(&path, error))
}

fn read_head(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.take(sniff::HEAD_LEN as u64).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(head)
}

/// Turns files away that are known not to be recordings.
fn refuse(path: &Path, head: &[u8]) -> Result<(), AudioError> {
    let path = path.to_path_buf();
    match sniff::kind(head) {
        None => Ok(()),
        Some(Kind::NotAudio(found)) => Err(AudioError::NotAudio {
            path,
            found: found.to_string(),
        }),
        Some(Kind::Foreign(found)) => Err(AudioError::Unsupported {
            path,
            found: found.to_string(),
        }),
    }
}

fn probe(path: &Path, file: File, outline: &Outline) -> Result<Box<dyn FormatReader>, AudioError> {
    let patched = PatchedFile::new(file, outline.patches.clone(), outline.end);
    let source = patched.map_err(|error| AudioError::from_io(path, error))?;
    let stream = MediaSourceStream::new(Box::new(source), Default::default());
    symphonia::default::get_probe()
        .probe(&Hint::new(), stream, Default::default(), Default::default())
        .map_err(|error| refusal(path, error))
}

fn refusal(path: &Path, error: Error) -> AudioError {
    let path = path.to_path_buf();
    let found = match error {
        Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "it ends inside its header"
        }
        Error::IoError(error) => return AudioError::from_io(&path, error),
        Error::Unsupported(found) if found.contains("no suitable format") => {
            let found = "a file of an unknown kind".to_string();
            return AudioError::NotAudio { path, found };
        }
        Error::Unsupported(found) if found.contains("missing moov") => "its index is missing",
        Error::Unsupported(found) | Error::DecodeError(found) | Error::LimitError(found) => found,
        _ => "its header makes no sense",
    };
    let found = found.to_string();
    AudioError::Damaged { path, found }
}
