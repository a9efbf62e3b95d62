//! How long a stage will still take.

use std::time::{Duration, Instant};

use crate::progress::Stage;

/// Less than this tells nothing about the rest.
const LEAST: Duration = Duration::from_millis(1500);
/// As little done tells nothing either.
const LEAST_DONE: f32 = 0.01;

/// How long the present stage has taken, and how much of it was done meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Remaining {
    began: Option<(Stage, Instant, f32)>,
    now: Option<(Instant, f32)>,
}

impl Remaining {
    /// So much of a stage is done at a time.
    pub fn report(&mut self, stage: Stage, done: f32, now: Instant) {
        match self.began {
            // it begins anew with another stage, or when the recording is read again
            Some((same, _, before)) if same == stage && done >= before => {}
            _ => self.began = Some((stage, now, done)),
        }
        self.now = Some((now, done));
    }

    /// Seconds that are left, once enough was done to tell.
    pub fn secs(&self) -> Option<f64> {
        let ((_, began, before), (now, done)) = (self.began?, self.now?);
        let (took, did) = (now - began, done - before);
        let is_enough = took >= LEAST && did >= LEAST_DONE;
        is_enough.then(|| took.as_secs_f64() * f64::from((1.0 - done) / did))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_was_done() {
        let start = Instant::now();
        let at = |secs: f64| start + Duration::from_secs_f64(secs);
        let mut remaining = Remaining::default();
        remaining.report(Stage::Features, 0.0, start);
        remaining.report(Stage::Features, 0.5, at(1.0));
        assert_eq!(remaining.secs(), None); // too early to tell
        remaining.report(Stage::Features, 0.75, at(6.0));
        assert!((remaining.secs().unwrap() - 2.0).abs() < 1e-6);
        // gone on with in the middle: what was done before took no time
        remaining.report(Stage::Network, 0.5, at(7.0));
        remaining.report(Stage::Network, 0.6, at(9.0));
        assert!((remaining.secs().unwrap() - 8.0).abs() < 1e-4);
    }
}
