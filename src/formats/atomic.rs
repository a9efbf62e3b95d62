//! Files that are never half written.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::FormatError;

/// Writes a file beside its place and moves it there once it is whole.
///
/// Until then, and if `write` fails, what was there before stays.
///
/// # Errors
/// [`FormatError::Io`], which names the file.
pub fn write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FormatError> {
    replace(path, write).map_err(|source| FormatError::writing(path, source))
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = BufWriter::new(beside().tempfile_in(folder)?);
    write(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Temporary files are private by default; these become the user's own files.
fn beside() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".melograph-");
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
        write(&path, |file| file.write_all(b"old")).unwrap();
        let error = write(&path, |file| {
            file.write_all(b"new")?;
            Err(io::Error::other("disk full"))
        });
        assert!(
            error
                .unwrap_err()
                .to_string()
                .ends_with("song.f0.csv could not be written: disk full")
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let error = write(Path::new("/nowhere/song.pv"), |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("/nowhere/song.pv"), "{error}");
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
        write(&folder.path().join("ours"), |_| Ok(())).unwrap();
        std::fs::write(folder.path().join("plain"), "").unwrap();
        assert_eq!(mode("ours"), mode("plain"));
    }
}
