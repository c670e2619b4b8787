//! A backlight whose brightness can be looked up.

use std::sync::{Arc, Mutex};

use super::wire::{DeviceEnd, Wire, lock};
use crate::backlight::{Backlight, BacklightFault, Level};
use crate::device::{Device, HealthReport};

/// A virtual backlight.
#[derive(Debug)]
pub struct VirtualBacklight {
    wire: DeviceEnd<()>,
    level: Arc<Mutex<Level>>,
}

/// Looks at a [`VirtualBacklight`].
#[derive(Debug, Clone)]
pub struct BacklightHandle {
    wire: Wire<()>,
    level: Arc<Mutex<Level>>,
}

impl VirtualBacklight {
    /// A plugged backlight, fully bright, and its handle.
    pub fn new() -> (Self, BacklightHandle) {
        let (wire, level) = (Wire::new(0), Arc::new(Mutex::new(Level::FULL)));
        let device = Self { wire: DeviceEnd(wire.clone()), level: Arc::clone(&level) };
        (device, BacklightHandle { wire, level })
    }
}

impl Device for VirtualBacklight {
    fn name(&self) -> &str {
        "virtual backlight"
    }

    fn health(&self) -> HealthReport {
        self.wire.health()
    }
}

impl Backlight for VirtualBacklight {
    fn set(&mut self, level: Level) -> Result<(), BacklightFault> {
        let report = self.wire.health();
        if !report.is_ready() {
            return Err(BacklightFault::Absent(report.detail));
        }
        *lock(&self.level) = level;
        Ok(())
    }
}

impl BacklightHandle {
    /// The brightness last set.
    pub fn level(&self) -> Level {
        *lock(&self.level)
    }

    /// Pulls the plug.
    pub fn unplug(&self) {
        self.wire.unplug();
    }

    /// Puts the plug in.
    pub fn plug(&self) {
        self.wire.plug();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unplugged_backlight_keeps_its_level() {
        let (mut device, handle) = VirtualBacklight::new();
        let dim = Level::new(30).unwrap();
        device.set(dim).unwrap();
        handle.unplug();
        assert!(matches!(device.set(Level::OFF), Err(BacklightFault::Absent(_))));
        assert_eq!(handle.level(), dim);
        assert_eq!(Level::new(101), None);
    }
}
