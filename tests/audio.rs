//! Recordings that other programs made (`audio/make.sh`), and ones that went wrong.

use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};

use melograph::audio::{AudioError, AudioReader, Resampler, Waveform, downmix};
use proptest::prelude::*;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/audio")
        .join(name)
}

/// The sound of every fixture: silence for 0.1 s, then a rising sine.
fn glide(secs: f64) -> f64 {
    match secs - 0.1 {
        t if t >= 0.0 => 0.5 * (TAU * (300.0 * t + 600.0 * t * t)).sin(),
        _ => 0.0,
    }
}

/// A decoded file: samples of the first channel, rate and warnings.
fn decode(path: &Path) -> (Vec<f32>, u32, Vec<String>) {
    let mut reader = AudioReader::open(path).unwrap_or_else(|error| panic!("{error}"));
    let mut samples = Vec::new();
    while let Some(block) = reader.next_block().unwrap() {
        assert_eq!(block.len(), reader.info().n_channels);
        assert!(block[0].len() <= 32_768);
        samples.extend_from_slice(&block[0]);
    }
    assert_eq!(reader.position(), samples.len() as u64);
    (samples, reader.info().rate_hz, reader.warnings().to_vec())
}

/// How many samples later than in the source the glide is, by cross-correlation.
fn lag(samples: &[f32], rate_hz: u32) -> i64 {
    let source: Vec<f64> = (0..samples.len())
        .map(|i| glide(i as f64 / f64::from(rate_hz)))
        .collect();
    let correlation = |lag: i64| -> f64 {
        let pairs = samples.iter().enumerate().filter_map(|(i, &sample)| {
            let k = usize::try_from(i as i64 - lag).ok()?;
            Some(f64::from(sample) * source.get(k)?)
        });
        pairs.sum()
    };
    let best = (-2500..2500).max_by(|&a, &b| correlation(a).total_cmp(&correlation(b)));
    best.unwrap()
}

/// Writes bytes to a file of a fresh folder.
fn write(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn refusal(path: &Path) -> AudioError {
    match AudioReader::open(path) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

#[test]
fn pcm_is_exact_in_every_depth_and_container() {
    let depths = [
        ("u8.wav", 8),
        ("s16.wav", 16),
        ("s24.wav", 24),
        ("s32.wav", 25),
        ("f32.wav", 25),
        ("f64.wav", 25),
        ("pipe.wav", 16),
        ("rf64.wav", 16),
        ("sox_pipe.wav", 16),
        ("s16.aiff", 16),
        ("s24.aiff", 24),
        ("f32.aifc", 25),
        ("pcm.caf", 16),
        ("alac.caf", 16),
        ("alac.m4a", 16),
        ("mono.flac", 16),
        ("s24.mov", 24),
        ("alac.mov", 16),
        ("ulaw.mov", 6),
        ("ulaw.caf", 6),
    ];
    for (name, bits) in depths {
        let (samples, rate_hz, warnings) = decode(&fixture(name));
        let worst = samples
            .iter()
            .enumerate()
            .map(|(i, &it)| (f64::from(it) - glide(i as f64 / f64::from(rate_hz))).abs())
            .fold(0.0, f64::max);
        assert!(
            worst < 1.1 * 2.0_f64.powi(1 - bits),
            "{name}: off by {worst}"
        );
        assert!(warnings.is_empty(), "{name}: {warnings:?}");
    }
}

#[test]
fn lossy_sound_is_where_it_was_in_the_source() {
    // Name, exact number of samples if the format tells it.
    let files = [
        ("lame.mp3", Some(26_460)),
        ("vbr.mp3", Some(13_230)),
        ("vorbis.ogg", Some(26_460)),
        ("vorbis.webm", None),
        ("opus.opus", Some(28_800)),
        ("short.opus", Some(28_800)), // its first packets are shorter than the padding
        ("opus.webm", Some(28_800)),
        ("live.webm", Some(28_800)),
        ("opus.mp4", Some(28_800)),
        ("aac.m4a", Some(26_460)),
        ("fragmented.m4a", None),
        ("aac.aac", None),
        ("aac.mka", None),
        ("chained.ogg", Some(26_460)),
    ];
    for (name, n_samples) in files {
        let (samples, rate_hz, warnings) = decode(&fixture(name));
        let lag = lag(&samples, rate_hz);
        assert!(lag.abs() <= 1, "{name} is {lag} samples late");
        assert!(warnings.is_empty(), "{name}: {warnings:?}");
        if let Some(n_samples) = n_samples {
            assert_eq!(samples.len(), n_samples, "{name}");
        }
    }
}

/// Without LAME's tag nothing tells how long the padding is, and no program drops it.
#[test]
fn mp3_that_tells_no_padding_is_as_late_as_in_other_programs() {
    let (samples, rate_hz, warnings) = decode(&fixture("mono.mp3"));
    assert_eq!(lag(&samples, rate_hz), 1105);
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn tags_rate_channels_and_duration_are_told() {
    let tagged = [
        "s16.wav",
        "pipe.wav",
        "mono.flac",
        "lame.mp3",
        "vorbis.ogg",
        "opus.opus",
        "aac.m4a",
        "aac.mka",
        "opus.webm",
    ];
    for name in tagged {
        let reader = AudioReader::open(&fixture(name)).unwrap();
        assert_eq!(reader.info().title.as_deref(), Some("Glide"), "{name}");
        assert_eq!(reader.info().artist.as_deref(), Some("Nobody"), "{name}");
        let stated = reader.info().duration_secs.unwrap();
        let (samples, rate_hz, _) = decode(&fixture(name));
        let found = samples.len() as f64 / f64::from(rate_hz);
        assert!(
            (stated - found).abs() < 0.02,
            "{name}: {stated} s stated, {found} s found"
        );
    }
    let info = AudioReader::open(&fixture("s24.aiff"))
        .unwrap()
        .info()
        .clone();
    assert_eq!((info.title, info.rate_hz, info.n_channels), (None, 8000, 1));
    assert_eq!(
        AudioReader::open(&fixture("opus.webm"))
            .unwrap()
            .info()
            .n_channels,
        2
    );
}

#[test]
fn channels_keep_their_order_and_mix_to_their_mean() {
    let wave = Waveform::read(&fixture("six.wav")).unwrap();
    assert_eq!((wave.rate_hz, wave.channels.len()), (8000, 6));
    assert_eq!(wave.duration_secs(), 0.15);
    let gains = [1.0, 0.5, 1.0, 0.0, 1.0, 1.0];
    let mono = wave.mono();
    for i in 0..1200 {
        let sample = glide(i as f64 / 8000.0) as f32;
        for (channel, gain) in wave.channels.iter().zip(gains) {
            assert!((channel[i] - gain * sample).abs() < 1e-4);
        }
        assert!((mono[i] - 0.75 * sample).abs() < 1e-4);
    }
    assert_eq!(downmix(&wave.channels), mono);
}

#[test]
fn content_counts_and_not_the_name() {
    let (_folder, path) = write("song.wav", &fs::read(fixture("vorbis.ogg")).unwrap());
    assert_eq!(decode(&path).0.len(), 26_460);
    let (_folder, path) = write("song", &fs::read(fixture("aac.m4a")).unwrap());
    assert_eq!(decode(&path).0.len(), 26_460);
}

#[test]
fn sizes_that_a_pipe_left_behind_are_not_believed() {
    let wav = fs::read(fixture("sox_pipe.wav")).unwrap();
    let whole = decode(&fixture("sox_pipe.wav")).0;
    let sizes = [0_u32, u32::MAX, 0x7fff_f000, 0x8000_0000];
    for size in sizes {
        for riff_size in [0, u32::MAX, size.saturating_add(36)] {
            let mut piped = wav.clone();
            piped[4..8].copy_from_slice(&riff_size.to_le_bytes());
            piped[40..44].copy_from_slice(&size.to_le_bytes());
            let (_folder, path) = write("piped.wav", &piped);
            let (samples, _, warnings) = decode(&path);
            assert_eq!(samples, whole, "size {size:#x}");
            assert!(warnings.is_empty(), "{warnings:?}");
        }
    }
}

#[test]
fn what_is_no_recording_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = refusal(&folder.path().join("none.wav"));
    assert!(matches!(missing, AudioError::Missing { .. }), "{missing}");
    let is_folder = refusal(folder.path());
    assert!(
        matches!(is_folder, AudioError::Folder { .. }),
        "{is_folder}"
    );
    let cases: [(&str, &[u8], &str); 7] = [
        ("empty.wav", b"", "is empty"),
        ("lyrics.mp3", b"La la la\nla la\n", "a text file"),
        (
            "cover.mp3",
            b"\xff\xd8\xff\xe0\0\x10JFIF\xff\xfb\x90\x64\0\0",
            "a JPEG image",
        ),
        ("cover.ogg", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (
            "take.wma",
            b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9",
            "Windows Media",
        ),
        (
            "noise.wav",
            &[0x00, 0x01, 0x02, 0x03, 0x80, 0x90, 0xa0],
            "unknown kind",
        ),
        (
            "stub.wav",
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0",
            "damaged or cut short",
        ),
    ];
    for (name, bytes, expected) in cases {
        let (_folder, path) = write(name, bytes);
        let sentence = refusal(&path).to_string();
        assert!(sentence.contains(expected), "{sentence}");
        assert!(
            sentence.contains(name) && !sentence.contains('\n'),
            "{sentence}"
        );
    }
}

/// A WAV file of 32-bit floats at 8 kHz.
fn float_wav(samples: &[f32]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("float.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    samples
        .iter()
        .for_each(|&it| writer.write_sample(it).unwrap());
    writer.finalize().unwrap();
    (folder, path)
}

#[test]
fn none_one_and_impossible_samples() {
    let (_folder, path) = float_wav(&[]);
    assert!(matches!(refusal(&path), AudioError::NoSamples { .. }));
    let (_folder, path) = float_wav(&[0.25]);
    assert_eq!(decode(&path).0, [0.25]);
    let (_folder, path) = float_wav(&[0.5, f32::NAN, f32::INFINITY, -0.5]);
    let (samples, _, warnings) = decode(&path);
    assert_eq!(samples, [0.5, 0.0, 0.0, -0.5]);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("2 samples"), "{warnings:?}");
}

#[test]
fn a_cut_file_is_read_as_far_as_it_goes() {
    let names = [
        "s16.wav",
        "s24.aiff",
        "rf64.wav",
        "pcm.caf",
        "mono.flac",
        "lame.mp3",
        "aac.aac",
    ];
    for name in names {
        let whole = fs::read(fixture(name)).unwrap();
        let (_folder, path) = write(name, &whole[..whole.len() * 7 / 10]);
        let (samples, _, warnings) = decode(&path);
        let full = decode(&fixture(name)).0;
        assert!(
            samples.len() > full.len() / 4 && samples.len() < full.len(),
            "{name}"
        );
        let same = samples.iter().zip(&full).filter(|(a, b)| a == b).count();
        assert!(
            same + 1200 >= samples.len(),
            "{name}: {same} of {}",
            samples.len()
        );
        assert_eq!(warnings.len(), 1, "{name}: {warnings:?}");
        assert!(warnings[0].contains("cut short"), "{name}: {warnings:?}");
    }
    // Without its end, where the index is, nothing can be found in such a file.
    let whole = fs::read(fixture("aac.m4a")).unwrap();
    let (_folder, path) = write("aac.m4a", &whole[..whole.len() / 2]);
    assert!(matches!(refusal(&path), AudioError::Damaged { .. }));
}

#[test]
fn damage_is_silenced_and_what_follows_stays_in_its_place() {
    for name in ["aac.m4a", "mono.flac", "fragmented.m4a"] {
        let mut bytes = fs::read(fixture(name)).unwrap();
        let full = decode(&fixture(name)).0;
        // In an early packet: the sound follows its header, before the index.
        let at = if name == "mono.flac" {
            bytes.len() - 6000
        } else {
            bytes.len() * 2 / 5
        };
        bytes[at..at + 40].fill(0xff);
        let (_folder, path) = write(name, &bytes);
        let (samples, _, warnings) = decode(&path);
        assert_eq!(samples.len(), full.len(), "{name}: {warnings:?}");
        let tail = full.len() - 1000;
        let pairs = samples[tail..].iter().zip(&full[tail..]);
        let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // AAC decoders make up noise, each time another.
        assert!(worst < 0.05, "{name}: off by {worst}");
        assert_eq!(warnings.len(), 1, "{name}");
        assert!(warnings[0].contains("damaged"), "{warnings:?}");
    }
}

#[test]
fn broken_bytes_never_panic() {
    let mut seed = 1_u32;
    let mut random = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize
    };
    let names = [
        "s16.wav",
        "s16.aiff",
        "pcm.caf",
        "mono.flac",
        "lame.mp3",
        "vorbis.webm",
    ];
    for name in names
        .into_iter()
        .chain(["aac.m4a", "opus.opus", "aac.mka", "alac.m4a"])
    {
        let whole = fs::read(fixture(name)).unwrap();
        for round in 0..40 {
            let mut bytes = whole.clone();
            let reach = if round % 2 == 0 {
                bytes.len()
            } else {
                bytes.len().min(400)
            };
            for _ in 0..1 + random() % 20 {
                bytes[random() % reach] = random() as u8;
            }
            let (_folder, path) = write(name, &bytes);
            if let Ok(mut reader) = AudioReader::open(&path) {
                while let Ok(Some(_)) = reader.next_block() {}
            }
        }
    }
}

const RATES: [(u32, u32); 8] = [
    (44_100, 8000),
    (44_100, 16_000),
    (48_000, 8000),
    (16_000, 8000),
    (22_050, 16_000),
    (96_000, 16_000),
    (11_025, 8000),
    (8000, 16_000),
];

fn sine(f0_hz: f64, rate_hz: u32, n_samples: usize) -> Vec<f32> {
    let phase = |i: usize| TAU * f0_hz * i as f64 / f64::from(rate_hz) + 0.3;
    (0..n_samples).map(|i| phase(i).sin() as f32).collect()
}

fn resample(samples: &[f32], from_hz: u32, to_hz: u32) -> Vec<f32> {
    let mut resampler = Resampler::new(from_hz, to_hz).unwrap();
    let mut output = resampler.push(samples);
    output.extend(resampler.finish());
    output
}

/// Mean power of the middle half, in dB of a full sine.
fn level_db(samples: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = samples.fold((0.0, 0), |(sum, n), it| (sum + it * it, n + 1));
    10.0 * (sum / f64::from(n) / 0.5 + 1e-30).log10()
}

#[test]
fn resampling_is_flat_without_delay_and_without_aliases() {
    for (from_hz, to_hz) in RATES {
        let nyquist = f64::from(from_hz.min(to_hz)) / 2.0;
        for share in [0.01, 0.3, 0.6, 0.9, 0.95] {
            let output = resample(
                &sine(share * nyquist, from_hz, from_hz as usize),
                from_hz,
                to_hz,
            );
            let expected = sine(share * nyquist, to_hz, output.len());
            let middle = output.len() / 4..output.len() * 3 / 4;
            let error = middle.map(|i| f64::from(output[i] - expected[i]));
            let error_db = level_db(error);
            assert!(
                error_db < -90.0,
                "{from_hz} to {to_hz}, {share} Nyquist: {error_db} dB"
            );
        }
        for share in [1.02, 1.1, 1.4, 1.9, 2.6, 3.7] {
            if share * nyquist < f64::from(from_hz) / 2.0 {
                let input = sine(share * nyquist, from_hz, from_hz as usize);
                let output = resample(&input, from_hz, to_hz);
                let middle = output.len() / 4..output.len() * 3 / 4;
                let alias_db = level_db(middle.map(|i| f64::from(output[i])));
                assert!(
                    alias_db < -80.0,
                    "{from_hz} to {to_hz}, {share} Nyquist: {alias_db} dB"
                );
            }
        }
    }
}

#[test]
fn resampled_length_is_rounded_up_and_equal_rates_change_nothing() {
    for (from_hz, to_hz) in RATES {
        for n in [0_usize, 1, 2, 99, 441, 4411, 30_001] {
            let expected = (n * to_hz as usize).div_ceil(from_hz as usize);
            assert_eq!(resample(&vec![0.5; n], from_hz, to_hz).len(), expected);
        }
    }
    assert_eq!(resample(&[0.1, -0.2, 0.3], 8000, 8000), [0.1, -0.2, 0.3]);
    assert!(matches!(
        Resampler::new(0, 8000),
        Err(AudioError::Rate { .. })
    ));
    assert!(matches!(
        Resampler::new(8000, u32::MAX),
        Err(AudioError::Rate { .. })
    ));
}

#[test]
fn a_resampler_can_be_used_again_after_its_end() {
    let input = sine(440.0, 44_100, 5000);
    let mut resampler = Resampler::new(44_100, 16_000).unwrap();
    let mut run = || [resampler.push(&input), resampler.finish()].concat();
    assert_eq!(run(), run());
}

#[test]
fn resampling_agrees_with_a_polyphase_reference() {
    let text = include_str!("golden/resample_poly.json");
    let golden: serde_json::Value = serde_json::from_str(text).unwrap();
    let floats = |value: &serde_json::Value| -> Vec<f32> {
        let list = value.as_array().unwrap();
        list.iter().map(|it| it.as_f64().unwrap() as f32).collect()
    };
    let input = floats(&golden["x"]);
    for (name, case) in golden["cases"].as_object().unwrap() {
        let (from_hz, to_hz) = name.split_once('_').unwrap();
        let output = resample(&input, from_hz.parse().unwrap(), to_hz.parse().unwrap());
        let expected = floats(&case["y"]);
        assert_eq!(output.len(), expected.len());
        let dot = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let norm = (dot(&output, &output) * dot(&expected, &expected)).sqrt();
        let cosine = dot(&output, &expected) / norm;
        // The input is noise, and the filters differ close to the Nyquist rate.
        assert!(cosine > 0.98, "{name}: {cosine}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn cutting_the_input_changes_nothing(
        rates in prop::sample::select(&RATES[..]),
        samples in prop::collection::vec(-1.0_f32..1.0, 0..6000),
        cuts in prop::collection::vec(0_usize..1500, 0..12),
    ) {
        let (from_hz, to_hz) = rates;
        let mut resampler = Resampler::new(from_hz, to_hz).unwrap();
        let mut output = Vec::new();
        let mut rest = &samples[..];
        for cut in cuts {
            let (block, after) = rest.split_at(cut.min(rest.len()));
            output.extend(resampler.push(block));
            rest = after;
        }
        output.extend(resampler.push(rest));
        output.extend(resampler.finish());
        prop_assert_eq!(output, resample(&samples, from_hz, to_hz));
    }
}
