//! When the screen is bright and when it is dimmed. Pure: moments in, a level out.
//!
//! Bright at once when somebody does something or something happens: a key, a scan, a tap, a
//! result, a payment that comes in; and as long as a sale goes on. A dimmed screen stays readable,
//! so the key that wakes it also acts: nobody presses a key on a counter to see what time it is.
//!
//! One timer, and none once it is dimmed.

use crate::app::config::BacklightConfig;
use crate::payment::Moment;
use hal::Level;
use std::time::Duration;

/// The light behind the screen.
#[derive(Clone, Debug)]
pub struct Dimmer {
    active: Level,
    idle: Level,
    idle_after: Duration,
    /// When something happened last.
    stirred: Moment,
    dimmed: bool,
}

impl Dimmer {
    /// Bright, from now on.
    pub fn new(config: &BacklightConfig, now: Moment) -> Dimmer {
        let BacklightConfig { driver: _, active, idle, idle_after } = *config;
        Dimmer { active, idle, idle_after, stirred: now, dimmed: false }
    }

    /// Something happened.
    pub fn stir(&mut self, now: Moment) {
        (self.stirred, self.dimmed) = (now, false);
    }

    /// The level for this moment.
    pub fn level(&mut self, now: Moment) -> Level {
        self.dimmed |= self.dims() && now.since(self.stirred) >= self.idle_after;
        if self.dimmed { self.idle } else { self.active }
    }

    /// When it is to be dimmed.
    pub fn due(&self) -> Option<Moment> {
        (self.dims() && !self.dimmed).then(|| self.stirred + self.idle_after)
    }

    fn dims(&self) -> bool {
        !self.idle_after.is_zero() && self.idle != self.active
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::config::BacklightDriver;

    fn dimmer(idle: u8, idle_s: u64) -> Dimmer {
        let level = |percent| Level::new(percent).expect("a level");
        let config = BacklightConfig {
            driver: BacklightDriver::None,
            active: level(80),
            idle: level(idle),
            idle_after: Duration::from_secs(idle_s),
        };
        Dimmer::new(&config, at(0))
    }

    fn at(s: u64) -> Moment {
        Moment::default() + Duration::from_secs(s)
    }

    #[test]
    fn it_dims_once_after_the_pause_and_is_bright_at_once() {
        let mut dimmer = dimmer(20, 60);
        assert_eq!((dimmer.level(at(59)).percent(), dimmer.due()), (80, Some(at(60))));
        assert_eq!((dimmer.level(at(60)).percent(), dimmer.due()), (20, None));
        assert_eq!((dimmer.level(at(1000)).percent(), dimmer.due()), (20, None));
        dimmer.stir(at(1001));
        assert_eq!((dimmer.level(at(1001)).percent(), dimmer.due()), (80, Some(at(1061))));
        dimmer.stir(at(1060));
        assert_eq!((dimmer.level(at(1119)).percent(), dimmer.due()), (80, Some(at(1120))));
    }

    #[test]
    fn one_that_does_not_dim_needs_no_timer() {
        for mut dimmer in [dimmer(20, 0), dimmer(80, 60)] {
            assert_eq!((dimmer.level(at(10_000)).percent(), dimmer.due()), (80, None));
        }
    }
}
