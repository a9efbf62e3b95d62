//! From a packet to samples, also where symphonia's decoders refuse.

use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_PCM_ALAW,
    CODEC_ID_PCM_MULAW,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;

mod aac;
mod aac_config;
mod bits;
mod mpeg;
mod opus;
mod opus_packet;

use aac::SplitAac;
use opus::SplitOpus;
use std::sync::LazyLock;

/// Opus is always decoded at this rate, whatever the container says.
pub const OPUS_RATE_HZ: u32 = 48_000;

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    codecs
});

/// A decoder of one track.
pub struct Decoder {
    params: AudioCodecParameters,
    kind: DecoderKind,
    /// Channels and rate of the last MPEG audio frame.
    mpeg: Option<mpeg::MpegHeader>,
    /// Whether the first frame of AAC tells what lies above it.
    has_sbr: Option<bool>,
}

enum DecoderKind {
    Plain(Box<dyn AudioDecoder>),
    Aac(SplitAac),
    Opus(SplitOpus),
}

impl Decoder {
    /// A decoder for sound of this kind.
    ///
    /// Its sound is not trimmed: the reader knows more about the container.
    pub fn new(params: &AudioCodecParameters) -> Result<Self, Error> {
        let mut params = params.clone();
        let kind = match params.codec {
            CODEC_ID_OPUS => match SplitOpus::new(&params)? {
                Some(split) => DecoderKind::Opus(split),
                None => {
                    // The adapter would drop the padding a second time.
                    params.sample_rate = Some(OPUS_RATE_HZ);
                    params.extra_data = None;
                    DecoderKind::Plain(plain(&params)?)
                }
            },
            CODEC_ID_AAC => {
                aac_config::simplify(&mut params);
                match plain(&params) {
                    Ok(decoder) => DecoderKind::Plain(decoder),
                    Err(error) => DecoderKind::Aac(SplitAac::new(&params).ok_or(error)?),
                }
            }
            CODEC_ID_PCM_ALAW | CODEC_ID_PCM_MULAW => {
                // Containers tell the bits as stored, symphonia expects those of the sound.
                (params.bits_per_sample, params.bits_per_coded_sample) = (None, None);
                DecoderKind::Plain(plain(&params)?)
            }
            _ => DecoderKind::Plain(plain(&params)?),
        };
        Ok(Self {
            params,
            kind,
            mpeg: None,
            has_sbr: None,
        })
    }

    /// Decodes a packet into `samples`, one vector per channel; tells its rate in Hz.
    ///
    /// # Errors
    /// If the packet is damaged.
    pub fn decode(&mut self, packet: &Packet, samples: &mut Vec<Vec<f32>>) -> Result<u32, Error> {
        self.follow_mpeg(packet)?;
        let decoded = match &mut self.kind {
            DecoderKind::Plain(decoder) => decode_plain(decoder.as_mut(), packet, samples),
            DecoderKind::Aac(split) => split.decode(&packet.data, samples),
            DecoderKind::Opus(split) => split.decode(&packet.data, samples),
        };
        if self.params.codec != CODEC_ID_AAC {
            return decoded;
        }
        let decoded =
            decoded.or_else(|error| self.decode_changed_aac(packet, samples).map_err(|_| error));
        if decoded.is_ok() && self.has_sbr.is_none() {
            let split = SplitAac::new(&self.params);
            self.has_sbr = Some(split.is_some_and(|mut split| split.has_sbr(&packet.data)));
        }
        decoded
    }

    /// Whether what was decoded is the core of HE-AAC.
    pub fn is_high_efficiency(&self) -> bool {
        self.has_sbr == Some(true)
    }

    /// Forgets what came before, after a hole.
    pub fn reset(&mut self) {
        match &mut self.kind {
            DecoderKind::Plain(decoder) => decoder.reset(),
            DecoderKind::Aac(split) => split.reset(),
            DecoderKind::Opus(split) => split.reset(),
        }
    }

    /// Begins a new decoder where MPEG audio changes its rate or channels: symphonia's refuses
    /// all frames that are not like the first (files joined end to end).
    fn follow_mpeg(&mut self, packet: &Packet) -> Result<(), Error> {
        if !matches!(
            self.params.codec,
            CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3
        ) {
            return Ok(());
        }
        let shape = mpeg::MpegHeader::of(&packet.data);
        if let (Some(old), Some(new)) = (self.mpeg, shape)
            && old != new
        {
            self.kind = DecoderKind::Plain(plain(&self.params)?);
        }
        self.mpeg = shape.or(self.mpeg);
        Ok(())
    }

    /// AAC whose elements are not those that its header tells: symphonia's decoder refuses
    /// streams that change between one and two channels.
    fn decode_changed_aac(
        &mut self,
        packet: &Packet,
        samples: &mut Vec<Vec<f32>>,
    ) -> Result<u32, Error> {
        if matches!(self.kind, DecoderKind::Aac(_)) {
            return Err(Error::DecodeError("damaged"));
        }
        let split = SplitAac::new(&self.params);
        let mut split = split.ok_or(Error::Unsupported("no rate"))?;
        let rate_hz = split.decode(&packet.data, samples)?;
        self.kind = DecoderKind::Aac(split);
        Ok(rate_hz)
    }
}

fn plain(params: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, Error> {
    let options = AudioDecoderOptions::default().gapless(params.codec != CODEC_ID_MP3);
    CODECS.make_audio_decoder(params, &options)
}

fn decode_plain(
    decoder: &mut dyn AudioDecoder,
    packet: &Packet,
    samples: &mut Vec<Vec<f32>>,
) -> Result<u32, Error> {
    let buffer = decoder.decode(packet)?;
    buffer.copy_to_vecs_planar(samples);
    Ok(buffer.spec().rate())
}

/// A short name of what a track holds.
pub fn name(params: &AudioCodecParameters) -> &'static str {
    let known = CODECS.get_audio_decoder(params.codec);
    known.map_or("unknown here", |it| it.codec.info.short_name)
}

/// What a track holds, for someone who has to convert it.
pub fn describe(params: &AudioCodecParameters, error: &Error) -> String {
    match CODECS.get_audio_decoder(params.codec) {
        Some(decoder) => format!(
            "{} sound of a rare kind ({error})",
            decoder.codec.info.long_name
        ),
        None => format!("sound of an unknown kind ({})", params.codec),
    }
}
