//! The recordings that are remixed: which belong together, and whether they fit.

use std::collections::HashMap;
use std::sync::Arc;

use super::RemixError;
use crate::datasets::{Voice, n_frames};

/// The recording a part belongs to: `mir1k/leon_1` of `mir1k/leon_1_01`; elsewhere the id.
pub(super) fn song(voice: &Voice) -> &str {
    match voice.id.rsplit_once('_') {
        Some((song, part))
            if voice.accompaniment.is_some()
                && part.len() == 2
                && part.bytes().all(|b| b.is_ascii_digit()) =>
        {
            song
        }
        _ => &voice.id,
    }
}

pub(super) fn grouped(voices: &[Voice], name: impl Fn(&Voice) -> &str) -> Vec<Arc<[usize]>> {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, voice) in voices.iter().enumerate() {
        groups.entry(name(voice)).or_default().push(i);
    }
    let groups: HashMap<&str, Arc<[usize]>> = groups
        .into_iter()
        .map(|(name, members)| (name, members.into()))
        .collect();
    voices
        .iter()
        .map(|voice| groups[name(voice)].clone())
        .collect()
}

pub(super) fn check_lengths(voice: &Voice) -> Result<(), RemixError> {
    let n = voice.samples.len();
    let own = voice.accompaniment.as_ref().map_or(n, Vec::len);
    let parts = [
        ("labels", voice.f0_hz.len(), n_frames(n)),
        ("mask values", voice.mask.len(), n_frames(n)),
        ("samples of accompaniment", own, n),
    ];
    match parts
        .into_iter()
        .find(|(_, found, expected)| found != expected)
    {
        None => Ok(()),
        Some((what, found, expected)) => Err(RemixError::Length {
            id: voice.id.clone(),
            what,
            found,
            expected,
        }),
    }
}
