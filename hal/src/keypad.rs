//! The keypad: keys that were pressed, one event for each press.
//!
//! - [`evdev`] is the driver for keypads and keyboards of the kernel's input devices.
//! - [`map`] says which of their keys is which of ours; pure.

pub mod evdev;
pub mod map;

use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::device::Device;
use crate::key::Key;

pub use self::evdev::{EvdevKeypad, EvdevKeypadConfig};
pub use map::{KeyMap, UnknownKeyName};

/// What a keypad says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeypadEvent {
    /// A key went down. Held keys do not repeat.
    Pressed(Key),
    /// At least one press was lost because nobody fetched the earlier ones in time.
    Overrun,
    /// [`Device::health`] changed.
    HealthChanged,
}

/// A keypad.
pub trait Keypad: Device {
    /// The next event, or `Pending` with the task's waker registered.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<KeypadEvent>;
}

/// The next event as a future; dropping it loses nothing.
pub async fn next<K: Keypad + ?Sized>(keypad: &mut K) -> KeypadEvent {
    poll_fn(|cx| keypad.poll_event(cx)).await
}
