//! FLAC, frame by frame; the header is written again once all is known.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, MetadataBlockData, Stream, StreamInfo};
use flacenc::config::Encoder;
use flacenc::encode_fixed_size_frame;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};

use super::MARK;

/// Bits of a sample.
const BITS: usize = 24;

/// Samples of a channel in a frame.
const FRAME: usize = 4096;

/// A FLAC file under way.
pub(super) struct FlacWriter {
    file: BufWriter<File>,
    config: Verified<Encoder>,
    info: StreamInfo,
    frame: FrameBuf,
    context: Context,
    n_channels: usize,
    /// Interleaved samples that fill no frame yet.
    waiting: Vec<i32>,
}

impl FlacWriter {
    pub fn new(file: File, rate_hz: u32, n_channels: usize) -> io::Result<Self> {
        let config = Encoder::default().into_verified();
        let mut info = StreamInfo::new(rate_hz as usize, n_channels, BITS).map_err(refused)?;
        info.set_block_sizes(FRAME, FRAME).map_err(refused)?;
        let mut writer = Self {
            file: BufWriter::new(file),
            config: config.map_err(|(_, error)| refused(error))?,
            frame: FrameBuf::with_size(n_channels, FRAME).map_err(refused)?,
            context: Context::new(BITS, n_channels),
            info,
            n_channels,
            waiting: Vec::new(),
        };
        writer.write_header()?;
        Ok(writer)
    }

    /// Returns how many samples were cut to full scale.
    pub fn write(&mut self, channels: &[Vec<f32>]) -> io::Result<u64> {
        let n_samples = channels.first().map_or(0, Vec::len);
        let mut n_clipped = 0;
        for i in 0..n_samples {
            for channel in channels {
                let (sample, is_whole) = rounded(channel[i]);
                self.waiting.push(sample);
                n_clipped += u64::from(!is_whole);
            }
        }
        let frame_len = FRAME * self.n_channels;
        let whole = self.waiting.len() / frame_len * frame_len;
        let samples: Vec<i32> = self.waiting.drain(..whole).collect();
        for frame in samples.chunks_exact(frame_len) {
            self.write_frame(frame)?;
        }
        Ok(n_clipped)
    }

    pub fn finish(mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.waiting);
        if !rest.is_empty() {
            self.write_frame(&rest)?;
        }
        self.info.set_md5_digest(&self.context.md5_digest());
        self.info.set_total_samples(self.context.total_samples());
        self.file.seek(SeekFrom::Start(0))?;
        self.write_header()?;
        self.file.flush()
    }

    fn write_frame(&mut self, samples: &[i32]) -> io::Result<()> {
        self.frame.fill_interleaved(samples).map_err(failed)?;
        self.context.fill_interleaved(samples).map_err(failed)?;
        let number = self.context.current_frame_number().unwrap_or(0);
        let frame = encode_fixed_size_frame(&self.config, &self.frame, number, &self.info);
        let frame = frame.map_err(failed)?;
        self.info.update_frame_info(&frame);
        let mut sink = ByteSink::new();
        frame.write(&mut sink).map_err(failed)?;
        self.file.write_all(sink.as_slice())
    }

    /// Marker, stream information and the mark; always as long.
    fn write_header(&mut self) -> io::Result<()> {
        let mut stream = Stream::with_stream_info(self.info.clone());
        stream.add_metadata_block(comment()?);
        let mut sink = ByteSink::new();
        stream.write(&mut sink).map_err(failed)?;
        self.file.write_all(sink.as_slice())
    }
}

/// A comment block that names the writer and holds no comments.
fn comment() -> io::Result<MetadataBlockData> {
    const VORBIS_COMMENT: u8 = 4;
    let mut data = (MARK.len() as u32).to_le_bytes().to_vec();
    data.extend_from_slice(MARK.as_bytes());
    data.extend_from_slice(&0u32.to_le_bytes());
    MetadataBlockData::new_unknown(VORBIS_COMMENT, &data).map_err(refused)
}

fn failed(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

/// A sample in 24 bits, and whether it lay within full scale.
fn rounded(sample: f32) -> (i32, bool) {
    const TOP: f64 = (1 << (BITS - 1)) as f64;
    let scaled = (f64::from(sample) * TOP).round();
    let cut = scaled.clamp(-TOP, TOP - 1.0);
    (cut as i32, cut == scaled)
}
