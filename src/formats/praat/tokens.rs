//! What of a text file Praat reads: numbers, texts and flags that stand alone; all else is for people.

use std::borrow::Cow;
use std::path::Path;

use crate::formats::FormatError;
use crate::formats::place::TextPlace;

/// What stands for a number that there is none of.
const UNDEFINED: &str = "--undefined--";

/// The tokens of a text, one after the other. Long files name what each number is, short ones do not;
/// the tokens are the same.
pub struct Tokens<'a> {
    /// The file, named in errors.
    pub path: &'a Path,
    text: &'a str,
    at: usize,
}

enum Token<'a> {
    Number(f64),
    Text(Cow<'a, str>),
    Flag(&'a str),
    End,
}

impl Token<'_> {
    fn kind(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => format!("{text:?}"),
            Self::Flag(flag) => (*flag).to_owned(),
            Self::End => "the end of the file".into(),
        }
    }
}

impl<'a> Tokens<'a> {
    /// The tokens of a text; `path` is named in errors.
    pub fn new(path: &'a Path, text: &'a str) -> Self {
        Self { path, text, at: 0 }
    }

    /// The next number.
    ///
    /// # Errors
    /// [`FormatError::Text`] if something else comes first; `expected` says what the number is.
    pub fn number(&mut self, expected: &'static str) -> Result<f64, FormatError> {
        match self.next() {
            (_, Token::Number(number)) if number.is_finite() => Ok(number),
            (start, token) => Err(self.error(start, expected, &token)),
        }
    }

    /// The next number, if it is no less than `least`.
    ///
    /// # Errors
    /// [`FormatError::Text`].
    pub fn at_least(&mut self, least: f64, expected: &'static str) -> Result<f64, FormatError> {
        match self.next() {
            (_, Token::Number(number)) if number.is_finite() && number >= least => Ok(number),
            (start, token) => Err(self.error(start, expected, &token)),
        }
    }

    /// The next text.
    ///
    /// # Errors
    /// [`FormatError::Text`] if something else comes first.
    pub fn text(&mut self, expected: &'static str) -> Result<Cow<'a, str>, FormatError> {
        match self.next() {
            (_, Token::Text(text)) => Ok(text),
            (start, token) => Err(self.error(start, expected, &token)),
        }
    }

    /// Whether the next flag says that what follows exists.
    ///
    /// # Errors
    /// [`FormatError::Text`] if something else comes first.
    pub fn exists(&mut self, expected: &'static str) -> Result<bool, FormatError> {
        match self.next() {
            (_, Token::Flag(flag)) => Ok(flag == "<exists>"),
            (start, token) => Err(self.error(start, expected, &token)),
        }
    }

    /// Whether nothing comes any more.
    pub fn is_at_end(&self) -> bool {
        let mut rest = Self { ..*self };
        matches!(rest.next(), (_, Token::End))
    }

    /// Where the next token begins.
    pub fn place(&self) -> TextPlace {
        let mut rest = Self { ..*self };
        TextPlace::at(self.text, rest.next().0)
    }

    /// An error at the byte where a token began.
    fn error(&self, start: usize, expected: &'static str, found: &Token) -> FormatError {
        let place = TextPlace::at(self.text, start);
        FormatError::text(self.path, place, expected, &found.kind())
    }

    /// The next token and the byte where it begins.
    fn next(&mut self) -> (usize, Token<'a>) {
        loop {
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start().len();
            let (start, rest) = (self.at, &self.text[self.at..]);
            if rest.is_empty() {
                return (start, Token::End);
            }
            if rest.starts_with('!') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(quoted) = rest.strip_prefix('"') {
                return (start, self.quoted(quoted));
            } else {
                let word = rest.split_whitespace().next().unwrap_or(rest);
                self.at += word.len();
                if let Some(token) = token(word) {
                    return (start, token);
                }
            }
        }
    }

    /// The text up to the quote that is not doubled; a text that does not end goes to the end.
    fn quoted(&mut self, quoted: &'a str) -> Token<'a> {
        let bytes = quoted.as_bytes();
        let mut end = 0;
        while end < bytes.len() {
            match (bytes[end], bytes.get(end + 1)) {
                (b'"', Some(b'"')) => end += 2,
                (b'"', _) => break,
                _ => end += 1,
            }
        }
        self.at += (1 + end + 1).min(1 + quoted.len());
        let text = &quoted[..end];
        Token::Text(match text.contains('"') {
            true => text.replace("\"\"", "\"").into(),
            false => text.into(),
        })
    }
}

fn token(word: &str) -> Option<Token<'_>> {
    if word == UNDEFINED {
        return Some(Token::Number(f64::NAN));
    }
    if word.starts_with('<') && word.ends_with('>') {
        return Some(Token::Flag(word));
    }
    // "inf" and "nan" are words
    let is_numeric = word.ends_with(|c: char| c.is_ascii_digit());
    let number = word.parse().ok().filter(|_| is_numeric);
    number.map(Token::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_alone_counts() {
        let text = "intervals [1]: ! 5\n  xmin = 0.5 text = \"l\"\"a\" tiers? <exists> nan";
        let mut tokens = Tokens::new(Path::new("a"), text);
        assert_eq!(tokens.number("a time").unwrap(), 0.5);
        assert_eq!(tokens.text("a text").unwrap(), "l\"a");
        assert!(tokens.exists("tiers").unwrap());
        let error = tokens.number("a time").unwrap_err().to_string();
        assert_eq!(
            error,
            "a, line 2, column 47: expected a time, found the end of the file"
        );
        assert!(tokens.is_at_end());
        let mut tokens = Tokens::new(Path::new("a"), "5 \"x");
        assert!(
            tokens
                .text("a text")
                .unwrap_err()
                .to_string()
                .contains("found 5")
        );
        assert_eq!(tokens.text("a text").unwrap(), "x");
    }
}
