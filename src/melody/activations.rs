//! Pitch of activations, one for each row, around the strongest (Kim et al. 2018).

use super::PitchFrame;

/// Rows on each side of the strongest that count.
const REACH: usize = 4;

/// Cents of CREPE's row 0 over 10 Hz; its rows are 20 cents apart.
const CREPE_CENTS: f64 = 1_997.379_408_437_619;

/// Rows of pitch in cents over 10 Hz.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CentRows {
    /// Of row 0.
    pub first_cents: f64,
    /// From one row to the next.
    pub step_cents: f64,
}

impl CentRows {
    /// CREPE's 360 rows.
    pub const CREPE: Self = Self {
        first_cents: CREPE_CENTS,
        step_cents: 20.0,
    };

    /// Cents of a row, which may lie between two.
    pub fn cents(&self, row: f64) -> f64 {
        self.first_cents + self.step_cents * row
    }

    /// The mean of the rows about the strongest activation, each counting by its own; how strong
    /// that is.
    pub fn decode(&self, activations: &[f32]) -> PitchFrame {
        let strongest = activations.iter().enumerate();
        let strongest = strongest.max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
        let Some((center, &confidence)) = strongest else {
            return PitchFrame::default();
        };
        let first = center.saturating_sub(REACH);
        let around = activations.iter().enumerate();
        let around = around.take(center + REACH + 1).skip(first);
        let (sum, weight) = around.fold((0.0, 0.0), |(sum, weight), (row, &activation)| {
            let activation = f64::from(activation);
            (
                sum + activation * self.cents(row as f64),
                weight + activation,
            )
        });
        let cents = match weight > 0.0 {
            true => sum / weight,
            false => self.cents(center as f64),
        };
        let f0_hz = (10.0 * (cents / 1200.0).exp2()) as f32;
        PitchFrame {
            f0_hz,
            own_hz: f0_hz,
            confidence,
        }
    }
}
