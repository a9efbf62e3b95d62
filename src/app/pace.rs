//! How often what plays is drawn anew.

use std::time::Duration;

/// Least time between two frames where a processor draws, so that it is left to others.
const SOFTWARE_INTERVAL: Duration = Duration::from_millis(40);
/// The same where the picture scrolls in a large window: it is drawn anew throughout.
const SCROLLING_INTERVAL: Duration = Duration::from_millis(64);
/// Pixels of a window that is not large.
const SMALL: f64 = 1e6;
/// Seconds that the clock beside the transport counts by.
const CLOCK_STEP: f64 = 0.1;

/// How often what plays is drawn anew: when something looks different by then.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    is_software: bool,
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
    /// Whether the picture moves under the playhead.
    pub is_scrolling: bool,
    /// Pixels of the window.
    pub n_pixels: f64,
}

impl Pace {
    /// For a window that a processor draws, or a GPU.
    pub fn new(is_software: bool) -> Self {
        Self { is_software }
    }

    /// The least time between two frames.
    fn least(&self, motion: &Motion) -> Duration {
        match (self.is_software, motion.is_scrolling) {
            (false, _) => Duration::ZERO,
            (true, false) => SOFTWARE_INTERVAL,
            (true, true) => {
                let share = (motion.n_pixels / SMALL).max(1.0);
                SOFTWARE_INTERVAL.mul_f64(share).min(SCROLLING_INTERVAL)
            }
        }
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
        let least = self.least(motion);
        Duration::try_from_secs_f64(secs).map_or(least, |it| it.max(least))
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
            is_scrolling: false,
            n_pixels: 2e6,
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
        let scrolling = |n_pixels| {
            let motion = Motion {
                secs_per_pixel: 0.001,
                playhead_secs: 7.05,
                speed: 1.0,
                is_read_out: false,
                is_scrolling: true,
                n_pixels,
            };
            Pace::new(true).until_next(&motion).as_millis()
        };
        assert_eq!([0.9e6, 1.25e6, 2e6].map(scrolling), [40, 50, 64]);
        assert_eq!(until_next(true, 0.045, 1.0, false), 45);
    }
}
