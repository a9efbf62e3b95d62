//! Recordings as other programs leave them: each test is a kind of fault that a program or a
//! device is known for, made of the recordings of `audio/`.

use std::fs;
use std::path::{Path, PathBuf};

use melograph::audio::{AudioError, AudioReader};

/// The sound of a file and what is said of it.
struct Heard {
    channels: Vec<Vec<f32>>,
    rate_hz: u32,
    warnings: Vec<String>,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/audio")
        .join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(fixture(name)).unwrap()
}

fn hear_track(path: &Path, track: Option<usize>) -> Heard {
    let mut reader = AudioReader::open_track(path, track).unwrap_or_else(|error| panic!("{error}"));
    let mut channels = vec![Vec::new(); reader.info().n_channels];
    while let Some(block) = reader.next_block().unwrap() {
        for (channel, block) in channels.iter_mut().zip(block) {
            channel.extend(block);
        }
    }
    Heard {
        channels,
        rate_hz: reader.info().rate_hz,
        warnings: reader.warnings().to_vec(),
    }
}

fn hear(path: &Path) -> Heard {
    hear_track(path, None)
}

fn hear_bytes(bytes: &[u8]) -> Heard {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    hear(file.path())
}

/// Largest difference of two sounds over the shorter of them.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

/// Amplitude of a sine in the second half.
fn level(samples: &[f32]) -> f32 {
    let half = &samples[samples.len() / 2..];
    let power: f32 = half.iter().map(|it| it * it).sum::<f32>() / half.len() as f32;
    (2.0 * power).sqrt()
}

/// Asserts that a file sounds like another, sample for sample, and that nothing is said of it.
fn assert_same(heard: &Heard, expected: &Heard) {
    assert_eq!(heard.warnings, [""; 0]);
    assert_eq!(heard.rate_hz, expected.rate_hz);
    assert_eq!(heard.channels[0].len(), expected.channels[0].len());
    assert_eq!(difference(&heard.channels[0], &expected.channels[0]), 0.0);
}

// Ogg.

/// Start, length and last page of the pages of an Ogg file.
fn pages(ogg: &[u8]) -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    let mut rest = ogg;
    while !rest.is_empty() {
        let n_segments = usize::from(rest[26]);
        let body_len: usize = rest[27..27 + n_segments]
            .iter()
            .map(|it| usize::from(*it))
            .sum();
        let (page, after) = rest.split_at(27 + n_segments + body_len);
        pages.push(page.to_vec());
        rest = after;
    }
    pages
}

/// A page of an Ogg file with another position and a checksum that fits.
fn at_position(page: &[u8], position: i64) -> Vec<u8> {
    let mut page = page.to_vec();
    page[6..14].copy_from_slice(&position.to_le_bytes());
    page[22..26].fill(0);
    let mut crc = 0_u32;
    for byte in &page {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = crc << 1 ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 };
        }
    }
    page[22..26].copy_from_slice(&crc.to_le_bytes());
    page
}

fn position(page: &[u8]) -> i64 {
    i64::from_le_bytes(page[6..14].try_into().unwrap())
}

/// Whether a page holds sound, and not headers alone.
fn is_sound(page: &[u8]) -> bool {
    position(page) != 0
}

#[test]
fn pages_without_a_position_are_no_hole() {
    for name in ["pages.ogg", "pages.opus"] {
        let pages = pages(&bytes(name));
        let n_pages = pages.len();
        assert!(n_pages > 5, "{name}: {n_pages} pages");
        let expected = hear(&fixture(name));
        for every in [1, 2] {
            let blank = |(i, page): (usize, &Vec<u8>)| match is_sound(page) && i + 1 < n_pages {
                true if i % every == 0 => at_position(page, -1),
                _ => page.clone(),
            };
            let ogg: Vec<u8> = pages.iter().enumerate().flat_map(blank).collect();
            assert_same(&hear_bytes(&ogg), &expected);
        }
    }
}

#[test]
fn a_stream_that_does_not_begin_at_zero_is_heard_from_its_start() {
    for name in ["pages.ogg", "pages.opus"] {
        let late = |page: &Vec<u8>| match is_sound(page) {
            true => at_position(page, position(page) + 10_000_000),
            false => page.clone(),
        };
        let ogg: Vec<u8> = pages(&bytes(name)).iter().flat_map(late).collect();
        assert_same(&hear_bytes(&ogg), &hear(&fixture(name)));
    }
}

#[test]
fn opus_that_counts_from_below_zero_keeps_its_end() {
    let early = |page: &Vec<u8>| match is_sound(page) {
        true => at_position(page, position(page) - 10_000),
        false => page.clone(),
    };
    let ogg: Vec<u8> = pages(&bytes("pages.opus")).iter().flat_map(early).collect();
    assert_same(&hear_bytes(&ogg), &hear(&fixture("pages.opus")));
}

#[test]
fn a_stream_without_its_last_page_is_not_called_cut() {
    for name in ["pages.ogg", "pages.opus"] {
        let pages = pages(&bytes(name));
        let heard = hear_bytes(&pages[..pages.len() - 1].concat());
        assert_eq!(heard.warnings, [""; 0], "{name}");
        let cut = pages.concat();
        let heard = hear_bytes(&cut[..cut.len() - 10]);
        assert!(
            heard.warnings[0].contains("cut short"),
            "{:?}",
            heard.warnings
        );
    }
}

#[test]
fn a_lost_page_is_silence_of_its_length() {
    for name in ["pages.ogg", "pages.opus"] {
        let mut pages = pages(&bytes(name));
        let first_sound = pages.iter().position(|page| is_sound(page)).unwrap();
        pages.remove(first_sound + 1);
        let (heard, expected) = (hear_bytes(&pages.concat()), hear(&fixture(name)));
        assert_eq!(
            heard.channels[0].len(),
            expected.channels[0].len(),
            "{name}"
        );
        let tail = heard.channels[0].len() - 1000;
        let worst = difference(&heard.channels[0][tail..], &expected.channels[0][tail..]);
        assert!(worst < 0.01, "{name}: {worst}");
        assert!(
            heard.warnings[0].contains("s in all"),
            "{:?}",
            heard.warnings
        );
    }
}

// MP4.

/// A box of an MP4 file.
fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(8 + body.len()).unwrap();
    [&len.to_be_bytes()[..], kind, body].concat()
}

/// The boxes in `bytes`: kind and body.
fn boxes(mut bytes: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut boxes = Vec::new();
    while !bytes.is_empty() {
        let len = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        boxes.push((bytes[4..8].try_into().unwrap(), &bytes[8..len]));
        bytes = &bytes[len..];
    }
    boxes
}

/// An MP4 file, whose index comes last, with another edit list: durations in milliseconds, and
/// starts in samples, -1 for silence.
fn with_edits(mp4: &[u8], edits: &[(u32, i32)]) -> Vec<u8> {
    let mut list = vec![0; 4];
    list.extend((edits.len() as u32).to_be_bytes());
    for (duration, start) in edits {
        list.extend(duration.to_be_bytes());
        list.extend(start.to_be_bytes());
        list.extend(0x0001_0000_u32.to_be_bytes());
    }
    fn walk(bytes: &[u8], list: &[u8]) -> Vec<u8> {
        let renew = |(kind, body): ([u8; 4], &[u8])| match &kind {
            b"moov" | b"trak" => boxed(&kind, &walk(body, list)),
            b"edts" => boxed(&kind, &boxed(b"elst", list)),
            _ => boxed(&kind, body),
        };
        boxes(bytes).into_iter().flat_map(renew).collect()
    }
    walk(mp4, &list)
}

#[test]
fn every_edit_of_an_edit_list_is_followed() {
    let aac = bytes("aac.m4a");
    let whole = hear(&fixture("aac.m4a")).channels.remove(0);
    let heard = |edits: &[(u32, i32)]| {
        let heard = hear_bytes(&with_edits(&aac, edits));
        assert_eq!(heard.warnings, [""; 0]);
        heard.channels[0].clone()
    };
    // Silence of half a second before all of it.
    let late = heard(&[(500, -1), (600, 1024)]);
    assert_eq!(late.len(), 22_050 + whole.len());
    assert!(late[..22_050].iter().all(|it| *it == 0.0));
    assert_eq!(difference(&late[22_050..], &whole), 0.0);
    // Two pieces, in their order and against it.
    let (first, second) = (&whole[..8820], &whole[13_230..17_640]);
    for backward in [false, true] {
        let mut edits = [(200, 1024), (100, 1024 + 13_230)];
        let mut pieces = [first, second];
        if backward {
            edits.reverse();
            pieces.reverse();
        }
        let joined = heard(&edits);
        // The last edit may be one unit longer: its length is rounded.
        assert!(joined.len() - 13_230 <= 45, "{}", joined.len());
        let worst = difference(&joined, &pieces.concat());
        // AAC decoders make up noise, each time another.
        assert!(worst < 0.05, "{worst}");
    }
}

/// A tag of iTunes in an MP4 file's index.
fn itunes_tag(name: &str, value: &str) -> Vec<u8> {
    let full = |kind, body: &str| boxed(kind, &[&[0; 4], body.as_bytes()].concat());
    let data = boxed(
        b"data",
        &[&[0, 0, 0, 1, 0, 0, 0, 0], value.as_bytes()].concat(),
    );
    let tag = [full(b"mean", "com.apple.iTunes"), full(b"name", name), data].concat();
    let mut handler = vec![0; 8];
    handler.extend(b"mdirappl");
    handler.extend([0; 9]);
    let list = boxed(b"ilst", &boxed(b"----", &tag));
    let meta = [vec![0; 4], boxed(b"hdlr", &handler), list].concat();
    boxed(b"udta", &boxed(b"meta", &meta))
}

#[test]
fn padding_told_in_itunsmpb_alone_is_trimmed() {
    let value = " 00000000 00000840 00000098 0000000000003A98 00000000 00000000";
    let aac = bytes("aac.m4a");
    let renew = |(kind, body): ([u8; 4], &[u8])| {
        if &kind != b"moov" {
            return boxed(&kind, body);
        }
        let plain = |(kind, body): &([u8; 4], &[u8])| match kind {
            b"udta" => None,
            b"trak" => {
                let kept = boxes(body).into_iter().filter(|it| &it.0 != b"edts");
                let kept: Vec<u8> = kept.flat_map(|it| boxed(&it.0, it.1)).collect();
                Some(boxed(kind, &kept))
            }
            _ => Some(boxed(kind, body)),
        };
        let mut moov: Vec<u8> = boxes(body).iter().filter_map(plain).flatten().collect();
        moov.extend(itunes_tag("iTunSMPB", value));
        boxed(&kind, &moov)
    };
    let heard = hear_bytes(&boxes(&aac).into_iter().flat_map(renew).collect::<Vec<_>>());
    let whole = hear(&fixture("aac.m4a")).channels.remove(0);
    // 2112 samples of padding instead of the 1024 that it has: 1088 of the sound are gone.
    assert_eq!(heard.channels[0].len(), 15_000);
    assert_eq!(difference(&heard.channels[0], &whole[1088..]), 0.0);
}

#[test]
fn high_efficiency_aac_gives_its_core() {
    let plain = [0x13, 0x88, 0x56, 0xe5, 0x00];
    // SBR to 44.1 kHz, told before the core.
    let told = [0x2b, 0x8a, 0x08, 0x00, 0x00];
    let mut core = bytes("core.m4a");
    let at = core.windows(5).position(|it| it == plain).unwrap();
    core[at..at + 5].copy_from_slice(&told);
    assert_same(&hear_bytes(&core), &hear(&fixture("core.m4a")));
}

/// An ADTS stream each of whose frames tells what lies above it, as in HE-AAC: a fill element of one
/// byte before its end (ISO/IEC 14496-3, 4.4.2.7).
fn with_sbr(adts: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = adts;
    while !rest.is_empty() {
        let len =
            usize::from(rest[3] & 3) << 11 | usize::from(rest[4]) << 3 | usize::from(rest[5]) >> 5;
        let (frame, after) = rest.split_at(len);
        rest = after;
        let (head, body) = frame.split_at(7);
        let bits = body
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1));
        let mut bits: Vec<u8> = bits.collect();
        let end = bits.iter().rposition(|bit| *bit == 1).unwrap() - 2;
        bits.truncate(end);
        bits.extend([1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1]);
        bits.resize(bits.len().next_multiple_of(8), 0);
        let body = bits
            .chunks(8)
            .map(|it| it.iter().fold(0, |byte, bit| byte << 1 | bit));
        let body: Vec<u8> = body.collect();
        let len = body.len() + 7;
        out.extend(head);
        let at = out.len() - 4;
        out[at] = out[at] & 0xfc | (len >> 11) as u8;
        out[at + 1] = (len >> 3) as u8;
        out[at + 2] = out[at + 2] & 0x1f | (len << 5) as u8;
        out.extend(body);
    }
    out
}

#[test]
fn high_efficiency_aac_that_tells_no_delay_has_that_of_its_encoder() {
    let plain = hear(&fixture("mono.aac"));
    let heard = hear_bytes(&with_sbr(&bytes("mono.aac")));
    assert_eq!(heard.warnings, [""; 0]);
    assert_eq!(heard.channels[0].len(), plain.channels[0].len() - 1024);
    let worst = difference(&heard.channels[0], &plain.channels[0][1024..]);
    // AAC decoders make up noise, each time another.
    assert!(worst < 0.05, "{worst}");
}

// FLAC.

#[test]
fn flac_headers_that_others_accept_are_accepted() {
    let flac = bytes("mono.flac");
    let expected = hear(&fixture("mono.flac"));
    let patched = |at: usize, patch: &[u8]| {
        let mut flac = flac.clone();
        flac[at..at + patch.len()].copy_from_slice(patch);
        flac
    };
    let headers = [
        patched(8, &[0, 0]),              // least block size 0
        patched(8, &[0, 0, 0, 0]),        // both 0
        patched(8, &[0, 16]),             // least one of another kind of stream
        patched(12, &[0, 1, 0, 0, 0, 9]), // greatest frame smaller than the least
    ];
    for header in headers {
        assert_same(&hear_bytes(&header), &expected);
    }
    // A block that makes no sense, in a kind that nobody needs.
    let broken_picture = [
        &flac[..42],
        &[6, 0, 0, 4, 0xff, 0xff, 0xff, 0xff],
        &flac[42..],
    ]
    .concat();
    assert_same(&hear_bytes(&broken_picture), &expected);
}

#[test]
fn tags_behind_flac_cost_no_sound() {
    let flac = bytes("mono.flac");
    let id3v1 = [b"TAG", &[b'x'; 125][..]].concat();
    let ape_end = |flags: u32| {
        let numbers = [2000, 40, 1, flags].map(u32::to_le_bytes).concat();
        [b"APETAGEX", &numbers[..], &[0; 8]].concat()
    };
    let ape = [ape_end(0xa000_0000), vec![b'y'; 8], ape_end(0x8000_0000)].concat();
    let id3v2 = [b"ID3\x04\0\0\0\0\0\x05", &[0; 5][..]].concat();
    for (before, behind) in [
        (vec![], id3v1.clone()),
        (vec![], [ape, id3v1].concat()),
        (id3v2, vec![]),
    ] {
        let heard = hear_bytes(&[before, flac.clone(), behind].concat());
        assert_same(&heard, &hear(&fixture("mono.flac")));
    }
}

#[test]
fn what_is_no_sound_behind_flac_costs_none() {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let noise: Vec<u8> = (0..100_000).map(|_| noise()).collect();
    let text = b"\r\nmade by hand\r\n".to_vec();
    for behind in [text, vec![0; 1 << 21], vec![0xff; 700], noise] {
        let heard = hear_bytes(&[bytes("mono.flac"), behind].concat());
        assert_same(&heard, &hear(&fixture("mono.flac")));
    }
    // A frame that is cut is not taken for such.
    let flac = bytes("mono.flac");
    let cut = hear_bytes(&flac[..flac.len() - 50]);
    assert!(
        cut.warnings.concat().contains("cut short"),
        "{:?}",
        cut.warnings
    );
}

// WAV and AIFF.

#[test]
fn sound_behind_a_short_size_is_read_and_told() {
    for (name, mark) in [("sox_pipe.wav", b"data"), ("s16.aiff", b"SSND")] {
        let mut file = bytes(name);
        let expected = hear(&fixture(name));
        let at = file.windows(4).position(|it| it == mark).unwrap() + 4;
        let size = 1608_u32;
        let size = if name.ends_with("wav") {
            size.to_le_bytes()
        } else {
            size.to_be_bytes()
        };
        file[at..at + 4].copy_from_slice(&size);
        let heard = hear_bytes(&file);
        assert_eq!(heard.channels, expected.channels, "{name}");
        assert!(
            heard.warnings[0].contains("goes on to 0.30 s"),
            "{:?}",
            heard.warnings
        );
    }
    // What is no sound is not taken for it.
    let wav = bytes("s16.wav");
    let tail: [&[u8]; 3] = [b"ID3\x04 and so on, not whole", b"junkab", &[0; 500]];
    for tail in tail {
        let heard = hear_bytes(&[&wav, tail].concat());
        assert_same(&heard, &hear(&fixture("s16.wav")));
    }
}

#[test]
fn chunks_of_odd_size_need_no_padding() {
    for (name, size) in [
        ("s16.wav", 5_u32.to_le_bytes()),
        ("s16.aiff", 5_u32.to_be_bytes()),
    ] {
        let file = bytes(name);
        let odd = [b"junk", &size[..], b"12345"].concat();
        let heard = hear_bytes(&[&file[..12], &odd, &[0], &odd, &file[12..]].concat());
        assert_same(&heard, &hear(&fixture(name)));
    }
}

#[test]
fn sound_in_several_chunks_is_read_as_one() {
    let wav = bytes("s16.wav");
    let at = wav.windows(4).position(|it| it == b"data").unwrap();
    let (head, sound) = (&wav[..at], &wav[at + 8..]);
    let data = |sound: &[u8]| {
        let size = u32::try_from(sound.len()).unwrap().to_le_bytes();
        [b"data", &size[..], sound].concat()
    };
    let note = b"note\x04\0\0\0abcd".to_vec();
    let parts = [data(&sound[..1000]), note, data(&[]), data(&sound[1000..])].concat();
    let whole = [head, &parts].concat();
    assert_same(&hear_bytes(&whole), &hear(&fixture("s16.wav")));
    let cut = hear_bytes(&whole[..whole.len() - 1000]);
    assert_eq!(
        cut.channels[0].len(),
        hear(&fixture("s16.wav")).channels[0].len() - 500
    );
    assert!(
        cut.warnings[0].contains("promises 0.30 s"),
        "{:?}",
        cut.warnings
    );
}

#[test]
fn mp3_in_wav_is_mp3() {
    // With LAME's tag, and without.
    for name in ["lame.mp3", "mono.mp3"] {
        let wav = in_wav(&bytes(name));
        assert_same(&hear_bytes(&wav), &hear(&fixture(name)));
    }
}

/// An MP3 stream in a WAV file, with the delay that FFmpeg states for any encoder.
fn in_wav(mp3: &[u8]) -> Vec<u8> {
    let mut header = b"RIFF\0\0\0\0WAVEfmt \x1e\0\0\0\x55\0\x01\0\x44\xac\0\0".to_vec();
    header.extend([0x40, 0x1f, 0, 0, 1, 0, 0, 0, 12, 0]);
    header.extend([1, 0, 2, 0, 0, 0, 0x80, 4, 1, 0, 0x71, 5]);
    header.extend(b"data");
    header.extend((mp3.len() as u32).to_le_bytes());
    let size = (header.len() + mp3.len() - 8) as u32;
    header[4..8].copy_from_slice(&size.to_le_bytes());
    [&header, mp3].concat()
}

#[test]
fn samples_in_more_bytes_than_they_need_are_read() {
    // 12 bits in 2 bytes, 20 in 3, 24 in 4: the low ones are 0.
    for (n_bits, n_bytes) in [(12_u16, 2_u16), (20, 3), (24, 4)] {
        let sample = |i: i64| (i * 7919 % 4096 - 2048) << (8 * n_bytes - 12);
        let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0".to_vec();
        wav.extend((8000 * u32::from(n_bytes)).to_le_bytes());
        wav.extend([n_bytes.to_le_bytes(), n_bits.to_le_bytes()].concat());
        wav.extend(b"data");
        wav.extend((1000 * u32::from(n_bytes)).to_le_bytes());
        for i in 0..1000 {
            wav.extend(&sample(i).to_le_bytes()[..usize::from(n_bytes)]);
        }
        let heard = hear_bytes(&wav);
        let full_scale = (1_i64 << (8 * n_bytes - 1)) as f32;
        let expected: Vec<f32> = (0..1000).map(|i| sample(i) as f32 / full_scale).collect();
        assert_eq!(heard.channels, [expected], "{n_bits} bits");
    }
}

#[test]
fn an_aiff_form_without_a_length_is_read() {
    let mut aiff = bytes("s16.aiff");
    aiff[4..8].fill(0);
    assert_same(&hear_bytes(&aiff), &hear(&fixture("s16.aiff")));
}

// Streams that change.

#[test]
fn channels_that_change_on_the_way_are_converted() {
    for (one, other) in [("mono.mp3", "stereo.mp3"), ("mono.aac", "stereo.aac")] {
        for (first, second) in [(one, other), (other, one)] {
            let (a, b) = (hear(&fixture(first)), hear(&fixture(second)));
            let heard = hear_bytes(&[bytes(first), bytes(second)].concat());
            assert_eq!(heard.channels.len(), a.channels.len());
            let n = heard.channels[0].len();
            let expected = a.channels[0].len() + b.channels[0].len();
            // Padding of the second counts, and is not trimmed within a stream.
            assert!(
                n >= expected && n < expected + 4000,
                "{first}: {n}, not {expected}"
            );
            let tail = level(&heard.channels[0][n / 2..]);
            assert!(
                (tail - level(&b.channels[0])).abs() < 0.05,
                "{first}: {tail}"
            );
            assert!(
                heard.warnings[0].contains("converted"),
                "{:?}",
                heard.warnings
            );
        }
    }
}

#[test]
fn another_rate_in_a_chained_file_is_converted() {
    let heard = hear(&fixture("changed.ogg"));
    assert_eq!((heard.channels[0].len(), heard.rate_hz), (26_460, 44_100));
    assert!(
        heard.warnings[0].contains("22050 Hz"),
        "{:?}",
        heard.warnings
    );
}

// Channels and tracks.

#[test]
fn surround_sound_is_decoded_in_the_order_of_wav() {
    for name in ["six.m4a", "six.opus", "six.aac"] {
        let heard = hear(&fixture(name));
        assert_eq!(heard.channels.len(), 6, "{name}");
        assert_eq!(heard.warnings, [""; 0], "{name}");
        let levels: Vec<f32> = heard.channels.iter().map(|it| level(it)).collect();
        // Left 1, right 1/2, center 3/4, nothing low, back 1/4 and 1/4 of half full scale.
        let expected = [0.5, 0.25, 0.375, 0.0, 0.125, 0.125];
        for (level, expected) in levels.iter().zip(expected) {
            assert!((level - expected).abs() < 0.04, "{name}: {levels:?}");
        }
    }
}

#[test]
fn the_default_track_is_read_and_the_others_are_named() {
    for name in ["default.mka", "default.m4a"] {
        let level = |track| {
            let heard = hear_track(&fixture(name), track);
            (level(&heard.channels[0]), heard.warnings)
        };
        let (default, warnings) = level(None);
        assert!((default - 0.5).abs() < 0.05, "{name}: {default}");
        assert!(warnings[0].contains("track 2 ("), "{warnings:?}");
        assert!(warnings[0].contains("not track 1 ("), "{warnings:?}");
        let (other, warnings) = level(Some(1));
        assert!((other - 0.25).abs() < 0.05, "{name}: {other}");
        assert_eq!(warnings, [""; 0]);
        let Err(error) = AudioReader::open_track(&fixture(name), Some(3)) else {
            panic!("there is no third track");
        };
        assert!(
            matches!(error, AudioError::NoTrack { n_tracks: 2, .. }),
            "{error}"
        );
    }
}

// Recorded live.

#[test]
fn a_live_recording_is_not_called_cut() {
    let live = bytes("live.webm");
    assert_eq!(hear_bytes(&live).warnings, [""; 0]);
    let cut = hear_bytes(&live[..live.len() - 20]);
    assert!(cut.warnings[0].contains("cut short"), "{:?}", cut.warnings);
}

// Matroska.

#[test]
fn sound_that_begins_later_than_the_picture_is_late() {
    let heard = hear(&fixture("late.mkv"));
    assert_eq!(heard.warnings, [""; 0]);
    let samples = &heard.channels[0];
    let begins = samples.iter().position(|it| it.abs() > 0.1).unwrap();
    // The glide begins 0.1 s after the sound, which begins 0.25 s after the picture.
    let secs = begins as f64 / f64::from(heard.rate_hz);
    assert!((secs - 0.35).abs() < 0.002, "{secs}");
}

// MP3.

#[test]
fn a_free_bit_rate_is_named() {
    let mut mp3 = bytes("mono.mp3");
    let mut at = 0;
    while at + 4 < mp3.len() {
        let len = 144 * 48_000 / 44_100 + usize::from(mp3[at + 2] >> 1 & 1);
        mp3[at + 2] &= 0x0f;
        at += len;
    }
    let id3v2 = b"ID3\x04\0\0\0\0\0\x05\0\0\0\0\0".to_vec();
    for tagged in [vec![], id3v2] {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), [tagged, mp3.clone()].concat()).unwrap();
        let Err(error) = AudioReader::open(file.path()) else {
            panic!("it was opened");
        };
        assert!(error.to_string().contains("at a free bit rate"), "{error}");
    }
}

// Names.

#[test]
fn a_message_is_one_line_whatever_the_name() {
    let Err(error) = AudioReader::open(Path::new("no\nsuch\r\u{1b}[2Jsong.wav")) else {
        panic!("it was opened");
    };
    let told = error.to_string();
    assert!(
        told.starts_with(r"no\nsuch\r\u{1b}[2Jsong.wav does not exist"),
        "{told}"
    );
}

// Found by fuzzing.

#[test]
fn packets_of_absurd_length_in_caf_take_no_room() {
    // Bytes and frames in a packet.
    for at in [36, 40] {
        let mut caf = bytes("pcm.caf");
        caf[at] = 0x10;
        assert_same(&hear_bytes(&caf), &hear(&fixture("pcm.caf")));
    }
}
