//! What the device would play, rendered without one.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use realfft::RealFftPlanner;

use super::callback::ring;
use super::mixer::{Heard, MixerSettings};
use super::pcm_file::{PcmFile, PcmWriter};
use super::render::{Rendered, RenderedPiece, Renderer};
use super::sources::Sources;
use super::tone::Melody;
use super::transport::Course;
use crate::melody::pitch::cents_between;
use crate::melody::{F0Frame, F0Track, FrameGrid, Note};

const RATE_HZ: u32 = 44_100;

/// A recording of one channel, wholly decoded.
fn recording(rate_hz: u32, samples: &[f32]) -> Arc<PcmFile> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.wav");
    write(&path, rate_hz, samples);
    let pcm_file = PcmFile::open(&path, None);
    while !pcm_file.is_finished() {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(pcm_file.take_notices(), []);
    Arc::new(pcm_file)
}

fn write(path: &Path, rate_hz: u32, samples: &[f32]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for sample in samples {
        writer
            .write_sample((sample * 32_768.0).round() as i16)
            .unwrap();
    }
    writer.finalize().unwrap();
}

fn sine(rate_hz: u32, hz: f64, secs: f64) -> Vec<f32> {
    let n_samples = (secs * f64::from(rate_hz)) as usize;
    let phase = |i: usize| TAU * hz * i as f64 / f64::from(rate_hz);
    (0..n_samples)
        .map(|i| 0.5 * phase(i).sin() as f32)
        .collect()
}

/// How a recording is rendered in a test.
struct Take {
    course: Course,
    speed: f64,
    device_hz: u32,
    melody: Melody,
    mixer: MixerSettings,
    vocals: Option<Arc<PcmFile>>,
    /// Stops after so many frames.
    n_most: usize,
}

impl Default for Take {
    fn default() -> Self {
        Self {
            course: Course::default(),
            speed: 1.0,
            device_hz: RATE_HZ,
            melody: Melody::default(),
            mixer: MixerSettings::default(),
            vocals: None,
            n_most: usize::MAX,
        }
    }
}

impl Take {
    fn renderer(&self, pcm_file: &Arc<PcmFile>) -> Renderer {
        let rates_hz = (pcm_file.rate_hz().unwrap(), self.device_hz);
        Renderer::new(
            Sources::new(pcm_file.clone(), self.vocals.clone()),
            rates_hz,
            self.course,
            self.speed,
            &self.mixer,
        )
        .unwrap()
    }

    /// Frames and where they belong.
    fn play(&self, pcm_file: &Arc<PcmFile>) -> (Vec<[f32; 2]>, Vec<RenderedPiece>) {
        self.go_on(&mut self.renderer(pcm_file))
    }

    fn go_on(&self, renderer: &mut Renderer) -> (Vec<[f32; 2]>, Vec<RenderedPiece>) {
        let (mut frames, mut pieces) = (VecDeque::new(), Vec::new());
        while frames.len() < self.n_most {
            let rendered = renderer.render(&self.melody, &self.mixer, &mut frames, &mut pieces);
            assert_ne!(rendered, Rendered::Wait);
            if rendered == Rendered::End {
                break;
            }
        }
        (frames.into(), pieces)
    }
}

fn left(frames: &[[f32; 2]]) -> Vec<f32> {
    frames.iter().map(|frame| frame[0]).collect()
}

fn largest_step(samples: &[f32]) -> f32 {
    let steps = samples.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    steps.fold(0.0, f32::max)
}

/// Frequency of the strongest partial: parabola through the peak of a log spectrum.
fn pitch_hz(samples: &[f32], rate_hz: u32) -> f64 {
    let n = 1 << samples.len().ilog2();
    let hann = |i: usize| 0.5 - 0.5 * (TAU * i as f64 / n as f64).cos();
    let mut windowed: Vec<f64> = (0..n).map(|i| hann(i) * f64::from(samples[i])).collect();
    let fft = RealFftPlanner::new().plan_fft_forward(n);
    let mut spectrum = fft.make_output_vec();
    fft.process(&mut windowed, &mut spectrum).unwrap();
    let level = |bin: usize| spectrum[bin].norm_sqr().ln();
    let peak = (1..n / 2)
        .max_by(|&a, &b| level(a).total_cmp(&level(b)))
        .unwrap();
    let (a, b, c) = (level(peak - 1), level(peak), level(peak + 1));
    let bin = peak as f64 + 0.5 * (a - c) / (a - 2.0 * b + c);
    bin * f64::from(rate_hz) / n as f64
}

/// A contour of one pitch from 0 to 60 s, and a note from 0 to 60 s.
fn steady_melody(f0_hz: f32, midi: f32) -> Melody {
    let frame = F0Frame {
        f0_hz,
        confidence: 1.0,
        voiced: true,
    };
    let note = Note {
        onset_secs: 0.0,
        offset_secs: 60.0,
        midi,
        confidence: 1.0,
    };
    Melody {
        f0: Arc::new(F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: vec![frame; 6000],
        }),
        notes: Arc::new([note]),
    }
}

#[test]
fn at_its_own_speed_and_rate_the_recording_is_what_is_played() {
    let samples: Vec<f32> = (0..50_001)
        .map(|i| (((i * 7919) % 60_001) as f32 - 30_000.0) / 32_768.0)
        .collect();
    let (frames, pieces) = Take::default().play(&recording(RATE_HZ, &samples));
    assert_eq!(left(&frames), samples);
    assert!(frames.iter().all(|[left, right]| left == right));
    let mut index = 0;
    for piece in pieces {
        assert!((piece.song_secs - index as f64 / f64::from(RATE_HZ)).abs() < 1e-9);
        index += piece.n_frames;
    }
    assert_eq!(index, samples.len());
}

#[test]
fn another_rate_keeps_pitch_length_and_place() {
    let pcm_file = recording(16_000, &sine(16_000, 440.0, 3.0));
    let take = Take {
        device_hz: 48_000,
        ..Take::default()
    };
    let (frames, pieces) = take.play(&pcm_file);
    assert_eq!(frames.len(), 144_000);
    assert!(cents_between(440.0, pitch_hz(&left(&frames), 48_000)).abs() < 0.5);
    let mut index = 0;
    for piece in pieces {
        assert!((piece.song_secs - index as f64 / 48_000.0).abs() < 1e-4);
        index += piece.n_frames;
    }
}

#[test]
fn every_speed_keeps_the_pitch_and_changes_the_length() {
    let pcm_file = recording(RATE_HZ, &sine(RATE_HZ, 329.6, 4.0));
    for speed in [0.1, 0.5, 0.77, 1.5, 2.0] {
        let take = Take {
            speed,
            ..Take::default()
        };
        let (frames, pieces) = take.play(&pcm_file);
        let secs = frames.len() as f64 / f64::from(RATE_HZ);
        assert!((secs * speed - 4.0).abs() < 1e-3, "{secs} s at {speed}");
        let off = cents_between(329.6, pitch_hz(&left(&frames), RATE_HZ));
        assert!(off.abs() < 3.0, "{off} cents off at {speed}");
        let middle = &left(&frames)[frames.len() / 4..frames.len() / 2];
        let peak = middle
            .iter()
            .fold(0f32, |peak, sample| peak.max(sample.abs()));
        assert!((peak - 0.5).abs() < 0.03, "level {peak} at {speed}");
        let last = pieces.last().unwrap();
        assert!((last.secs_per_frame * f64::from(RATE_HZ) - speed).abs() < 1e-9);
    }
}

#[test]
fn a_burst_stays_at_its_place_at_every_speed() {
    let n_samples = 3 * RATE_HZ as usize;
    let burst = |i: usize| {
        let from_center = i as f64 / f64::from(RATE_HZ) - 1.5;
        (0.5 * (-0.5 * (from_center / 0.02).powi(2)).exp() * (TAU * 880.0 * from_center).sin())
            as f32
    };
    let pcm_file = recording(RATE_HZ, &(0..n_samples).map(burst).collect::<Vec<_>>());
    for speed in [0.1, 0.5, 0.8, 2.0] {
        let take = Take {
            speed,
            ..Take::default()
        };
        let (frames, _) = take.play(&pcm_file);
        let energy: Vec<f64> = frames
            .iter()
            .map(|frame| f64::from(frame[0]).powi(2))
            .collect();
        let sum: f64 = energy.iter().sum();
        let center: f64 = (energy.iter().enumerate()).map(|(i, e)| i as f64 * e).sum();
        let song_secs = center / sum / f64::from(RATE_HZ) * speed;
        assert!((song_secs - 1.5).abs() < 0.005, "{song_secs} s at {speed}");
    }
}

#[test]
fn a_loop_is_exact_to_the_sample_and_does_not_click() {
    // The loop's ends do not fit together: a bare jump would be a step of 0.5.
    let samples: Vec<f32> = (0..40_000i32)
        .map(|i| (i % 20_000 - 10_000) as f32 / 32_768.0)
        .collect();
    let secs = |frame: f64| frame / f64::from(RATE_HZ);
    let take = Take {
        course: Course {
            from_secs: secs(1000.0),
            range_secs: Some((secs(1000.0), secs(19_000.0))),
            looped: true,
        },
        n_most: 60_000,
        ..Take::default()
    };
    let (frames, pieces) = take.play(&recording(RATE_HZ, &samples));
    let out = left(&frames);
    for i in 0..17_000 {
        let expected = samples[1000 + i];
        assert_eq!(out[i], expected);
        assert_eq!(out[i + 18_000], expected);
        assert_eq!(out[i + 36_000], expected);
    }
    assert!(largest_step(&out) < 0.01);
    let back = pieces
        .windows(2)
        .find(|pair| pair[1].song_secs < pair[0].song_secs);
    assert!((back.unwrap()[1].song_secs - secs(1000.0)).abs() < 1e-9);
}

#[test]
fn a_loop_at_half_speed_takes_twice_its_length() {
    let pcm_file = recording(RATE_HZ, &sine(RATE_HZ, 330.0, 2.0));
    let take = Take {
        course: Course {
            from_secs: 0.5,
            range_secs: Some((0.5, 1.0)),
            looped: true,
        },
        speed: 0.5,
        n_most: 200_000,
        ..Take::default()
    };
    let (frames, pieces) = take.play(&pcm_file);
    let mut index = 0;
    let mut seams = Vec::new();
    for pair in pieces.windows(2) {
        index += pair[0].n_frames;
        if pair[1].song_secs < pair[0].song_secs {
            seams.push(index);
        }
    }
    assert_eq!(seams[..3], [44_100, 88_200, 132_300]);
    assert!(largest_step(&left(&frames)) < 0.04);
}

#[test]
fn a_selection_ends_with_a_fade() {
    let pcm_file = recording(RATE_HZ, &vec![0.5; 44_100]);
    let take = Take {
        course: Course {
            from_secs: 0.1,
            range_secs: Some((0.1, 0.2)),
            looped: false,
        },
        ..Take::default()
    };
    let (frames, _) = take.play(&pcm_file);
    assert_eq!(frames.len(), 4410 + 220);
    assert!(frames[..4410].iter().all(|frame| frame[0] == 0.5));
    assert!(largest_step(&left(&frames)) < 0.003 && frames[4629][0] == 0.0);
}

#[test]
fn start_seek_pause_and_a_late_feeder_do_not_click() {
    let pcm_file = recording(RATE_HZ, &sine(RATE_HZ, 220.0, 4.0));
    let (mut supply, mut callback) = ring(40_000, RATE_HZ);
    let mut heard = Vec::new();
    // From the crest of a wave to another place in a wave, with gaps of silence.
    for (from_secs, n_taken) in [
        (0.0, 3000),
        (1.0011, 5555),
        (2.0023, 4444),
        (0.5007, 30_000),
    ] {
        let take = Take {
            course: Course {
                from_secs,
                ..Course::default()
            },
            n_most: 20_000,
            ..Take::default()
        };
        supply.discard();
        for frame in take.play(&pcm_file).0 {
            supply.push(frame).unwrap();
        }
        callback.fill(n_taken, 0.0, |_, frame| heard.push(frame[0]));
        if from_secs == 1.0011 {
            supply.discard();
            callback.fill(2000, 0.0, |_, frame| heard.push(frame[0]));
            assert_eq!(heard[heard.len() - 1], 0.0);
        }
    }
    // A sine of 220 Hz steps by 0.016 at the most.
    let peak = heard.iter().fold(0f32, |peak, sample| peak.max(*sample));
    assert!(
        peak > 0.49 && largest_step(&heard) < 0.02,
        "{}",
        largest_step(&heard)
    );
}

#[test]
fn a_change_of_speed_does_not_click() {
    let pcm_file = recording(RATE_HZ, &sine(RATE_HZ, 220.0, 4.0));
    let take = Take {
        n_most: 20_000,
        ..Take::default()
    };
    let mut renderer = take.renderer(&pcm_file);
    let mut out = Vec::new();
    for speed in [1.0, 0.5, 1.3, 1.0] {
        renderer.set_speed(speed);
        out.extend(left(&take.go_on(&mut renderer).0));
    }
    // A sine of 220 Hz steps by 0.016 at the most.
    assert!(largest_step(&out) < 0.02, "{}", largest_step(&out));
}

#[test]
fn a_recording_that_loops_on_nothing_ends() {
    let take = Take {
        course: Course {
            from_secs: 5.0,
            range_secs: Some((5.0, 6.0)),
            looped: true,
        },
        ..Take::default()
    };
    let (frames, _) = take.play(&recording(RATE_HZ, &[0.1; 1000]));
    assert!(frames.is_empty());
}

#[test]
fn tones_have_the_melodys_pitch_at_every_speed() {
    let pcm_file = recording(RATE_HZ, &vec![0.0; 4 * RATE_HZ as usize]);
    let mut mixer = MixerSettings::default();
    (mixer.f0_tone.mute, mixer.note_tone.mute) = (false, false);
    (mixer.f0_tone.pan, mixer.note_tone.pan) = (-1.0, 1.0);
    for speed in [0.5, 1.0, 2.0] {
        let take = Take {
            speed,
            device_hz: 48_000,
            melody: steady_melody(233.0, 57.3),
            mixer,
            ..Take::default()
        };
        let (frames, _) = take.play(&pcm_file);
        let right: Vec<f32> = frames.iter().map(|frame| frame[1]).collect();
        let note_hz = 440.0 * (-11.7f64 / 12.0).exp2();
        for (side, hz) in [(left(&frames), 233.0), (right, note_hz)] {
            let off = cents_between(hz, pitch_hz(&side[4800..], 48_000));
            assert!(off.abs() < 0.5, "{off} cents off {hz} Hz at {speed}");
        }
    }
}

#[test]
fn a_new_contour_is_heard_in_the_next_block() {
    let pcm_file = recording(RATE_HZ, &vec![0.0; 2 * RATE_HZ as usize]);
    let mut mixer = MixerSettings::default();
    mixer.f0_tone.mute = false;
    let mut take = Take {
        melody: steady_melody(300.0, 60.0),
        mixer,
        n_most: 40_000,
        ..Take::default()
    };
    let mut renderer = take.renderer(&pcm_file);
    let (before, _) = take.go_on(&mut renderer);
    take.melody = steady_melody(400.0, 60.0);
    let (after, _) = take.go_on(&mut renderer);
    assert!(cents_between(300.0, pitch_hz(&left(&before), RATE_HZ)).abs() < 1.0);
    assert!(cents_between(400.0, pitch_hz(&left(&after), RATE_HZ)).abs() < 1.0);
}

#[test]
fn solo_leaves_one_sound() {
    let pcm_file = recording(RATE_HZ, &sine(RATE_HZ, 700.0, 1.0));
    let mut mixer = MixerSettings::default();
    mixer.note_tone.mute = false;
    mixer.note_tone.solo = true;
    let take = Take {
        melody: steady_melody(300.0, 69.0),
        mixer,
        ..Take::default()
    };
    let (frames, _) = take.play(&pcm_file);
    assert!(cents_between(440.0, pitch_hz(&left(&frames)[4410..], RATE_HZ)).abs() < 1.0);
}

/// A voice whose samples come as they are put in.
fn voice(rate_hz: u32, samples: &[f32]) -> (Arc<PcmFile>, PcmWriter) {
    let (pcm_file, mut writer) = PcmFile::to_be_written(rate_hz, 1).unwrap();
    writer.push(vec![samples.to_vec()]).unwrap();
    (Arc::new(pcm_file), writer)
}

#[test]
fn stems_add_up_to_the_recording_sample_by_sample() {
    let (song, sung) = (sine(RATE_HZ, 200.0, 1.0), sine(RATE_HZ, 310.0, 1.0));
    let both: Vec<f32> = song.iter().zip(&sung).map(|(a, b)| 0.9 * (a + b)).collect();
    let pcm_file = recording(RATE_HZ, &both);
    let (vocals, writer) = voice(RATE_HZ, &sung);
    drop(writer);
    let play = |heard: &[Heard], device_hz| {
        let mut take = Take {
            vocals: Some(vocals.clone()),
            device_hz,
            ..Take::default()
        };
        take.mixer.hear(heard[0]);
        if heard.len() == 2 {
            (take.mixer.vocals.mute, take.mixer.accompaniment.mute) = (false, false);
        }
        left(&take.play(&pcm_file).0)
    };
    for device_hz in [RATE_HZ, 48_000] {
        let recording = play(&[Heard::Recording], device_hz);
        let stems = play(&[Heard::Voice, Heard::Accompaniment], device_hz);
        let errors = recording.iter().zip(&stems).map(|(a, b)| (a - b).abs());
        let largest = errors.fold(0.0, f32::max);
        assert!(
            recording.len() == stems.len() && largest < 1e-6,
            "{largest}"
        );
        let voice = play(&[Heard::Voice], device_hz);
        assert!(cents_between(310.0, pitch_hz(&voice, device_hz)).abs() < 0.5);
    }
}

#[test]
fn a_voice_alone_keeps_its_pitch_and_place_at_every_speed() {
    let pcm_file = recording(RATE_HZ, &sine(RATE_HZ, 200.0, 2.0));
    let (vocals, writer) = voice(RATE_HZ, &sine(RATE_HZ, 310.0, 2.0));
    drop(writer);
    for speed in [0.5, 1.5] {
        let mut take = Take {
            vocals: Some(vocals.clone()),
            speed,
            ..Take::default()
        };
        take.mixer.hear(Heard::Voice);
        let heard = left(&take.play(&pcm_file).0);
        assert!((heard.len() as f64 * speed - 2.0 * f64::from(RATE_HZ)).abs() < 10.0);
        assert!(cents_between(310.0, pitch_hz(&heard, RATE_HZ)).abs() < 3.0);
    }
}

#[test]
fn switching_what_is_heard_does_not_click() {
    let (song, sung) = (sine(RATE_HZ, 200.0, 4.0), sine(RATE_HZ, 310.0, 4.0));
    let both: Vec<f32> = song.iter().zip(&sung).map(|(a, b)| 0.9 * (a + b)).collect();
    let pcm_file = recording(RATE_HZ, &both);
    let (vocals, writer) = voice(RATE_HZ, &sung);
    drop(writer);
    let mut take = Take {
        n_most: 9000,
        vocals: Some(vocals),
        ..Take::default()
    };
    let steady = largest_step(&left(&take.play(&pcm_file).0));
    let mut renderer = take.renderer(&pcm_file);
    let mut out = Vec::new();
    for heard in [Heard::Recording, Heard::Voice, Heard::Accompaniment].repeat(3) {
        take.mixer.hear(heard);
        take.mixer.vocals.solo = heard == Heard::Voice;
        take.mixer.accompaniment.pan = out.len() as f32 * 1e-5 - 0.4;
        out.extend(left(&take.go_on(&mut renderer).0));
    }
    // hardly larger than the recording's own: a fader moves by half a percent a sample
    assert!(
        largest_step(&out) <= 1.05 * steady,
        "{} {steady}",
        largest_step(&out)
    );
}

#[test]
fn a_voice_is_heard_as_far_as_it_is_known_and_ends_without_a_click() {
    let sung = sine(RATE_HZ, 310.0, 2.0);
    let pcm_file = recording(RATE_HZ, &sung);
    let (vocals, mut writer) = voice(RATE_HZ, &sung[..44_100]);
    let mut take = Take {
        vocals: Some(vocals),
        n_most: 60_000,
        ..Take::default()
    };
    take.mixer.hear(Heard::Voice);
    let mut renderer = take.renderer(&pcm_file);
    let mut out = left(&take.go_on(&mut renderer).0);
    assert!(out[30_000..30_500].iter().any(|sample| sample.abs() > 0.4));
    assert!(out[44_100..].iter().all(|sample| *sample == 0.0));
    // the rest comes while it plays
    writer.push(vec![sung[44_100..].to_vec()]).unwrap();
    drop(writer);
    take.n_most = 20_000;
    out.extend(left(&take.go_on(&mut renderer).0));
    assert!(out[62_000..].iter().any(|sample| sample.abs() > 0.4));
    // and goes
    renderer.set_vocals(None);
    take.n_most = usize::MAX;
    let rest = left(&take.go_on(&mut renderer).0);
    assert!(rest[1000..].iter().all(|sample| *sample == 0.0));
    out.extend(rest);
    assert!(
        largest_step(&out) <= largest_step(&sung) + 0.003,
        "{}",
        largest_step(&out)
    );
}

#[test]
fn without_a_voice_the_accompaniment_is_the_recording() {
    let samples = sine(RATE_HZ, 310.0, 1.0);
    let pcm_file = recording(RATE_HZ, &samples);
    let mut take = Take::default();
    let whole = left(&take.play(&pcm_file).0);
    take.mixer.hear(Heard::Accompaniment);
    assert_eq!(left(&take.play(&pcm_file).0), whole);
}
