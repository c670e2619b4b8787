//! The driver for keypads and keyboards, over evdev.
//!
//! Owns the device's `Keys` and the [`KeyMap`]. A press is one event, however long it is held;
//! keys that are not in the map do nothing. The device is grabbed, so that a cashier's keys reach
//! no console behind the screen.

use std::task::{Context, Poll, ready};

use super::{KeyMap, Keypad, KeypadEvent};
use crate::device::{Device, HealthReport};
use crate::input::{Keys, Locator, Needs, Signal, Stroke};

/// Signals in one turn.
const SIGNALS_MAX: usize = 128;

/// Which keypad, and what its keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvdevKeypadConfig {
    /// The device.
    pub locator: Locator,
    /// Which of its keys is which of ours.
    pub map: KeyMap,
}

/// A keypad.
pub struct EvdevKeypad {
    name: String,
    keys: Keys,
    map: KeyMap,
}

impl EvdevKeypad {
    /// Opens the keypad if it is there; otherwise it is looked for until it is. Must be called,
    /// and polled, inside a tokio runtime with I/O and time.
    pub fn open(config: EvdevKeypadConfig) -> Self {
        let keys = Keys::open(config.locator.clone(), needs(&config.map));
        Self::with_keys(config, keys)
    }

    fn with_keys(config: EvdevKeypadConfig, keys: Keys) -> Self {
        Self { name: format!("keypad {}", config.locator), keys, map: config.map }
    }
}

fn needs(map: &KeyMap) -> Needs {
    let map = map.clone();
    Box::new(move |keys| map.lacks(keys))
}

impl Device for EvdevKeypad {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        self.keys.health().clone()
    }
}

impl Keypad for EvdevKeypad {
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<KeypadEvent> {
        for _ in 0..SIGNALS_MAX {
            match ready!(self.keys.poll_signal(cx)) {
                Signal::Stroke(Stroke::Down(code)) => {
                    if let Some(key) = self.map.key(code) {
                        return Poll::Ready(KeypadEvent::Pressed(key));
                    }
                }
                Signal::Stroke(Stroke::Up(_)) => {}
                Signal::Lost { .. } => return Poll::Ready(KeypadEvent::Overrun),
                Signal::HealthChanged => return Poll::Ready(KeypadEvent::HealthChanged),
            }
        }
        // A flood: let others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests;
