//! Tells whether the voices of a recording speak or sing, from stretches of it.

use serde::{Deserialize, Serialize};

use super::super::models::Detector;
use super::{columns, run};
use crate::dsp::Stretches;
use crate::models::{ModelError, OutputKind};

/// What is listened to: ten seconds of every fifty. All of it would cost an analysis a seventh more.
pub const HEARD: Stretches = Stretches {
    len: 1000,
    period: 5000,
};

/// Speech that is shorter is not told: an announcement, a shout.
const LONG_SECS: f64 = 5.0;

/// How much more is spoken than sung where a voice is called speaking; rap and recitative lie below.
const MORE: f64 = 4.0;

/// How long voices speak and sing in the stretches of a recording that were listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpokenAndSung {
    /// Seconds of speech.
    pub spoken_secs: f64,
    /// Seconds of singing.
    pub sung_secs: f64,
}

impl SpokenAndSung {
    /// Whether both are durations.
    pub fn is_finite(&self) -> bool {
        let durations = [self.spoken_secs, self.sung_secs];
        durations
            .iter()
            .all(|secs| secs.is_finite() && *secs >= 0.0)
    }

    /// A sentence about a recording in which somebody speaks rather than sings.
    pub fn remark(&self) -> Option<String> {
        let Self {
            spoken_secs,
            sung_secs,
        } = *self;
        let speaks = spoken_secs >= LONG_SECS && spoken_secs >= MORE * sung_secs;
        let percent = 100.0 * spoken_secs / (spoken_secs + sung_secs);
        speaks.then(|| {
            format!(
                "{percent:.0} % of the voice is spoken rather than sung: the contour is that of speech, \
                 and its notes mean little"
            )
        })
    }
}

/// Frames that wait for the detector.
pub struct SpeechStage<'a> {
    detector: &'a Detector,
    /// Bands from the start of a stretch on, or less than a period of them to be passed over.
    bands: Vec<f32>,
    /// Frames to pass over until the next stretch.
    passed_over: usize,
    heard: SpokenAndSung,
}

impl<'a> SpeechStage<'a> {
    /// Before the first frame.
    pub(crate) fn new(detector: &'a Detector) -> Self {
        Self {
            detector,
            bands: Vec::new(),
            passed_over: 0,
            heard: SpokenAndSung::default(),
        }
    }

    fn n_bands(&self) -> usize {
        self.detector.mel.config().n_bands
    }

    /// Takes Kaldi's bands of the next frames, and listens to the stretches that are whole.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the device fails.
    pub fn push(&mut self, bands: &[f32]) -> Result<(), ModelError> {
        self.bands.extend_from_slice(bands);
        loop {
            let n_frames = self.bands.len() / self.n_bands();
            let skipped = self.passed_over.min(n_frames);
            self.bands.drain(..skipped * self.n_bands());
            self.passed_over -= skipped;
            if self.passed_over > 0 || n_frames - skipped < HEARD.len {
                return Ok(());
            }
            self.listen(HEARD.len)?;
            self.passed_over = HEARD.period - HEARD.len;
        }
    }

    /// Listens to what is left of the last stretch; tells what was heard.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the device fails.
    pub fn finish(mut self) -> Result<SpokenAndSung, ModelError> {
        let n_frames = self.bands.len() / self.n_bands();
        if n_frames > 0 {
            self.listen(n_frames)?;
        }
        Ok(self.heard)
    }

    /// Listens to the first frames and drops them.
    fn listen(&mut self, n_frames: usize) -> Result<(), ModelError> {
        let n_bands = self.n_bands();
        let stretch: Vec<f32> = self.bands.drain(..n_frames * n_bands).collect();
        let (input, dims) = (columns(&stretch, n_bands), [1, n_bands, n_frames]);
        let network = &self.detector.network;
        let scores = run(network, OutputKind::SoundLogits, input, dims)?.values;
        let (speech, rest) = scores.split_at(n_frames);
        let hop_secs = self.detector.mel.config().grid().hop_secs;
        for (&speech, &singing) in speech.iter().zip(&rest[..n_frames]) {
            if speech > singing && speech > 0.0 {
                self.heard.spoken_secs += hop_secs;
            } else if singing > 0.0 {
                self.heard.sung_secs += hop_secs;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_speech_is_told_and_rap_is_not() {
        let remark = |spoken_secs, sung_secs| {
            let heard = SpokenAndSung {
                spoken_secs,
                sung_secs,
            };
            heard.remark()
        };
        assert!(remark(9.0, 1.0).unwrap().starts_with("90 %"));
        assert_eq!(remark(4.0, 0.0), None);
        assert_eq!(remark(30.0, 20.0), None);
        assert_eq!(remark(0.0, 0.0), None);
    }
}
