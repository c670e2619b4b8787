//! The contactless reader: a phone or card held to it gives a token, as text.
//!
//! A phone's UID is random for each tap and so is never passed on; the token is what the
//! application on the phone answers.
//!
//! - [`pn532`] is the driver for that chip on a serial line; [`apdu`] is what it asks a phone.
//! - [`mod@line`] is the driver for readers that send each token as a line.

pub mod apdu;
pub mod line;
pub mod pn532;

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::device::Device;
pub use apdu::Aid;
pub use line::LineNfc;
pub use pn532::{Pn532, Pn532Config};

/// Why a tap gave no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NfcFault {
    /// The phone or card was taken away too soon.
    #[error("taken away before it was read: hold it still and try again")]
    Interrupted,
    /// A card that speaks no ISO/IEC 14443-4: a plain tag, such as a door's.
    #[error("a plain card without any application: use another way")]
    PlainCard,
    /// A card or phone without the application asked for.
    #[error("this card or phone has no such application: use another way")]
    NoApplication,
    /// What was read before still lies there, and is not read again.
    #[error("what was read before is still there: lift it, then hold it to the reader again")]
    StillThere,
    /// An answer that is not a token.
    #[error("the card or phone gave an unreadable answer: try again")]
    Unreadable,
    /// The reader's own protocol failed.
    #[error("the reader gave an unreadable answer: check its cable")]
    Protocol,
    /// A tap was lost because nobody fetched the earlier ones in time.
    #[error("a tap was lost: try again")]
    Overrun,
}

/// What a contactless reader says.
#[derive(Clone, PartialEq, Eq)]
pub enum NfcEvent {
    /// A token was read.
    Tapped(String),
    /// Something was held to the reader, but gave no token.
    Failed(NfcFault),
    /// [`Device::health`] changed.
    HealthChanged,
}

impl fmt::Debug for NfcEvent {
    /// Says how long the token is, never what it is (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NfcEvent::Tapped(token) => write!(f, "Tapped({} characters)", token.chars().count()),
            NfcEvent::Failed(fault) => f.debug_tuple("Failed").field(fault).finish(),
            NfcEvent::HealthChanged => f.write_str("HealthChanged"),
        }
    }
}

/// A contactless reader. It is born disarmed.
pub trait Nfc: Device {
    /// The next event, or `Pending` with the task's waker registered.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<NfcEvent>;

    /// Turns reading on or off. Either way, taps not yet fetched are forgotten: nothing before
    /// this moment counts (I16).
    fn arm(&mut self, on: bool);
}

/// The next event as a future; dropping it loses nothing.
pub async fn next<N: Nfc + ?Sized>(nfc: &mut N) -> NfcEvent {
    poll_fn(|cx| nfc.poll_event(cx)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let shown = format!("{:?}", NfcEvent::Tapped("284214903060794755".into()));
        assert_eq!(shown, "Tapped(18 characters)");
    }
}
