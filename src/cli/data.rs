//! The option that says where corpora lie.

use std::path::PathBuf;

use clap::Args;

use crate::datasets::{DataRoots, DatasetError};

/// Where corpora lie.
#[derive(Args, Clone, Debug)]
pub struct DataArgs {
    /// Folder that holds the corpora's folders, or a TOML file with lines `name = "folder"`; may be
    /// given several times.
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub data: Vec<PathBuf>,
}

impl DataArgs {
    /// The roots they name.
    ///
    /// # Errors
    /// [`DatasetError`] of a file that cannot be used.
    pub fn roots(&self) -> Result<DataRoots, DatasetError> {
        DataRoots::open(&self.data)
    }
}
