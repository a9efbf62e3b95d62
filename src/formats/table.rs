//! Lines and columns of text, with their line numbers.

use std::path::Path;

use super::FormatError;

/// Rows of a text file with columns between commas, semicolons, tabs or blanks.
///
/// Empty lines, and comments (`#`) below the first line, are skipped. A first
/// line without a number in column 1 is the header.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    path: &'a Path,
    /// Names of the columns in lower case; empty without a header.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Row<'a>>,
}

/// One line of columns.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Line number from 1.
    pub line: usize,
    /// The columns, without surrounding blanks and quotes.
    pub fields: Vec<&'a str>,
}

impl<'a> Table<'a> {
    /// Takes text apart; `path` is named in errors.
    pub fn parse(path: &'a Path, text: &'a str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(i, line)| (i + 1, line.trim()));
        let mut table = Self {
            path,
            header: Vec::new(),
            rows: Vec::new(),
        };
        let Some((line, first)) = lines.find(|(_, line)| !line.is_empty()) else {
            return table;
        };
        let rest: Vec<_> = lines
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let separator = Separator::of(rest.first().map_or(first, |(_, line)| line));
        let fields = separator.split(first.trim_start_matches('#').trim());
        if first.starts_with('#')
            || fields
                .first()
                .is_none_or(|field| field.parse::<f64>().is_err())
        {
            table.header = Separator::of(first)
                .split(first.trim_start_matches('#'))
                .iter()
                .map(|f| f.to_lowercase())
                .collect();
        } else {
            table.rows.push(Row { line, fields });
        }
        table.rows.extend(rest.into_iter().map(|(line, text)| Row {
            line,
            fields: separator.split(text),
        }));
        table
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
    /// [`FormatError::Line`] if there is none; `expected` says what it should be.
    pub fn number(
        &self,
        row: &Row,
        column: usize,
        expected: &'static str,
    ) -> Result<f64, FormatError> {
        let field = row.fields.get(column).copied();
        let number = field
            .and_then(|field| field.parse().ok())
            .filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.error(row, expected, field))
    }

    fn error(&self, row: &Row, expected: &'static str, found: Option<&str>) -> FormatError {
        let short = |field: &str| format!("{:?}", field.chars().take(40).collect::<String>());
        FormatError::Line {
            path: self.path.into(),
            line: row.line,
            expected,
            found: found.map_or_else(|| format!("only {} columns", row.fields.len()), short),
        }
    }
}

#[derive(Clone, Copy)]
enum Separator {
    Char(char),
    Blanks,
}

impl Separator {
    fn of(line: &str) -> Self {
        [',', ';', '\t']
            .into_iter()
            .find(|&c| line.contains(c))
            .map_or(Self::Blanks, Self::Char)
    }

    fn split(self, line: &str) -> Vec<&str> {
        match self {
            Self::Char(c) => line
                .split(c)
                .map(|field| field.trim().trim_matches('"'))
                .collect(),
            Self::Blanks => line.split_whitespace().collect(),
        }
    }
}

/// The text that a file holds; `path` is named in the error.
///
/// # Errors
/// [`FormatError::Content`] if it is no UTF-8.
pub fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, FormatError> {
    std::str::from_utf8(bytes).map_err(|_| FormatError::content(path, "text", "binary data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<[f64; 2]> {
        let table = Table::parse(Path::new("a.txt"), text);
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
        ] {
            assert_eq!(numbers(text), expected, "{text:?}");
        }
        assert_eq!(numbers(""), Vec::<[f64; 2]>::new());
        let table = Table::parse(Path::new("a"), "# time frequency\n0 1");
        assert_eq!(table.header, ["time", "frequency"]);
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
            "a.csv, line 3: expected a frequency in Hz, found \"nan\""
        );
        assert_eq!(
            error(2),
            "a.csv, line 4: expected a frequency in Hz, found only 1 columns"
        );
    }
}
