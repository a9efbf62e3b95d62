//! Headers of MPEG audio frames (ISO/IEC 11172-3, 2.4.1.3).

/// What stays the same in a stream as one decoder takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MpegHeader {
    /// Version, layer and rate, as they stand in the header.
    kind: u32,
    is_mono: bool,
}

impl MpegHeader {
    /// Reads the header of a frame; `None` if there is none.
    pub fn of(frame: &[u8]) -> Option<Self> {
        let header = u32::from_be_bytes(frame.get(..4)?.try_into().ok()?);
        (header >> 21 == 0x7ff).then_some(Self {
            kind: header & 0x001e_0c00,
            is_mono: header >> 6 & 3 == 3,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitrates_do_not_matter_but_channels_do() {
        let stereo = MpegHeader::of(&[0xff, 0xfb, 0x90, 0x00]);
        assert!(stereo.is_some());
        assert_eq!(stereo, MpegHeader::of(&[0xff, 0xfb, 0xa2, 0x44]));
        assert_ne!(stereo, MpegHeader::of(&[0xff, 0xfb, 0x90, 0xc0]));
        assert_ne!(stereo, MpegHeader::of(&[0xff, 0xfb, 0x94, 0x00]));
        assert_eq!(MpegHeader::of(b"RIFF"), None);
    }
}
