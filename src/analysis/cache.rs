//! Products kept on disk, so that a recording opens at once the second time.
//!
//! Each product is an entry of its own, named by a checksum of the file's path, length and time of
//! change, and of all that the product depends on: another voicing network leaves picture and pitch
//! as they are. An entry is a [`Part`] in postcard's format; the cache is not meant to travel.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Analysis, Part, Product};
use crate::files;
use crate::models::store::checksum;

/// Changes when an analysis does for reasons other than its networks.
const VERSION: u32 = 5;

/// Ending of entries; nothing else in the folder is touched.
const ENDING: &str = "product";

/// A folder of products, held to a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// Where it is.
    pub folder: PathBuf,
    /// Largest size in bytes; entries not used for longest go first.
    pub limit: u64,
}

impl Cache {
    /// Where a product of a file lies; none if the file cannot be looked at.
    fn entry(&self, path: &Path, product: Product, identity: &str) -> Option<PathBuf> {
        let path = path.canonicalize().ok()?;
        let metadata = path.metadata().ok()?;
        let changed = metadata.modified().ok()?;
        let length = metadata.len();
        let key = format!("{VERSION} {path:?} {length} {changed:?} {product:?} {identity}");
        let name = &checksum(key.as_bytes())[..32];
        Some(self.folder.join(format!("{name}.{ENDING}")))
    }

    /// Adds the products of earlier analyses to `analysis`; `identity` says what each depends on.
    ///
    /// Those that are not there, or not whole, stay away.
    pub fn load(&self, analysis: &mut Analysis, identity: &dyn Fn(Product) -> String) {
        for product in Product::ALL {
            let entry = self.entry(&analysis.path, product, &identity(product));
            if let Some(part) = entry.and_then(|entry| read(&entry)) {
                analysis.take(part);
                analysis.complete.insert(product);
            }
        }
    }

    /// Keeps the products that are complete, and drops old ones beyond the limit.
    ///
    /// # Errors
    /// Of the file system; products already there stay.
    pub fn store(
        &self,
        analysis: &Analysis,
        identity: &dyn Fn(Product) -> String,
    ) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        for &product in &analysis.complete {
            let entry = self.entry(&analysis.path, product, &identity(product));
            let Some(entry) = entry.filter(|entry| !entry.exists()) else {
                continue;
            };
            let bytes = postcard::to_stdvec(&analysis.whole(product)).map_err(io::Error::other)?;
            files::replace(&entry, |file| file.write_all(&bytes))?;
        }
        self.prune(self.limit)
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
            let ours = path.extension().is_some_and(|ending| ending == ENDING);
            ours.then_some((metadata.modified().ok()?, metadata.len(), path))
        };
        let all = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        all.filter_map(entry).collect()
    }
}

/// The part in an entry; none if it is not there, or not whole.
fn read(entry: &Path) -> Option<Part> {
    let part = postcard::from_bytes(&fs::read(entry).ok()?).ok()?;
    // entries used last are kept longest
    let file = File::options().write(true).open(entry);
    let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::AudioInfo;
    use crate::melody::{ClassFrame, F0Frame, FrameGrid, Note, PitchAxis, PitchFrame};

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
    fn the_oldest_go_and_what_is_cut_short_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache {
            folder: folder.path().join("cache"),
            limit: 40_000,
        };
        let same = |_| String::new();
        let paths = ["a.wav", "b.wav", "c.wav"].map(|name| folder.path().join(name));
        for (i, path) in paths.iter().enumerate() {
            fs::write(path, "sound").unwrap();
            cache.store(&analysis(path, 50), &same).unwrap();
            let used = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(i as u64);
            for product in Product::ALL {
                let entry = cache.entry(path, product, "").unwrap();
                let file = File::options().write(true).open(&entry).unwrap();
                file.set_modified(used).unwrap();
            }
        }
        let whole = |path: &PathBuf| load(&cache, path, &same).is_complete();
        assert_eq!(paths.each_ref().map(whole), [false, true, true]);
        assert!(cache.size() <= cache.limit);
        let entry = cache.entry(&paths[2], Product::Picture, "").unwrap();
        let bytes = fs::read(&entry).unwrap();
        fs::write(&entry, &bytes[..bytes.len() - 1]).unwrap();
        let cut = load(&cache, &paths[2], &same);
        assert!(!cut.has(Product::Picture) && cut.has(Product::Contour));
        cache.clear().unwrap();
        assert_eq!(cache.size(), 0);
    }
}
