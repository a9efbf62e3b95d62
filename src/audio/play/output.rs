//! The device, or a clock that plays to nobody.

use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, Device, ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig};

use super::callback::{Callback, Supply, ring};

/// Length of the ring in seconds.
const RING_SECS: u32 = 1;
/// Smaller buffers, and the default, have stalled on PulseAudio.
const BUFFER_FRAMES: u32 = 1024;
const SILENT_RATE_HZ: u32 = 48_000;
/// A silent clock that was held up for longer does not catch up.
const MAX_CATCH_UP_SECS: f64 = 0.5;

/// Where the sound goes.
pub struct OutputDevice {
    /// The ring that feeds it.
    pub supply: Supply,
    /// Its rate in Hz.
    pub rate_hz: u32,
    /// Name of the device; `None` on the silent clock.
    pub label: Option<String>,
    sink: Sink,
}

enum Sink {
    /// Plays until it is dropped.
    Device(#[expect(dead_code, reason = "held, since dropping it ends the sound")] cpal::Stream),
    Silent(SilentClock),
}

/// Takes frames at the device's pace and drops them.
struct SilentClock {
    callback: Callback,
    /// Time up to which frames were taken, in seconds of the stream's clock.
    done_secs: f64,
}

impl OutputDevice {
    /// Opens a device by name, or the system's default one, and starts it.
    ///
    /// `epoch` is zero on the clock of the frames' times. `on_loss` is called
    /// on a thread of cpal's when the device plays no more.
    ///
    /// # Errors
    /// What is missing, as the system says it.
    pub fn open(
        name: Option<&str>,
        epoch: Instant,
        on_loss: impl Fn() + Clone + Send + 'static,
    ) -> Result<Self, String> {
        let device = find(name).ok_or("there is no such device")?;
        let label = label(&device);
        let config = device
            .default_output_config()
            .map_err(|error| error.to_string())?;
        let rate_hz = config.sample_rate();
        let mut found = String::new();
        for buffer_size in [BufferSize::Fixed(BUFFER_FRAMES), BufferSize::Default] {
            let (supply, callback) = ring((RING_SECS * rate_hz) as usize, rate_hz);
            let shape = StreamConfig {
                channels: config.channels(),
                sample_rate: rate_hz,
                buffer_size,
            };
            let tap = Tap { callback, epoch };
            match start(&device, config.sample_format(), shape, tap, on_loss.clone()) {
                Ok(stream) => {
                    let sink = Sink::Device(stream);
                    return Ok(Self {
                        supply,
                        rate_hz,
                        label: Some(label),
                        sink,
                    });
                }
                Err(error) => found = error.to_string(),
            }
        }
        Err(found)
    }

    /// The silent clock.
    pub fn silent(epoch: Instant) -> Self {
        let (supply, callback) = ring((RING_SECS * SILENT_RATE_HZ) as usize, SILENT_RATE_HZ);
        let clock = SilentClock {
            callback,
            done_secs: epoch.elapsed().as_secs_f64(),
        };
        Self {
            supply,
            rate_hz: SILENT_RATE_HZ,
            label: None,
            sink: Sink::Silent(clock),
        }
    }

    /// Lets the silent clock go on to `now`; a device goes by itself.
    pub fn tick(&mut self, now: f64) {
        if let Sink::Silent(clock) = &mut self.sink {
            clock.tick(now);
        }
    }
}

impl SilentClock {
    fn tick(&mut self, now: f64) {
        if now - self.done_secs > MAX_CATCH_UP_SECS {
            self.done_secs = now;
        }
        let rate = f64::from(SILENT_RATE_HZ);
        let n_due = ((now - self.done_secs) * rate) as usize;
        self.callback.fill(n_due, self.done_secs, |_, _| ());
        self.done_secs += n_due as f64 / rate;
    }
}

/// Names of the devices that can play.
pub fn devices() -> Vec<String> {
    let mut names = Vec::new();
    for device in cpal::default_host().output_devices().into_iter().flatten() {
        let name = label(&device);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn find(name: Option<&str>) -> Option<Device> {
    let host = cpal::default_host();
    match name {
        None => host.default_output_device(),
        Some(name) => host
            .output_devices()
            .ok()?
            .find(|device| label(device) == name),
    }
}

fn label(device: &Device) -> String {
    match device.description() {
        Ok(description) => description.name().to_owned(),
        Err(_) => "a device without a name".to_owned(),
    }
}

/// The callback's state.
struct Tap {
    callback: Callback,
    epoch: Instant,
}

impl Tap {
    /// Fills the device's buffer: two channels, or their mean, and silence in others.
    fn fill<T: SizedSample + FromSample<f32>>(
        &mut self,
        buffer: &mut [T],
        n_channels: usize,
        latency: Duration,
    ) {
        let heard_at = (self.epoch.elapsed() + latency).as_secs_f64();
        let n_frames = buffer.len() / n_channels;
        self.callback.fill(n_frames, heard_at, |i, [left, right]| {
            let frame = &mut buffer[i * n_channels..(i + 1) * n_channels];
            match frame {
                [mono] => *mono = T::from_sample(0.5 * (left + right)),
                [first, second, others @ ..] => {
                    *first = T::from_sample(left);
                    *second = T::from_sample(right);
                    others.fill(T::EQUILIBRIUM);
                }
                [] => {}
            }
        });
    }
}

/// Starts a stream in the device's own format.
fn start(
    device: &Device,
    format: SampleFormat,
    shape: StreamConfig,
    tap: Tap,
    on_loss: impl Fn() + Send + 'static,
) -> Result<cpal::Stream, cpal::Error> {
    let stream = match format {
        SampleFormat::F64 => build::<f64>(device, shape, tap, on_loss),
        SampleFormat::I16 => build::<i16>(device, shape, tap, on_loss),
        SampleFormat::U16 => build::<u16>(device, shape, tap, on_loss),
        SampleFormat::I32 => build::<i32>(device, shape, tap, on_loss),
        SampleFormat::U8 => build::<u8>(device, shape, tap, on_loss),
        // The system converts from what nearly every one of them takes.
        _ => build::<f32>(device, shape, tap, on_loss),
    }?;
    stream.play()?;
    Ok(stream)
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &Device,
    shape: StreamConfig,
    mut tap: Tap,
    on_loss: impl Fn() + Send + 'static,
) -> Result<cpal::Stream, cpal::Error> {
    let n_channels = usize::from(shape.channels).max(1);
    device.build_output_stream(
        shape,
        move |buffer: &mut [T], info: &cpal::OutputCallbackInfo| {
            let stamp = info.timestamp();
            let latency = stamp.playback.saturating_duration_since(stamp.callback);
            tap.fill(buffer, n_channels, latency);
        },
        move |error: cpal::Error| {
            if !is_harmless(error.kind()) {
                on_loss();
            }
        },
        None,
    )
}

/// Whether the stream goes on by itself.
fn is_harmless(kind: ErrorKind) -> bool {
    use ErrorKind::{DeviceChanged, RealtimeDenied, Xrun};
    matches!(kind, DeviceChanged | RealtimeDenied | Xrun)
}
