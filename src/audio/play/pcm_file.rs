//! Sound as samples on disk, any of which can be read at once.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use super::notice::PlayNotice;
use crate::audio::AudioReader;
use crate::files::shown;

/// Channels that are kept.
const STEREO: usize = 2;
const BYTES_PER_SAMPLE: usize = 2;
const FULL_SCALE: f32 = 32_768.0;
/// Gain of a center or surround channel in a stereo sum (ITU-R BS.775).
const SIDE_GAIN: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Sound on its way into an unlinked temporary file: decoded in the background, or written block by block.
///
/// The file holds 16-bit samples at the sound's own rate, one channel or two; more are folded to
/// stereo. Whatever is there can be read while the rest comes.
pub struct PcmFile {
    file: Option<File>,
    state: Arc<PcmState>,
}

/// The end of a [`PcmFile`] that sound is put in at; no more comes once it is dropped.
pub struct PcmWriter {
    file: File,
    n_channels: usize,
    state: Arc<PcmState>,
}

/// Rate and channels of the samples in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PcmShape {
    rate_hz: u32,
    n_channels: usize,
}

/// What the decoding thread tells.
#[derive(Default)]
struct PcmState {
    shape: OnceLock<PcmShape>,
    n_frames: AtomicU64,
    finished: AtomicBool,
    abandoned: AtomicBool,
    notices: Mutex<Vec<PlayNotice>>,
}

impl PcmFile {
    /// Starts decoding one of the file's tracks of sound, the default one without a number; returns
    /// at once. Trouble comes as notices.
    pub fn open(path: &Path, track: Option<usize>) -> Self {
        let state = Arc::new(PcmState::default());
        let file = tempfile::tempfile().and_then(|file| Ok((file.try_clone()?, file)));
        let (writer, file) = match file {
            Ok((writer, file)) => (writer, file),
            Err(error) => return Self::failed(state, disk_notice(&error, 0.0)),
        };
        let (path, decoding) = (path.to_path_buf(), state.clone());
        let thread = thread::Builder::new().name("pcm_file".into());
        match thread.spawn(move || decode(path, track, writer, decoding)) {
            Ok(_) => Self {
                file: Some(file),
                state,
            },
            Err(_) => Self::failed(state, PlayNotice::NoThread),
        }
    }

    /// An empty file of sound that somebody else makes, and where it is put in.
    ///
    /// # Errors
    /// Of the disk.
    pub fn to_be_written(rate_hz: u32, n_channels: usize) -> io::Result<(Self, PcmWriter)> {
        let state = Arc::new(PcmState::default());
        let file = tempfile::tempfile()?;
        let writer = PcmWriter::new(file.try_clone()?, (rate_hz, n_channels), &state);
        let file = Some(file);
        Ok((Self { file, state }, writer))
    }

    fn failed(state: Arc<PcmState>, notice: PlayNotice) -> Self {
        state.notices().push(notice);
        state.finished.store(true, Ordering::Release);
        Self { file: None, state }
    }

    /// Sampling rate in Hz; `None` until the file is open, and if it never opens.
    pub fn rate_hz(&self) -> Option<u32> {
        self.state.shape.get().map(|shape| shape.rate_hz)
    }

    /// Frames that can be read by now.
    pub fn n_frames(&self) -> u64 {
        self.state.n_frames.load(Ordering::Acquire)
    }

    /// Whether no more frames will come.
    pub fn is_finished(&self) -> bool {
        self.state.finished.load(Ordering::Acquire)
    }

    /// Whether the frames before `end` can be read, or will never come.
    pub fn is_ready(&self, end: i64) -> bool {
        self.is_finished() || self.holds(end)
    }

    /// Whether the frames before `end` can be read.
    pub fn holds(&self, end: i64) -> bool {
        end <= self.n_frames() as i64
    }

    /// Takes what went wrong since the last call.
    pub fn take_notices(&self) -> Vec<PlayNotice> {
        std::mem::take(&mut self.state.notices())
    }

    /// Reads frames from `start` on, left and right; silence outside of the recording.
    ///
    /// The slices have one length; a mono recording is the same on both sides.
    pub fn read(&self, start: i64, left: &mut [f32], right: &mut [f32]) {
        left.fill(0.0);
        right.fill(0.0);
        let (Some(shape), Some(file)) = (self.state.shape.get(), &self.file) else {
            return;
        };
        let skipped = (-start).clamp(0, left.len() as i64) as usize;
        let first = start.max(0) as u64;
        let there = self.n_frames().saturating_sub(first) as usize;
        let n_frames = there.min(left.len() - skipped);
        let frame_bytes = shape.n_channels * BYTES_PER_SAMPLE;
        let mut bytes = vec![0; n_frames * frame_bytes];
        if read_at(file, &mut bytes, first * frame_bytes as u64).is_err() {
            return;
        }
        for (i, frame) in bytes.chunks_exact(frame_bytes).enumerate() {
            left[skipped + i] = sample(&frame[..BYTES_PER_SAMPLE]);
            right[skipped + i] = sample(&frame[frame_bytes - BYTES_PER_SAMPLE..]);
        }
    }
}

impl Drop for PcmFile {
    fn drop(&mut self) {
        self.state.abandoned.store(true, Ordering::Relaxed);
    }
}

impl PcmState {
    fn notices(&self) -> MutexGuard<'_, Vec<PlayNotice>> {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sample(bytes: &[u8]) -> f32 {
    f32::from(i16::from_le_bytes([bytes[0], bytes[1]])) / FULL_SCALE
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    let mut n_read = 0;
    while n_read < bytes.len() {
        let rest = &mut bytes[n_read..];
        match std::os::windows::fs::FileExt::seek_read(file, rest, at + n_read as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            more => n_read += more,
        }
    }
    Ok(())
}

impl PcmWriter {
    fn new(file: File, (rate_hz, n_channels): (u32, usize), state: &Arc<PcmState>) -> Self {
        let n_channels = n_channels.min(STEREO);
        let _ = state.shape.set(PcmShape {
            rate_hz,
            n_channels,
        });
        Self {
            file,
            n_channels,
            state: Arc::clone(state),
        }
    }

    /// Adds samples, channel by channel.
    ///
    /// # Errors
    /// Of the disk.
    pub fn push(&mut self, block: Vec<Vec<f32>>) -> io::Result<()> {
        let kept = fold(block);
        debug_assert_eq!(kept.len(), self.n_channels);
        self.file.write_all(&to_bytes(&kept))?;
        let n_frames = kept.first().map_or(0, Vec::len) as u64;
        self.state.n_frames.fetch_add(n_frames, Ordering::Release);
        Ok(())
    }
}

impl Drop for PcmWriter {
    fn drop(&mut self) {
        self.state.finished.store(true, Ordering::Release);
    }
}

/// The decoding thread.
fn decode(path: PathBuf, track: Option<usize>, file: File, state: Arc<PcmState>) {
    let mut writer = None;
    let run = std::panic::AssertUnwindSafe(|| write_all(&path, track, file, &state, &mut writer));
    let notice = match std::panic::catch_unwind(run) {
        Ok(Ok(())) => None,
        Ok(Err(notice)) => Some(notice),
        Err(_) => Some(PlayNotice::Recording(format!(
            "{} could not be decoded to its end because of a bug; please report it",
            shown(&path)
        ))),
    };
    state.notices().extend(notice);
    drop(writer);
    // there is no writer where the file could not be opened
    state.finished.store(true, Ordering::Release);
}

fn write_all(
    path: &Path,
    track: Option<usize>,
    file: File,
    state: &Arc<PcmState>,
    writer: &mut Option<PcmWriter>,
) -> Result<(), PlayNotice> {
    let unreadable = |error: crate::audio::AudioError| PlayNotice::Recording(error.to_string());
    let mut reader = AudioReader::open_track(path, track).map_err(unreadable)?;
    let shape = (reader.info().rate_hz, reader.info().n_channels);
    let writer = writer.insert(PcmWriter::new(file, shape, state));
    while let Some(block) = reader.next_block().map_err(unreadable)? {
        if state.abandoned.load(Ordering::Relaxed) {
            break;
        }
        let secs = state.n_frames.load(Ordering::Relaxed) as f64 / f64::from(shape.0);
        writer
            .push(block)
            .map_err(|error| disk_notice(&error, secs))?;
    }
    Ok(())
}

fn disk_notice(error: &io::Error, secs: f64) -> PlayNotice {
    PlayNotice::Disk {
        found: error.to_string(),
        secs,
    }
}

/// Interleaved 16-bit samples.
fn to_bytes(channels: &[Vec<f32>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(channels[0].len() * channels.len() * BYTES_PER_SAMPLE);
    for i in 0..channels[0].len() {
        for channel in channels {
            let rounded = (channel[i] * FULL_SCALE).round();
            let limited = rounded.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
            bytes.extend(limited.to_le_bytes());
        }
    }
    bytes
}

/// At most two channels: more are summed, so that no sum can be louder than its parts.
fn fold(channels: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
    if channels.len() <= STEREO {
        return channels;
    }
    let side = |side: usize| {
        let gains: Vec<f32> = (0..channels.len())
            .map(|i| fold_gain(i, channels.len(), side))
            .collect();
        let scale = 1.0 / gains.iter().sum::<f32>();
        let at = |i: usize| -> f32 { gains.iter().zip(&channels).map(|(g, c)| g * c[i]).sum() };
        (0..channels[0].len()).map(|i| scale * at(i)).collect()
    };
    vec![side(0), side(1)]
}

/// Gain of channel `i` of `n` in the left (0) or right (1) sum, in the order of WAV:
/// left, right, center, low frequencies, then pairs; four channels are two pairs.
fn fold_gain(i: usize, n: usize, side: usize) -> f32 {
    match i {
        0 | 1 => f32::from(u8::from(i == side)),
        2 if n != 4 => SIDE_GAIN,
        3 if n > 4 => 0.0,
        _ => SIDE_GAIN * f32::from(u8::from(i % 2 == side)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_channels_are_folded_to_their_sides_without_getting_louder() {
        let quad = fold(vec![vec![1.0], vec![0.0], vec![1.0], vec![0.0]]);
        assert!((quad[0][0] - 1.0).abs() < 1e-6 && quad[1][0] == 0.0);
        let mut surround = vec![vec![0.0]; 6];
        surround[2] = vec![1.0];
        let center = fold(surround.clone());
        assert!(center[0] == center[1] && center[0][0] > 0.25);
        surround[3] = vec![1.0];
        assert_eq!(fold(surround), center);
    }

    #[test]
    fn a_missing_file_is_a_notice_and_silence() {
        let pcm_file = PcmFile::open(Path::new("/no/such/recording.wav"), None);
        while !pcm_file.is_finished() {
            thread::sleep(std::time::Duration::from_millis(1));
        }
        assert_eq!(pcm_file.rate_hz(), None);
        assert!(
            pcm_file.take_notices()[0]
                .to_string()
                .contains("recording.wav")
        );
        let mut sides = [[1.0; 4], [1.0; 4]];
        let [left, right] = &mut sides;
        pcm_file.read(-2, left, right);
        assert_eq!(sides, [[0.0; 4]; 2]);
    }
}
