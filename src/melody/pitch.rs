//! Hz, MIDI, cents and note names.

/// MIDI number of a frequency (A4 = 440 Hz = 69); not finite for `hz <= 0`.
pub fn hz_to_midi(hz: f64) -> f64 {
    69.0 + 12.0 * (hz / 440.0).log2()
}

/// Frequency in Hz of a MIDI number.
pub fn midi_to_hz(midi: f64) -> f64 {
    440.0 * ((midi - 69.0) / 12.0).exp2()
}

/// Interval from `from_hz` up to `to_hz` in cents.
pub fn cents_between(from_hz: f64, to_hz: f64) -> f64 {
    1200.0 * (to_hz / from_hz).log2()
}

/// Name of the nearest semitone in scientific pitch notation, such as `C♯4`.
pub fn note_name(midi: f64) -> String {
    const NAMES: [&str; 12] = [
        "C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B",
    ];
    let semitone = midi.round() as i64;
    let name = NAMES[semitone.rem_euclid(12) as usize];
    format!("{name}{}", semitone.div_euclid(12) - 1)
}

/// Deviation from the nearest semitone in cents, -50 to 50.
pub fn cents_off(midi: f64) -> f64 {
    100.0 * (midi - midi.round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_agree_on_concert_pitch() {
        assert_eq!(hz_to_midi(440.0), 69.0);
        assert!((midi_to_hz(60.0) - 261.625_565).abs() < 1e-6);
        assert_eq!(note_name(69.2), "A4");
        assert_eq!(note_name(-0.4), "C-1");
        assert!((cents_off(69.2) - 20.0).abs() < 1e-9);
        assert!((cents_between(220.0, 440.0) - 1200.0).abs() < 1e-9);
    }
}
