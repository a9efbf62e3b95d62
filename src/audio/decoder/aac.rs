//! AAC of any number of channels, through decoders of one and of two.
//!
//! symphonia decodes AAC of one or two channels alone, and only as the header tells them. A frame
//! is a row of elements (ISO/IEC 14496-3, 4.4.2.1), each one or two channels that are decoded by
//! themselves; so each gets a decoder of its own. Where an element ends is known only to who
//! decodes it: a scratch decoder is asked how many bits it needs, by halving.

use symphonia::core::audio::layouts;
use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use super::bits::Bits;

/// More elements than this are no recording.
const MAX_ELEMENTS: usize = 64;
/// Frames in a packet.
const PACKET_FRAMES: u64 = 1024;
/// Bits of the kind and the number of an element.
const NAME_BITS: usize = 7;
/// Kinds of fill elements that tell what lies above the sound (SBR; ISO/IEC 14496-3, 4.5.2.8).
const SBR_FILLS: [u32; 2] = [13, 14];
/// A fill element without content.
const EMPTY_FILL: [bool; 7] = [true, true, false, false, false, false, false];

/// Decodes AAC element by element.
pub struct SplitAac {
    rate_hz: u32,
    elements: Vec<Element>,
}

/// One or two channels.
struct Element {
    kind: ElementKind,
    decoder: Box<dyn AudioDecoder>,
    /// Tells lengths; what it has decoded is of no use.
    scratch: Box<dyn AudioDecoder>,
}

#[derive(Clone, Copy, PartialEq)]
enum ElementKind {
    Single,
    Pair,
    LowFrequency,
}

impl SplitAac {
    /// `None` if the rate is unknown.
    pub fn new(params: &AudioCodecParameters) -> Option<Self> {
        Some(Self {
            rate_hz: params.sample_rate.filter(|_| params.extra_data.is_none())?,
            elements: Vec::new(),
        })
    }

    /// Decodes a frame; tells the rate. Channels come as in WAV: left and right first, the
    /// center third, then low frequencies.
    pub fn decode(&mut self, frame: &[u8], samples: &mut Vec<Vec<f32>>) -> Result<u32, Error> {
        const CUT: Error = Error::DecodeError("aac: frame ends early");
        let mut bits = Bits::new(frame);
        let mut kinds = Vec::new();
        samples.clear();
        while bits.left() > 3 {
            let start = bits;
            let kind = match bits.read(3).ok_or(CUT)? {
                0 => ElementKind::Single,
                1 => ElementKind::Pair,
                3 => ElementKind::LowFrequency,
                4 => {
                    skip_data(&mut bits).ok_or(CUT)?;
                    continue;
                }
                5 => {
                    skip_program(&mut bits).ok_or(CUT)?;
                    continue;
                }
                6 => {
                    skip_fill(&mut bits).ok_or(CUT)?;
                    continue;
                }
                7 => break,
                _ => return Err(Error::Unsupported("aac: coupled channels")),
            };
            let element = self.element(kinds.len(), kind)?;
            let n_bits = element.extent(start).ok_or(CUT)?;
            element.decode(&chunk(start, n_bits), samples)?;
            kinds.push(kind);
            bits = start;
            bits.skip(n_bits).ok_or(CUT)?;
        }
        if samples.is_empty() {
            return Err(Error::DecodeError("aac: frame without sound"));
        }
        sort(&kinds, samples);
        Ok(self.rate_hz)
    }

    /// Whether a frame tells what lies above its first element, as those of HE-AAC do.
    pub fn has_sbr(&mut self, frame: &[u8]) -> bool {
        let start = Bits::new(frame);
        let kind = match { start }.read(3) {
            Some(0) => ElementKind::Single,
            Some(1) => ElementKind::Pair,
            _ => return false,
        };
        self.element(0, kind).is_ok_and(|it| it.has_sbr(start))
    }

    /// Forgets what came before.
    pub fn reset(&mut self) {
        for element in &mut self.elements {
            element.decoder.reset();
        }
    }

    /// The element at this place, made anew if another kind was there.
    fn element(&mut self, place: usize, kind: ElementKind) -> Result<&mut Element, Error> {
        if place >= MAX_ELEMENTS {
            return Err(Error::LimitError("aac: too many elements"));
        }
        if self.elements.get(place).is_none_or(|it| it.kind != kind) {
            self.elements.truncate(place);
            self.elements.push(Element::new(kind, self.rate_hz)?);
        }
        Ok(&mut self.elements[place])
    }
}

impl Element {
    fn new(kind: ElementKind, rate_hz: u32) -> Result<Self, Error> {
        let mut params = AudioCodecParameters::new();
        params.for_codec(CODEC_ID_AAC).with_sample_rate(rate_hz);
        params.with_channels(match kind {
            ElementKind::Pair => layouts::CHANNEL_LAYOUT_STEREO,
            _ => layouts::CHANNEL_LAYOUT_MONO,
        });
        Ok(Self {
            kind,
            decoder: super::plain(&params)?,
            scratch: super::plain(&params)?,
        })
    }

    /// Bits from the start of this element to its end, or to that of a fill element behind it.
    fn extent(&mut self, start: Bits) -> Option<usize> {
        let (mut short, mut long) = (3, start.left());
        while long - short > 1 {
            let middle = (short + long) / 2;
            match self.scratch.decode(&chunk(start, middle)) {
                Err(Error::IoError(_)) => short = middle,
                _ => long = middle,
            }
        }
        // It may have read on into the next element, up to its name, and found it one too many.
        let ends = [Some(long), long.checked_sub(NAME_BITS)];
        let mut is_end = |it: &usize| self.scratch.decode(&chunk(start, *it)).is_ok();
        ends.into_iter().flatten().find(|it| is_end(it))
    }

    /// Whether this element ends with fill elements one of which tells what lies above it.
    fn has_sbr(&mut self, start: Bits) -> bool {
        let Some(n_bits) = self.extent(start) else {
            return false;
        };
        (NAME_BITS..n_bits).any(|len| {
            let mut bits = start;
            let fills = bits.skip(len).and_then(|()| fills(bits, n_bits - len));
            fills.is_some_and(|kinds| SBR_FILLS.iter().any(|kind| kinds.contains(kind)))
                && self.scratch.decode(&chunk(start, len)).is_ok()
        })
    }

    fn decode(&mut self, packet: &Packet, samples: &mut Vec<Vec<f32>>) -> Result<(), Error> {
        let mut planes = Vec::new();
        super::decode_plain(self.decoder.as_mut(), packet, &mut planes)?;
        samples.append(&mut planes);
        Ok(())
    }
}

/// The first `n_bits` from `start` on as a packet of whole bytes: fill elements of seven bits
/// before them make up for what lacks.
fn chunk(start: Bits, n_bits: usize) -> Packet {
    let lead = EMPTY_FILL.repeat(n_bits % 8);
    let data = start.copy(n_bits, &lead);
    Packet::new(0, Timestamp::new(0), Duration::from(PACKET_FRAMES), data)
}

/// Left, right, center, low frequencies, others: the center comes first in AAC, low
/// frequencies last.
fn sort(kinds: &[ElementKind], samples: &mut [Vec<f32>]) {
    if let [ElementKind::Single, ElementKind::Pair, ..] = kinds {
        samples[..3].rotate_left(1);
    }
    if kinds.last() == Some(&ElementKind::LowFrequency) && samples.len() > 4 {
        samples[3..].rotate_right(1);
    }
}

fn skip_data(bits: &mut Bits) -> Option<()> {
    bits.skip(4)?;
    let is_aligned = bits.read(1)? == 1;
    let mut n_bytes = bits.read(8)?;
    if n_bytes == 255 {
        n_bytes += bits.read(8)?;
    }
    if is_aligned {
        bits.align();
    }
    bits.skip(8 * n_bytes as usize)
}

/// Kinds of the fill elements of which the next `n_bits` consist, if they do.
fn fills(mut bits: Bits, n_bits: usize) -> Option<Vec<u32>> {
    let left = bits.left().checked_sub(n_bits)?;
    let mut kinds = Vec::new();
    while bits.left() > left {
        (bits.read(3)? == 6).then_some(())?;
        kinds.push(skip_fill(&mut bits)?);
    }
    (bits.left() == left).then_some(kinds)
}

/// Passes over a fill element; tells its kind, 0 for an empty one.
fn skip_fill(bits: &mut Bits) -> Option<u32> {
    let mut n_bytes = bits.read(4)?;
    if n_bytes == 15 {
        n_bytes += bits.read(8)?.checked_sub(1)?;
    }
    let mut content = *bits;
    bits.skip(8 * n_bytes as usize)?;
    Some(if n_bytes > 0 { content.read(4)? } else { 0 })
}

/// Passes over a description of the channels (`program_config_element`).
fn skip_program(bits: &mut Bits) -> Option<()> {
    bits.skip(10)?;
    let mut list_bits = 0;
    // Front, side and back elements, then low frequencies, data, and coupled channels.
    for (count_bits, entry_bits) in [(4, 5), (4, 5), (4, 5), (2, 4), (3, 4), (4, 5)] {
        list_bits += bits.read(count_bits)? as usize * entry_bits;
    }
    for mixdown_bits in [4, 4, 3] {
        if bits.read(1)? == 1 {
            bits.skip(mixdown_bits)?;
        }
    }
    bits.skip(list_bits)?;
    bits.align();
    let n_bytes = bits.read(8)?;
    bits.skip(8 * n_bytes as usize)
}
