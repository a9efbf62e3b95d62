//! One output, written by many tasks at once, each in windows of its own.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

/// Planes cut into windows, which parallel tasks take, each window once.
pub struct SharedWindows<'a, T> {
    start: *mut T,
    grid: WindowGrid,
    taken: Vec<AtomicBool>,
    slice: PhantomData<&'a mut [T]>,
}

/// How planes are cut into windows.
#[derive(Clone, Copy, Debug)]
pub struct WindowGrid {
    /// Rows of a plane.
    pub height: usize,
    /// Values in a row.
    pub width: usize,
    /// Rows and columns of a window; the last ones may have fewer.
    pub window: (usize, usize),
}

// SAFETY: the only access is `take`, which gives no window twice.
unsafe impl<T: Send> Send for SharedWindows<'_, T> {}
unsafe impl<T: Send> Sync for SharedWindows<'_, T> {}

impl<'a, T> SharedWindows<'a, T> {
    /// Cuts a slice of whole planes.
    pub fn new(slice: &'a mut [T], grid: WindowGrid) -> Self {
        let planes = slice.len() / (grid.height * grid.width);
        let n_windows = planes * grid.n_window_rows() * grid.n_window_columns();
        Self {
            start: slice.as_mut_ptr(),
            grid,
            taken: (0..n_windows).map(|_| AtomicBool::new(false)).collect(),
            slice: PhantomData,
        }
    }

    /// The rows of a plane's window, counted from the top and from the left.
    ///
    /// # Panics
    /// If there is no such window, or it was taken before.
    pub fn take(
        &self,
        plane: usize,
        window_row: usize,
        window_column: usize,
    ) -> impl Iterator<Item = &'a mut [T]> {
        let (grid, start) = (self.grid, self.start);
        assert!(window_row < grid.n_window_rows() && window_column < grid.n_window_columns());
        let flag = &self.taken
            [(plane * grid.n_window_rows() + window_row) * grid.n_window_columns() + window_column];
        assert!(
            !flag.swap(true, Ordering::Relaxed),
            "a window is taken once"
        );
        let column = window_column * grid.window.1;
        let len = grid.window.1.min(grid.width - column);
        let rows = window_row * grid.window.0..grid.height.min((window_row + 1) * grid.window.0);
        rows.map(move |row| {
            let row = plane * grid.height + row;
            // SAFETY: within the slice, as the flag exists, and disjoint from every other
            // row and window; nobody else has this one, as its flag was not set.
            unsafe { std::slice::from_raw_parts_mut(start.add(row * grid.width + column), len) }
        })
    }
}

impl WindowGrid {
    fn n_window_rows(&self) -> usize {
        self.height.div_ceil(self.window.0)
    }

    fn n_window_columns(&self) -> usize {
        self.width.div_ceil(self.window.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One plane of four rows and five columns in windows of 3 by 3.
    fn windows(values: &mut [usize; 20]) -> SharedWindows<'_, usize> {
        let grid = WindowGrid {
            width: 5,
            height: 4,
            window: (3, 3),
        };
        SharedWindows::new(values, grid)
    }

    #[test]
    fn windows_cover_their_rows_once() {
        let mut values = [0; 20];
        let windows = windows(&mut values);
        for (number, (window_row, window_column)) in
            [(0, 0), (0, 1), (1, 0), (1, 1)].into_iter().enumerate()
        {
            for row in windows.take(0, window_row, window_column) {
                row.fill(number + 1);
            }
        }
        drop(windows);
        let (upper, lower) = ([1, 1, 1, 2, 2], [3, 3, 3, 4, 4]);
        let expected = [upper, upper, upper, lower];
        assert_eq!(values, *expected.as_flattened());
    }

    #[test]
    #[should_panic(expected = "taken once")]
    fn a_window_is_not_given_twice() {
        let mut values = [0; 20];
        let windows = windows(&mut values);
        let _first = windows.take(0, 1, 1);
        let _second = windows.take(0, 1, 1);
    }
}
