//! Where a frame's harmonic and sub-harmonic are labelled (HKDSME section 2.1), and which of them a
//! ridge is.

use super::pitch::cents_between;
use super::{ClassFrame, PitchAxis};

/// A ridge within so many cents of a label is what is labeled.
const NEAR_CENTS: f64 = 60.0;

/// Weaker classes, of 255, say nothing.
pub const WEAKEST_CLASS: u8 = 26;

/// What a ridge of a picture may be to the melody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partial {
    /// The melody itself.
    Fundamental,
    /// The octave above it.
    Second,
    /// An octave and a fifth above it.
    Third,
    /// The octave below it.
    Subharmonic,
}

impl Partial {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Fundamental,
        Self::Second,
        Self::Third,
        Self::Subharmonic,
    ];

    /// Its frequency over that of the melody.
    pub fn ratio(self) -> f64 {
        match self {
            Self::Fundamental => 1.0,
            Self::Second => 2.0,
            Self::Third => 3.0,
            Self::Subharmonic => 0.5,
        }
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Fundamental => "fundamental",
            Self::Second => "2nd partial",
            Self::Third => "3rd partial",
            Self::Subharmonic => "sub-harmonic",
        }
    }

    /// What a network says that a ridge at `hz` is: by its classes of the frame, and by the pitch it
    /// has there; `None` if it says nothing of it.
    pub fn labeled(axis: &PitchAxis, classes: &ClassFrame, pitch_hz: f64, hz: f64) -> Option<Self> {
        let near = |label_hz: f64| label_hz > 0.0 && cents_between(label_hz, hz).abs() < NEAR_CENTS;
        let class_hz = |class: u16, strength: u8| match class > 0 && strength >= WEAKEST_CLASS {
            true => axis.row_to_hz(class.into()),
            false => 0.0,
        };
        let labels = [
            (Self::Fundamental, pitch_hz),
            (
                Self::Second,
                class_hz(classes.harmonic, classes.harmonic_strength),
            ),
            (
                Self::Subharmonic,
                class_hz(classes.subharmonic, classes.subharmonic_strength),
            ),
            (Self::Third, 3.0 * pitch_hz),
        ];
        let label = labels.into_iter().find(|&(_, label_hz)| near(label_hz))?;
        Some(label.0)
    }
}

/// Rows from a pitch to its multiples by `partials`, such as 2 and 3.
pub fn partial_rows(partials: &[u32], bins_per_octave: f64) -> Vec<usize> {
    let rows = |&partial: &u32| (bins_per_octave * f64::from(partial).log2()).round() as usize;
    partials.iter().map(rows).collect()
}

/// Rows set in the melody, harmonic and sub-harmonic map (0, 1 and 2) for one frame of f0 class `class`,
/// each with its map.
///
/// The melody is labelled at the class itself, row 0 where unvoiced. Harmonics lie
/// `partials` rows above, sub-harmonics as many below ([`partial_rows`]); each only
/// for a voiced frame, and only where it falls on rows `1..n_classes`. The fourth
/// map ("none") is what the three leave over.
pub fn labeled_rows(
    class: usize,
    n_classes: usize,
    partials: &[usize],
) -> impl Iterator<Item = (usize, usize)> {
    let melody = (class < n_classes).then_some((0, class));
    let partials = if class == 0 { &[] } else { partials };
    let above = partials.iter().map(move |rows| (1, class + rows));
    let above = above.filter(move |&(_, row)| row < n_classes);
    let below = partials.iter().filter_map(move |rows| {
        let row = class.checked_sub(*rows).filter(|&row| row > 0);
        Some((2, row?))
    });
    melody.into_iter().chain(above).chain(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ridge_is_what_the_network_labels_it() {
        let axis = PitchAxis::HKDSME;
        let class = |hz: f64| axis.hz_to_row(hz).round() as u16;
        let classes = ClassFrame {
            harmonic: class(440.0),
            subharmonic: class(110.0),
            harmonic_strength: 200,
            subharmonic_strength: 3,
        };
        let label = |hz| Partial::labeled(&axis, &classes, 220.0, hz);
        assert_eq!(label(222.0), Some(Partial::Fundamental));
        assert_eq!(label(436.0), Some(Partial::Second));
        assert_eq!(label(664.0), Some(Partial::Third));
        assert_eq!(label(110.0), None, "too weak to count");
        assert_eq!(label(300.0), None);
        assert_eq!(Partial::labeled(&axis, &classes, 0.0, 0.0), None);
    }

    #[test]
    fn octaves_outside_the_rows_have_no_label() {
        let rows = |class| labeled_rows(class, 321, &[60]).collect::<Vec<_>>();
        assert_eq!(rows(0), [(0, 0)]);
        assert_eq!(rows(60), [(0, 60), (1, 120)]);
        assert_eq!(rows(61), [(0, 61), (1, 121), (2, 1)]);
        assert_eq!(rows(261), [(0, 261), (2, 201)]);
        assert!(!rows(400).contains(&(0, 400)));
    }

    #[test]
    fn the_third_partial_lies_a_twelfth_away() {
        let partials = partial_rows(&[2, 3], 60.0);
        assert_eq!(partials, [60, 95]);
        let rows: Vec<_> = labeled_rows(100, 321, &partials).collect();
        assert_eq!(rows, [(0, 100), (1, 160), (1, 195), (2, 40), (2, 5)]);
    }
}
