//! Products kept on disk, so that a recording opens at once the second time.
//!
//! Each product is an entry of its own, named by the length of the file and a checksum of its
//! content and of all that the product depends on: another voicing network leaves picture and pitch
//! as they are, and a recording that was moved, renamed or copied is known. What an analysis had
//! found when it was stopped is kept too. An entry is a [`Part`] in postcard's format; the cache is
//! not meant to travel.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Analysis, Part, Product};
use crate::files;
use crate::melody::{F0Frame, Note, PitchFrame};
use crate::models::store::checksum;

/// Changes when an analysis does for reasons other than its networks.
const VERSION: u32 = 7;

/// Ending of products that are whole.
const WHOLE: &str = "product";
/// Ending of products of an analysis that was stopped.
const BEGUN: &str = "begun";
/// Ending of files that hold the checksum of a recording, so that it is not read again for it.
const CONTENT: &str = "content";

/// A folder of products, held to a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// Where it is.
    pub folder: PathBuf,
    /// Largest size in bytes; entries not used for longest go first.
    pub limit: u64,
}

/// What is in a file.
struct RecordingContent {
    length: u64,
    /// SHA-256 of its bytes.
    sum: String,
}

impl RecordingContent {
    /// The name, without its ending, of what a product of it lies in.
    fn name(&self, product: Product, identity: &str) -> String {
        let key = format!("{VERSION} {} {product:?} {identity}", self.sum);
        format!("{:x}-{}", self.length, &checksum(key.as_bytes())[..32])
    }
}

impl Cache {
    /// Adds the products of earlier analyses to `analysis`; `identity` says what each depends on.
    ///
    /// Those that are not there, or not whole, stay away; of a melody that was being found when the
    /// analysis was stopped, the frames that were decided.
    pub fn load(&self, analysis: &mut Analysis, identity: &dyn Fn(Product) -> String) {
        let Some(content) = self.known_content(&analysis.path) else {
            return;
        };
        for product in Product::ALL {
            let name = content.name(product, &identity(product));
            let read = |ending| read(&self.place(&name, ending));
            if let Some(part) = read(WHOLE).filter(|it| fits(analysis, product, it, WHOLE)) {
                analysis.take(part);
                analysis.complete.insert(product);
            } else if Product::MELODY.contains(&product)
                && let Some(part) = read(BEGUN).filter(|it| fits(analysis, product, it, BEGUN))
            {
                analysis.take(part);
            }
        }
    }

    /// Keeps the products that are complete, and the melody as far as it was found; drops old
    /// entries beyond the limit.
    ///
    /// # Errors
    /// Of the file system; products already there stay.
    pub fn store(
        &self,
        analysis: &Analysis,
        identity: &dyn Fn(Product) -> String,
    ) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let content = self.content(&analysis.path)?;
        let is_begun = !analysis.has(Product::Pitch) && analysis.n_found() > 0;
        for product in Product::ALL {
            let name = content.name(product, &identity(product));
            let [whole, begun] = [WHOLE, BEGUN].map(|ending| self.place(&name, ending));
            if analysis.has(product) {
                if !whole.exists() {
                    write(&whole, &analysis.whole(product))?;
                }
                let _ = fs::remove_file(begun); // it need not be there
            } else if is_begun && Product::MELODY.contains(&product) {
                write(&begun, &analysis.whole(product))?;
            }
        }
        self.prune(self.limit)
    }

    fn place(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }

    /// The content of a recording of which something may be kept; none if that is impossible by its
    /// length, so that it need not be read for its checksum.
    fn known_content(&self, path: &Path) -> Option<RecordingContent> {
        let length = path.metadata().ok()?.len();
        let first = format!("{length:x}-");
        let names = fs::read_dir(&self.folder).ok()?.flatten();
        let mut names = names.map(|entry| entry.file_name());
        names
            .any(|name| name.to_string_lossy().starts_with(&first))
            .then(|| self.content(path).ok())?
    }

    /// The content of a recording: as noted for the file of this path, length and time of change,
    /// else read.
    fn content(&self, path: &Path) -> io::Result<RecordingContent> {
        let metadata = path.metadata()?;
        let (length, changed) = (metadata.len(), metadata.modified()?);
        let key = format!("{:?} {length} {changed:?}", path.canonicalize()?);
        let note = self.place(&checksum(key.as_bytes())[..32], CONTENT);
        let noted = fs::read_to_string(&note).ok();
        let sum = match noted.filter(|sum| sum.len() == 64) {
            Some(sum) => {
                mark_used(&note);
                sum
            }
            None => {
                let sum = files::sha256(path, || true)?.unwrap_or_default();
                files::replace(&note, |file| file.write_all(sum.as_bytes()))?;
                sum
            }
        };
        Ok(RecordingContent { length, sum })
    }

    /// Bytes of all entries.
    pub fn size(&self) -> u64 {
        self.entries().iter().map(|(_, size, _)| size).sum()
    }

    /// Drops all entries.
    ///
    /// # Errors
    /// Of the file system.
    pub fn clear(&self) -> io::Result<()> {
        self.prune(0)
    }

    fn prune(&self, limit: u64) -> io::Result<()> {
        let mut entries = self.entries();
        entries.sort_by_key(|(used, _, _)| *used);
        let mut size: u64 = entries.iter().map(|(_, size, _)| size).sum();
        for (_, bytes, path) in entries {
            if size <= limit {
                break;
            }
            fs::remove_file(path)?;
            size -= bytes;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<(SystemTime, u64, PathBuf)> {
        let entry = |entry: fs::DirEntry| {
            let path = entry.path();
            let metadata = entry.metadata().ok()?;
            let ours = [WHOLE, BEGUN, CONTENT];
            let ours = ours
                .into_iter()
                .any(|ours| path.extension().is_some_and(|ending| ending == ours));
            ours.then_some((metadata.modified().ok()?, metadata.len(), path))
        };
        let all = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        all.filter_map(entry).collect()
    }
}

/// Whether a part is a product from its first frame on, of as many frames as the picture where there
/// is one, of no more if it was only begun, and of numbers.
fn fits(analysis: &Analysis, product: Product, part: &Part, ending: &str) -> bool {
    let n_rows = analysis.picture.axis.n_rows;
    let (first, n_frames, is_finite) = match part {
        Part::Recording { audio, .. } => {
            let duration_secs = audio.duration_secs.unwrap_or(0.0);
            (0, None, duration_secs.is_finite() && duration_secs >= 0.0)
        }
        Part::Picture { first, cells } => {
            let is_whole = cells.len().is_multiple_of(n_rows);
            (*first, Some(cells.len() / n_rows), is_whole)
        }
        Part::Level { first, values } | Part::VoiceLevel { first, values } => {
            let is_finite = values.iter().all(|level| level.is_finite());
            (*first, Some(values.len()), is_finite)
        }
        Part::Pitch { first, frames } => {
            let is_finite = |it: &PitchFrame| {
                [it.f0_hz, it.own_hz, it.confidence]
                    .iter()
                    .all(|value| value.is_finite())
            };
            (*first, Some(frames.len()), frames.iter().all(is_finite))
        }
        // networks of one map give none
        Part::Classes { first, frames } => {
            let n_frames = Some(frames.len()).filter(|n| *n > 0);
            (*first, n_frames, true)
        }
        Part::Contour { first, frames } => {
            let is_finite = |it: &F0Frame| it.f0_hz.is_finite() && it.confidence.is_finite();
            (*first, Some(frames.len()), frames.iter().all(is_finite))
        }
        Part::Scale(scale) => (0, None, scale.mel_mean().is_finite()),
        Part::Notes(notes) => (0, None, notes.iter().all(is_note)),
        Part::Speech(heard) => (0, None, heard.is_finite()),
        Part::Stems(_) => return false, // kept in files of their own
    };
    let most = analysis.has(Product::Picture).then(|| analysis.n_frames());
    let is_as_long = n_frames
        .zip(most)
        .is_none_or(|(n_frames, most)| match ending {
            BEGUN => n_frames <= most,
            _ => n_frames == most,
        });
    part.product() == product && first == 0 && is_finite && is_as_long
}

fn is_note(note: &Note) -> bool {
    let times = [note.onset_secs, note.offset_secs];
    let is_in_order = times[0] >= 0.0 && times[1] >= times[0] && times[1].is_finite();
    is_in_order && note.midi.is_finite() && note.confidence.is_finite()
}

/// The part in an entry; none if it is not there, or not whole.
fn read(entry: &Path) -> Option<Part> {
    let part = postcard::from_bytes(&fs::read(entry).ok()?).ok()?;
    mark_used(entry);
    Some(part)
}

fn write(entry: &Path, part: &Part) -> io::Result<()> {
    let bytes = postcard::to_stdvec(part).map_err(io::Error::other)?;
    files::replace(entry, |file| file.write_all(&bytes))
}

/// Entries used last are kept longest.
fn mark_used(entry: &Path) {
    let file = File::options().write(true).open(entry);
    let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::AudioInfo;
    use crate::melody::{ClassFrame, FrameGrid, PitchAxis};

    fn analysis(path: &Path, n: usize) -> Analysis {
        let mut analysis = Analysis::new(path, PitchAxis::HKDSME, FrameGrid::from_hop(0.01));
        let frame = |i: usize| F0Frame {
            f0_hz: 200.0 + i as f32,
            confidence: i as f32 / n as f32,
            voiced: i.is_multiple_of(3),
        };
        let class = |i: usize| ClassFrame {
            harmonic: i as u16,
            subharmonic: 7,
            harmonic_strength: 200,
            subharmonic_strength: i as u8,
        };
        let pitch = |i: usize| PitchFrame {
            f0_hz: i as f32,
            own_hz: 220.0,
            confidence: 0.5,
        };
        analysis.audio = AudioInfo {
            title: Some("夜".into()),
            rate_hz: 44_100,
            n_channels: 2,
            ..AudioInfo::default()
        };
        analysis.warnings = vec!["the file is cut short".into()];
        analysis.picture.cells = (0..n * 320).map(|i| i as u8).collect();
        analysis.level = (0..n).map(|i| i as f32).collect();
        analysis.pitch = (0..n).map(pitch).collect();
        analysis.voice_level = (0..n).map(|i| -(i as f32)).collect();
        analysis.classes.frames = (0..n).map(class).collect();
        analysis.f0.frames = (0..n).map(frame).collect();
        analysis.notes = vec![Note {
            onset_secs: 0.1,
            offset_secs: 0.2,
            midi: 60.0,
            confidence: 0.5,
        }];
        analysis.complete.extend(Product::ALL);
        analysis
    }

    fn empty(path: &Path) -> Analysis {
        Analysis::new(path, PitchAxis::HKDSME, FrameGrid::from_hop(0.01))
    }

    fn load(cache: &Cache, path: &Path, identity: &dyn Fn(Product) -> String) -> Analysis {
        let mut analysis = empty(path);
        cache.load(&mut analysis, identity);
        analysis
    }

    #[test]
    fn products_come_back_until_what_they_depend_on_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.wav");
        fs::write(&path, "sound").unwrap();
        let cache = Cache {
            folder: folder.path().join("cache"),
            limit: 1 << 20,
        };
        let one = |_| "one".to_owned();
        assert_eq!(load(&cache, &path, &one), empty(&path));
        let stored = analysis(&path, 50);
        cache.store(&stored, &one).unwrap();
        assert_eq!(load(&cache, &path, &one), stored);
        let voicing = |product| match product {
            Product::Contour | Product::Notes => "another voicing network".to_owned(),
            _ => "one".to_owned(),
        };
        let kept = load(&cache, &path, &voicing);
        assert!(kept.has(Product::Pitch) && kept.has(Product::Picture));
        assert!(!kept.has(Product::Contour) && kept.f0.frames.is_empty());
        fs::write(&path, "other sound").unwrap();
        assert_eq!(load(&cache, &path, &one), empty(&path));
    }

    #[test]
    fn a_recording_that_was_moved_or_copied_is_known_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let [path, moved, other] =
            ["song.wav", "elsewhere.wav", "other.wav"].map(|name| folder.path().join(name));
        fs::write(&path, "sound").unwrap();
        fs::write(&other, "noise").unwrap();
        let cache = Cache {
            folder: folder.path().join("cache"),
            limit: 1 << 20,
        };
        let one = |_| "one".to_owned();
        cache.store(&analysis(&path, 50), &one).unwrap();
        fs::rename(&path, &moved).unwrap();
        assert_eq!(load(&cache, &moved, &one), analysis(&moved, 50));
        // as long, but not the same
        assert_eq!(load(&cache, &other, &one), empty(&other));
    }

    #[test]
    fn what_a_stopped_analysis_found_is_kept_until_there_is_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.wav");
        fs::write(&path, "sound").unwrap();
        let cache = Cache {
            folder: folder.path().join("cache"),
            limit: 1 << 20,
        };
        let one = |_| "one".to_owned();
        let whole = analysis(&path, 50);
        let mut stopped = whole.clone();
        for product in [Product::MELODY.as_slice(), &[Product::Notes]].concat() {
            stopped.complete.remove(&product);
        }
        stopped.notes.clear();
        for n_found in [10, 30] {
            (stopped.pitch, stopped.f0) = (whole.pitch.clone(), whole.f0.clone());
            stopped.classes = whole.classes.clone();
            stopped.voice_level = whole.voice_level.clone();
            stopped.keep_melody(n_found);
            cache.store(&stopped, &one).unwrap();
            let found = load(&cache, &path, &one);
            assert_eq!(found, stopped);
            assert_eq!(found.n_found(), n_found);
        }
        let n_entries = |ending: &str| {
            let entries = fs::read_dir(&cache.folder).unwrap().flatten();
            let paths = entries.map(|entry| entry.path());
            paths
                .filter(|path| path.extension().is_some_and(|it| it == ending))
                .count()
        };
        assert_eq!(n_entries(BEGUN), Product::MELODY.len());
        cache.store(&whole, &one).unwrap();
        assert_eq!(load(&cache, &path, &one), whole);
        assert_eq!(n_entries(BEGUN), 0);
    }

    #[test]
    fn what_cannot_be_a_product_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.wav");
        fs::write(&path, "sound").unwrap();
        let cache = Cache {
            folder: folder.path().join("cache"),
            limit: 1 << 20,
        };
        let same = |_| String::new();
        let whole = analysis(&path, 50);
        cache.store(&whole, &same).unwrap();
        let frames = whole.f0.frames.clone();
        let late = Part::Contour {
            first: usize::MAX / 4,
            frames: frames.clone(),
        };
        let short = Part::Contour {
            first: 0,
            frames: frames[..49].to_vec(),
        };
        let mut no_number = frames;
        no_number[7].f0_hz = f32::NAN;
        let no_number = Part::Contour {
            first: 0,
            frames: no_number,
        };
        let content = cache.content(&path).unwrap();
        let entry = cache.place(&content.name(Product::Contour, ""), WHOLE);
        for part in [late, short, no_number, whole.whole(Product::Pitch)] {
            write(&entry, &part).unwrap();
            let loaded = load(&cache, &path, &same);
            assert!(!loaded.has(Product::Contour) && loaded.has(Product::Pitch));
        }
    }

    #[test]
    fn the_oldest_go_and_what_is_cut_short_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache {
            folder: folder.path().join("cache"),
            limit: 40_000,
        };
        let same = |_| String::new();
        let paths = ["a.wav", "b.wav", "c.wav"].map(|name| folder.path().join(name));
        for (i, path) in paths.iter().enumerate() {
            fs::write(path, format!("sound {i}")).unwrap();
            cache.store(&analysis(path, 50), &same).unwrap();
            let used = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(i as u64);
            let content = cache.content(path).unwrap();
            for product in Product::ALL {
                let entry = cache.place(&content.name(product, ""), WHOLE);
                let file = File::options().write(true).open(&entry).unwrap();
                file.set_modified(used).unwrap();
            }
        }
        let whole = |path: &PathBuf| load(&cache, path, &same).is_complete();
        assert_eq!(paths.each_ref().map(whole), [false, true, true]);
        assert!(cache.size() <= cache.limit);
        let content = cache.content(&paths[2]).unwrap();
        let entry = cache.place(&content.name(Product::Picture, ""), WHOLE);
        let bytes = fs::read(&entry).unwrap();
        fs::write(&entry, &bytes[..bytes.len() - 1]).unwrap();
        let cut = load(&cache, &paths[2], &same);
        assert!(!cut.has(Product::Picture) && cut.has(Product::Contour));
        cache.clear().unwrap();
        assert_eq!(cache.size(), 0);
    }
}
