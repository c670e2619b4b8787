//! A keypad whose keys are pressed through a handle.

use std::task::{Context, Poll};

use super::Delivery;
use super::wire::{DeviceEnd, Signal, Wire};
use crate::device::{Device, HealthReport};
use crate::key::Key;
use crate::keypad::{Keypad, KeypadEvent};

/// Presses held until they are fetched.
const QUEUE_MAX: usize = 64;

/// A virtual keypad.
#[derive(Debug)]
pub struct VirtualKeypad {
    wire: DeviceEnd<Key>,
}

/// Presses the keys of a [`VirtualKeypad`].
#[derive(Debug, Clone)]
pub struct KeypadHandle {
    wire: Wire<Key>,
}

impl VirtualKeypad {
    /// A plugged keypad and its handle.
    pub fn new() -> (Self, KeypadHandle) {
        let wire = Wire::new(QUEUE_MAX);
        (Self { wire: DeviceEnd(wire.clone()) }, KeypadHandle { wire })
    }
}

impl Device for VirtualKeypad {
    fn name(&self) -> &str {
        "virtual keypad"
    }

    fn health(&self) -> HealthReport {
        self.wire.health()
    }
}

impl Keypad for VirtualKeypad {
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<KeypadEvent> {
        self.wire.poll(cx).map(|signal| match signal {
            Signal::Item(key) => KeypadEvent::Pressed(key),
            Signal::Overrun => KeypadEvent::Overrun,
            Signal::HealthChanged => KeypadEvent::HealthChanged,
        })
    }
}

impl KeypadHandle {
    /// Presses a key once.
    pub fn press(&self, key: Key) -> Delivery {
        self.wire.send(std::iter::once(key))
    }

    /// Pulls the plug; presses not yet fetched are lost.
    pub fn unplug(&self) {
        self.wire.unplug_and_forget();
    }

    /// Puts the plug in.
    pub fn plug(&self) {
        self.wire.plug();
    }

    /// How many presses were lost to a full queue.
    pub fn lost(&self) -> u64 {
        self.wire.lost()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keypad;

    #[tokio::test]
    async fn keys_arrive_one_by_one_as_pressed() {
        let (mut device, handle) = VirtualKeypad::new();
        for key in Key::all() {
            assert_eq!(handle.press(key), Delivery::Delivered);
        }
        for key in Key::all() {
            assert_eq!(keypad::next(&mut device).await, KeypadEvent::Pressed(key));
        }
    }

    #[tokio::test]
    async fn an_unplugged_keypad_forgets_and_comes_back() {
        let (mut device, handle) = VirtualKeypad::new();
        handle.press(Key::Enter);
        handle.unplug();
        assert_eq!(handle.press(Key::Enter), Delivery::Absent);
        assert_eq!(keypad::next(&mut device).await, KeypadEvent::HealthChanged);
        assert!(!device.health().is_ready());
        handle.plug();
        assert_eq!(keypad::next(&mut device).await, KeypadEvent::HealthChanged);
        assert!(device.health().is_ready());
        handle.press(Key::Clear);
        assert_eq!(keypad::next(&mut device).await, KeypadEvent::Pressed(Key::Clear));
    }

    #[tokio::test]
    async fn pressing_wakes_a_task_that_waits_from_another_thread() {
        let (mut device, handle) = VirtualKeypad::new();
        let presser = std::thread::spawn(move || handle.press(Key::Dot));
        assert_eq!(keypad::next(&mut device).await, KeypadEvent::Pressed(Key::Dot));
        assert_eq!(presser.join().unwrap(), Delivery::Delivered);
    }

    #[tokio::test]
    async fn keys_pressed_too_fast_are_lost_and_reported() {
        let (mut device, handle) = VirtualKeypad::new();
        for _ in 0..QUEUE_MAX {
            handle.press(Key::Up);
        }
        assert_eq!(handle.press(Key::Enter), Delivery::Overrun);
        for _ in 0..QUEUE_MAX {
            assert_eq!(keypad::next(&mut device).await, KeypadEvent::Pressed(Key::Up));
        }
        assert_eq!(keypad::next(&mut device).await, KeypadEvent::Overrun);
        assert_eq!(handle.lost(), 1);
    }
}
