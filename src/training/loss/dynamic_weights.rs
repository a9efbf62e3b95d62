//! What the dynamic weights of MAJL are to be, by what a frame's two pitches say of it (DWHS).

/// How the pitches of the separated voice and of the voice itself compare with the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameCase {
    /// Both right: nothing is to change.
    Fine,
    /// Only that of the separated voice is right: the label is noisy, pitch is to count for less.
    NoisyLabel,
    /// Only that of the voice itself is right: separation is hard, and to count for more.
    HardToSeparate,
    /// Neither is right: pitch is hard, and to count for more.
    HardToTrack,
}

impl FrameCase {
    /// The case of two pitches that are right or not.
    pub fn of(separated_is_right: bool, voice_is_right: bool) -> Self {
        match (separated_is_right, voice_is_right) {
            (true, true) => Self::Fine,
            (true, false) => Self::NoisyLabel,
            (false, true) => Self::HardToSeparate,
            (false, false) => Self::HardToTrack,
        }
    }

    /// The loss of a frame's weights of separation and of pitch.
    pub fn loss(self, separation: f64, pitch: f64) -> f64 {
        let neutral = |weight: f64| (weight - 1.0).abs();
        match self {
            Self::Fine => neutral(separation) + neutral(pitch),
            Self::NoisyLabel => neutral(separation) + softplus(pitch - 1.0),
            Self::HardToSeparate => softplus(1.0 - separation) + neutral(pitch),
            Self::HardToTrack => neutral(separation) + softplus(1.0 - pitch),
        }
    }

    /// Its slopes by both weights.
    pub fn slopes(self, separation: f64, pitch: f64) -> [f64; 2] {
        let neutral = |weight: f64| match weight == 1.0 {
            true => 0.0,
            false => (weight - 1.0).signum(),
        };
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        match self {
            Self::Fine => [neutral(separation), neutral(pitch)],
            Self::NoisyLabel => [neutral(separation), sigmoid(pitch - 1.0)],
            Self::HardToSeparate => [-sigmoid(1.0 - separation), neutral(pitch)],
            Self::HardToTrack => [neutral(separation), -sigmoid(1.0 - pitch)],
        }
    }
}

/// `-ln sigmoid(-x)`.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_loss() {
        for case in [(true, true), (true, false), (false, true), (false, false)] {
            let case = FrameCase::of(case.0, case.1);
            for (w, p) in [(0.3, 1.7), (1.4, 0.6), (1.9, 1.2)] {
                let [by_w, by_p] = case.slopes(w, p);
                let slope = |a: f64, b: f64| (a - b) / 2e-4;
                let found_w = slope(case.loss(w + 1e-4, p), case.loss(w - 1e-4, p));
                let found_p = slope(case.loss(w, p + 1e-4), case.loss(w, p - 1e-4));
                assert!(
                    (by_w - found_w).abs() < 1e-6 && (by_p - found_p).abs() < 1e-6,
                    "{case:?}"
                );
            }
        }
    }
}
