//! `melograph features`: the network's input as a NumPy array.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, ValueEnum};
use npyz::WriterBuilder;

use super::Outcome;
use super::console::{Console, ConsoleArgs};
use crate::analysis::source::FrameReader;
use crate::analysis::{FrameBlock, Scale, Transforms};
use crate::audio::{AudioError, Rereadable, Selection};
use crate::dsp::{Cfp, CfpConfig};
use crate::formats::atomic;

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
    /// Replace the file if it exists; without it, it is kept.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    console: ConsoleArgs,
}

/// A published set of feature settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FeatureSet {
    /// 8 kHz, 320 rows from 31 Hz (FTANet, HKDSME, SpectMamba).
    Hkdsme,
    /// Lu and Su's segmentation network.
    LuSu,
    /// 44.1 kHz (MSNet as published).
    Msnet,
}

impl FeatureSet {
    fn config(self) -> CfpConfig {
        match self {
            Self::Hkdsme => CfpConfig::hkdsme(),
            Self::LuSu => CfpConfig::lu_su(),
            Self::Msnet => CfpConfig::msnet(),
        }
    }
}

/// Computes and writes the features of one recording.
///
/// # Errors
/// A recording that cannot be read, an array that cannot be written.
pub fn run(args: &FeaturesArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    let out = args.out.display();
    if args.out.exists() && !args.force {
        console.message(format_args!("{out}: exists, kept (--force replaces it)"));
        return Ok(Outcome::Done);
    }
    let transforms = Transforms {
        cfp: Some(Arc::new(Cfp::new(args.set.config()))),
        mel: None,
    };
    let recording = Rereadable::new(&args.input)?;
    let (all, reader) = read(recording.path(), &Selection::default(), &transforms)?;
    let (all, reader) = match reader.better_selection() {
        Some(better) => read(recording.path(), &better, &transforms)?,
        None => (all, reader),
    };
    for warning in reader.into_recording().1 {
        console.message(format_args!("{}: warning: {warning}", args.input.display()));
    }
    let shape = [3, all.layers.n_rows, all.layers.n_frames()];
    let array = npy(shape, Scale::of(&all).stack(&all.layers))?;
    atomic::write(&args.out, |out| out.write_all(&array))?;
    let record = serde_json::json!({ "input": args.input, "output": args.out, "shape": shape });
    console.result(&record, out);
    Ok(Outcome::Done)
}

/// All features of a recording, and the reader at its end.
fn read(
    path: &Path,
    selection: &Selection,
    transforms: &Transforms,
) -> Result<(FrameBlock, FrameReader), AudioError> {
    let mut reader = FrameReader::open(path, selection, transforms)?;
    let mut all = FrameBlock::default();
    while let Some(block) = reader.read()? {
        all.append(&block);
    }
    Ok((all, reader))
}

/// A float32 array as the bytes of a `.npy` file.
fn npy(shape: [usize; 3], values: Vec<f32>) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&shape.map(|n| n as u64))
        .writer(&mut bytes)
        .begin_nd()?;
    writer.extend(values)?;
    writer
        .finish()
        .context("the array does not fill its shape")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_read_back() {
        let bytes = npy([3, 2, 1], vec![0.0, 0.5, 1.0, 0.25, 0.75, 0.125]).unwrap();
        let array = npyz::NpyFile::new(&bytes[..]).unwrap();
        assert_eq!(array.shape(), [3, 2, 1]);
        let values: Vec<f32> = array.into_vec().unwrap();
        assert_eq!(values[3], 0.25);
    }
}
