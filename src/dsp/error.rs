//! What can be wrong with feature settings.

/// Settings, as read from a model's `config.json`, that no feature can be computed with.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DspError {
    /// One setting is out of its range.
    #[error("the feature setting `{field}` must be {expected}, but it is {found}")]
    Setting {
        /// Name of the setting.
        field: &'static str,
        /// What it may be.
        expected: String,
        /// What it is.
        found: String,
    },
}

/// `Ok` if `holds`, else the error that names the setting.
pub(super) fn require(
    holds: bool,
    field: &'static str,
    expected: impl Into<String>,
    found: impl ToString,
) -> Result<(), DspError> {
    if holds {
        return Ok(());
    }
    Err(DspError::Setting {
        field,
        expected: expected.into(),
        found: found.to_string(),
    })
}
