//! What a corpus gives: voices, instrumentals, songs.

/// Sampling rate of every recording in this room.
pub const RATE_HZ: u32 = 16_000;

/// Samples from one frame to the next: 10 ms.
pub const HOP: usize = 160;

/// One recording of a corpus.
#[derive(Clone, Debug, PartialEq)]
pub enum Example {
    /// A voice alone with its f0, and perhaps what it was sung over.
    Voice(Voice),
    /// Music without a voice.
    Instrumental(UnlabeledRecording),
    /// A song of which no part is known.
    Song(UnlabeledRecording),
}

impl Example {
    /// The voice, if it is one.
    pub fn into_voice(self) -> Option<Voice> {
        match self {
            Self::Voice(voice) => Some(voice),
            _ => None,
        }
    }

    /// The instrumental, if it is one.
    pub fn into_instrumental(self) -> Option<UnlabeledRecording> {
        match self {
            Self::Instrumental(track) => Some(track),
            _ => None,
        }
    }
}

/// A recorded voice with its f0.
///
/// Frame `c` is centered on sample `HOP * (c + 1)`, like the frames of CFP set B;
/// `f0_hz` and `mask` hold [`n_frames`] values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voice {
    /// Corpus and recording, such as `mir1k/leon_1_01`.
    pub id: String,
    /// Who sings; the corpus is part of the name.
    pub singer: String,
    /// The voice alone, 16 kHz mono.
    pub samples: Vec<f32>,
    /// Frequency in Hz, 0 where unvoiced.
    pub f0_hz: Vec<f32>,
    /// Whether a frame counts in the loss.
    pub mask: Vec<bool>,
    /// The accompaniment it was sung to, as long as `samples`.
    pub accompaniment: Option<Vec<f32>>,
}

impl Voice {
    /// Number of voiced frames.
    pub fn n_voiced(&self) -> usize {
        self.f0_hz.iter().filter(|&&f0_hz| f0_hz > 0.0).count()
    }

    /// Voice and accompaniment as recorded; the voice alone if it has none.
    pub fn mixture(&self) -> Vec<f32> {
        let mut mix = self.samples.clone();
        for (sum, other) in mix.iter_mut().zip(self.accompaniment.iter().flatten()) {
            *sum += other;
        }
        mix
    }
}

/// A recording without labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnlabeledRecording {
    /// Corpus or folder, and the recording's name.
    pub id: String,
    /// 16 kHz mono.
    pub samples: Vec<f32>,
}

/// Number of frames of a recording of `n_samples` samples at 16 kHz.
///
/// As many as CFP set B finds in it: `ceil(n / hop) - 1`.
pub fn n_frames(n_samples: usize) -> usize {
    n_samples.div_ceil(HOP).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_those_of_cfp_at_half_the_rate() {
        for n in [0usize, 1, 160, 161, 320, 16_000, 160_001] {
            let at_8_khz = n.div_ceil(2);
            assert_eq!(n_frames(n), at_8_khz.div_ceil(80).saturating_sub(1));
        }
    }
}
