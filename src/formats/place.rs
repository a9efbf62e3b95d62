//! Where in a text something is.

use std::fmt;

/// A place in a text, as editors count: lines and characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextPlace {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
}

impl TextPlace {
    /// The place of a byte of a text; that of its end, if it has fewer.
    pub fn at(text: &str, byte: usize) -> Self {
        let mut end = byte.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_break = line_break(text);
        let line_start = before.rfind(line_break).map_or(0, |it| it + 1);
        Self {
            line: before.matches(line_break).count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The place of a part of a text, which must be a slice of it.
    pub fn of(part: &str, text: &str) -> Self {
        let byte = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        Self::at(text, byte)
    }
}

/// What ends lines; on old Macs they end otherwise.
pub fn line_break(text: &str) -> char {
    if text.contains('\n') { '\n' } else { '\r' }
}

impl fmt::Display for TextPlace {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_1_in_characters() {
        let text = "a\nüb c\n";
        assert_eq!(TextPlace::at(text, 0), TextPlace { line: 1, column: 1 });
        let c = text.find('c').unwrap();
        assert_eq!(TextPlace::at(text, c), TextPlace { line: 2, column: 4 });
        // in the middle of a character
        assert_eq!(TextPlace::at(text, 3), TextPlace { line: 2, column: 1 });
        assert_eq!(TextPlace::at(text, 99), TextPlace { line: 3, column: 1 });
        assert_eq!(TextPlace::at("a\rb", 2), TextPlace { line: 2, column: 1 });
        let lines = "0.5, one\n1.5, two";
        let two = TextPlace::of(&lines[14..], lines);
        assert_eq!(two.to_string(), "line 2, column 6");
    }
}
