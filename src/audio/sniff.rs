//! What kind of file this is, by its first bytes, when it is not a recording.
//!
//! Decoders search a whole megabyte for something they know, and would hear MP3
//! in a photograph; so well-known other files are turned away by name first.

/// How many bytes from the start of a file [`kind`] wants.
pub const HEAD_LEN: usize = 8192;

/// Packets of a transport stream that are looked at.
const TRANSPORT_PACKETS: usize = 6;
/// Frames of MPEG audio at a free bit rate that are looked at.
const FREE_FRAMES: usize = 3;

/// What a file is, if it is nothing that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// No sound at all.
    NotAudio(&'static str),
    /// Sound or video in a form that cannot be decoded here.
    Foreign(&'static str),
}

/// First bytes, and what has them.
const SIGNATURES: &[(&[u8], Undecodable)] = &[
    (b"\xff\xd8\xff", Undecodable::NotAudio("a JPEG image")),
    (b"\x89PNG", Undecodable::NotAudio("a PNG image")),
    (b"GIF8", Undecodable::NotAudio("a GIF image")),
    (b"II*\0", Undecodable::NotAudio("a TIFF image")),
    (b"MM\0*", Undecodable::NotAudio("a TIFF image")),
    (b"%PDF", Undecodable::NotAudio("a PDF document")),
    (
        b"PK\x03\x04",
        Undecodable::NotAudio("a ZIP archive or an office document"),
    ),
    (b"\x1f\x8b", Undecodable::NotAudio("a gzip archive")),
    (b"7z\xbc\xaf", Undecodable::NotAudio("a 7z archive")),
    (b"Rar!", Undecodable::NotAudio("a RAR archive")),
    (b"\x7fELF", Undecodable::NotAudio("a program")),
    (b"MZ\x90", Undecodable::NotAudio("a program")),
    (b"SQLite format", Undecodable::NotAudio("a database")),
    (b"\x93NUMPY", Undecodable::NotAudio("a NumPy array")),
    (
        b"MThd",
        Undecodable::NotAudio("a MIDI file (notes without sound)"),
    ),
    (
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
        Undecodable::Foreign("Windows Media"),
    ),
    (b"FLV\x01", Undecodable::Foreign("Flash video")),
    (b"#!AMR", Undecodable::Foreign("AMR speech")),
    (b"MAC ", Undecodable::Foreign("Monkey's Audio")),
    (b"wvpk", Undecodable::Foreign("WavPack sound")),
    (b"MPCK", Undecodable::Foreign("Musepack sound")),
    (b"MP+", Undecodable::Foreign("Musepack sound")),
    (b"TTA1", Undecodable::Foreign("True Audio")),
    (b"DSD ", Undecodable::Foreign("DSD sound")),
    (b"FRM8", Undecodable::Foreign("DSD sound")),
    (
        b"riff\x2e\x91\xcf\x11",
        Undecodable::Foreign("Sony Wave64 sound"),
    ),
    (b".snd", Undecodable::Foreign("Sun AU sound")),
    (b".RMF", Undecodable::Foreign("RealMedia")),
    (b"RIFX", Undecodable::Foreign("big-endian WAV sound")),
    (
        b"Creative Voice File",
        Undecodable::Foreign("Creative Voice sound"),
    ),
    (b"\x0b\x77", Undecodable::Foreign("AC-3 sound")),
];

/// Names a file by its first bytes; `None` if it may be a recording.
pub fn kind(head: &[u8]) -> Option<Undecodable> {
    let signature = SIGNATURES.iter().find(|(mark, _)| head.starts_with(mark));
    if let Some(&(_, kind)) = signature {
        return Some(kind);
    }
    if head.starts_with(b"OggS") && head.get(28..36) == Some(b"Speex   ") {
        return Some(Undecodable::Foreign("Speex speech"));
    }
    if is_transport_stream(head) {
        return Some(Undecodable::Foreign("an MPEG transport stream"));
    }
    if is_free_format(head) {
        return Some(Undecodable::Foreign("MPEG audio at a free bit rate"));
    }
    match (head.get(..4), head.get(8..12)) {
        (Some(b"RIFF"), Some(b"WEBP")) => Some(Undecodable::NotAudio("a WebP image")),
        (Some(b"RIFF"), Some(b"AVI ")) => Some(Undecodable::Foreign("AVI video")),
        _ => is_text(head).then_some(Undecodable::NotAudio("a text file")),
    }
}

/// Packets of 188 bytes that begin with the same one (ISO/IEC 13818-1, 2.4.3.2).
fn is_transport_stream(head: &[u8]) -> bool {
    let mut first = (0..TRANSPORT_PACKETS).map(|i| head.get(188 * i));
    first.all(|byte| byte == Some(&0x47))
}

/// Frames of one length whose headers (ISO/IEC 11172-3, 2.4.1.3) leave their bit rate open: no decoder
/// here knows where they end, nor does FFmpeg.
fn is_free_format(head: &[u8]) -> bool {
    let is_free = |at: usize| match head.get(at..at + 3) {
        Some(&[0xff, kind, rate]) => {
            kind & 0xe0 == 0xe0 && kind & 0x06 != 0 && rate & 0xf0 == 0 && rate & 0x0c != 0x0c
        }
        _ => false,
    };
    let is_like_first = |at: usize| is_free(at) && head.get(at + 1) == head.get(1);
    let repeats =
        |len: &usize| (1..FREE_FRAMES).all(|i| (0..=i).any(|slot| is_like_first(i * len + slot)));
    is_free(0) && (24..head.len() / (FREE_FRAMES - 1)).any(|len| repeats(&len))
}

/// UTF-8 (its last character may be cut) without control bytes.
fn is_text(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    valid
        && !head.is_empty()
        && head
            .iter()
            .all(|&b| b >= 32 || matches!(b, 9 | 10 | 12 | 13))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_no_recording_and_lets_recordings_pass() {
        assert_eq!(
            kind(b"time,frequency\n0.0,220.0\n"),
            Some(Undecodable::NotAudio("a text file"))
        );
        assert_eq!(
            kind("na\u{ef}ve".as_bytes()),
            Some(Undecodable::NotAudio("a text file"))
        );
        assert_eq!(
            kind(b"\xff\xd8\xff\xe0\0\x10JFIF"),
            Some(Undecodable::NotAudio("a JPEG image"))
        );
        let packets = [[0x47].as_slice(), &[0xff; 187]].concat().repeat(6);
        let foreign = Some(Undecodable::Foreign("an MPEG transport stream"));
        assert_eq!(kind(&packets), foreign);
        let frame = [[0xff, 0xfb, 0x00, 0x64].as_slice(), &[0x55; 500]].concat();
        let free = Some(Undecodable::Foreign("MPEG audio at a free bit rate"));
        assert_eq!(kind(&frame.repeat(3)), free);
        assert_eq!(kind(&frame), None);
        let speex = [b"OggS".as_slice(), &[0; 24], b"Speex   1.2"].concat();
        assert_eq!(kind(&speex), Some(Undecodable::Foreign("Speex speech")));
        assert_eq!(kind(b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0"), None);
        assert_eq!(kind(b"\xff\xfb\x90\x64"), None);
        assert_eq!(kind(b"fLaC\0\0\0\x22"), None);
        assert_eq!(kind(b""), None);
    }
}
