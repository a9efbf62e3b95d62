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

/// Rows set in the melody, harmonic and sub-harmonic map for one frame of f0 class `class`.
///
/// The melody is labelled at the class itself, row 0 where unvoiced. The second
/// harmonic lies an octave above, the sub-harmonic an octave below; each only
/// for a voiced frame, and only where it falls on rows `1..n_classes`. The fourth
/// map ("none") is what the three leave over.
///
/// `bins_per_octave` counts rows in an octave.
pub fn harmonic_maps(class: usize, n_classes: usize, bins_per_octave: f64) -> [Option<usize>; 3] {
    let melody = (class < n_classes).then_some(class);
    if class == 0 {
        return [melody, None, None];
    }
    let octave = bins_per_octave.round() as usize;
    let harmonic = Some(class + octave).filter(|&row| row < n_classes);
    let subharmonic = class.checked_sub(octave).filter(|&row| row > 0);
    [melody, harmonic, subharmonic]
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
        assert_eq!(harmonic_maps(0, 321, 60.0), [Some(0), None, None]);
        assert_eq!(harmonic_maps(60, 321, 60.0), [Some(60), Some(120), None]);
        assert_eq!(harmonic_maps(61, 321, 60.0), [Some(61), Some(121), Some(1)]);
        assert_eq!(harmonic_maps(261, 321, 60.0), [Some(261), None, Some(201)]);
        assert_eq!(harmonic_maps(400, 321, 60.0)[0], None);
    }
}
