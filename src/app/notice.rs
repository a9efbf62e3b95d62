//! Notices: what went wrong in one sentence, its causes on demand.

use std::error::Error;

use super::command::Command;

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
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// How grave it is.
    pub severity: Severity,
    /// One sentence: what happened and what to do.
    pub text: String,
    /// The causes, outermost first; may be empty.
    pub details: String,
    /// What can be done about it.
    pub action: Option<Box<NoticeAction>>,
}

/// A button on a notice.
#[derive(Clone, Debug, PartialEq)]
pub struct NoticeAction {
    /// What stands on it.
    pub label: &'static str,
    /// What it asks for.
    pub command: Command,
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
            causes.push(plain(&error.to_string()));
            cause = error.source();
        }
        let notice = Self {
            details: causes.join("\n"),
            ..Self::error(sentence(&plain(&error.to_string())))
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

    /// The same with a button.
    pub fn with_action(self, label: &'static str, command: impl Into<Command>) -> Self {
        let command = command.into();
        Self {
            action: Some(Box::new(NoticeAction { label, command })),
            ..self
        }
    }

    /// Whether it goes away by itself.
    pub fn is_transient(&self) -> bool {
        self.severity == Severity::Info && self.action.is_none()
    }

    fn new(severity: Severity, text: impl Into<String>) -> Self {
        Self {
            severity,
            text: text.into(),
            details: String::new(),
            action: None,
        }
    }
}

/// An error's text without the system's number for it, and without the file that was only there
/// to be renamed: neither tells a person anything.
fn plain(text: &str) -> String {
    let mut plain = text.to_owned();
    cut_out(&mut plain, " (os error ", ")");
    cut_out(&mut plain, " at path \"", "\"");
    plain
}

/// Takes out what begins and ends like this, wherever it is.
fn cut_out(text: &mut String, begin: &str, end: &str) {
    while let Some(start) = text.find(begin) {
        let behind = start + begin.len();
        let length = text[behind..].find(end);
        let stop = length.map_or(text.len(), |length| behind + length + end.len());
        text.replace_range(start..stop, "");
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

    #[test]
    fn no_number_of_the_system_and_no_temporary_name_is_shown() {
        let text = "/a/song.melograph could not be written: Read-only file system \
                    (os error 30) at path \"/a/.melograph-Xy12\"";
        let error = std::io::Error::other(text);
        assert_eq!(
            Notice::from_error(&error).text,
            "/a/song.melograph could not be written: Read-only file system."
        );
    }
}
