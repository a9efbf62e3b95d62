//! `iTunSMPB`: where iTunes, fdkaac and others tell the padding of AAC and MP3.
//!
//! A comment of numbers in hexadecimal: zero, samples of padding before the sound, samples
//! behind it, samples of the sound, and eight that matter to nobody. symphonia reads it as any tag.

use symphonia::core::meta::MetadataRevision;

/// Samples of the track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gapless {
    /// Padding before the sound.
    pub delay: u64,
    /// Length of the sound; 0 if it is not told.
    pub n_frames: u64,
}

impl Gapless {
    /// Finds it among the tags.
    pub fn find(revision: &MetadataRevision) -> Option<Self> {
        let per_track = revision.per_track.iter().flat_map(|it| &it.metadata.tags);
        let mut tags = revision.media.tags.iter().chain(per_track);
        tags.find_map(|tag| Self::parse(&tag.raw.value.to_string()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let mut number = |n_digits: usize| {
            let word = words.next().filter(|it| it.len() == n_digits)?;
            u64::from_str_radix(word, 16).ok()
        };
        let (zero, delay, padding, n_frames) = (number(8)?, number(8)?, number(8)?, number(16)?);
        (zero == 0 && delay + padding > 0).then_some(Self { delay, n_frames })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_pattern_is_believed() {
        let text = " 00000000 00000840 000001CA 00000000003F31F6 00000000 00000000";
        let gapless = Gapless {
            delay: 2112,
            n_frames: 4_141_558,
        };
        assert_eq!(Gapless::parse(text), Some(gapless));
        assert_eq!(
            Gapless::parse("00000000 00000000 00000000 0000000000000000"),
            None
        );
        assert_eq!(Gapless::parse("Live 1997"), None);
        assert_eq!(Gapless::parse(""), None);
    }
}
