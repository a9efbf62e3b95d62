//! The formats by name, and the files each writes.

use std::fmt;
use std::str::FromStr;

use super::FormatError;

/// What a format holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The contour.
    F0,
    /// The notes.
    Notes,
    /// Both.
    F0AndNotes,
    /// A drawing of everything, the spectrogram included.
    Figure,
}

/// A file format that melodies are written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `time,frequency,confidence,voiced`, every frame.
    Csv,
    /// Time and Hz, negative where unvoiced.
    Mirex,
    /// Time and Hz, 0 where unvoiced.
    Tony,
    /// Fractional MIDI numbers every 20 ms.
    Pv,
    /// Onset, offset, pitch and confidence.
    Notes,
    /// Notes with bends.
    Midi,
    /// Layers of Sonic Visualiser.
    Svl,
    /// A figure in pixels.
    Png,
    /// A figure in lines.
    Svg,
}

impl Format {
    /// All formats, the default first.
    pub const ALL: [Self; 9] = [
        Self::Csv,
        Self::Mirex,
        Self::Tony,
        Self::Pv,
        Self::Notes,
        Self::Midi,
        Self::Svl,
        Self::Png,
        Self::Svg,
    ];

    /// The name it is asked for by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Mirex => "mirex",
            Self::Tony => "tony",
            Self::Pv => "pv",
            Self::Notes => "notes",
            Self::Midi => "midi",
            Self::Svl => "svl",
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }

    /// What follows the recording's name in each file it writes.
    pub fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Csv => &[".f0.csv"],
            Self::Mirex => &[".mirex.txt"],
            Self::Tony => &[".tony.csv"],
            Self::Pv => &[".pv"],
            Self::Notes => &[".notes.csv"],
            Self::Midi => &[".mid"],
            Self::Svl => &[".f0.svl", ".notes.svl"],
            Self::Png => &[".png"],
            Self::Svg => &[".svg"],
        }
    }

    /// The first of [`Format::suffixes`].
    pub fn suffix(self) -> &'static str {
        self.suffixes()[0]
    }

    /// What it holds.
    pub fn content(self) -> Content {
        match self {
            Self::Csv | Self::Mirex | Self::Tony | Self::Pv => Content::F0,
            Self::Notes => Content::Notes,
            Self::Midi | Self::Svl => Content::F0AndNotes,
            Self::Png | Self::Svg => Content::Figure,
        }
    }

    /// The format whose suffix ends `file_name`, the longest suffix winning.
    pub fn of_file(file_name: &str) -> Option<Self> {
        let lower = file_name.to_lowercase();
        let length = |format: &Self| {
            let fits = format
                .suffixes()
                .iter()
                .filter(|suffix| lower.ends_with(*suffix));
            fits.map(|suffix| suffix.len()).max()
        };
        let fitting = Self::ALL
            .into_iter()
            .filter(|format| length(format).is_some());
        fitting.max_by_key(length)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(name: &str) -> Result<Self, FormatError> {
        let found = Self::ALL
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| FormatError::UnknownFormat(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_suffixes_lead_back() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse::<Format>().unwrap(), format);
            for suffix in format.suffixes() {
                assert_eq!(Format::of_file(&format!("A Song{suffix}")), Some(format));
            }
        }
        assert_eq!(Format::of_file("song.txt"), None);
    }

    #[test]
    fn an_unknown_name_is_answered_with_all_names() {
        let message = "jpeg".parse::<Format>().unwrap_err().to_string();
        assert!(
            Format::ALL
                .iter()
                .all(|format| message.contains(format.name())),
            "{message}"
        );
    }
}
