//! Opus of more than two channels, through decoders of one and of two.
//!
//! libopus's adapter decodes one stream. A packet of more channels holds several, one after the
//! other (RFC 7845, 5.1.1), which the header maps to channels.

use symphonia::core::audio::{Channels, layouts};
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use super::OPUS_RATE_HZ;
use super::opus_packet::split_first;

/// A channel that is silent.
const SILENT: u8 = 255;

/// Decodes Opus stream by stream.
pub struct SplitOpus {
    streams: Vec<Box<dyn AudioDecoder>>,
    /// For each channel, the one of all streams that it is.
    mapping: Vec<u8>,
    is_surround: bool,
}

impl SplitOpus {
    /// `None` if the sound is one stream of one or two channels.
    pub fn new(params: &AudioCodecParameters) -> Result<Option<Self>, Error> {
        let Some(head) = params.extra_data.as_deref() else {
            return Ok(None);
        };
        let (Some(&n_channels), Some(&family)) = (head.get(9), head.get(18)) else {
            return Ok(None);
        };
        if family == 0 {
            return Ok(None);
        }
        let Some((&[n_streams, n_coupled], mapping)) =
            head.get(19..).and_then(|it| it.split_first_chunk())
        else {
            return Err(Error::DecodeError("opus: header ends early"));
        };
        let mapping = mapping.get(..usize::from(n_channels)).unwrap_or_default();
        if mapping.is_empty() || n_streams == 0 || n_coupled > n_streams {
            return Err(Error::DecodeError("opus: no channels"));
        }
        let stream = |i| match i < n_coupled {
            true => stream(layouts::CHANNEL_LAYOUT_STEREO),
            false => stream(layouts::CHANNEL_LAYOUT_MONO),
        };
        Ok(Some(Self {
            streams: (0..n_streams).map(stream).collect::<Result<_, _>>()?,
            mapping: mapping.to_vec(),
            is_surround: family == 1,
        }))
    }

    /// Decodes a packet; tells the rate. Surround channels come as in WAV.
    pub fn decode(&mut self, packet: &[u8], samples: &mut Vec<Vec<f32>>) -> Result<u32, Error> {
        let mut planes = Vec::new();
        let mut rest = packet;
        let n_streams = self.streams.len();
        for (i, decoder) in self.streams.iter_mut().enumerate() {
            let (data, after) = match i + 1 < n_streams {
                true => split_first(rest).ok_or(Error::DecodeError("opus: cut packet"))?,
                false => (rest.to_vec(), &rest[rest.len()..]),
            };
            rest = after;
            let packet = Packet::new(0, Timestamp::new(0), Duration::from(0_u64), data);
            let mut stream = Vec::new();
            super::decode_plain(decoder.as_mut(), &packet, &mut stream)?;
            planes.append(&mut stream);
        }
        let n_frames = planes.iter().map(Vec::len).min().unwrap_or(0);
        let plane = |&source: &u8| match planes.get(usize::from(source)) {
            Some(plane) if source != SILENT => plane[..n_frames].to_vec(),
            _ => vec![0.0; n_frames],
        };
        *samples = self.mapping.iter().map(plane).collect();
        if self.is_surround {
            sort(samples);
        }
        Ok(OPUS_RATE_HZ)
    }

    /// Forgets what came before.
    pub fn reset(&mut self) {
        for stream in &mut self.streams {
            stream.reset();
        }
    }
}

fn stream(channels: Channels) -> Result<Box<dyn AudioDecoder>, Error> {
    let mut params = AudioCodecParameters::new();
    params
        .for_codec(CODEC_ID_OPUS)
        .with_sample_rate(OPUS_RATE_HZ);
    super::plain(params.with_channels(channels))
}

/// From Vorbis's order (left, center, right, ..., low frequencies) to that of WAV.
fn sort(samples: &mut [Vec<f32>]) {
    let n_channels = samples.len();
    if n_channels == 3 || n_channels >= 5 {
        samples.swap(1, 2);
    }
    if n_channels >= 6 {
        samples[3..].rotate_right(1);
    }
}
