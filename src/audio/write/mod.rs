//! Sound into files, block by block: FLAC of 24 bits, and WAV of 32-bit floating point.
//!
//! What it writes carries a mark by which the program knows its own files again.

mod flac;
mod wav;

use std::fs::File;
use std::io;

use flac::FlacWriter;
use wav::WavWriter;

/// What files carry that say who wrote them.
pub const MARK: &str = "Written by Melograph";

/// Most channels of a FLAC file.
const FLAC_CHANNELS: usize = 8;

/// Highest rate of a FLAC file here, in Hz.
const FLAC_RATE_HZ: u32 = 96_000;

/// A kind of file to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoundFormat {
    /// Lossless and small; full scale is all there is.
    Flac,
    /// As large as the samples are many; nothing is rounded or cut.
    Wav,
}

impl SoundFormat {
    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Flac => "flac",
            Self::Wav => "wav",
        }
    }

    /// The same, or WAV for sound that FLAC cannot hold.
    pub fn for_sound(self, rate_hz: u32, n_channels: usize) -> Self {
        match rate_hz <= FLAC_RATE_HZ && n_channels <= FLAC_CHANNELS {
            true => self,
            false => Self::Wav,
        }
    }
}

/// A file of sound under way.
pub struct AudioWriter {
    encoder: Encoder,
    n_clipped: u64,
}

enum Encoder {
    Flac(Box<FlacWriter>),
    Wav(WavWriter),
}

impl AudioWriter {
    /// Begins a file at its start.
    ///
    /// # Errors
    /// Of the file; [`io::ErrorKind::InvalidInput`] for sound that the format cannot hold.
    pub fn new(
        file: File,
        format: SoundFormat,
        rate_hz: u32,
        n_channels: usize,
    ) -> io::Result<Self> {
        let encoder = match format {
            SoundFormat::Flac => {
                Encoder::Flac(Box::new(FlacWriter::new(file, rate_hz, n_channels)?))
            }
            SoundFormat::Wav => Encoder::Wav(WavWriter::new(file, rate_hz, n_channels)?),
        };
        Ok(Self {
            encoder,
            n_clipped: 0,
        })
    }

    /// Takes the next samples, one vector a channel.
    ///
    /// # Errors
    /// Of the file.
    pub fn write(&mut self, channels: &[Vec<f32>]) -> io::Result<()> {
        match &mut self.encoder {
            Encoder::Flac(writer) => {
                self.n_clipped += writer.write(channels)?;
                Ok(())
            }
            Encoder::Wav(writer) => writer.write(channels),
        }
    }

    /// Ends the file; returns how many samples lay beyond full scale and were cut.
    ///
    /// # Errors
    /// Of the file.
    pub fn finish(self) -> io::Result<u64> {
        match self.encoder {
            Encoder::Flac(writer) => writer.finish()?,
            Encoder::Wav(writer) => writer.finish()?,
        }
        Ok(self.n_clipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Waveform;

    fn written(format: SoundFormat, channels: &[Vec<f32>], cut: usize) -> (Waveform, u64) {
        let file = tempfile::Builder::new()
            .suffix(&format!(".{}", format.ending()))
            .tempfile()
            .unwrap();
        let copy = file.as_file().try_clone().unwrap();
        let mut writer = AudioWriter::new(copy, format, 22_050, channels.len()).unwrap();
        let n = channels[0].len();
        for start in (0..n).step_by(cut) {
            let end = n.min(start + cut);
            let block: Vec<_> = channels.iter().map(|c| c[start..end].to_vec()).collect();
            writer.write(&block).unwrap();
        }
        let n_clipped = writer.finish().unwrap();
        let head = std::fs::read(file.path()).unwrap();
        let head = &head[..head.len().min(4096)];
        assert!(head.windows(MARK.len()).any(|it| it == MARK.as_bytes()));
        (Waveform::read(file.path()).unwrap(), n_clipped)
    }

    fn sound(n: usize) -> Vec<Vec<f32>> {
        let channel = |hz: f32| (0..n).map(|i| 0.9 * (hz * i as f32).sin()).collect();
        vec![channel(0.05), channel(0.11)]
    }

    #[test]
    fn files_are_read_back_as_they_were_written() {
        for n in [1, 4096, 10_007] {
            let sound = sound(n);
            for (format, tolerance) in [(SoundFormat::Wav, 0.0), (SoundFormat::Flac, 2e-7)] {
                for cut in [1000, 20_000] {
                    let (found, n_clipped) = written(format, &sound, cut);
                    assert_eq!((found.rate_hz, n_clipped), (22_050, 0), "{format:?}");
                    for (found, expected) in found.channels.iter().zip(&sound) {
                        assert_eq!(found.len(), n, "{format:?}");
                        let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
                        assert!(differences.fold(0.0, f32::max) <= tolerance, "{format:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_beyond_full_scale_is_cut_in_flac_and_told() {
        let loud = vec![vec![0.5, 1.5, -2.0, 1.0]];
        let (found, n_clipped) = written(SoundFormat::Flac, &loud, 4);
        assert_eq!(n_clipped, 3);
        assert!(found.channels[0][1] > 0.9999 && found.channels[0][2] == -1.0);
        let (found, n_clipped) = written(SoundFormat::Wav, &loud, 4);
        assert_eq!((found.channels, n_clipped), (loud, 0));
    }

    #[test]
    fn sound_that_flac_cannot_hold_becomes_wav() {
        assert_eq!(SoundFormat::Flac.for_sound(44_100, 2), SoundFormat::Flac);
        assert_eq!(SoundFormat::Flac.for_sound(192_000, 2), SoundFormat::Wav);
        assert_eq!(SoundFormat::Flac.for_sound(44_100, 9), SoundFormat::Wav);
    }
}
