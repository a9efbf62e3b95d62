//! Which part of what a decoder gives is the sound that was encoded.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::Path;

use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_MP3, CODEC_ID_OPUS};
use symphonia::core::formats::well_known::{
    FORMAT_ID_ADTS, FORMAT_ID_CAF, FORMAT_ID_ISOMP4, FORMAT_ID_MKV, FORMAT_ID_MP3,
};

use super::container::Container;
use super::decoder::OPUS_RATE_HZ;
use super::{matroska, mp4};

/// Padding of every AAC encoder at the least, in frames: one transform.
const AAC_DELAY: u64 = 1024;
/// Padding of HE-AAC in frames of its core: that of the encoder most used for it (Fraunhofer's, as in
/// phones), less what a decoder of what lies above the core would add.
const HE_AAC_DELAY: u64 = 2048;
/// Frames by which every MP3 decoder is late; iTunes does not count them.
const MP3_DECODER_DELAY: u64 = 529;

/// What comes out of a track, in frames at the rate of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trim {
    /// Pieces of the track, one after the other; the rest is dropped.
    pub pieces: VecDeque<TrackPiece>,
    /// Dropped at the end.
    pub tail: u64,
}

/// A piece of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackPiece {
    /// Silence before it.
    pub silence: u64,
    /// Its first frame in what is decoded.
    pub start: u64,
    /// Its length; `u64::MAX` goes to the end.
    pub keep: u64,
    /// Whether some of it was delivered.
    pub is_begun: bool,
}

impl TrackPiece {
    /// A piece of which nothing was delivered yet.
    pub fn new(silence: u64, start: u64, keep: u64) -> Self {
        Self {
            silence,
            start,
            keep,
            is_begun: false,
        }
    }
}

impl Default for Trim {
    fn default() -> Self {
        Self::start(0)
    }
}

impl Trim {
    /// Drops `skip` frames and keeps all others.
    fn start(skip: u64) -> Self {
        Self::one(TrackPiece::new(0, skip, u64::MAX), 0)
    }

    fn one(piece: TrackPiece, tail: u64) -> Self {
        Self {
            pieces: VecDeque::from([piece]),
            tail,
        }
    }

    /// What the container says of its padding.
    ///
    /// AAC of which nothing is said has the padding that every encoder makes. Formats
    /// not named here (WAV, AIFF, FLAC) need no trimming, and Vorbis is trimmed by the
    /// positions of its pages.
    ///
    /// MP3 that says nothing, as it is mostly found in WAV, keeps its padding, as in other programs:
    /// by cross-correlation with what was encoded, FFmpeg 5.1 and libsndfile (mpg123) give it 1105
    /// frames late where LAME made it and 528 where Shine did, and so does the sound here. What WAV
    /// tells of a delay (`nCodecDelay`) nobody heeds: FFmpeg writes 1393 for any encoder.
    pub fn of(path: &Path, container: &Container, rate_hz: u32) -> io::Result<Self> {
        let voice = &container.voice;
        let delay = u64::from(voice.delay.unwrap_or(0));
        let tail = u64::from(voice.padding.unwrap_or(0));
        let codec = voice.params.codec;
        let unsaid = match codec {
            CODEC_ID_AAC if voice.decoder.is_high_efficiency() => HE_AAC_DELAY,
            CODEC_ID_AAC => AAC_DELAY,
            _ => 0,
        };
        let trim = match container.format.format_info().format {
            FORMAT_ID_ISOMP4 => match mp4_trim(path, container, rate_hz)? {
                Some(trim) => trim,
                None => told(container, rate_hz).unwrap_or(Self::start(unsaid)),
            },
            FORMAT_ID_MKV => matroska_trim(path, container, rate_hz, unsaid)?,
            _ if codec == CODEC_ID_OPUS => Self::start(opus_delay(container, rate_hz)),
            FORMAT_ID_ADTS => told(container, rate_hz).unwrap_or(Self::start(unsaid)),
            FORMAT_ID_MP3 if voice.delay.is_none() => told(container, rate_hz).unwrap_or_default(),
            FORMAT_ID_MP3 => Self::one(TrackPiece::new(0, delay, u64::MAX), tail),
            FORMAT_ID_CAF if codec == CODEC_ID_AAC => {
                Self::one(TrackPiece::new(0, delay, u64::MAX), tail)
            }
            _ => Self::default(),
        };
        Ok(trim)
    }

    /// Length of all pieces, if the last of them has one.
    fn kept(&self) -> Option<u64> {
        let open = self.pieces.iter().any(|it| it.keep == u64::MAX);
        let len = |it: &TrackPiece| it.silence.saturating_add(it.keep);
        (!open).then(|| self.pieces.iter().map(len).fold(0, u64::saturating_add))
    }

    /// Length of the sound as the container states it, without padding, in seconds.
    pub fn stated_secs(&self, container: &Container, rate_hz: u32) -> Option<f64> {
        if let Some(kept) = self.kept() {
            return Some(kept as f64 / f64::from(rate_hz));
        }
        let format = container.format.format_info().format;
        let padding = match (format, self.pieces.front()) {
            (FORMAT_ID_MP3 | FORMAT_ID_CAF, _) | (_, None) => 0, // not counted there
            (_, Some(piece)) => piece.start,
        };
        let stated = container
            .voice
            .stated_secs()
            .or(container.map.duration_secs)?
            - padding as f64 / f64::from(rate_hz);
        (stated > 0.0).then_some(stated)
    }
}

/// What a Matroska file tells of its padding; `unsaid` frames before the sound if it does not.
fn matroska_trim(
    path: &Path,
    container: &Container,
    rate_hz: u32,
    unsaid: u64,
) -> io::Result<Trim> {
    let (mut file, track) = (File::open(path)?, container.voice.track_id.into());
    let frames = |nanoseconds| frames(nanoseconds, 1_000_000_000, rate_hz);
    let delay = match container.voice.params.codec {
        CODEC_ID_OPUS => Some(opus_delay(container, rate_hz)),
        _ => matroska::codec_delay(&mut file, track)?.map(frames),
    };
    // Nobody pads by more than a packet.
    let tail = frames(matroska::discard_padding(&mut file, track)?);
    let tail = if tail < u64::from(rate_hz) { tail } else { 0 };
    let late = frames(matroska::lateness(&mut file, track)?);
    // The first block's time is that of the padding, unless the padding is told.
    let silence = match delay {
        None if late > 0 => late + unsaid,
        _ => late,
    };
    let skip = delay.unwrap_or(unsaid);
    Ok(Trim::one(TrackPiece::new(silence, skip, u64::MAX), tail))
}

/// The parts of the track that its edit list presents; `None` if it has none that tells more
/// than that all is to be heard.
fn mp4_trim(path: &Path, container: &Container, rate_hz: u32) -> io::Result<Option<Trim>> {
    let voice = &container.voice;
    let Some(list) = mp4::edit_list(&mut File::open(path)?, voice.track_id)? else {
        return Ok(None);
    };
    if let [only] = &list.edits[..]
        && only.start == Some(0)
        && container.gapless.is_some()
    {
        return Ok(None);
    }
    let total = voice
        .n_frames
        .map(|it| frames(it, list.track_scale, rate_hz));
    let mut pieces = VecDeque::new();
    let (mut silence, n_edits) = (0, list.edits.len());
    for (i, edit) in list.edits.iter().enumerate() {
        let Some(start) = edit.start else {
            silence += frames(edit.duration, list.movie_scale, rate_hz);
            continue;
        };
        let start = frames(start, list.track_scale, rate_hz);
        let left = total.and_then(|it| it.checked_sub(start));
        // The duration is in coarse units (often milliseconds): at the end, one more of them.
        let duration = edit.duration + u64::from(i + 1 == n_edits);
        let edited = (edit.duration > 0).then(|| frames(duration, list.movie_scale, rate_hz));
        let keep = edited.into_iter().chain(left.filter(|it| *it > 0)).min();
        let keep = keep.unwrap_or(u64::MAX);
        pieces.push_back(TrackPiece::new(std::mem::take(&mut silence), start, keep));
    }
    Ok((!pieces.is_empty()).then_some(Trim { pieces, tail: 0 }))
}

/// What iTunes and others tell in a tag, in samples of the track.
fn told(container: &Container, rate_hz: u32) -> Option<Trim> {
    let gapless = container.gapless?;
    let voice = &container.voice;
    let scale = voice.time_base.map_or(rate_hz, |it| it.denom.get());
    let late = match voice.params.codec {
        CODEC_ID_MP3 => MP3_DECODER_DELAY,
        _ => 0,
    };
    let skip = frames(gapless.delay.saturating_add(late), scale, rate_hz);
    let keep = match gapless.n_frames {
        0 => u64::MAX,
        n_frames => frames(n_frames, scale, rate_hz),
    };
    Some(Trim::one(TrackPiece::new(0, skip, keep), 0))
}

/// Padding before the sound of an Opus stream, by its header (RFC 7845, 5.1).
fn opus_delay(container: &Container, rate_hz: u32) -> u64 {
    let head = container.voice.params.extra_data.as_deref();
    let bytes = head.and_then(|it| it.get(10..12));
    let pre_skip = bytes.map_or(0, |it| u16::from_le_bytes([it[0], it[1]]));
    frames(pre_skip.into(), OPUS_RATE_HZ, rate_hz)
}

/// `ticks / scale` seconds in frames, rounded.
fn frames(ticks: u64, scale: u32, rate_hz: u32) -> u64 {
    let scale = u128::from(scale.max(1));
    let frames = (u128::from(ticks) * u128::from(rate_hz) + scale / 2) / scale;
    u64::try_from(frames).unwrap_or(u64::MAX)
}
