//! Time as the machine sees it: monotonic only (I14).

use std::time::Duration;

/// A moment of the monotonic clock, counted from the start of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(Duration);

impl Moment {
    /// The moment that lies this long after the process started.
    pub const fn after_start(duration: Duration) -> Moment {
        Moment(duration)
    }

    /// The moment this many milliseconds after the process started.
    pub const fn from_ms(ms: u64) -> Moment {
        Moment(Duration::from_millis(ms))
    }

    /// How long after the start of the process.
    pub const fn since_start(self) -> Duration {
        self.0
    }

    /// How long after `earlier` this is; zero if it is before.
    pub fn since(self, earlier: Moment) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_add(duration))
    }
}

/// What the machine waits for the clock to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// When to stop waiting for a code to be scanned.
    AwaitCode,
    /// When to stop waiting for the answer to pay or precreate.
    Charge,
    /// When to ask what became of the order.
    Poll,
    /// When to stop asking and reverse.
    Confirm,
    /// When a shown QR is no longer to be paid.
    Present,
    /// When to stop waiting for the answer to a query or a cancel.
    Ask,
    /// When to stop reversing and park.
    Reverse,
    /// When the resolver is to try a parked charge again.
    Resolve,
}
