//! What a file says about itself.

use serde::{Deserialize, Serialize};
use symphonia::core::meta::{MetadataRevision, StandardTag};

use super::mixdown::Mixdown;

/// A recording's tags and shape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AudioInfo {
    /// Title, as tagged.
    pub title: Option<String>,
    /// Performer, as tagged.
    pub artist: Option<String>,
    /// Sampling rate of the decoded sound in Hz.
    pub rate_hz: u32,
    /// Channels of the decoded sound.
    pub n_channels: usize,
    /// Length as the container states it, in seconds; `None` if it does not.
    pub duration_secs: Option<f64>,
    /// Names of its tracks of sound.
    pub tracks: Vec<String>,
    /// Which of them is read, from 1 on.
    pub track: usize,
    /// What of it is analyzed.
    pub selection: TrackSelection,
}

/// What of a file is analyzed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackSelection {
    /// Which of its tracks of sound, from 1 on; `None` for the default one.
    pub track: Option<usize>,
    /// How channels become one; `None` if that is still to be learned.
    pub mixdown: Option<Mixdown>,
}

impl AudioInfo {
    /// Takes the title and the artist that `revision` has and `self` lacks.
    pub(super) fn add_tags(&mut self, revision: &MetadataRevision) {
        let per_track = revision.per_track.iter().flat_map(|it| &it.metadata.tags);
        let mut album_artist = None;
        for tag in revision.media.tags.iter().chain(per_track) {
            match &tag.std {
                Some(StandardTag::TrackTitle(title)) => set_if_none(&mut self.title, title),
                Some(StandardTag::Artist(artist)) => set_if_none(&mut self.artist, artist),
                Some(StandardTag::AlbumArtist(artist)) => set_if_none(&mut album_artist, artist),
                _ => {}
            }
        }
        set_if_none(
            &mut self.artist,
            album_artist.as_deref().unwrap_or_default(),
        );
    }
}

/// Fills `slot` with `text` without the padding that old tags have.
pub(super) fn set_if_none(slot: &mut Option<String>, text: &str) {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if slot.is_none() && !text.is_empty() {
        *slot = Some(text.to_string());
    }
}
