//! Results kept on disk, so that a recording opens at once the second time.
//!
//! An entry is named by a checksum of the file's path, length and time of change, and
//! of the networks with their settings. It holds a line of JSON, then plain arrays in
//! the machine's byte order; the cache is not meant to travel.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{Analysis, Picture};
use crate::audio::AudioInfo;
use crate::files;
use crate::melody::{ClassFrame, ClassTrack, F0Frame, F0Track, FrameGrid, Note, PitchAxis};
use crate::models::store::checksum;

/// Changes when an analysis does for reasons other than its networks.
const VERSION: u32 = 3;

/// Ending of entries; nothing else in the folder is touched.
const ENDING: &str = "analysis";

/// A folder of results, held to a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// Where it is.
    pub folder: PathBuf,
    /// Largest size in bytes; entries not used for longest go first.
    pub limit: u64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    title: Option<String>,
    artist: Option<String>,
    rate_hz: u32,
    n_channels: usize,
    duration_secs: Option<f64>,
    models: Vec<String>,
    warnings: Vec<String>,
    grid: [f64; 2],
    axis: (f64, f64, usize),
    notes: Vec<(f64, f64, f32, f32)>,
    n_frames: usize,
    n_columns: usize,
}

impl Cache {
    /// Where the result of a file and networks lies; none if the file cannot be looked at.
    fn entry(&self, path: &Path, networks: &str) -> Option<PathBuf> {
        let path = path.canonicalize().ok()?;
        let metadata = path.metadata().ok()?;
        let changed = metadata.modified().ok()?;
        let key = format!(
            "{VERSION} {path:?} {} {changed:?} {networks}",
            metadata.len()
        );
        let name = &checksum(key.as_bytes())[..32];
        Some(self.folder.join(format!("{name}.{ENDING}")))
    }

    /// The result of an earlier analysis; `networks` is [`super::ModelChoice::identity`].
    ///
    /// None if there is none, or it is not whole.
    pub fn load(&self, path: &Path, networks: &str) -> Option<Analysis> {
        let entry = self.entry(path, networks)?;
        let file = File::options().read(true).write(true).open(entry).ok()?;
        // entries used last are kept longest
        let _ = file.set_modified(SystemTime::now());
        read(&mut BufReader::new(file), path).ok()
    }

    /// Keeps a result, and drops old ones beyond the limit.
    ///
    /// # Errors
    /// Of the file system; the cache stays as it was.
    pub fn store(&self, analysis: &Analysis, networks: &str) -> io::Result<()> {
        let Some(entry) = self.entry(&analysis.path, networks) else {
            return Ok(());
        };
        fs::create_dir_all(&self.folder)?;
        files::replace(&entry, |file| write(file, analysis))?;
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

fn write(out: &mut dyn Write, analysis: &Analysis) -> io::Result<()> {
    let Analysis {
        audio,
        f0,
        classes,
        picture,
        ..
    } = analysis;
    let note = |n: &Note| (n.onset_secs, n.offset_secs, n.midi, n.confidence);
    let header = Header {
        title: audio.title.clone(),
        artist: audio.artist.clone(),
        rate_hz: audio.rate_hz,
        n_channels: audio.n_channels,
        duration_secs: audio.duration_secs,
        models: analysis.models.clone(),
        warnings: analysis.warnings.clone(),
        grid: [f0.grid.first_secs, f0.grid.hop_secs],
        axis: (
            picture.axis.fmin_hz,
            picture.axis.bins_per_octave,
            picture.axis.n_rows,
        ),
        notes: analysis.notes.iter().map(note).collect(),
        n_frames: f0.frames.len(),
        n_columns: picture.n_columns(),
    };
    serde_json::to_writer(&mut *out, &header)?;
    out.write_all(b"\n")?;
    let floats = f0.frames.iter().flat_map(|f| [f.f0_hz, f.confidence]);
    let floats: Vec<f32> = floats.chain(analysis.level.iter().copied()).collect();
    out.write_all(bytemuck::cast_slice(&floats))?;
    let rows = classes
        .frames
        .iter()
        .flat_map(|c| [c.harmonic, c.subharmonic]);
    out.write_all(bytemuck::cast_slice(&rows.collect::<Vec<u16>>()))?;
    let strengths = classes
        .frames
        .iter()
        .flat_map(|c| [c.harmonic_strength, c.subharmonic_strength]);
    let voiced = f0.frames.iter().map(|f| u8::from(f.voiced));
    out.write_all(&strengths.chain(voiced).collect::<Vec<u8>>())?;
    out.write_all(&picture.cells)
}

fn read(file: &mut impl BufRead, path: &Path) -> io::Result<Analysis> {
    let mut line = Vec::new();
    file.read_until(b'\n', &mut line)?;
    let header: Header = serde_json::from_slice(&line)?;
    let n = header.n_frames;
    let floats: Vec<f32> = array(file, 3 * n)?;
    let rows: Vec<u16> = array(file, 2 * n)?;
    let bytes: Vec<u8> = array(file, 3 * n)?;
    let (fmin_hz, bins_per_octave, n_rows) = header.axis;
    let cells: Vec<u8> = array(file, header.n_columns * n_rows)?;
    let axis = PitchAxis {
        fmin_hz,
        bins_per_octave,
        n_rows,
    };
    let grid = FrameGrid {
        first_secs: header.grid[0],
        hop_secs: header.grid[1],
    };
    let f0 = |i: usize| F0Frame {
        f0_hz: floats[2 * i],
        confidence: floats[2 * i + 1],
        voiced: bytes[2 * n + i] == 1,
    };
    let class = |i: usize| ClassFrame {
        harmonic: rows[2 * i],
        subharmonic: rows[2 * i + 1],
        harmonic_strength: bytes[2 * i],
        subharmonic_strength: bytes[2 * i + 1],
    };
    let note = |&(onset_secs, offset_secs, midi, confidence): &_| Note {
        onset_secs,
        offset_secs,
        midi,
        confidence,
    };
    Ok(Analysis {
        path: path.to_owned(),
        audio: AudioInfo {
            title: header.title,
            artist: header.artist,
            rate_hz: header.rate_hz,
            n_channels: header.n_channels,
            duration_secs: header.duration_secs,
        },
        models: header.models,
        f0: F0Track {
            grid,
            frames: (0..n).map(f0).collect(),
        },
        classes: ClassTrack {
            axis,
            grid,
            frames: (0..n).map(class).collect(),
        },
        notes: header.notes.iter().map(note).collect(),
        level: floats[2 * n..].to_vec(),
        picture: Picture { axis, grid, cells },
        warnings: header.warnings,
    })
}

/// The next `n` values; an error if there are fewer, without trusting `n` for memory.
fn array<T: bytemuck::Pod>(file: &mut impl Read, n: usize) -> io::Result<Vec<T>> {
    let n_bytes = n
        .checked_mul(size_of::<T>())
        .ok_or(io::ErrorKind::InvalidData)?;
    let mut bytes = Vec::new();
    file.take(n_bytes as u64).read_to_end(&mut bytes)?;
    if bytes.len() < n_bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytemuck::pod_collect_to_vec(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analysis(path: &Path, n: usize) -> Analysis {
        let axis = PitchAxis::HKDSME;
        let grid = FrameGrid::from_hop(0.01);
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
        Analysis {
            path: path.to_owned(),
            audio: AudioInfo {
                title: Some("夜".into()),
                rate_hz: 44_100,
                n_channels: 2,
                ..AudioInfo::default()
            },
            models: vec!["msnet-hs".into()],
            f0: F0Track {
                grid,
                frames: (0..n).map(frame).collect(),
            },
            classes: ClassTrack {
                axis,
                grid,
                frames: (0..n).map(class).collect(),
            },
            notes: vec![Note {
                onset_secs: 0.1,
                offset_secs: 0.2,
                midi: 60.0,
                confidence: 0.5,
            }],
            level: (0..n).map(|i| i as f32).collect(),
            picture: Picture {
                axis,
                grid,
                cells: (0..n * axis.n_rows).map(|i| i as u8).collect(),
            },
            warnings: vec!["the file is cut short".into()],
        }
    }

    #[test]
    fn a_result_comes_back_until_the_file_or_the_networks_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.wav");
        fs::write(&path, "sound").unwrap();
        let cache = Cache {
            folder: folder.path().join("cache"),
            limit: 1 << 20,
        };
        assert!(cache.load(&path, "a").is_none());
        let stored = analysis(&path, 50);
        cache.store(&stored, "a").unwrap();
        let loaded = cache.load(&path, "a").unwrap();
        assert_eq!(format!("{loaded:?}"), format!("{stored:?}"));
        assert!(cache.load(&path, "b").is_none());
        fs::write(&path, "other sound").unwrap();
        assert!(cache.load(&path, "a").is_none());
    }

    #[test]
    fn the_oldest_go_and_what_is_cut_short_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache {
            folder: folder.path().join("cache"),
            limit: 40_000,
        };
        let paths = ["a.wav", "b.wav", "c.wav"].map(|name| folder.path().join(name));
        for (i, path) in paths.iter().enumerate() {
            fs::write(path, "sound").unwrap();
            cache.store(&analysis(path, 50), "").unwrap();
            let entry = cache.entry(path, "").unwrap();
            let used = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(i as u64);
            File::options()
                .write(true)
                .open(&entry)
                .unwrap()
                .set_modified(used)
                .unwrap();
        }
        let found = paths.each_ref().map(|path| cache.load(path, "").is_some());
        assert_eq!(found, [false, true, true]);
        assert!(cache.size() <= cache.limit);
        let entry = cache.entry(&paths[2], "").unwrap();
        let bytes = fs::read(&entry).unwrap();
        fs::write(&entry, &bytes[..bytes.len() - 1]).unwrap();
        assert!(cache.load(&paths[2], "").is_none());
        cache.clear().unwrap();
        assert_eq!(cache.size(), 0);
    }
}
