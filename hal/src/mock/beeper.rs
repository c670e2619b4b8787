//! A beeper that remembers what it played.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::wire::{DeviceEnd, Wire, lock};
use crate::beeper::{Beeper, BeeperFault, TONES_MAX, Tone};
use crate::device::{Device, HealthReport};

/// Tunes remembered.
const TUNES_MAX: usize = 100;

type Tunes = Arc<Mutex<VecDeque<Vec<Tone>>>>;

/// A virtual beeper.
#[derive(Debug)]
pub struct VirtualBeeper {
    wire: DeviceEnd<()>,
    tunes: Tunes,
}

/// Listens to a [`VirtualBeeper`].
#[derive(Debug, Clone)]
pub struct BeeperHandle {
    wire: Wire<()>,
    tunes: Tunes,
}

impl VirtualBeeper {
    /// A plugged beeper and its handle.
    pub fn new() -> (Self, BeeperHandle) {
        let (wire, tunes) = (Wire::new(0), Tunes::default());
        let device = Self { wire: DeviceEnd(wire.clone()), tunes: Arc::clone(&tunes) };
        (device, BeeperHandle { wire, tunes })
    }
}

impl Device for VirtualBeeper {
    fn name(&self) -> &str {
        "virtual beeper"
    }

    fn health(&self) -> HealthReport {
        self.wire.health()
    }
}

impl Beeper for VirtualBeeper {
    fn play(&mut self, tones: &[Tone]) -> Result<(), BeeperFault> {
        let report = self.wire.health();
        if !report.is_ready() {
            return Err(BeeperFault::Absent(report.detail));
        }
        if tones.len() > TONES_MAX {
            return Err(BeeperFault::TooLong { tones: tones.len() });
        }
        let mut tunes = lock(&self.tunes);
        if tunes.len() == TUNES_MAX {
            tunes.pop_front();
        }
        tunes.push_back(tones.to_vec());
        Ok(())
    }
}

impl BeeperHandle {
    /// The last 100 tunes, oldest first.
    pub fn played(&self) -> Vec<Vec<Tone>> {
        lock(&self.tunes).iter().cloned().collect()
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
    fn tunes_are_heard_while_it_is_plugged() {
        let (mut device, handle) = VirtualBeeper::new();
        let tune = vec![Tone::new(2000, 80), Tone::rest(40), Tone::new(2600, 120)];
        device.play(&tune).unwrap();
        handle.unplug();
        assert!(matches!(device.play(&tune), Err(BeeperFault::Absent(_))));
        handle.plug();
        assert_eq!(device.play(&[tune[0]; 33]), Err(BeeperFault::TooLong { tones: 33 }));
        assert_eq!(handle.played(), [tune]);
    }

    #[test]
    fn only_the_last_tunes_are_remembered() {
        let (mut device, handle) = VirtualBeeper::new();
        for pitch_hz in 0..=100 {
            device.play(&[Tone::new(pitch_hz, 1)]).unwrap();
        }
        let played = handle.played();
        assert_eq!((played.len(), played[0][0].frequency_hz), (100, 1));
    }
}
