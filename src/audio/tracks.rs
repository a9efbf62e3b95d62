//! Which of a file's tracks of sound is read.

use std::fs::File;
use std::io;
use std::path::Path;

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::errors::Error;
use symphonia::core::formats::well_known::{FORMAT_ID_ISOMP4, FORMAT_ID_MKV};
use symphonia::core::formats::{FormatReader, Track};

use super::container::SoundTrack;
use super::error::AudioError;
use super::{decoder, matroska, mp4, quicktime};

/// A track of sound.
struct NumberedTrack<'a> {
    /// Its place among the tracks of sound, from 1 on.
    number: usize,
    track: &'a Track,
    params: &'a AudioCodecParameters,
}

/// The track with this number; without one the default, or else the first that can be decoded.
///
/// # Errors
/// [`AudioError::NoTrack`] if there are fewer tracks, [`AudioError::Unsupported`] if it, or all of
/// them, cannot be decoded.
pub fn choose(
    path: &Path,
    format: &dyn FormatReader,
    number: Option<usize>,
) -> Result<SoundTrack, AudioError> {
    let sounds = sounds(format);
    if let Some(track) = number
        && !(1..=sounds.len()).contains(&track)
    {
        return Err(AudioError::NoTrack {
            path: path.to_path_buf(),
            track,
            n_tracks: sounds.len(),
        });
    }
    let mut candidates: Vec<&NumberedTrack> = sounds.iter().collect();
    candidates.retain(|it| number.is_none_or(|number| number == it.number));
    if number.is_none() && sounds.len() > 1 {
        candidates.sort_by_key(|it| !is_default(path, format, it.track).unwrap_or(true));
    }
    let mut refused: Option<(&NumberedTrack, Error)> = None;
    for &sound in &candidates {
        match SoundTrack::new(format, sound.track, &mended(path, format, sound)) {
            Ok(mut voice) => {
                voice.remark = remark(&sounds, sound);
                voice.number = sound.number;
                voice.names = sounds.iter().map(name).collect();
                return Ok(voice);
            }
            Err(error) => refused = refused.or(Some((sound, error))),
        }
    }
    Err(AudioError::Unsupported {
        path: path.to_path_buf(),
        found: refused.map_or_else(
            || "no track of sound that is known".to_string(),
            |(sound, error)| decoder::describe(sound.params, &error),
        ),
    })
}

/// What symphonia says of a track, put right.
fn mended(path: &Path, format: &dyn FormatReader, sound: &NumberedTrack) -> AudioCodecParameters {
    let mut params = sound.params.clone();
    if format.format_info().format == FORMAT_ID_ISOMP4 {
        let file = File::open(path);
        // What cannot be read again is left as it is.
        let _ = file.and_then(|mut file| quicktime::mend(&mut file, sound.track.id, &mut params));
    }
    params
}

fn sounds(format: &dyn FormatReader) -> Vec<NumberedTrack<'_>> {
    let params = |track: &'_ Track| {
        track
            .codec_params
            .as_ref()
            .and_then(|it| it.audio())
            .is_some()
    };
    let tracks = format.tracks().iter().filter(|track| params(track));
    let sounds = tracks.enumerate().filter_map(|(i, track)| {
        Some(NumberedTrack {
            number: i + 1,
            track,
            params: track.codec_params.as_ref()?.audio()?,
        })
    });
    sounds.collect()
}

/// Whether a track is to be played unless the user chooses; symphonia does not tell it of MP4,
/// nor of Matroska where it goes without saying.
fn is_default(path: &Path, format: &dyn FormatReader, track: &Track) -> io::Result<bool> {
    match format.format_info().format {
        FORMAT_ID_ISOMP4 => mp4::is_enabled(&mut File::open(path)?, track.id),
        FORMAT_ID_MKV => matroska::is_default(&mut File::open(path)?, track.id.into()),
        _ => Ok(true),
    }
}

/// Names the tracks beside the one that is read; `None` if there are none.
fn remark(sounds: &[NumberedTrack], read: &NumberedTrack) -> Option<String> {
    let others: Vec<String> = sounds
        .iter()
        .filter(|it| it.number != read.number)
        .map(name)
        .collect();
    (!others.is_empty()).then(|| {
        format!(
            "The file has {} tracks of sound: {} is read, not {}; --track takes another, and so \
             does the window's Analysis panel.",
            sounds.len(),
            name(read),
            others.join(", ")
        )
    })
}

fn name(sound: &NumberedTrack) -> String {
    let codec = decoder::name(sound.params);
    let language = sound.track.language.as_deref();
    match language.filter(|it| !it.is_empty() && *it != "und") {
        Some(language) => format!("track {} ({language}, {codec})", sound.number),
        None => format!("track {} ({codec})", sound.number),
    }
}
