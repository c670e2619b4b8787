//! Names of orders and of asks.
//!
//! I2: an order id is unique across reboots, restores and devices, and is never reused. It is made
//! of the wall clock, the device and entropy, all given as arguments, so that neither a clock that
//! jumped back nor a restored disk image can repeat one.

use std::fmt;

/// The longest order number that every gateway takes: Upay's field practice is 32 characters,
/// shorter than its document's String(64) (protocol/README, "Upay v2").
pub const ORDER_ID_LEN_MAX: usize = 32;

/// Our number of an order: `client_sn` (Upay v2), `CHARGE_CODE` (SOSOPAY).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(String);

/// Why a text is no order id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderIdError {
    /// Empty or longer than [`ORDER_ID_LEN_MAX`].
    #[error("an order number has 1 to 32 characters")]
    Length,
    /// A character outside of `A-Z a-z 0-9 - _`.
    #[error("an order number has only letters, digits, '-' and '_'")]
    Character,
}

impl OrderId {
    /// Reads an order id, as the journal, the command line or a gateway gives it.
    pub fn parse(text: &str) -> Result<OrderId, OrderIdError> {
        if text.is_empty() || text.len() > ORDER_ID_LEN_MAX {
            return Err(OrderIdError::Length);
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !text.bytes().all(fits) {
            return Err(OrderIdError::Character);
        }
        Ok(OrderId(text.to_owned()))
    }

    /// Makes a new id: 13 digits of wall-clock milliseconds, so that people can sort and find it,
    /// then 16 characters of entropy (80 bits), which alone make it unique.
    pub fn generate(unix_ms: u64, entropy: [u8; 10]) -> OrderId {
        let bits = entropy.iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
        OrderId(format!("{:013}{}", unix_ms % 10_000_000_000_000, base32(bits, 16)))
    }

    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest number of a refund that every gateway takes (protocol/README, "In the field").
pub const REFUND_ID_LEN_MAX: usize = 20;

/// Our number of a refund, kept on every retry: `refund_request_no` (Upay v2), `OUT_REFUND_NO`
/// (SOSOPAY).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefundId(String);

/// Why a text is no number of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a refund's number has 1 to 20 letters, digits, '-' and '_'")]
pub struct RefundIdError;

impl RefundId {
    /// Reads a number, as the journal, the command line or a gateway gives it.
    pub fn parse(text: &str) -> Result<RefundId, RefundIdError> {
        let short = text.len() <= REFUND_ID_LEN_MAX;
        match OrderId::parse(text) {
            Ok(OrderId(text)) if short => Ok(RefundId(text)),
            Ok(_) | Err(_) => Err(RefundIdError),
        }
    }

    /// Makes a new number of 96 bits of entropy, which alone make it unique (I2).
    pub fn generate(entropy: [u8; 12]) -> RefundId {
        let bits = entropy.iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
        RefundId(base32(bits, REFUND_ID_LEN_MAX))
    }

    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RefundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RefundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The lowest bits of a number, five to a character, in an alphabet that people can read aloud.
fn base32(mut bits: u128, characters: usize) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut text = String::with_capacity(characters);
    for _ in 0..characters {
        text.push(char::from(ALPHABET[(bits & 31) as usize]));
        bits >>= 5;
    }
    text
}

/// Tells one question to the gateway from another within one machine, so that an answer that comes
/// late is known for what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskId(pub u32);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_names_its_time_and_fits_every_gateway() {
        let id = OrderId::generate(1_763_640_000_123, [7; 10]);
        assert!(id.as_str().starts_with("1763640000123"), "{id}");
        assert_eq!(OrderId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn i2_the_same_instant_with_other_entropy_is_another_id() {
        let a = OrderId::generate(5, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        let b = OrderId::generate(5, [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_ne!(a, b);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        assert_eq!(OrderId::parse(""), Err(OrderIdError::Length));
        assert_eq!(OrderId::parse(&"1".repeat(33)), Err(OrderIdError::Length));
        assert_eq!(OrderId::parse("a/b"), Err(OrderIdError::Character));
        assert_eq!(OrderId::parse("订单"), Err(OrderIdError::Character));
    }

    proptest! {
        #[test]
        fn i2_a_refunds_entropy_is_kept_whole(a: [u8; 12], b: [u8; 12]) {
            let (x, y) = (RefundId::generate(a), RefundId::generate(b));
            prop_assert_eq!(a == b, x == y);
            prop_assert_eq!(RefundId::parse(x.as_str()), Ok(x));
        }

        #[test]
        fn i2_entropy_is_kept_whole(a: [u8; 10], b: [u8; 10]) {
            let (x, y) = (OrderId::generate(1, a), OrderId::generate(1, b));
            prop_assert_eq!(a == b, x == y);
            prop_assert_eq!(OrderId::parse(x.as_str()), Ok(x));
        }
    }
}
