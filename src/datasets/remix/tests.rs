//! What excerpts hold.

use super::*;
use crate::datasets::{HOP, n_frames};
use std::f64::consts::PI;

fn tone(hz: f64, secs: f64) -> Vec<f32> {
    let n = (secs * f64::from(RATE_HZ)) as usize;
    (0..n)
        .map(|i| (0.5 * (2.0 * PI * hz * i as f64 / f64::from(RATE_HZ)).sin()) as f32)
        .collect()
}

/// A tone from second 1 to second 3 of 4.
fn voice(id: &str, singer: &str, hz: f64, accompaniment: Option<f64>) -> Voice {
    let mut samples = tone(hz, 4.0);
    samples[..16_000].fill(0.0);
    samples[48_000..].fill(0.0);
    let sung = |c: usize| (16_000..48_000).contains(&(HOP * (c + 1)));
    let n = n_frames(samples.len());
    Voice {
        id: id.into(),
        singer: singer.into(),
        f0_hz: (0..n)
            .map(|c| if sung(c) { hz as f32 } else { 0.0 })
            .collect(),
        mask: vec![true; n],
        samples,
        accompaniment: accompaniment.map(|hz| tone(hz, 4.0)),
    }
}

fn voices() -> Vec<Voice> {
    vec![
        voice("set/a_1_01", "set/a", 220.0, Some(3000.0)),
        voice("set/a_1_02", "set/a", 247.0, Some(3100.0)),
        voice("dry/b", "dry/b", 330.0, None),
    ]
}

fn instrumentals() -> Vec<UnlabeledRecording> {
    vec![UnlabeledRecording {
        id: "music/x".into(),
        samples: tone(3500.0, 30.0),
    }]
}

/// Voices and accompaniments as they are, at 0 dB.
fn plain() -> RemixConfig {
    RemixConfig {
        snr_db: [0.0, 0.0],
        gain_db: [0.0, 0.0],
        no_voice_probability: 0.0,
        rest_probability: 0.0,
        shift_probability: 0.0,
        tilt_probability: 0.0,
        eq_probability: 0.0,
        reverb_probability: 0.0,
        voice_compression_probability: 0.0,
        mastering_probability: 0.0,
        lowpass_probability: 0.0,
        noise_probability: 0.0,
        ..RemixConfig::default()
    }
}

fn remixer(config: RemixConfig) -> Remixer {
    Remixer::new(config, voices(), instrumentals()).unwrap()
}

/// Power of one frequency around frame `c`.
fn power_at(excerpt: &Excerpt, c: usize, hz: f64) -> f64 {
    let first = HOP * (c + 1) - 400;
    let (mut re, mut im) = (0.0, 0.0);
    for (i, &x) in excerpt.mix[first..first + 800].iter().enumerate() {
        let angle = 2.0 * PI * hz * (first + i) as f64 / f64::from(RATE_HZ);
        re += f64::from(x) * angle.cos();
        im += f64::from(x) * angle.sin();
    }
    (re * re + im * im) / 160_000.0
}

#[test]
fn the_same_seed_gives_the_same_excerpt() {
    let remixer = remixer(RemixConfig::default());
    for seed in 0..20 {
        let excerpt = remixer.excerpt(seed, 5.0);
        assert_eq!(excerpt, remixer.excerpt(seed, 5.0));
        assert_eq!(excerpt.mix.len(), 80_000);
        assert_eq!(excerpt.n_frames(), 499);
        assert_eq!(excerpt.mask.len(), 499);
        assert!(excerpt.mix.iter().all(|x| x.is_finite() && x.abs() <= 1.0));
    }
    assert_ne!(remixer.excerpt(1, 5.0), remixer.excerpt(2, 5.0));
}

#[test]
fn labels_say_where_the_voice_is() {
    let config = RemixConfig {
        shift_probability: 1.0,
        shift_semitones: 3.0,
        ..plain()
    };
    let remixer = remixer(config);
    let mut n_checked = 0;
    for seed in 0..40 {
        let excerpt = remixer.excerpt(seed, 6.0);
        for c in (20..excerpt.n_frames() - 20).step_by(7) {
            let (before, after) = (excerpt.f0_hz[c - 5], excerpt.f0_hz[c + 5]);
            let hz = f64::from(excerpt.f0_hz[c]);
            if hz > 0.0 && before > 0.0 && after > 0.0 && excerpt.mask[c] {
                let beside = power_at(&excerpt, c, 1.5 * hz);
                assert!(power_at(&excerpt, c, hz) > 20.0 * beside, "{seed} {c}");
                n_checked += 1;
            }
        }
    }
    assert!(n_checked > 300, "{n_checked}");
}

#[test]
fn levels_are_those_of_the_voiced_frames() {
    let remixer = remixer(RemixConfig {
        snr_db: [6.0, 6.0],
        own_share: 1.0,
        other_share: 0.0,
        instrumental_share: 0.0,
        alone_share: 0.0,
        weights: [("dry".to_string(), 0.0)].into(),
        ..plain()
    });
    let excerpt = remixer.excerpt(3, 4.0);
    let c = (10..380)
        .find(|&c| excerpt.f0_hz[c - 8..c + 8].iter().all(|&hz| hz > 0.0))
        .unwrap();
    let voice = power_at(&excerpt, c, f64::from(excerpt.f0_hz[c]));
    let backing = power_at(&excerpt, c, 3000.0).max(power_at(&excerpt, c, 3100.0));
    let snr_db = 10.0 * (voice / backing).log10();
    assert!((snr_db - 6.0).abs() < 0.5, "{snr_db}");
}

#[test]
fn an_excerpt_without_voice_has_no_pitch_but_sound() {
    let remixer = remixer(RemixConfig {
        no_voice_probability: 1.0,
        ..RemixConfig::default()
    });
    for seed in 0..10 {
        let excerpt = remixer.excerpt(seed, 3.0);
        assert!(excerpt.voiced().all(|voiced| !voiced));
        assert!(augment::power(&excerpt.mix) > 1e-4);
    }
}

#[test]
fn a_lead_instrument_sounds_and_is_not_sung() {
    let config = RemixConfig {
        no_voice_probability: 1.0,
        lead_synth_probability: 1.0,
        lead_synth_db: [20.0, 20.0],
        own_share: 0.0,
        other_share: 0.0,
        instrumental_share: 1.0,
        ..plain()
    };
    let remixer = remixer(config);
    for seed in 0..10 {
        let excerpt = remixer.excerpt(seed, 5.0);
        assert!(excerpt.voiced().all(|voiced| !voiced));
        // `power_at` is the square of a tone's amplitude, twice its power.
        let backing = 0.5 * power_at(&excerpt, 20, 3500.0);
        let all = f64::from(augment::power(&excerpt.mix));
        assert!(backing < 0.1 * all, "{seed}: {backing} of {all}");
    }
}

#[test]
fn some_excerpts_are_sung_only_in_part() {
    let remixer = remixer(RemixConfig {
        rest_probability: 1.0,
        ..RemixConfig::default()
    });
    let share = |seed| {
        let excerpt = remixer.excerpt(seed, 8.0);
        excerpt.voiced().filter(|&voiced| voiced).count() as f64 / excerpt.n_frames() as f64
    };
    let mean = (0..40).map(share).sum::<f64>() / 40.0;
    assert!((0.05..0.4).contains(&mean), "{mean}");
}

#[test]
fn parts_of_a_song_follow_each_other() {
    let remixer = remixer(RemixConfig::default());
    assert_eq!(remixer.next_in_song(0), 1);
    assert_eq!(remixer.next_in_song(1), 0);
    assert_eq!(remixer.next_in_song(2), 2);
}

#[test]
fn what_cannot_be_mixed_is_refused() {
    let error = |voices: Vec<Voice>, instrumentals: Vec<UnlabeledRecording>| {
        Remixer::new(RemixConfig::default(), voices, instrumentals).unwrap_err()
    };
    assert_eq!(error(vec![], instrumentals()), RemixError::NoVoices);
    let dry = voice("dry/b", "dry/b", 330.0, None);
    assert_eq!(
        error(vec![dry.clone()], vec![]),
        RemixError::NoAccompaniment
    );
    let mut short = dry;
    short.mask.pop();
    assert!(matches!(
        error(vec![short], instrumentals()),
        RemixError::Length {
            what: "mask values",
            ..
        }
    ));
}

#[test]
fn an_excerpt_may_be_empty() {
    let remixer = remixer(RemixConfig::default());
    for seed in 0..20 {
        assert_eq!(remixer.excerpt(seed, 0.0).n_frames(), 0);
        assert_eq!(remixer.excerpt(seed, 0.013).n_frames(), 1);
    }
}
