//! Other sampling rates.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

use super::error::AudioError;

/// Rates that can be converted, in Hz.
pub const MIN_RATE_HZ: u32 = 100;
pub const MAX_RATE_HZ: u32 = 1_000_000;

/// Length of the anti-aliasing filter in samples of the lower rate, at least.
///
/// Its transition band is about 8 / 512 of the lower rate wide.
const MIN_FILTER_LEN: usize = 512;

/// Converts a mono stream to another rate, band-limited and without delay.
///
/// Sample `i` of the output is at `i / to_hz` seconds; `n` samples become
/// `ceil(n * to_hz / from_hz)`. The sound is silent outside of the stream. How the
/// input is cut into blocks does not change a bit of the output. Works by
/// overlap-add in the frequency domain, with a windowed sinc as filter.
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    /// `None` when the rates are equal.
    fft: Option<Fft<f32>>,
    /// Input that does not fill a block yet.
    waiting: Vec<f32>,
    n_in: u64,
    n_out: u64,
    /// Samples of the filter's delay still to be dropped.
    delay: usize,
}

impl Resampler {
    /// A resampler at the start of a stream.
    ///
    /// # Errors
    /// [`AudioError::Rate`] for rates outside of 100 Hz to 1 MHz.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, AudioError> {
        let possible = MIN_RATE_HZ..=MAX_RATE_HZ;
        if !possible.contains(&from_hz) || !possible.contains(&to_hz) {
            return Err(AudioError::Rate { from_hz, to_hz });
        }
        let fft = match from_hz == to_hz {
            true => None,
            false => Some(fft(from_hz, to_hz).ok_or(AudioError::Rate { from_hz, to_hz })?),
        };
        Ok(Self {
            from_hz,
            to_hz,
            delay: fft.as_ref().map_or(0, |it| it.output_delay()),
            fft,
            waiting: Vec::new(),
            n_in: 0,
            n_out: 0,
        })
    }

    /// Takes samples at the old rate; returns what is ready at the new one.
    pub fn push(&mut self, input: &[f32]) -> Vec<f32> {
        self.n_in += input.len() as u64;
        if self.fft.is_none() {
            self.n_out = self.n_in;
            return input.to_vec();
        }
        self.waiting.extend_from_slice(input);
        let output = self.convert_waiting();
        self.deliver(output)
    }

    /// Returns the rest of the stream; the next push begins a new one.
    pub fn finish(&mut self) -> Vec<f32> {
        let total = (self.n_in * u64::from(self.to_hz)).div_ceil(u64::from(self.from_hz));
        let mut output = Vec::new();
        while self.n_out < total && self.block_len() > 0 {
            let full = self.waiting.len() / self.block_len() + 1;
            self.waiting.resize(full * self.block_len(), 0.0);
            let block = self.convert_waiting();
            output.extend(self.deliver(block));
        }
        let surplus = self.n_out.saturating_sub(total) as usize;
        output.truncate(output.len() - surplus.min(output.len()));
        self.restart();
        output
    }

    fn block_len(&self) -> usize {
        self.fft.as_ref().map_or(0, |it| it.input_frames_next())
    }

    /// Converts every full block that waits.
    fn convert_waiting(&mut self) -> Vec<f32> {
        let Some(fft) = &mut self.fft else {
            return Vec::new();
        };
        let (n_in, n_out) = (fft.input_frames_next(), fft.output_frames_next());
        let mut output = vec![0.0; self.waiting.len() / n_in * n_out];
        let blocks = self.waiting.chunks_exact(n_in);
        for (block, converted) in blocks.zip(output.chunks_exact_mut(n_out)) {
            convert(fft, block, converted);
        }
        self.waiting.drain(..self.waiting.len() / n_in * n_in);
        output
    }

    /// Drops the filter's delay from the start of the stream.
    fn deliver(&mut self, mut output: Vec<f32>) -> Vec<f32> {
        let dropped = self.delay.min(output.len());
        output.drain(..dropped);
        self.delay -= dropped;
        self.n_out += output.len() as u64;
        output
    }

    fn restart(&mut self) {
        if let Some(fft) = &mut self.fft {
            fft.reset();
            self.delay = fft.output_delay();
        }
        self.waiting.clear();
        (self.n_in, self.n_out) = (0, 0);
    }
}

/// A resampler whose filter is long enough, and whose delay is a whole number of
/// samples at both rates (hence the even factor).
fn fft(from_hz: u32, to_hz: u32) -> Option<Fft<f32>> {
    let divisor = gcd(from_hz, to_hz);
    let (step_in, step_out) = ((from_hz / divisor) as usize, (to_hz / divisor) as usize);
    let factor = MIN_FILTER_LEN
        .div_ceil(step_in.min(step_out))
        .next_multiple_of(2);
    Fft::new_custom(
        from_hz as usize,
        to_hz as usize,
        factor * step_in,
        1,
        1,
        WindowFunction::BlackmanHarris,
        FixedSync::Both,
    )
    .ok()
}

/// Converts one block; the slices have the lengths that `fft` asks for.
fn convert(fft: &mut Fft<f32>, block: &[f32], converted: &mut [f32]) {
    let (n_in, n_out) = (block.len(), converted.len());
    let input = SequentialSlice::new(block, 1, n_in);
    let output = SequentialSlice::new_mut(converted, 1, n_out);
    if let (Ok(input), Ok(mut output)) = (input, output) {
        let result = fft.process_into_buffer(&input, &mut output, None);
        debug_assert!(result.is_ok(), "{result:?}");
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
