//! Lines and columns of text, with their line numbers.

use std::borrow::Cow;
use std::path::Path;

use super::FormatError;
use super::place::{TextPlace, line_break};

/// What begins a comment.
const COMMENTS: [&str; 3] = ["#", "%", "//"];

/// What fills a file up behind its text: the end that DOS puts there, and zeros.
const FILLERS: [char; 2] = ['\u{1a}', '\0'];

/// Rows of a text file with columns between commas, semicolons, tabs or blanks.
///
/// Empty lines and comments are skipped. The header is the first line, if it is no comment and has no
/// number in column 1, or else the last comment above the rows.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    path: &'a Path,
    text: &'a str,
    /// Names of the columns in lower case; empty without a header.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Row<'a>>,
}

/// One line of columns.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    text: &'a str,
    separator: Separator,
}

impl<'a> Row<'a> {
    /// A column, without surrounding blanks and quotes.
    pub fn field(&self, column: usize) -> Option<&'a str> {
        self.separator.split(self.text).nth(column)
    }
}

impl<'a> Table<'a> {
    /// Takes text apart; `path` is named in errors.
    pub fn parse(path: &'a Path, text: &'a str) -> Self {
        let all: Vec<_> = lines(text).collect();
        let n_above = all.iter().take_while(|it| is_comment(it)).count();
        let (above, rest) = all.split_at(n_above);
        let rows = rest.iter().filter(|it| !is_comment(it));
        let mut rows: Vec<&str> = rows.copied().collect();
        let mut header = above.last().map(|line| without_mark(line));
        if rows.first().is_some_and(|it| !begins_with_a_number(it)) {
            header = Some(rows.remove(0));
        }
        let separator = Separator::of(rows.first().unwrap_or(&""));
        let rows = rows.into_iter().map(|text| Row { text, separator });
        Self {
            path,
            text,
            header: header.map(names).unwrap_or_default(),
            rows: rows.collect(),
        }
    }

    /// Index of the first column that has one of these names.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        self.header
            .iter()
            .position(|name| names.contains(&name.as_str()))
    }

    /// A finite number in a column of a row.
    ///
    /// # Errors
    /// [`FormatError::Text`] if there is none; `expected` says what it should be.
    pub fn number(
        &self,
        row: &Row,
        column: usize,
        expected: &'static str,
    ) -> Result<f64, FormatError> {
        let field = row.field(column);
        let number = field.and_then(|field| row.separator.number(field));
        number
            .filter(|number| number.is_finite())
            .ok_or_else(|| self.error(row, expected, field))
    }

    fn error(&self, row: &Row, expected: &'static str, found: Option<&str>) -> FormatError {
        let n_columns = || row.separator.split(row.text).count();
        let end = &row.text[row.text.len()..];
        let place = TextPlace::of(found.unwrap_or(end), self.text);
        let found = match found {
            Some(field) => format!("{field:?}"),
            None => format!("only {} columns", n_columns()),
        };
        FormatError::text(self.path, place, expected, &found)
    }
}

/// Lines that are not empty; they may end as on old Macs, too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split(line_break(text)).map(str::trim);
    lines.filter(|line| !line.is_empty())
}

fn is_comment(line: &str) -> bool {
    COMMENTS.iter().any(|mark| line.starts_with(mark))
}

fn without_mark(line: &str) -> &str {
    line.trim_start_matches(['#', '%', '/']).trim()
}

fn begins_with_a_number(line: &str) -> bool {
    Separator::of(line).n_numbers(line) > 0
}

/// Names of columns, in lower case.
fn names(header: &str) -> Vec<String> {
    let names = Separator::of(header).split(header);
    names.map(str::to_lowercase).collect()
}

/// What is between columns.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Separator {
    Char(char),
    Blanks,
}

impl Separator {
    /// The one that leaves most of a line in numbers: in "0,01;220,5" commas are decimal.
    fn of(line: &str) -> Self {
        let all = [';', '\t', ','].map(Self::Char);
        let possible = all.into_iter().filter(|it| it.is_in(line));
        let possible = possible.chain([Self::Blanks]);
        // the first of the best
        let worst_last = |best: Option<(usize, Self)>, it: Self| match (best, it.n_numbers(line)) {
            (Some(best), n) if n <= best.0 => Some(best),
            (_, n) => Some((n, it)),
        };
        let best = possible.fold(None, worst_last);
        best.map_or(Self::Blanks, |(_, separator)| separator)
    }

    fn is_in(self, line: &str) -> bool {
        matches!(self, Self::Char(c) if line.contains(c))
    }

    /// Numbers that a line begins with, up to eight.
    fn n_numbers(self, line: &str) -> usize {
        let fields = self.split(line).take(8);
        fields.take_while(|it| self.number(it).is_some()).count()
    }

    /// A number; its comma is a decimal one where commas do not separate.
    fn number(self, field: &str) -> Option<f64> {
        match field.parse() {
            Err(_) if self != Self::Char(',') => field.replacen(',', ".", 1).parse().ok(),
            parsed => parsed.ok(),
        }
    }

    fn split(self, line: &str) -> impl Iterator<Item = &str> {
        let (by_char, by_blanks) = match self {
            Self::Char(c) => (Some(line.split(c)), None),
            Self::Blanks => (None, Some(line.split_whitespace())),
        };
        let fields = by_char.into_iter().flatten();
        let fields = fields.chain(by_blanks.into_iter().flatten());
        fields.map(|field| field.trim().trim_matches('"'))
    }
}

/// The text that a file holds: UTF-8, UTF-16 with a byte order mark, or else Latin-1; `path` is named
/// in the error.
///
/// What DOS (Ctrl-Z) and buffers that were written whole (zeros) leave behind it is not part of it.
///
/// # Errors
/// [`FormatError::Content`] if it is no text.
pub fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, str>, FormatError> {
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return text(path, rest),
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        _ => bytes_as_text(bytes),
    };
    let text = text.ok_or_else(|| FormatError::content(path, "text", "binary data"))?;
    Ok(match text {
        Cow::Borrowed(text) => text.trim_end_matches(FILLERS).into(),
        Cow::Owned(text) => text.trim_end_matches(FILLERS).to_owned().into(),
    })
}

fn bytes_as_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let is_filler = |byte: &u8| FILLERS.contains(&char::from(*byte));
    let n_fillers = bytes.iter().rev().take_while(|it| is_filler(it)).count();
    let bytes = &bytes[..bytes.len() - n_fillers];
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.into()),
        Err(_) if bytes.iter().all(|&byte| is_latin_1(byte)) => {
            Some(bytes.iter().copied().map(char::from).collect())
        }
        Err(_) => None,
    }
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'static, str>> {
    let (pairs, rest) = bytes.as_chunks();
    let units: Vec<u16> = pairs.iter().map(|&pair| unit(pair)).collect();
    let text = String::from_utf16(&units).ok()?;
    rest.is_empty().then_some(text.into())
}

/// A byte of text in Latin-1 or in Windows' code page: no control character but those of lines.
fn is_latin_1(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<[f64; 2]> {
        let path = Path::new("a.txt");
        let text = super::text(path, text.as_bytes()).unwrap();
        let table = Table::parse(path, &text);
        let number = |row, column| table.number(row, column, "a number").unwrap();
        table
            .rows
            .iter()
            .map(|row| [number(row, 0), number(row, 1)])
            .collect()
    }

    #[test]
    fn separators_headers_and_comments_are_found() {
        let expected = vec![[0.0, 220.0], [0.5, -1e2]];
        for text in [
            "0,220\n0.5,-100\n",
            "\u{feff}0\t220\r\n\r\n0.5\t-100",
            "time; hz\n0;220\n0.5; -1e2",
            "# time frequency activation\n 0 220 1\n0.5   -100 0\n# end",
            "\"time\",\"frequency\"\n0,220,x\n0.5,-100,y",
            "0;220\r0,5;-100\r",
            "0,0 220,0\n0,5 -100,0",
            "0,0\t220\n0,5\t-100",
            "% made by hand\n// time hz\n0, 220\n\n0.5, -100",
            "# of a song\n# time hz\ntime hz\n0 220\n# here\n0.5 -100",
        ] {
            assert_eq!(numbers(text), expected, "{text:?}");
        }
        assert_eq!(numbers(""), Vec::<[f64; 2]>::new());
        for text in ["# time frequency\n0 1", "# old\nTime,Frequency\n0,1"] {
            let table = Table::parse(Path::new("a"), text);
            assert_eq!(table.header, ["time", "frequency"]);
        }
    }

    #[test]
    fn text_is_read_as_windows_and_old_macs_write_it() {
        let path = Path::new("a.txt");
        let wide = |unit: fn(u16) -> [u8; 2]| "\u{feff}é".encode_utf16().flat_map(unit).collect();
        let files: [Vec<u8>; 4] = [
            "\u{feff}é".into(),
            vec![0xe9],
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
        ];
        for file in files {
            assert_eq!(text(path, &file).unwrap(), "é", "{file:?}");
        }
        for behind in ["\u{1a}", "\0\0\0", "\u{1a}\0\u{1a}"] {
            let wide = format!("\u{feff}é{behind}")
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect();
            let latin_1 = [&[0xe9], behind.as_bytes()].concat();
            for file in [format!("é{behind}").into_bytes(), latin_1, wide] {
                assert_eq!(text(path, &file).unwrap(), "é", "{file:?}");
            }
        }
        for file in [
            &[0xff, 0xfe, 0x00, 0xd8][..],
            &[0xe9, 0x00, 0xe9],
            &[0xff, 0xfe, 0],
        ] {
            assert!(text(path, file).is_err(), "{file:?}");
        }
    }

    #[test]
    fn errors_name_file_line_and_field() {
        let table = Table::parse(Path::new("a.csv"), "0,1\n\n1,nan\n2");
        let error = |i: usize| {
            table
                .number(&table.rows[i], 1, "a frequency in Hz")
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            error(1),
            "a.csv, line 3, column 3: expected a frequency in Hz, found \"nan\""
        );
        assert_eq!(
            error(2),
            "a.csv, line 4, column 2: expected a frequency in Hz, found only 1 columns"
        );
    }
}
