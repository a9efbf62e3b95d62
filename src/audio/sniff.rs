//! What kind of file this is, by its first bytes, when it is not a recording.
//!
//! Decoders search a whole megabyte for something they know, and would hear MP3
//! in a photograph; so well-known other files are turned away by name first.

/// How many bytes from the start of a file [`kind`] wants.
pub const HEAD_LEN: usize = 1024;

/// What a file is, if it is nothing that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No sound at all.
    NotAudio(&'static str),
    /// Sound or video in a form that cannot be decoded here.
    Foreign(&'static str),
}

/// First bytes, and what has them.
const SIGNATURES: &[(&[u8], Kind)] = &[
    (b"\xff\xd8\xff", Kind::NotAudio("a JPEG image")),
    (b"\x89PNG", Kind::NotAudio("a PNG image")),
    (b"GIF8", Kind::NotAudio("a GIF image")),
    (b"II*\0", Kind::NotAudio("a TIFF image")),
    (b"MM\0*", Kind::NotAudio("a TIFF image")),
    (b"%PDF", Kind::NotAudio("a PDF document")),
    (
        b"PK\x03\x04",
        Kind::NotAudio("a ZIP archive or an office document"),
    ),
    (b"\x1f\x8b", Kind::NotAudio("a gzip archive")),
    (b"7z\xbc\xaf", Kind::NotAudio("a 7z archive")),
    (b"Rar!", Kind::NotAudio("a RAR archive")),
    (b"\x7fELF", Kind::NotAudio("a program")),
    (b"MZ\x90", Kind::NotAudio("a program")),
    (b"SQLite format", Kind::NotAudio("a database")),
    (b"\x93NUMPY", Kind::NotAudio("a NumPy array")),
    (b"MThd", Kind::NotAudio("a MIDI file (notes without sound)")),
    (
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
        Kind::Foreign("Windows Media"),
    ),
    (b"FLV\x01", Kind::Foreign("Flash video")),
    (b"#!AMR", Kind::Foreign("AMR speech")),
    (b"MAC ", Kind::Foreign("Monkey's Audio")),
    (b"wvpk", Kind::Foreign("WavPack sound")),
    (b"MPCK", Kind::Foreign("Musepack sound")),
    (b"MP+", Kind::Foreign("Musepack sound")),
    (b"TTA1", Kind::Foreign("True Audio")),
    (b"DSD ", Kind::Foreign("DSD sound")),
    (b"FRM8", Kind::Foreign("DSD sound")),
    (b"riff\x2e\x91\xcf\x11", Kind::Foreign("Sony Wave64 sound")),
    (b".snd", Kind::Foreign("Sun AU sound")),
    (b".RMF", Kind::Foreign("RealMedia")),
];

/// Names a file by its first bytes; `None` if it may be a recording.
pub fn kind(head: &[u8]) -> Option<Kind> {
    let signature = SIGNATURES.iter().find(|(mark, _)| head.starts_with(mark));
    if let Some(&(_, kind)) = signature {
        return Some(kind);
    }
    match (head.get(..4), head.get(8..12)) {
        (Some(b"RIFF"), Some(b"WEBP")) => Some(Kind::NotAudio("a WebP image")),
        (Some(b"RIFF"), Some(b"AVI ")) => Some(Kind::Foreign("AVI video")),
        _ => is_text(head).then_some(Kind::NotAudio("a text file")),
    }
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
            Some(Kind::NotAudio("a text file"))
        );
        assert_eq!(
            kind("na\u{ef}ve".as_bytes()),
            Some(Kind::NotAudio("a text file"))
        );
        assert_eq!(
            kind(b"\xff\xd8\xff\xe0\0\x10JFIF"),
            Some(Kind::NotAudio("a JPEG image"))
        );
        assert_eq!(kind(b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0"), None);
        assert_eq!(kind(b"\xff\xfb\x90\x64"), None);
        assert_eq!(kind(b"fLaC\0\0\0\x22"), None);
        assert_eq!(kind(b""), None);
    }
}
