//! Arrays of a NumPy archive.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A `.npz` file: a zip of `.npy` arrays.
pub struct Npz(zip::ZipArchive<File>);

impl Npz {
    pub fn open(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(zip::ZipArchive::new(file).unwrap())
    }

    /// The values of one array in C order.
    pub fn array<T: npyz::Deserialize>(&mut self, name: &str) -> Vec<T> {
        let mut bytes = Vec::new();
        let mut entry = self.0.by_name(&format!("{name}.npy")).unwrap();
        entry.read_to_end(&mut bytes).unwrap();
        let array = npyz::NpyFile::new(&bytes[..]).unwrap();
        assert_eq!(array.order(), npyz::Order::C, "{name}");
        array.into_vec().unwrap()
    }
}
