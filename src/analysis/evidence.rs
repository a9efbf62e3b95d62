//! What of an analysis speaks for which pitch: its picture, and what the network said.

use std::ops::Range;

use super::Analysis;
use crate::melody::harmonics::WEAKEST_CLASS;
use crate::melody::{Partial, Salience};

/// What the pitch that a network chose along its path counts.
const BY_PATH: f32 = 2.0;

/// What the pitch that a network found in the frame alone counts.
const BY_FRAME: f32 = 2.0;

/// What a class of full strength counts for the pitch that it belongs to.
const BY_CLASS: f32 = 1.5;

/// Octaves above and below a network's pitch count by this share: its slips are octaves.
const OF_OCTAVES: f32 = 0.5;

impl Analysis {
    /// What speaks for each pitch in these frames, as far as they are there.
    pub fn salience(&self, frames: Range<usize>) -> Salience {
        let n_rows = self.picture.axis.n_rows;
        let end = frames.end.min(self.picture.n_columns());
        let start = frames.start.min(end);
        let cells = &self.picture.cells[start * n_rows..end * n_rows];
        let mut salience = Salience::of_picture(self.picture.axis, cells);
        for frame in start..end {
            for (hz, counts) in self.said_of(frame) {
                for (octave, share) in [(1.0, 1.0), (2.0, OF_OCTAVES), (0.5, OF_OCTAVES)] {
                    salience.add(frame - start, octave * hz, share * counts);
                }
            }
        }
        salience
    }

    /// Pitches in Hz that the network found in a frame, and what each counts.
    fn said_of(&self, frame: usize) -> Vec<(f64, f32)> {
        let mut said = Vec::new();
        if let Some(pitch) = self.pitch.get(frame) {
            said.push((f64::from(pitch.f0_hz), BY_PATH));
            said.push((f64::from(pitch.own_hz), BY_FRAME));
        }
        if let Some(classes) = self.classes.frames.get(frame) {
            for (partial, class, strength) in [
                (Partial::Second, classes.harmonic, classes.harmonic_strength),
                (
                    Partial::Subharmonic,
                    classes.subharmonic,
                    classes.subharmonic_strength,
                ),
            ] {
                if class > 0 && strength >= WEAKEST_CLASS {
                    let hz = self.classes.axis.row_to_hz(class.into()) / partial.ratio();
                    said.push((hz, BY_CLASS * f32::from(strength) / 255.0));
                }
            }
        }
        said.retain(|&(hz, _)| hz > 0.0);
        said
    }

    /// What a network says that a ridge at `hz` in a frame is, if anything.
    pub fn labeled(&self, frame: usize, hz: f64) -> Option<Partial> {
        let classes = self.classes.frames.get(frame)?;
        let pitch = self.pitch.get(frame).map_or(0.0, |it| it.f0_hz.into());
        Partial::labeled(&self.classes.axis, classes, pitch, hz)
    }

    /// The frequency in Hz of the ridge of the picture that is nearest to `hz` in a frame; `hz` itself
    /// where there is none within most of a semitone.
    pub fn ridge_near(&self, frame: usize, hz: f64) -> f64 {
        /// Rows on either side that are looked at.
        const REACH: usize = 4;
        if frame >= self.picture.n_columns() {
            return hz;
        }
        let (axis, column) = (&self.picture.axis, self.picture.column(frame));
        let row = axis
            .hz_to_row(hz)
            .round()
            .clamp(0.0, (axis.n_rows - 1) as f64) as usize;
        let near = row.saturating_sub(REACH).max(1)..(row + REACH + 1).min(axis.n_rows - 1);
        let is_peak =
            |&at: &usize| column[at] > column[at - 1].max(1) && column[at] >= column[at + 1];
        let peak = near.filter(is_peak).max_by_key(|&at| column[at]);
        let Some(peak) = peak else { return hz };
        let [below, at, above] = [peak - 1, peak, peak + 1].map(|row| f64::from(column[row]));
        // the vertex of the parabola through three rows
        let curve = below - 2.0 * at + above;
        let offset = if curve < 0.0 {
            0.5 * (below - above) / curve
        } else {
            0.0
        };
        axis.row_to_hz(peak as f64 + offset)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::melody::{ClassFrame, FrameGrid, PitchAxis, PitchFrame};

    fn analysis() -> Analysis {
        let axis = PitchAxis::HKDSME;
        let mut analysis = Analysis::new(Path::new("a.wav"), axis, FrameGrid::from_hop(0.01));
        let row = |hz: f64| axis.hz_to_row(hz).round() as usize;
        let mut column = vec![0; axis.n_rows];
        for hz in [220.0, 440.0, 660.0] {
            column[row(hz)] = 180;
            column[row(hz) + 1] = 120;
        }
        analysis.picture.cells = column.repeat(50);
        analysis.pitch = vec![
            PitchFrame {
                f0_hz: 110.0,
                own_hz: 220.0,
                confidence: 0.9,
            };
            50
        ];
        analysis.classes.frames = vec![
            ClassFrame {
                harmonic: row(440.0) as u16,
                harmonic_strength: 255,
                ..ClassFrame::default()
            };
            50
        ];
        analysis
    }

    #[test]
    fn what_the_network_said_counts_beside_the_picture() {
        let salience = analysis().salience(10..90);
        assert_eq!(salience.n_frames(), 40, "as far as frames are there");
        let of = |hz| salience.of(5, hz);
        assert!(of(220.0) > of(440.0) && of(440.0) > of(330.0));
        assert!(of(110.0) > of(165.0));
    }

    #[test]
    fn the_pointer_takes_the_ridge_beside_it() {
        let analysis = analysis();
        let cents = 1200.0 * (analysis.ridge_near(3, 432.0) / 440.0).log2();
        assert!((-10.0..25.0).contains(&cents), "{cents}");
        assert_eq!(analysis.ridge_near(3, 300.0), 300.0);
        assert_eq!(analysis.ridge_near(999, 300.0), 300.0);
        assert_eq!(analysis.labeled(3, 440.0), Some(Partial::Second));
        assert_eq!(analysis.labeled(3, 500.0), None);
    }
}
