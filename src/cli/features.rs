//! `melograph features`: the network's input as a NumPy array.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use super::Outcome;
use super::console::{Console, ConsoleArgs};
use crate::analysis::source::FrameReader;
use crate::analysis::{FrameBlock, Scale, Transforms};
use crate::audio::{AudioError, Rereadable, TrackSelection};
use crate::dsp::{Cfp, CfpConfig, Layers};
use crate::files::{folder_of, replace_file, shown, writable};
use crate::formats::mark;

/// Frames are put down when they take this many bytes: in a long recording each row of the array is
/// written in pieces of some kilobytes.
const BATCH_BYTES: usize = 48 << 20;

/// Options of `melograph features`.
#[derive(Args, Debug)]
#[command(after_help = "\
The array is float32 of shape [3, rows, frames]: spectrum, generalized cepstrum of spectrum
(GCoS) and cepstrum, each scaled to 0..1. Frame c is centered on sample hop * (c + 1).

Example:
  melograph features song.mp3 -o song.npy --set hkdsme")]
pub struct FeaturesArgs {
    /// The recording.
    #[arg(value_name = "INPUT")]
    input: PathBuf,
    /// File to write.
    #[arg(short, long, value_name = "FILE.npy")]
    out: PathBuf,
    /// Whose settings.
    #[arg(long, value_enum, default_value = "hkdsme")]
    set: FeatureSet,
    /// Replace an array that Melograph wrote before; without it, it is kept.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    console: ConsoleArgs,
}

/// A set of feature settings: the published ones, and this program's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FeatureSet {
    /// 8 kHz, 320 rows from 31 Hz (FTANet, HKDSME, SpectMamba).
    Hkdsme,
    /// The same moved up to sopranos: 320 rows from 38 Hz (Melograph).
    Voices,
    /// Lu and Su's segmentation network.
    LuSu,
    /// 44.1 kHz (MSNet as published).
    Msnet,
}

impl FeatureSet {
    fn config(self) -> CfpConfig {
        match self {
            Self::Hkdsme => CfpConfig::hkdsme(),
            Self::Voices => CfpConfig::voices(),
            Self::LuSu => CfpConfig::lu_su(),
            Self::Msnet => CfpConfig::msnet(),
        }
    }
}

/// Computes and writes the features of one recording, which is read more than once: how features are scaled
/// depends on all of them, and they are too many to be kept.
///
/// # Errors
/// A recording that cannot be read, an array that cannot be written.
pub fn run(args: &FeaturesArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    let out = shown(&args.out);
    if args.out.symlink_metadata().is_ok() {
        if !mark::wrote(&args.out, is_array).unwrap_or(false) {
            bail!("{out} is no array of features and is left as it is; name another file");
        }
        if !args.force {
            console.message(format_args!("{out}: exists, kept (--force replaces it)"));
            return Ok(Outcome::Done);
        }
    }
    let folder = folder_of(&args.out);
    writable(folder).with_context(|| format!("cannot write to the folder {}", shown(folder)))?;
    let transforms = Transforms {
        cfp: Some(Arc::new(Cfp::new(args.set.config()))),
        ..Transforms::default()
    };
    let recording = Rereadable::new(&args.input)?;
    let array = Array::measured(recording.path(), &transforms)
        .map_err(|error| error.renamed(&args.input))?;
    array
        .write(recording.path(), &transforms, &args.out)
        .with_context(|| format!("{out} could not be written"))?;
    for warning in &array.warnings {
        console.message(format_args!("{}: warning: {warning}", shown(&args.input)));
    }
    let record = serde_json::json!({
        "input": shown(&args.input),
        "output": out,
        "shape": [3, array.n_rows, array.n_frames],
    });
    console.result(&record, out);
    Ok(Outcome::Done)
}

/// What is known of the array before it is written.
#[derive(Default)]
struct Array {
    scale: Scale,
    n_rows: usize,
    n_frames: usize,
    /// How the channels are mixed, which the first reading may have learned.
    selection: TrackSelection,
    /// What went less than well in reading, one sentence each.
    warnings: Vec<String>,
}

impl Array {
    /// Looks through a recording; again if its channels cancel as they are mixed first.
    fn measured(path: &Path, transforms: &Transforms) -> Result<Self, AudioError> {
        let (array, better) = Self::read(path, TrackSelection::default(), transforms)?;
        match better {
            Some(better) => Ok(Self::read(path, better, transforms)?.0),
            None => Ok(array),
        }
    }

    /// Looks through a recording, and tells how to read it better.
    fn read(
        path: &Path,
        selection: TrackSelection,
        transforms: &Transforms,
    ) -> Result<(Self, Option<TrackSelection>), AudioError> {
        let mut reader = FrameReader::open(path, &selection, transforms)?;
        let mut array = Self {
            selection,
            ..Self::default()
        };
        while let Some(block) = reader.read()? {
            array.include(&block);
        }
        let better = reader.better_selection();
        (_, array.warnings) = reader.into_recording();
        Ok((array, better))
    }

    fn include(&mut self, block: &FrameBlock) {
        self.scale.include(block);
        self.n_rows = self.n_rows.max(block.layers.n_rows);
        self.n_frames += block.layers.n_frames();
    }

    /// Reads the recording again and writes its features.
    fn write(&self, path: &Path, transforms: &Transforms, out: &Path) -> anyhow::Result<()> {
        let mut reader = FrameReader::open(path, &self.selection, transforms)?;
        replace_file(out, |file| {
            let mut batches = Batches::new(self, file)?;
            while let Some(block) = reader.read()? {
                batches.push(&block.layers)?;
            }
            batches.finish()
        })
    }
}

/// The array as it is written, some frames of all rows at a time.
struct Batches<'a> {
    array: &'a Array,
    file: &'a mut File,
    data_start: u64,
    first_frame: usize,
    waiting: Layers,
}

impl<'a> Batches<'a> {
    fn new(array: &'a Array, file: &'a mut File) -> io::Result<Self> {
        let header = header([3, array.n_rows, array.n_frames]);
        file.write_all(&header)?;
        let values = 3 * array.n_rows * array.n_frames;
        file.set_len((header.len() + values * size_of::<f32>()) as u64)?;
        Ok(Self {
            array,
            file,
            data_start: header.len() as u64,
            first_frame: 0,
            waiting: Layers::default(),
        })
    }

    fn push(&mut self, layers: &Layers) -> io::Result<()> {
        self.waiting.append(layers);
        let values = 3 * self.waiting.n_rows * self.waiting.n_frames();
        match values * size_of::<f32>() >= BATCH_BYTES {
            true => self.put_down(),
            false => Ok(()),
        }
    }

    /// Writes the frames that wait: a piece of every row of the three layers.
    fn put_down(&mut self) -> io::Result<()> {
        let n_frames = self.waiting.n_frames();
        let stack = self.array.scale.stack(&self.waiting);
        for (row, values) in stack.chunks_exact(n_frames.max(1)).enumerate() {
            let value = row * self.array.n_frames + self.first_frame;
            let at = self.data_start + (value * size_of::<f32>()) as u64;
            self.file.seek(SeekFrom::Start(at))?;
            let bytes: Vec<u8> = values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            self.file.write_all(&bytes)?;
        }
        self.first_frame += n_frames;
        self.waiting = Layers::default();
        Ok(())
    }

    /// Writes the rest.
    fn finish(mut self) -> anyhow::Result<()> {
        self.put_down()?;
        match self.first_frame == self.array.n_frames {
            true => Ok(()),
            false => bail!("the recording changed while it was read"),
        }
    }
}

/// How a `.npy` file of float32 begins; the data starts at a multiple of 64 bytes.
fn header([n_layers, n_rows, n_frames]: [usize; 3]) -> Vec<u8> {
    let shape = format!("({n_layers}, {n_rows}, {n_frames})");
    let dict = format!("{DICT_START}False, 'shape': {shape}, }}");
    let size = (MAGIC.len() + 2 + dict.len() + 1).next_multiple_of(64) - MAGIC.len() - 2;
    let mut header = MAGIC.to_vec();
    header.extend((size as u16).to_le_bytes());
    header.extend(format!("{dict:<width$}\n", width = size - 1).bytes());
    header
}

/// Name and version of the format.
const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";
const DICT_START: &str = "{'descr': '<f4', 'fortran_order': ";

/// Whether a file begins as the arrays do that are written here.
fn is_array(head: &[u8]) -> bool {
    let dict = head.strip_prefix(MAGIC).and_then(|rest| rest.get(2..));
    let dict = dict.and_then(|dict| dict.strip_prefix(DICT_START.as_bytes()));
    dict.is_some_and(|dict| dict.starts_with(b"False, 'shape': (3, "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_in_pieces_is_what_is_computed_whole() {
        let samples = (0..40_000).map(|i| (i as f32 * 0.2 * (1.0 + i as f32 * 1e-5)).sin());
        let transforms = Transforms {
            cfp: Some(Arc::new(Cfp::new(CfpConfig::hkdsme()))),
            ..Transforms::default()
        };
        let samples: Vec<f32> = samples.collect();
        let all = FrameBlock::of(&samples, 8_000, &transforms).unwrap();
        let mut array = Array::default();
        array.include(&all);
        let mut file = tempfile::tempfile().unwrap();
        let mut batches = Batches::new(&array, &mut file).unwrap();
        for frames in [0..100, 100..101, 101..array.n_frames] {
            batches.push(&all.layers.frames(frames)).unwrap();
            batches.put_down().unwrap();
        }
        batches.finish().unwrap();
        file.rewind().unwrap();
        let read = npyz::NpyFile::new(io::BufReader::new(file)).unwrap();
        assert_eq!(read.shape(), [3, 320, array.n_frames as u64]);
        let values: Vec<f32> = read.into_vec().unwrap();
        let whole = array.scale.stack(&all.layers);
        assert_eq!(values.len(), whole.len());
        let mut pairs = values.iter().zip(&whole);
        assert!(pairs.all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn an_array_is_known_again() {
        let header = header([3, 320, 1]);
        assert_eq!(header.len() % 64, 0);
        assert!(is_array(&header));
        assert!(!is_array(b"mine"));
        assert!(!is_array(
            b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False"
        ));
    }
}
