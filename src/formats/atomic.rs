//! Files that are never half written, with this room's errors.

use std::io::{self, Write};
use std::path::Path;

use super::FormatError;
use crate::files::replace;

/// [`replace`] with an error that names the file.
///
/// # Errors
/// [`FormatError::Io`].
pub fn write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FormatError> {
    replace(path, write).map_err(|source| FormatError::writing(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let error = write(Path::new("/nowhere/song.pv"), |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("/nowhere/song.pv"), "{error}");
    }
}
