//! Sound descriptions of QuickTime, which symphonia reads in part.
//!
//! It takes samples of 24 and 32 bits and floating point for little-endian, whereas they are
//! big-endian unless an `enda` atom says otherwise; and it looks for the settings of Apple Lossless,
//! which lie inside of a `wave` atom here, outside of it, and knows µ-law and A-law by name alone.

use std::fs::File;
use std::io;
use std::ops::Range;

use symphonia::core::audio::{Channels, layouts};
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_ALAC, CODEC_ID_PCM_ALAW, CODEC_ID_PCM_F32BE, CODEC_ID_PCM_F64BE, CODEC_ID_PCM_MULAW,
    CODEC_ID_PCM_S24BE, CODEC_ID_PCM_S32BE,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, CODEC_ID_NULL_AUDIO};

use super::file_map::read_at;
use super::mp4;

/// Bytes of a sample entry of version 0 before the atoms in it, and of what version 1 adds.
const HEAD_LEN: u64 = 28;
const MORE_LEN: u64 = 16;
/// Longest settings of Apple Lossless that are read: with a channel layout.
const MAX_COOKIE_LEN: u64 = 64;

/// Puts right what symphonia says of the track with this id.
pub fn mend(file: &mut File, track_id: u32, params: &mut AudioCodecParameters) -> io::Result<()> {
    let Some((kind, entry)) = mp4::sample_entry(file, track_id)? else {
        return Ok(());
    };
    let head_len = match read_at(file, entry.start + 8)?.map(u16::from_be_bytes) {
        Some(0) => HEAD_LEN,
        Some(1) => HEAD_LEN + MORE_LEN,
        _ => return Ok(()),
    };
    let atoms = (entry.start + head_len).min(entry.end)..entry.end;
    let wave = mp4::find(file, atoms, b"wave")?;
    let big_endian = match &kind {
        b"in24" => Some(CODEC_ID_PCM_S24BE),
        b"in32" => Some(CODEC_ID_PCM_S32BE),
        b"fl32" => Some(CODEC_ID_PCM_F32BE),
        b"fl64" => Some(CODEC_ID_PCM_F64BE),
        _ => None,
    };
    match (big_endian, &kind) {
        (Some(codec), _) if !is_little_endian(file, &wave)? => params.codec = codec,
        (_, b"ulaw") => params.codec = CODEC_ID_PCM_MULAW,
        (_, b"alaw") => params.codec = CODEC_ID_PCM_ALAW,
        (_, b"alac") if params.codec == CODEC_ID_NULL_AUDIO => {
            params.extra_data = cookie(file, wave)?;
            params.codec = CODEC_ID_ALAC;
        }
        _ => {}
    }
    if params.channels.is_none() {
        let n_channels = read_at(file, entry.start + 16)?.map_or(0, u16::from_be_bytes);
        params.channels = channels(n_channels);
    }
    Ok(())
}

fn channels(n_channels: u16) -> Option<Channels> {
    match n_channels {
        0 => None,
        1 => Some(layouts::CHANNEL_LAYOUT_MONO),
        2 => Some(layouts::CHANNEL_LAYOUT_STEREO),
        n => Some(Channels::Discrete(n)),
    }
}

fn is_little_endian(file: &mut File, wave: &Option<Range<u64>>) -> io::Result<bool> {
    let Some(wave) = wave else {
        return Ok(false);
    };
    let Some(enda) = mp4::find(file, wave.clone(), b"enda")? else {
        return Ok(false);
    };
    Ok(read_at(file, enda.start)? == Some([0, 1]))
}

/// The settings of Apple Lossless: an atom of its name, its version passed over.
fn cookie(file: &mut File, wave: Option<Range<u64>>) -> io::Result<Option<Box<[u8]>>> {
    let Some(wave) = wave else {
        return Ok(None);
    };
    let Some(alac) = mp4::find(file, wave, b"alac")? else {
        return Ok(None);
    };
    let end = alac.end.min(alac.start + 4 + MAX_COOKIE_LEN);
    let mut cookie = Vec::new();
    for at in alac.start + 4..end {
        let Some([byte]) = read_at(file, at)? else {
            return Ok(None);
        };
        cookie.push(byte);
    }
    Ok(Some(cookie.into()))
}
