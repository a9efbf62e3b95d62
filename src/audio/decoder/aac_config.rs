//! The configuration of AAC, reduced to the part that is decoded.
//!
//! HE-AAC is AAC-LC at half the rate with a description of what lies above (SBR), and version 2
//! a mono sound with a description of its width. symphonia refuses a configuration that tells of
//! these, though the core below is plain AAC-LC and holds all that a voice has: up to 11 kHz.

use symphonia::core::audio::{Channels, layouts};
use symphonia::core::codecs::audio::AudioCodecParameters;

use super::bits::Bits;

const LC: u32 = 2;
const SBR: u32 = 5;
const PS: u32 = 29;
const RATES_HZ: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
    7350,
];

/// Puts the rate and the channels of an AAC-LC core in place of the configuration.
///
/// Anything else, and what has no configuration (ADTS), is left as it is.
pub fn simplify(params: &mut AudioCodecParameters) {
    let core = params.extra_data.as_deref().and_then(Core::read);
    if let Some(core) = core {
        params.extra_data = None;
        params.sample_rate = Some(core.rate_hz);
        params.channels = core.channels();
    }
}

/// An AAC-LC stream (ISO/IEC 14496-3, 1.6.2.1).
#[derive(Debug, PartialEq)]
struct Core {
    rate_hz: u32,
    /// Kind of channel arrangement; 0 if it is told elsewhere.
    channel_config: u32,
}

impl Core {
    fn read(config: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(config);
        let mut object = bits.read(5)?;
        let rate_hz = rate_hz(&mut bits)?;
        let channel_config = bits.read(4)?;
        if object == SBR || object == PS {
            // The rate with SBR; the one before it is the core's.
            let _ = self::rate_hz(&mut bits)?;
            object = bits.read(5)?;
        }
        let has_short_frames = bits.read(1)? == 1;
        (object == LC && !has_short_frames).then_some(Self {
            rate_hz,
            channel_config,
        })
    }

    fn channels(&self) -> Option<Channels> {
        match self.channel_config {
            1 => Some(layouts::CHANNEL_LAYOUT_MONO),
            2 => Some(layouts::CHANNEL_LAYOUT_STEREO),
            _ => None,
        }
    }
}

fn rate_hz(bits: &mut Bits) -> Option<u32> {
    match bits.read(4)? {
        15 => bits.read(24).filter(|it| *it > 0),
        index => RATES_HZ.get(index as usize).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_of_plain_and_high_efficiency_aac_is_found() {
        let core = |rate_hz, channel_config| {
            Some(Core {
                rate_hz,
                channel_config,
            })
        };
        assert_eq!(Core::read(&[0x12, 0x10]), core(44_100, 2));
        assert_eq!(Core::read(&[0x11, 0xb0]), core(48_000, 6));
        // SBR from 22.05 to 44.1 kHz, told first.
        assert_eq!(Core::read(&[0x2b, 0x8a, 0x08, 0x00]), core(22_050, 1));
        assert_eq!(Core::read(&[0x0a, 0x10]), None, "AAC Main");
        assert_eq!(Core::read(&[0x12]), None);
    }
}
