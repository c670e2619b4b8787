//! The display's backlight: the trait, and the driver for one that the kernel has a folder for.

pub mod sysfs;

use crate::device::Device;

/// Brightness in percent, 0 (off) to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// Off.
    pub const OFF: Level = Level(0);
    /// As bright as it gets.
    pub const FULL: Level = Level(100);

    /// `percent` of full brightness, or nothing above 100.
    pub const fn new(percent: u8) -> Option<Self> {
        if percent <= 100 { Some(Self(percent)) } else { None }
    }

    /// Percent of full brightness.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// Why the brightness was not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BacklightFault {
    /// The backlight is not there.
    #[error("the backlight is absent: {0}")]
    Absent(String),
    /// The backlight refused.
    #[error("setting the backlight failed: {0}")]
    Failed(String),
}

/// A backlight.
pub trait Backlight: Device {
    /// Sets the brightness.
    ///
    /// # Errors
    ///
    /// The backlight is absent or failed; its brightness is as it was.
    fn set(&mut self, level: Level) -> Result<(), BacklightFault>;
}
