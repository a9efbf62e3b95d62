//! How often what plays is drawn anew.

use std::time::Duration;

/// Least time between two frames where a processor draws, so that it is left to others.
const SOFTWARE_INTERVAL: Duration = Duration::from_millis(40);
/// Seconds that the clock beside the transport counts by.
const CLOCK_STEP: f64 = 0.1;

/// How often what plays is drawn anew: when something looks different by then.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    least: Duration,
}

/// What moves on the screen while it plays.
#[derive(Clone, Copy, Debug)]
pub struct Motion {
    /// Seconds of the recording in a pixel across.
    pub secs_per_pixel: f64,
    /// What is heard, in seconds.
    pub playhead_secs: f64,
    /// Seconds of the recording in a second.
    pub speed: f64,
    /// Whether what is sung is read out at the playhead.
    pub is_read_out: bool,
}

impl Pace {
    /// For a window that a processor draws, or a GPU.
    pub fn new(is_software: bool) -> Self {
        let least = match is_software {
            true => SOFTWARE_INTERVAL,
            false => Duration::ZERO,
        };
        Self { least }
    }

    /// How long nothing will look different, and no less than the pace allows.
    pub fn until_next(&self, motion: &Motion) -> Duration {
        let step = match motion.is_read_out {
            true => 0.0,
            false => {
                let clock = CLOCK_STEP - motion.playhead_secs.rem_euclid(CLOCK_STEP);
                motion.secs_per_pixel.min(clock)
            }
        };
        let secs = step / motion.speed.max(0.01);
        Duration::try_from_secs_f64(secs).map_or(self.least, |it| it.max(self.least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until_next(is_software: bool, secs_per_pixel: f64, speed: f64, is_read_out: bool) -> u128 {
        let motion = Motion {
            secs_per_pixel,
            playhead_secs: 7.05,
            speed,
            is_read_out,
        };
        Pace::new(is_software).until_next(&motion).as_millis()
    }

    #[test]
    fn a_frame_comes_when_the_playhead_reaches_another_pixel_or_the_clock_counts() {
        assert_eq!(until_next(false, 0.02, 1.0, false), 20);
        assert_eq!(until_next(false, 0.02, 0.5, false), 40);
        assert_eq!(until_next(false, 0.3, 1.0, false), 50);
        assert_eq!(until_next(false, 0.3, 1.0, true), 0);
    }

    #[test]
    fn a_processor_draws_no_more_often_than_it_can_bear() {
        assert_eq!(until_next(true, 0.001, 1.0, false), 40);
        assert_eq!(until_next(true, 0.3, 1.0, true), 40);
        assert_eq!(until_next(true, 0.045, 1.0, false), 45);
    }
}
