//! A contactless reader to which tokens are held through a handle.

use std::task::{Context, Poll};

use super::Delivery;
use super::wire::{DeviceEnd, Signal, Wire};
use crate::device::{Device, HealthReport};
use crate::nfc::{Nfc, NfcEvent, NfcFault};

/// Taps held until they are fetched.
const QUEUE_MAX: usize = 8;

/// The most bytes of a token, as much as one answer of a real reader carries.
pub(super) const TOKEN_LEN_MAX: usize = 256;

/// A virtual contactless reader.
#[derive(Debug)]
pub struct VirtualNfc {
    wire: DeviceEnd<NfcEvent>,
}

/// Holds phones and cards to a [`VirtualNfc`].
#[derive(Debug, Clone)]
pub struct NfcHandle {
    wire: Wire<NfcEvent>,
}

impl VirtualNfc {
    /// A plugged, disarmed reader and its handle.
    pub fn new() -> (Self, NfcHandle) {
        let wire = Wire::new(QUEUE_MAX);
        wire.set_gate(false);
        (Self { wire: DeviceEnd(wire.clone()) }, NfcHandle { wire })
    }
}

impl Device for VirtualNfc {
    fn name(&self) -> &str {
        "virtual contactless reader"
    }

    fn health(&self) -> HealthReport {
        self.wire.health()
    }
}

impl Nfc for VirtualNfc {
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<NfcEvent> {
        self.wire.poll(cx).map(|signal| match signal {
            Signal::Item(event) => event,
            Signal::Overrun => NfcEvent::Failed(NfcFault::Overrun),
            Signal::HealthChanged => NfcEvent::HealthChanged,
        })
    }

    fn arm(&mut self, on: bool) {
        self.wire.set_gate(on);
    }
}

impl NfcHandle {
    /// Holds something to the reader that answers `token`. An empty token, or one longer than 256
    /// bytes or with control characters, reads as [`NfcFault::Unreadable`].
    pub fn tap(&self, token: &str) -> Delivery {
        let readable = !token.is_empty()
            && token.len() <= TOKEN_LEN_MAX
            && !token.chars().any(char::is_control);
        if readable {
            self.wire.send(std::iter::once(NfcEvent::Tapped(token.to_owned())))
        } else {
            self.tap_fails(NfcFault::Unreadable)
        }
    }

    /// Holds something to the reader that gives no token.
    pub fn tap_fails(&self, fault: NfcFault) -> Delivery {
        self.wire.send(std::iter::once(NfcEvent::Failed(fault)))
    }

    /// Pulls the plug; taps not yet fetched are lost.
    pub fn unplug(&self) {
        self.wire.unplug_and_forget();
    }

    /// Puts the plug in.
    pub fn plug(&self) {
        self.wire.plug();
    }

    /// How many taps were lost to a full queue.
    pub fn lost(&self) -> u64 {
        self.wire.lost()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nfc;

    #[tokio::test]
    async fn only_taps_while_armed_count() {
        let (mut device, handle) = VirtualNfc::new();
        assert_eq!(handle.tap("before"), Delivery::Disarmed);
        device.arm(true);
        assert_eq!(handle.tap("forgotten"), Delivery::Delivered);
        device.arm(true);
        assert_eq!(handle.tap("token"), Delivery::Delivered);
        assert_eq!(nfc::next(&mut device).await, NfcEvent::Tapped("token".into()));
        handle.tap("unfetched");
        device.arm(false);
        assert_eq!(handle.tap("after"), Delivery::Disarmed);
        handle.unplug();
        assert_eq!(nfc::next(&mut device).await, NfcEvent::HealthChanged);
    }

    #[tokio::test]
    async fn tokens_that_are_no_text_are_unreadable() {
        let (mut device, handle) = VirtualNfc::new();
        device.arm(true);
        for token in ["", "a\nb", &"7".repeat(TOKEN_LEN_MAX + 1)] {
            handle.tap(token);
            assert_eq!(nfc::next(&mut device).await, NfcEvent::Failed(NfcFault::Unreadable));
        }
    }

    #[tokio::test]
    async fn a_failed_tap_says_why() {
        let (mut device, handle) = VirtualNfc::new();
        device.arm(true);
        handle.tap_fails(NfcFault::Interrupted);
        assert_eq!(nfc::next(&mut device).await, NfcEvent::Failed(NfcFault::Interrupted));
    }
}
