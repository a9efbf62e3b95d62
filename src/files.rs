//! Files that are never half written, and names as they are told to people.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes read of a file at a time.
const BLOCK_BYTES: usize = 1 << 20;
/// What names of files that are being written begin with.
const UNFINISHED: &str = ".melograph-";

/// By what a file is known to be as it was: its length, and when it was last changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    bytes: u64,
    /// Nanoseconds since 1970.
    changed_ns: u64,
}

impl FileStamp {
    /// That of a file as it is now; `None` if it cannot be looked at.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH);
        Some(Self {
            bytes: metadata.len(),
            changed_ns: changed.map_or(0, |it| it.as_nanos() as u64),
        })
    }
}

/// Writes a file beside its place and moves it there once it is whole.
///
/// Until then, and if `write` fails, what was there before stays.
///
/// # Errors
/// Whatever `write` returns, or the system says.
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    replace_file(path, |file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    })
}

/// [`replace`] for content that is not written from start to end.
///
/// # Errors
/// Whatever `write` returns, or the system says.
pub fn replace_file<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let mut file = beside()
        .tempfile_in(folder_of(path))
        .map_err(without_temporary_name)?;
    // tells `sweep` that someone is at it; a file system without locks has nothing to tell
    let _ = file.as_file().try_lock();
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Takes away what a write that was killed left unfinished in a folder; other programs of ours may
/// be writing there.
pub fn sweep(folder: &Path) {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    for entry in entries {
        let is_ours = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if is_ours && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path()); // another run may have been faster
        }
    }
}

/// Whether files can be made in a folder, or in the nearest one above that is there. Nothing stays.
///
/// # Errors
/// What the system says against it.
pub fn writable(folder: &Path) -> io::Result<()> {
    let mut above = folder.ancestors().map(or_here);
    let nearest = above.find(|folder| folder.symlink_metadata().is_ok());
    let made = beside().tempfile_in(nearest.unwrap_or(Path::new(".")));
    made.map(drop).map_err(without_temporary_name)
}

/// SHA-256 of a plain file's content in hexadecimal; `go_on` is asked before each block, and `None`
/// returned once it says no.
///
/// # Errors
/// If it is no plain file or cannot be read.
pub fn sha256(path: &Path, go_on: impl Fn() -> bool) -> io::Result<Option<String>> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    while go_on() {
        match file.read(&mut block) {
            Ok(0) => return Ok(Some(format!("{:x}", hasher.finalize()))),
            Ok(n) => hasher.update(&block[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// The folder that a file is in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().map_or(Path::new("."), or_here)
}

fn or_here(folder: &Path) -> &Path {
    match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    }
}

/// The library names the temporary file, of which the user knows nothing.
fn without_temporary_name(error: io::Error) -> io::Error {
    error.kind().into()
}

/// A path as text of one line: bytes that are no UTF-8 are shown as `\xE9`, so that different names
/// stay so, and control characters as `\n`.
pub fn shown(path: &Path) -> Cow<'_, str> {
    let whole = path.to_str();
    if let Some(text) = whole.filter(|text| !text.contains(breaks_a_line)) {
        return text.into();
    }
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match breaks_a_line(c) {
                true => text.extend(c.escape_default()),
                false => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    text.into()
}

/// The last part of a path, as [`shown`]; all of one that has none.
pub fn shown_name(path: &Path) -> Cow<'_, str> {
    shown(path.file_name().unwrap_or(path.as_os_str()).as_ref())
}

/// Whether a character moves what follows it, in a terminal or in a window.
fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Temporary files are private by default; these become the user's own files.
fn beside() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.f0.csv");
        replace(&path, |file| file.write_all(b"old")).unwrap();
        let error = replace(&path, |file| {
            file.write_all(b"new")?;
            Err(io::Error::other("disk full"))
        });
        assert_eq!(error.unwrap_err().to_string(), "disk full");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told_without_the_temporary_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let inside = file.join("below/song.f0.csv");
        for error in [
            writable(folder_of(&inside)).unwrap_err(),
            replace(&inside, |_| Ok(())).unwrap_err(),
        ] {
            assert!(!error.to_string().contains(".melograph-"), "{error}");
        }
        assert!(writable(&folder.path().join("new/and new")).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_was_left_unfinished_is_swept_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".melograph-left");
        fs::write(&left, "half").unwrap();
        let song = folder.path().join("song.melograph");
        replace(&song, |file| {
            file.write_all(b"whole")?;
            sweep(folder.path());
            Ok(())
        })
        .unwrap();
        assert!(!left.exists());
        assert_eq!(fs::read(song).unwrap(), b"whole");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_stay_apart_and_in_one_line() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let name = |bytes: &'static [u8]| shown(Path::new(OsStr::from_bytes(bytes))).into_owned();
        assert_eq!(name(b"caf\xe9.wav"), "caf\\xE9.wav");
        assert_eq!(name(b"caf\xe8.wav"), "caf\\xE8.wav");
        assert_eq!(name("caf\u{e9}.wav".as_bytes()), "caf\u{e9}.wav");
        assert_eq!(
            name(b"one\ntwo\x1b[2J\xe9.wav"),
            "one\\ntwo\\u{1b}[2J\\xE9.wav"
        );
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_the_file_as_the_umask_says() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            folder
                .path()
                .join(name)
                .metadata()
                .unwrap()
                .permissions()
                .mode()
        };
        replace(&folder.path().join("ours"), |_| Ok(())).unwrap();
        std::fs::write(folder.path().join("plain"), "").unwrap();
        assert_eq!(mode("ours"), mode("plain"));
    }
}
