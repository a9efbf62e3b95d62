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

    /// The values of one array in C order, whatever its own.
    pub fn array<T: npyz::Deserialize + Copy>(&mut self, name: &str) -> Vec<T> {
        let mut bytes = Vec::new();
        let mut entry = self.0.by_name(&format!("{name}.npy")).unwrap();
        entry.read_to_end(&mut bytes).unwrap();
        let array = npyz::NpyFile::new(&bytes[..]).unwrap();
        let (order, shape) = (array.order(), array.shape().to_vec());
        let values = array.into_vec().unwrap();
        match (order, &shape[..]) {
            (npyz::Order::C, _) => values,
            (npyz::Order::Fortran, &[rows, columns]) => {
                let (rows, columns) = (rows as usize, columns as usize);
                let place = |i: usize| i % columns * rows + i / columns;
                (0..values.len()).map(|i| values[place(i)]).collect()
            }
            (npyz::Order::Fortran, shape) => panic!("{name} is of shape {shape:?}"),
        }
    }
}
