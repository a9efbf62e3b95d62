//! Which part of what a decoder gives is the sound that was encoded.

use std::fs::File;
use std::io;
use std::path::Path;

use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS};
use symphonia::core::formats::well_known::{
    FORMAT_ID_ADTS, FORMAT_ID_CAF, FORMAT_ID_ISOMP4, FORMAT_ID_MKV, FORMAT_ID_MP3,
};

use super::container::Container;
use super::{matroska, mp4};

/// Padding of every AAC encoder at the least, in frames: one transform.
const AAC_DELAY: u64 = 1024;

/// Frames, at the decoder's rate, to drop and to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// Dropped at the start.
    pub skip: u64,
    /// Kept after that; the rest is dropped.
    pub keep: u64,
    /// Dropped at the end.
    pub tail: u64,
}

impl Default for Trim {
    fn default() -> Self {
        Self::start(0)
    }
}

impl Trim {
    /// Drops `skip` frames and keeps all others.
    fn start(skip: u64) -> Self {
        Self {
            skip,
            keep: u64::MAX,
            tail: 0,
        }
    }

    /// What the container says of its padding.
    ///
    /// AAC of which nothing is said has the padding that every encoder makes. Formats
    /// not named here (WAV, AIFF, FLAC, Vorbis in Ogg) are trimmed by their decoders,
    /// or need no trimming; MP3 without a LAME tag keeps its padding, as everywhere.
    pub fn of(path: &Path, container: &Container, rate_hz: u32) -> io::Result<Self> {
        let voice = &container.voice;
        let delay = u64::from(voice.delay.unwrap_or(0));
        let tail = u64::from(voice.padding.unwrap_or(0));
        let codec = voice.params.codec;
        let unsaid = if codec == CODEC_ID_AAC { AAC_DELAY } else { 0 };
        let trim = match container.format.format_info().format {
            FORMAT_ID_ISOMP4 => mp4_trim(path, container, rate_hz)?.unwrap_or(Self::start(unsaid)),
            _ if codec == CODEC_ID_OPUS => Self::start(opus_pre_skip(&voice.params.extra_data)),
            FORMAT_ID_MKV => {
                let delay = matroska::codec_delay(&mut File::open(path)?, voice.track_id.into())?;
                Self::start(delay.map_or(unsaid, |it| frames(it, 1_000_000_000, rate_hz)))
            }
            FORMAT_ID_ADTS => Self::start(unsaid),
            FORMAT_ID_MP3 => Self {
                tail,
                ..Self::start(delay)
            },
            FORMAT_ID_CAF if codec == CODEC_ID_AAC => Self {
                tail,
                ..Self::start(delay)
            },
            _ => Self::start(0),
        };
        Ok(trim)
    }

    /// Length of the sound as the container states it, without padding, in seconds.
    pub fn stated_secs(&self, container: &Container, rate_hz: u32) -> Option<f64> {
        if self.keep != u64::MAX {
            return Some(self.keep as f64 / f64::from(rate_hz));
        }
        let format = container.format.format_info().format;
        let padding = match format {
            FORMAT_ID_MP3 | FORMAT_ID_CAF => 0, // not counted there
            _ => self.skip,
        };
        let stated = container
            .voice
            .stated_secs()
            .or(container.outline.duration_secs)?
            - padding as f64 / f64::from(rate_hz);
        (stated > 0.0).then_some(stated)
    }
}

/// The part of the track that its edit list presents.
fn mp4_trim(path: &Path, container: &Container, rate_hz: u32) -> io::Result<Option<Trim>> {
    let voice = &container.voice;
    let edit = mp4::edit(&mut File::open(path)?, voice.track_id)?;
    Ok(edit.map(|edit| {
        let skip = frames(edit.start.0, edit.start.1, rate_hz);
        let total = voice.n_frames.map(|it| frames(it, edit.start.1, rate_hz));
        let after_skip = total
            .and_then(|it| it.checked_sub(skip))
            .filter(|it| *it > 0);
        // The duration is in coarse units (often milliseconds): one more of them.
        let (duration, scale) = edit.duration;
        let edited = (duration > 0).then(|| frames(duration.saturating_add(1), scale, rate_hz));
        let keep = edited.into_iter().chain(after_skip).min();
        Trim {
            keep: keep.unwrap_or(u64::MAX),
            ..Trim::start(skip)
        }
    }))
}

/// Padding of an Opus stream in frames of 48 kHz, by its header (RFC 7845, 5.1).
fn opus_pre_skip(head: &Option<Box<[u8]>>) -> u64 {
    let bytes = head.as_deref().and_then(|it| it.get(10..12));
    bytes.map_or(0, |it| u64::from(u16::from_le_bytes([it[0], it[1]])))
}

/// `ticks / scale` seconds in frames, rounded.
fn frames(ticks: u64, scale: u32, rate_hz: u32) -> u64 {
    let scale = u128::from(scale.max(1));
    let frames = (u128::from(ticks) * u128::from(rate_hz) + scale / 2) / scale;
    u64::try_from(frames).unwrap_or(u64::MAX)
}
