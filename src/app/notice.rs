//! Notices: what went wrong in one sentence, its causes on demand.

use std::error::Error;

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something is less than it could be.
    Warning,
    /// What was asked for did not happen.
    Error,
}

impl Severity {
    /// The word before the sentence.
    pub fn label(self) -> &'static str {
        match self {
            Severity::Info => "Note",
            Severity::Warning => "Warning",
            Severity::Error => "Error",
        }
    }
}

/// A sentence for the person, kept until dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How grave it is.
    pub severity: Severity,
    /// One sentence: what happened and what to do.
    pub text: String,
    /// The causes, outermost first; may be empty.
    pub details: String,
}

impl Notice {
    /// Good to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self::new(Severity::Info, text)
    }

    /// Something is less than it could be.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, text)
    }

    /// What was asked for did not happen.
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Severity::Error, text)
    }

    /// An error and, as details, its causes; both go to the log.
    pub fn from_error(error: &(dyn Error + 'static)) -> Self {
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        let notice = Self {
            details: causes.join("\n"),
            ..Self::error(sentence(&error.to_string()))
        };
        log::error!("{} {}", notice.text, notice.details);
        notice
    }

    /// A bug: work that panicked.
    pub fn from_panic(payload: &(dyn std::any::Any + Send)) -> Self {
        let message = payload
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string));
        Self {
            details: message.unwrap_or_default(),
            ..Self::error("This broke down because of a fault in Melograph; please report it.")
        }
    }

    fn new(severity: Severity, text: impl Into<String>) -> Self {
        Self {
            severity,
            text: text.into(),
            details: String::new(),
        }
    }
}

/// Error texts begin small and end bare; a sentence does not. File names stay as they are.
fn sentence(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or_default();
    let mut sentence = text.to_owned();
    if first_word.chars().all(|c| c.is_ascii_lowercase()) && !first_word.is_empty() {
        sentence[..1].make_ascii_uppercase();
    }
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_become_sentences_with_their_causes() {
        let error = anyhow::anyhow!("no such file").context("song.mp3 could not be read");
        let notice = Notice::from_error(error.as_ref());
        assert_eq!(notice.text, "song.mp3 could not be read.");
        assert_eq!(notice.details, "no such file");
        assert_eq!(sentence("no device"), "No device.");
    }
}
