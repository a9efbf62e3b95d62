//! A file taken apart: its format, one of its tracks of sound, its decoder.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_OPUS, CODEC_ID_VORBIS};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::{FORMAT_ID_MP3, FORMAT_ID_OGG};
use symphonia::core::formats::{FormatReader, Track};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::units::TimeBase;

use super::decoder::Decoder;
use super::error::AudioError;
use super::file_map::FileMap;
use super::gapless::Gapless;
use super::info::{AudioInfo, set_if_none};
use super::ogg::OggPackets;
use super::patched::PatchedFile;
use super::sniff::{self, Undecodable};
use super::{tags, tracks};

/// Packets before the sound of Vorbis and of Opus in Ogg.
const VORBIS_HEADERS: usize = 3;
const OPUS_HEADERS: usize = 2;

/// An opened file.
pub struct Container {
    pub format: Box<dyn FormatReader>,
    pub map: FileMap,
    pub voice: SoundTrack,
    /// Packets of Vorbis and Opus in Ogg, which `format` does not read well.
    pub ogg: Option<OggPackets>,
    /// What the tags tell of padding.
    pub gapless: Option<Gapless>,
    /// Tags that come before the sound.
    tags: AudioInfo,
}

/// One track and its decoder.
pub struct SoundTrack {
    pub track_id: u32,
    pub params: AudioCodecParameters,
    pub decoder: Decoder,
    pub time_base: Option<TimeBase>,
    /// Frames that the container states, if it does.
    pub n_frames: Option<u64>,
    /// Length that the container states, in seconds.
    pub duration_secs: Option<f64>,
    /// Frames of padding before and after the sound, if the container states them.
    pub delay: Option<u32>,
    pub padding: Option<u32>,
    /// What the user is to know of the other tracks.
    pub remark: Option<String>,
    /// Its place among the tracks of sound, from 1 on.
    pub number: usize,
    /// Names of all tracks of sound.
    pub names: Vec<String>,
}

impl Container {
    /// Opens the file by its content, whatever its name says; `track` counts its tracks of
    /// sound from 1, and without it the default one is taken.
    pub fn open(path: &Path, track: Option<usize>) -> Result<Self, AudioError> {
        let mut file = open_file(path)?;
        let head = read_head(&mut file).map_err(|error| AudioError::from_io(path, error))?;
        refuse(path, &head)?;
        let map = FileMap::read(&mut file).map_err(|error| AudioError::from_io(path, error))?;
        Self::open_mapped(path, file, map, track)
    }

    /// The recording that starts at this byte, behind another one (chained Ogg streams).
    pub fn open_link(path: &Path, at: u64) -> Result<Self, AudioError> {
        let mut file = open_file(path)?;
        let map = FileMap::read(&mut file).map_err(|error| AudioError::from_io(path, error))?;
        let map = FileMap { start: at, ..map };
        Self::open_mapped(path, file, map, None)
    }

    fn open_mapped(
        path: &Path,
        file: File,
        map: FileMap,
        track: Option<usize>,
    ) -> Result<Self, AudioError> {
        let from_io = |error| AudioError::from_io(path, error);
        let link = map.start;
        let mut format = probe(path, file, &map)?;
        let voice = tracks::choose(path, format.as_ref(), track)?;
        let n_headers = match voice.params.codec {
            CODEC_ID_VORBIS => VORBIS_HEADERS,
            CODEC_ID_OPUS => OPUS_HEADERS,
            _ => 0,
        };
        let mut ogg = None;
        if format.format_info().format == FORMAT_ID_OGG && n_headers > 0 {
            let file = File::open(path).map_err(from_io)?;
            ogg = Some(OggPackets::new(file, link, voice.track_id, n_headers).map_err(from_io)?);
        }
        let mut tags = AudioInfo::default();
        let gapless = take_tags(format.as_mut(), &mut tags);
        Ok(Self {
            format,
            map,
            voice,
            ogg,
            gapless,
            tags,
        })
    }

    /// Starts over with the tracks that the format has now (chained Ogg streams of FLAC).
    pub fn renew(&mut self, path: &Path) -> Result<(), AudioError> {
        self.voice = tracks::choose(path, self.format.as_ref(), None)?;
        Ok(())
    }

    /// Whether the number of frames is read from the file, not guessed by its length.
    pub fn states_frames(&self) -> bool {
        let is_mp3 = self.format.format_info().format == FORMAT_ID_MP3;
        self.voice.n_frames.is_some() && (!is_mp3 || self.voice.delay.is_some())
    }

    /// Puts the tags read so far into `info`.
    pub fn read_tags(&mut self, info: &mut AudioInfo) {
        let (title, artist) = (&self.map.title, &self.map.artist);
        set_if_none(&mut info.title, title.as_deref().unwrap_or_default());
        set_if_none(&mut info.artist, artist.as_deref().unwrap_or_default());
        set_if_none(
            &mut info.title,
            self.tags.title.as_deref().unwrap_or_default(),
        );
        set_if_none(
            &mut info.artist,
            self.tags.artist.as_deref().unwrap_or_default(),
        );
        take_tags(self.format.as_mut(), info);
    }
}

/// Puts the tags that a format has by now into `info`; tells what they say of padding.
fn take_tags(format: &mut dyn FormatReader, info: &mut AudioInfo) -> Option<Gapless> {
    let mut gapless = None;
    let mut metadata = format.metadata();
    while let Some(revision) = metadata.current() {
        info.add_tags(revision);
        gapless = gapless.or(Gapless::find(revision));
        if metadata.pop().is_none() {
            break;
        }
    }
    gapless
}

impl SoundTrack {
    /// A track of sound, with a decoder.
    pub fn new(
        format: &dyn FormatReader,
        track: &Track,
        params: &AudioCodecParameters,
    ) -> Result<Self, Error> {
        let decoder = Decoder::new(params)?;
        let ticks = track.duration.map(|it| it.get() as f64);
        Ok(Self {
            track_id: track.id,
            decoder,
            time_base: track.time_base,
            n_frames: track.num_frames,
            duration_secs: ticks
                .zip(track.time_base)
                .map(|(it, base)| it * secs(base))
                .or_else(|| total_secs(format)),
            delay: track.delay,
            padding: track.padding,
            remark: None,
            number: 1,
            names: Vec::new(),
            params: params.clone(),
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

/// The first bytes behind tags.
fn read_head(file: &mut File) -> std::io::Result<Vec<u8>> {
    let start = tags::start_of_sound(file)?;
    file.seek(SeekFrom::Start(start))?;
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
        Some(Undecodable::NotAudio(found)) => Err(AudioError::NotAudio {
            path,
            found: found.to_string(),
        }),
        Some(Undecodable::Foreign(found)) => Err(AudioError::Unsupported {
            path,
            found: found.to_string(),
        }),
    }
}

fn probe(path: &Path, file: File, map: &FileMap) -> Result<Box<dyn FormatReader>, AudioError> {
    let patched = PatchedFile::new(file, map.patches.clone(), map.shown());
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
        Error::Unsupported(found) if found.contains("wave format") => {
            let found = "sound of a kind that is rare in WAV".to_string();
            return AudioError::Unsupported { path, found };
        }
        Error::Unsupported(found) if found.contains("missing moov") => "its index is missing",
        Error::Unsupported(found) | Error::DecodeError(found) | Error::LimitError(found) => found,
        _ => "its header makes no sense",
    };
    let found = found.to_string();
    AudioError::Damaged { path, found }
}
