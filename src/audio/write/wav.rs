//! WAV of 32-bit floating point; beyond 4 GiB RF64 (EBU 3306), whose sizes have 64 bits.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use super::MARK;

/// Bytes of a sample.
const SAMPLE: u64 = 4;

/// A WAV file under way.
pub(super) struct WavWriter {
    file: BufWriter<File>,
    rate_hz: u32,
    n_channels: u16,
    /// Bytes of samples so far.
    n_bytes: u64,
}

impl WavWriter {
    pub fn new(file: File, rate_hz: u32, n_channels: usize) -> io::Result<Self> {
        let n_channels = u16::try_from(n_channels)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let mut writer = Self {
            file: BufWriter::new(file),
            rate_hz,
            n_channels,
            n_bytes: 0,
        };
        let header = writer.header();
        writer.file.write_all(&header)?;
        Ok(writer)
    }

    pub fn write(&mut self, channels: &[Vec<f32>]) -> io::Result<()> {
        let n_samples = channels.first().map_or(0, Vec::len);
        for i in 0..n_samples {
            for channel in channels {
                self.file.write_all(&channel[i].to_le_bytes())?;
            }
        }
        self.n_bytes += SAMPLE * (n_samples * channels.len()) as u64;
        Ok(())
    }

    pub fn finish(mut self) -> io::Result<()> {
        let header = self.header();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        self.file.flush()
    }

    /// The same number of bytes for every length: sizes of 64 bits have their place from the start.
    fn header(&self) -> Vec<u8> {
        let body = self.chunks();
        // What follows the first eight bytes, then what follows the header.
        let whole = 4 + body.len() as u64 + 8 + self.n_bytes;
        let is_long = whole > u64::from(u32::MAX);
        let short = |size: u64| u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
        let mut header = Vec::new();
        header.extend(if is_long { b"RF64" } else { b"RIFF" });
        header.extend(short(whole));
        header.extend(b"WAVE");
        header.extend(body);
        header.extend(b"data");
        header.extend(short(self.n_bytes));
        if is_long {
            header[12..16].copy_from_slice(b"ds64");
            header[20..28].copy_from_slice(&whole.to_le_bytes());
            header[28..36].copy_from_slice(&self.n_bytes.to_le_bytes());
        }
        header
    }

    /// The chunks ahead of the samples: room for long sizes, the format, and who wrote it.
    fn chunks(&self) -> Vec<u8> {
        let mut format = Vec::new();
        let frame = self.n_channels * SAMPLE as u16;
        format.extend(3u16.to_le_bytes()); // floating point
        format.extend(self.n_channels.to_le_bytes());
        format.extend(self.rate_hz.to_le_bytes());
        format.extend((self.rate_hz.saturating_mul(u32::from(frame))).to_le_bytes());
        format.extend(frame.to_le_bytes());
        format.extend((8 * SAMPLE as u16).to_le_bytes());
        let mut chunks = chunk(b"JUNK", &[0; 28]);
        chunks.extend(chunk(b"fmt ", &format));
        let software = chunk(b"ISFT", MARK.as_bytes());
        chunks.extend(chunk(b"LIST", &[&b"INFO"[..], &software].concat()));
        chunks
    }
}

/// A chunk: name, size, content, and a byte that makes it even.
fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut chunk = name.to_vec();
    chunk.extend((content.len() as u32).to_le_bytes());
    chunk.extend(content);
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_has_sizes_of_64_bits_in_a_header_as_long() {
        let file = tempfile::tempfile().unwrap();
        let mut writer = WavWriter::new(file, 44_100, 2).unwrap();
        let short = writer.header();
        assert_eq!(&short[..4], b"RIFF");
        writer.n_bytes = 5 << 30;
        let long = writer.header();
        assert_eq!(long.len(), short.len());
        assert_eq!((&long[..4], &long[12..16]), (&b"RF64"[..], &b"ds64"[..]));
        assert_eq!(long[28..36], (5u64 << 30).to_le_bytes());
        assert_eq!(long[long.len() - 4..], [255; 4]);
    }
}
