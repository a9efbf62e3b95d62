//! Where a frame's harmonic and sub-harmonic are labelled (HKDSME section 2.1).

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
    fn octaves_outside_the_rows_have_no_label() {
        assert_eq!(harmonic_maps(0, 321, 60.0), [Some(0), None, None]);
        assert_eq!(harmonic_maps(60, 321, 60.0), [Some(60), Some(120), None]);
        assert_eq!(harmonic_maps(61, 321, 60.0), [Some(61), Some(121), Some(1)]);
        assert_eq!(harmonic_maps(261, 321, 60.0), [Some(261), None, Some(201)]);
        assert_eq!(harmonic_maps(400, 321, 60.0)[0], None);
    }
}
