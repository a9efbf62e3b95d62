//! How much speaks for each pitch in each frame: the peaks of a picture at its harmonics, and what
//! else is known.

use super::PitchAxis;

/// Share of a harmonic in the sum, beginning with the fundamental; each counts a little less than
/// the one below it.
const FADING: f32 = 0.84;

/// Harmonics that count.
const N_HARMONICS: usize = 8;

/// Rows on either side whose mean a peak stands out from: a semitone and a half.
const AROUND: usize = 7;

/// What a peak of the highest cell counts, in the units of a network's scores.
const OF_A_PEAK: f32 = 5.0;

/// Rows on each side of the best one that take part in a refined pitch.
const REFINE_ROWS: usize = 2;

/// What speaks for each row of an axis as the pitch, frame by frame, in natural logarithms.
#[derive(Clone, Debug, PartialEq)]
pub struct Salience {
    axis: PitchAxis,
    values: Vec<f32>, // [frames, rows]
}

impl Salience {
    /// That of a picture on this axis: `cells` are columns of bytes, rows from the lowest up.
    ///
    /// The even harmonics count as much as the odd ones at most, as an octave below a pitch they alone
    /// are there.
    ///
    /// # Panics
    /// If the last column is not whole.
    pub fn of_picture(axis: PitchAxis, cells: &[u8]) -> Self {
        assert_eq!(cells.len() % axis.n_rows, 0, "whole columns");
        let places: Vec<(usize, f32)> = (0..N_HARMONICS)
            .map(|h| {
                let rows = axis.bins_per_octave * ((h + 1) as f64).log2();
                (rows.round() as usize, FADING.powi(h as i32))
            })
            .collect();
        let mut values = Vec::with_capacity(cells.len());
        for column in cells.chunks_exact(axis.n_rows) {
            let peaks = peaks(column);
            let mut sums = [vec![0.0; axis.n_rows], vec![0.0; axis.n_rows]];
            for (h, &(up, share)) in places.iter().enumerate() {
                for (sum, peak) in sums[h % 2].iter_mut().zip(&peaks[up.min(axis.n_rows)..]) {
                    *sum += share * peak;
                }
            }
            let [odd, even] = &sums;
            values.extend(odd.iter().zip(even).map(|(odd, even)| odd + even.min(*odd)));
        }
        Self { axis, values }
    }

    /// What a row is in Hz.
    pub fn axis(&self) -> &PitchAxis {
        &self.axis
    }

    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.values.len() / self.axis.n_rows
    }

    /// What speaks for each row of a frame.
    pub fn column(&self, frame: usize) -> &[f32] {
        &self.values[frame * self.axis.n_rows..][..self.axis.n_rows]
    }

    /// The same in every octave: what speaks for a pitch in one speaks for it in all.
    pub fn in_all_octaves(&self) -> Self {
        let octave = self.axis.bins_per_octave.round() as usize;
        let mut values = self.values.clone();
        for column in values.chunks_exact_mut(self.axis.n_rows) {
            for row in 0..octave.min(column.len()) {
                let in_octaves = column[row..].iter().step_by(octave);
                let most = in_octaves.copied().fold(f32::MIN, f32::max);
                column[row..]
                    .iter_mut()
                    .step_by(octave)
                    .for_each(|it| *it = most);
            }
        }
        Self {
            axis: self.axis,
            values,
        }
    }

    /// Counts by so much more for a pitch in a frame, less for its neighbors; pitches beyond the
    /// rows do not count.
    pub fn add(&mut self, frame: usize, f0_hz: f64, by: f32) {
        let row = self.axis.hz_to_row(f0_hz);
        if !(0.0..self.axis.n_rows as f64).contains(&row) {
            return;
        }
        let n_rows = self.axis.n_rows;
        let column = &mut self.values[frame * n_rows..][..n_rows];
        let first = (row - REFINE_ROWS as f64).ceil().max(0.0) as usize;
        for (at, value) in column.iter_mut().enumerate().skip(first) {
            let distance = (at as f64 - row).abs() as f32;
            if distance > REFINE_ROWS as f32 {
                break;
            }
            *value += by * (1.0 - distance / (REFINE_ROWS + 1) as f32);
        }
    }

    /// Nothing speaks for the rows within `reach` of a pitch in a frame any more.
    pub fn silence(&mut self, frame: usize, f0_hz: f64, reach: usize) {
        let row = self.axis.hz_to_row(f0_hz).round();
        if !row.is_finite() {
            return;
        }
        let n_rows = self.axis.n_rows;
        let row = row.clamp(0.0, n_rows as f64) as usize;
        let column = &mut self.values[frame * n_rows..][..n_rows];
        for value in
            &mut column[row.saturating_sub(reach).min(n_rows)..(row + reach + 1).min(n_rows)]
        {
            *value = value.min(0.0);
        }
    }

    /// What speaks for a pitch in a frame; nothing beyond the rows.
    pub fn of(&self, frame: usize, f0_hz: f64) -> f32 {
        let row = self.axis.hz_to_row(f0_hz).round();
        match (0.0..self.axis.n_rows as f64).contains(&row) {
            true => self.column(frame)[row as usize],
            false => 0.0,
        }
    }

    /// The pitch in Hz at a row of a frame, finer than rows: their mean around it, each by its weight.
    pub fn hz_near(&self, frame: usize, row: usize) -> f64 {
        let column = self.column(frame);
        let near = row.saturating_sub(REFINE_ROWS)..(row + REFINE_ROWS + 1).min(column.len());
        let lowest = column[near.clone()]
            .iter()
            .copied()
            .fold(f32::MAX, f32::min);
        let (mut weights, mut moment) = (0.0, 0.0);
        for at in near {
            let weight = f64::from(column[at] - lowest);
            weights += weight;
            moment += weight * at as f64;
        }
        let row = if weights > 0.0 {
            moment / weights
        } else {
            row as f64
        };
        self.axis.row_to_hz(row)
    }
}

/// By how much each cell stands out from those around it.
fn peaks(column: &[u8]) -> Vec<f32> {
    let mut sums = Vec::with_capacity(column.len() + 1);
    let mut sum = 0.0f32;
    sums.push(sum);
    for &cell in column {
        sum += f32::from(cell);
        sums.push(sum);
    }
    let peak = |(row, &cell): (usize, &u8)| {
        let (first, end) = (
            row.saturating_sub(AROUND),
            (row + AROUND + 1).min(column.len()),
        );
        let mean = (sums[end] - sums[first]) / (end - first) as f32;
        (f32::from(cell) - mean).max(0.0) * (OF_A_PEAK / 255.0)
    };
    column.iter().enumerate().map(peak).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIS: PitchAxis = PitchAxis::HKDSME;

    /// A column with partials of these pitches, the octave above softer each time.
    fn column(f0_hz: &[f64]) -> Vec<u8> {
        let mut cells = vec![10; AXIS.n_rows];
        for (hz, partial) in f0_hz.iter().flat_map(|hz| (1..9).map(move |h| (hz, h))) {
            let row = AXIS.hz_to_row(hz * f64::from(partial)).round() as usize;
            if let Some(cell) = cells.get_mut(row) {
                *cell = 200 - 15 * partial as u8;
            }
        }
        cells
    }

    #[test]
    fn the_pitch_of_partials_stands_out() {
        let salience = Salience::of_picture(AXIS, &column(&[196.0]));
        let column = salience.column(0);
        let best = (0..column.len()).max_by(|&a, &b| column[a].total_cmp(&column[b]));
        assert_eq!(best, Some(AXIS.hz_to_row(196.0).round() as usize));
        // an octave below, its partials are even harmonics and no odd ones
        assert!(salience.of(0, 98.0) < 0.1 * salience.of(0, 196.0));
        assert!(salience.of(0, 392.0) > 0.3 * salience.of(0, 196.0));
        assert_eq!(salience.of(0, 20.0), 0.0);
    }

    #[test]
    fn what_is_added_counts_at_its_pitch() {
        let mut salience = Salience::of_picture(AXIS, &column(&[]));
        salience.add(0, 300.0, 4.0);
        salience.add(0, 9000.0, 4.0);
        let row = AXIS.hz_to_row(300.0).round() as usize;
        let cents = 1200.0 * (salience.hz_near(0, row) / 300.0).log2();
        assert!(cents.abs() < 10.0, "{cents}");
        assert!(salience.of(0, 300.0) > 3.0);
    }
}
