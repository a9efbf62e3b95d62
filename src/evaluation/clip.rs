//! Scores of one clip of a validation set: those that its reference knows enough for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::align::{AlignOptions, Aligned, MelodySeries, align};
use super::melody::{TOLERANCE_CENTS, score};
use super::transcription::{self, HzNote, Tolerances};
use super::{EvaluationError, separation};
use crate::datasets::validation::{LabelKind, Reference};
use crate::melody::Note;

/// A score by which networks are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// Frames right in voicing and, where voiced, in pitch.
    #[serde(rename = "OA")]
    OverallAccuracy,
    /// Voiced frames with the right pitch, whatever the estimate says of voicing.
    #[serde(rename = "RPA")]
    RawPitchAccuracy,
    /// The same, octaves forgiven.
    #[serde(rename = "RCA")]
    RawChromaAccuracy,
    /// Voiced frames called voiced.
    #[serde(rename = "VR")]
    VoicingRecall,
    /// Unvoiced frames called voiced; the lower the better.
    #[serde(rename = "VFA")]
    VoicingFalseAlarm,
    /// Frames right in voicing.
    #[serde(rename = "VA")]
    VoicingAccuracy,
    /// F1 of notes whose onset is right.
    #[serde(rename = "COn")]
    NoteOnset,
    /// F1 of notes whose onset and pitch are right.
    #[serde(rename = "COnP")]
    NotePitch,
    /// F1 of notes whose onset, pitch and offset are right.
    #[serde(rename = "COnPOff")]
    NoteOffset,
    /// Level of a separated voice over what is wrong with it, in dB.
    #[serde(rename = "SDR")]
    SourceToDistortion,
    /// By how much that is more than the mixture's, in dB.
    #[serde(rename = "NSDR")]
    NormalizedSourceToDistortion,
    /// The first, whatever the level of the estimate, in dB.
    #[serde(rename = "SI-SDR")]
    ScaleInvariantSourceToDistortion,
    /// Level of what is called voice where there is none, below the mixture, in dB; the lower the
    /// better.
    #[serde(rename = "LEAK")]
    Leakage,
}

use Measure::{
    Leakage, NormalizedSourceToDistortion, NoteOffset, NoteOnset, NotePitch, OverallAccuracy,
    RawChromaAccuracy, RawPitchAccuracy, ScaleInvariantSourceToDistortion, SourceToDistortion,
    VoicingAccuracy, VoicingFalseAlarm, VoicingRecall,
};

impl Measure {
    /// Its short name, as in tables and recipes.
    pub fn name(self) -> &'static str {
        match self {
            OverallAccuracy => "OA",
            RawPitchAccuracy => "RPA",
            RawChromaAccuracy => "RCA",
            VoicingRecall => "VR",
            VoicingFalseAlarm => "VFA",
            VoicingAccuracy => "VA",
            NoteOnset => "COn",
            NotePitch => "COnP",
            NoteOffset => "COnPOff",
            SourceToDistortion => "SDR",
            NormalizedSourceToDistortion => "NSDR",
            ScaleInvariantSourceToDistortion => "SI-SDR",
            Leakage => "LEAK",
        }
    }

    /// A value as people read it: in per cent, or in dB as it is.
    pub fn shown(self, value: f64) -> f64 {
        match self {
            SourceToDistortion
            | NormalizedSourceToDistortion
            | ScaleInvariantSourceToDistortion
            | Leakage => value,
            _ => 100.0 * value,
        }
    }

    /// What can be said where so much is known.
    pub fn of(known: LabelKind) -> &'static [Self] {
        match known {
            LabelKind::Melody => &[
                OverallAccuracy,
                RawPitchAccuracy,
                RawChromaAccuracy,
                VoicingRecall,
                VoicingFalseAlarm,
            ],
            LabelKind::Pitch => &[RawPitchAccuracy, RawChromaAccuracy, VoicingRecall],
            LabelKind::Voicing => &[VoicingRecall, VoicingFalseAlarm],
            LabelKind::NoVoice => &[VoicingFalseAlarm],
            LabelKind::Notes => &[NoteOnset, NotePitch, NoteOffset],
        }
    }
}

/// Measures with their values, 0 to 1 or in dB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scorecard(pub Vec<(Measure, f64)>);

impl Scorecard {
    /// The value of a measure, if it was taken.
    pub fn get(&self, measure: Measure) -> Option<f64> {
        let found = self.0.iter().find(|(own, _)| *own == measure);
        found.map(|(_, value)| *value)
    }

    /// The mean measure by measure, each clip counting alike; of the measures of the first.
    pub fn mean<'a>(clips: impl IntoIterator<Item = &'a Self> + Clone) -> Self {
        let measures = clips.clone().into_iter().next().cloned();
        let mean = |measure| {
            let values: Vec<f64> = clips
                .clone()
                .into_iter()
                .filter_map(|clip| clip.get(measure))
                .collect();
            (measure, values.iter().sum::<f64>() / values.len() as f64)
        };
        let measures = measures.unwrap_or_default().0.into_iter();
        Self(measures.map(|(measure, _)| mean(measure)).collect())
    }
}

impl fmt::Display for Scorecard {
    /// In per cent (or dB) on one line, as `OA 85.6  RPA 85.2`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (i, (measure, value)) in self.0.iter().enumerate() {
            let gap = if i > 0 { "  " } else { "" };
            write!(f, "{gap}{} {:.1}", measure.name(), measure.shown(*value))?;
        }
        Ok(())
    }
}

/// Scores a contour by everything that the reference knows of it.
///
/// # Errors
/// [`EvaluationError`] if either is malformed, or the reference empty.
pub fn score_clip(
    reference: &Reference,
    estimate: &MelodySeries,
) -> Result<Scorecard, EvaluationError> {
    match reference.known {
        LabelKind::Notes => Ok(Scorecard::default()),
        known => measure(Measure::of(known), reference, estimate),
    }
}

/// Scores notes at mir_eval's tolerances.
///
/// # Errors
/// [`EvaluationError::BadNote`] if one of either is none.
pub fn score_notes(reference: &Reference, estimate: &[Note]) -> Result<Scorecard, EvaluationError> {
    let [reference, estimate] =
        [&reference.notes[..], estimate].map(|notes| notes.iter().map(HzNote::from).collect());
    let reference: Vec<HzNote> = reference;
    let scores = transcription::evaluate(&reference, &estimate, &Tolerances::default())?;
    Ok(Scorecard(vec![
        (NoteOnset, scores.onset.f1),
        (NotePitch, scores.onset_pitch.f1),
        (NoteOffset, scores.onset_pitch_offset.f1),
    ]))
}

/// Scores voicing alone, whatever pitch the estimate has.
///
/// # Errors
/// As [`score_clip`].
pub fn score_voicing(
    reference: &Reference,
    estimate: &MelodySeries,
) -> Result<Scorecard, EvaluationError> {
    let measures: &[Measure] = match reference.known {
        LabelKind::Melody | LabelKind::Voicing => {
            &[VoicingAccuracy, VoicingRecall, VoicingFalseAlarm]
        }
        LabelKind::Pitch => &[VoicingRecall],
        LabelKind::NoVoice => &[VoicingFalseAlarm],
        LabelKind::Notes => &[],
    };
    measure(measures, reference, estimate)
}

/// Scores a separated voice against the voice that is in the mixture; where nobody sings (`None`),
/// by what of the mixture is left in it.
///
/// All are of one rate; the shortest counts.
pub fn score_voice(mixture: &[f32], voice: Option<&[f32]>, estimate: &[f32]) -> Scorecard {
    let Some(voice) = voice else {
        let leakage = separation::level_db(estimate) - separation::level_db(mixture);
        return Scorecard(vec![(Leakage, leakage)]);
    };
    let sdr = separation::sdr(voice, estimate);
    let improvement = sdr - separation::sdr(voice, mixture);
    let invariant = separation::si_sdr(voice, estimate);
    Scorecard(vec![
        (SourceToDistortion, sdr),
        (NormalizedSourceToDistortion, improvement),
        (ScaleInvariantSourceToDistortion, invariant),
    ])
}

fn measure(
    measures: &[Measure],
    reference: &Reference,
    estimate: &MelodySeries,
) -> Result<Scorecard, EvaluationError> {
    let aligned = aligned(reference, estimate)?;
    let scores = score(&aligned, TOLERANCE_CENTS);
    let value = |measure| match measure {
        OverallAccuracy => scores.overall_accuracy,
        RawPitchAccuracy => scores.raw_pitch_accuracy,
        RawChromaAccuracy => scores.raw_chroma_accuracy,
        VoicingRecall => scores.voicing_recall,
        VoicingFalseAlarm => scores.voicing_false_alarm,
        VoicingAccuracy => voicing_accuracy(&aligned),
        NoteOnset | NotePitch | NoteOffset => f64::NAN, // of notes alone, which have no frames
        // Not of melodies: see `score_voice`.
        SourceToDistortion
        | NormalizedSourceToDistortion
        | ScaleInvariantSourceToDistortion
        | Leakage => f64::NAN,
    };
    let values = measures.iter().map(|&measure| (measure, value(measure)));
    Ok(Scorecard(values.collect()))
}

/// Both on the times of the reference that count.
fn aligned(reference: &Reference, estimate: &MelodySeries) -> Result<Aligned, EvaluationError> {
    let series = MelodySeries::new(reference.times.clone(), reference.f0_hz.clone());
    let aligned = align(&series, estimate, &AlignOptions::default())?;
    let Some(counts) = &reference.counts else {
        return Ok(aligned);
    };
    // The alignment may begin with a frame at time 0 that the reference does not have.
    let added = aligned.ref_cents.len().saturating_sub(counts.len());
    let kept = |values: Vec<f64>| {
        let pairs = values.into_iter().skip(added).zip(counts);
        pairs
            .filter_map(|(value, &counts)| counts.then_some(value))
            .collect()
    };
    Ok(Aligned {
        ref_voicing: kept(aligned.ref_voicing),
        ref_cents: kept(aligned.ref_cents),
        est_voicing: kept(aligned.est_voicing),
        est_cents: kept(aligned.est_cents),
    })
}

fn voicing_accuracy(aligned: &Aligned) -> f64 {
    let pairs = aligned.ref_voicing.iter().zip(&aligned.est_voicing);
    let right = pairs.filter(|(reference, estimate)| (**reference > 0.0) == (**estimate > 0.0));
    right.count() as f64 / aligned.ref_voicing.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(f0_hz: &[f64], counts: &[bool], known: LabelKind) -> Reference {
        Reference {
            times: (1..=f0_hz.len()).map(|i| 0.01 * i as f64).collect(),
            f0_hz: f0_hz.to_vec(),
            counts: Some(counts.to_vec()),
            known,
            notes: Vec::new(),
        }
    }

    fn estimate(hz: &[f64]) -> MelodySeries {
        let times = (1..=hz.len()).map(|i| 0.01 * i as f64).collect();
        MelodySeries::new(times, hz.to_vec())
    }

    #[test]
    fn only_what_counts_and_is_known_is_scored() {
        let known = reference(
            &[220.0, 0.0, 220.0, 220.0],
            &[true, false, true, true],
            LabelKind::Pitch,
        );
        let score = score_clip(&known, &estimate(&[220.0, 300.0, -440.0, 100.0])).unwrap();
        let expected = [
            (RawPitchAccuracy, 1.0 / 3.0),
            (RawChromaAccuracy, 2.0 / 3.0),
            (VoicingRecall, 2.0 / 3.0),
        ];
        for ((measure, value), expected) in score.0.iter().zip(expected) {
            assert_eq!(*measure, expected.0);
            assert!((value - expected.1).abs() < 1e-9, "{measure:?} {value}");
        }
    }

    #[test]
    fn an_instrumental_has_false_alarms_only() {
        let silent = reference(&[0.0; 4], &[true; 4], LabelKind::NoVoice);
        let score = score_clip(&silent, &estimate(&[220.0, -220.0, 0.0, -1.0])).unwrap();
        assert_eq!(score, Scorecard(vec![(VoicingFalseAlarm, 0.25)]));
        assert_eq!(score.to_string(), "VFA 25.0");
    }

    #[test]
    fn voicing_is_scored_without_pitch() {
        let words = reference(&[1.0, 1.0, 0.0, 0.0], &[true; 4], LabelKind::Voicing);
        let silent = reference(&[0.0; 2], &[true; 2], LabelKind::NoVoice);
        let alone = score_voicing(&silent, &estimate(&[300.0, -300.0])).unwrap();
        assert_eq!(alone, Scorecard(vec![(VoicingFalseAlarm, 0.5)]));
        let score = score_voicing(&words, &estimate(&[300.0, -300.0, -50.0, -50.0])).unwrap();
        assert_eq!(score.get(VoicingAccuracy), Some(0.75));
        assert_eq!(score.get(VoicingRecall), Some(0.5));
        assert_eq!(score.get(OverallAccuracy), None);
    }

    #[test]
    fn notes_are_scored_by_onset_pitch_and_offset() {
        let note = |onset_secs: f64, offset_secs: f64, midi: f32| Note {
            onset_secs,
            offset_secs,
            midi,
            confidence: 1.0,
        };
        let known = Reference {
            known: LabelKind::Notes,
            notes: vec![note(0.0, 1.0, 60.0), note(1.0, 2.0, 62.0)],
            ..Reference::default()
        };
        let found = [note(0.04, 0.7, 60.2), note(1.0, 2.0, 63.0)];
        let score = score_notes(&known, &found).unwrap();
        assert_eq!(score.to_string(), "COn 100.0  COnP 50.0  COnPOff 0.0");
        assert_eq!(
            score_clip(&known, &estimate(&[220.0])).unwrap(),
            Scorecard::default()
        );
    }

    #[test]
    fn clips_count_alike() {
        let clip = |value| Scorecard(vec![(VoicingRecall, value)]);
        let clips = [clip(1.0), clip(0.5)];
        assert_eq!(Scorecard::mean(&clips), clip(0.75));
        assert_eq!(Scorecard::mean(&[]), Scorecard::default());
    }

    #[test]
    fn measures_have_one_name_in_tables_and_files() {
        for measure in [
            Measure::of(LabelKind::Melody),
            Measure::of(LabelKind::Notes),
            &[VoicingAccuracy],
        ]
        .concat()
        {
            assert_eq!(serde_json::to_value(measure).unwrap(), measure.name());
        }
    }
}
