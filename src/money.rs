//! Money: integer fen, read from text and written to text, never through a float.
//!
//! The gateways mix units: SOSOPAY requests carry yuan as a decimal string with at most two places,
//! its JSON answers carry fen, XML v1 is yuan throughout, Upay v2 is fen (protocol/README, "Rules
//! common to all"). Both are parsed here, once, with narrow errors.

use std::fmt;

/// The largest amount that any of the gateways can carry: Upay v2 §3-2.2 gives `total_amount` ten
/// digits.
pub const FEN_MAX: Fen = Fen(9_999_999_999);

/// An amount of money in fen (1/100 yuan).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fen(i64);

/// Why a text is no amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing there.
    #[error("the amount is empty")]
    Empty,
    /// Something other than digits and one dot: a sign, an exponent, a space, a letter.
    #[error("an amount has only digits and at most one dot")]
    NotDecimal,
    /// More than two places after the dot, where yuan are expected.
    #[error("an amount in yuan has at most two places after the dot")]
    TooPrecise,
    /// More than [`FEN_MAX`].
    #[error("an amount is at most 99999999.99 yuan")]
    TooLarge,
    /// Zero, where a charge or a refund is asked for.
    #[error("an amount of zero cannot be charged")]
    Zero,
}

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);

    /// An amount from a count of fen, as the journal keeps it.
    pub const fn new(fen: i64) -> Fen {
        Fen(fen)
    }

    /// The count of fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads yuan with at most two places: `12`, `12.3`, `12.34`, `.5` is refused.
    pub fn parse_yuan(text: &str) -> Result<Fen, AmountError> {
        if text.is_empty() {
            return Err(AmountError::Empty);
        }
        let (whole, part) = match text.split_once('.') {
            Some((whole, part)) => (whole, part),
            None => (text, "0"),
        };
        if whole.is_empty() || part.is_empty() || !is_digits(whole) || !is_digits(part) {
            return Err(AmountError::NotDecimal);
        }
        let cents = match part.len() {
            1 => digits(part)?.checked_mul(10).ok_or(AmountError::TooLarge)?,
            2 => digits(part)?,
            _ => return Err(AmountError::TooPrecise),
        };
        let fen = digits(whole)?
            .checked_mul(100)
            .and_then(|fen| fen.checked_add(cents))
            .ok_or(AmountError::TooLarge)?;
        Fen(fen).in_range()
    }

    /// Reads a whole count of fen: `1234`.
    pub fn parse_fen(text: &str) -> Result<Fen, AmountError> {
        if text.is_empty() {
            return Err(AmountError::Empty);
        }
        if !is_digits(text) {
            return Err(AmountError::NotDecimal);
        }
        Fen(digits(text)?).in_range()
    }

    /// The amount, if something can be charged with it.
    pub fn chargeable(self) -> Result<Fen, AmountError> {
        if self.0 > 0 { self.in_range() } else { Err(AmountError::Zero) }
    }

    /// Yuan with two places, as SOSOPAY requests and screens show it: `12.34`.
    pub fn yuan(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", fen / 100, fen % 100)
    }

    /// The sum, unless it overflows.
    pub fn checked_add(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }

    /// The difference, unless it overflows.
    pub fn checked_sub(self, other: Fen) -> Option<Fen> {
        self.0.checked_sub(other.0).map(Fen)
    }

    fn in_range(self) -> Result<Fen, AmountError> {
        if self <= FEN_MAX { Ok(self) } else { Err(AmountError::TooLarge) }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(text: &str) -> Result<i64, AmountError> {
    text.parse().map_err(|_| AmountError::TooLarge)
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.yuan())
    }
}

impl fmt::Debug for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fen", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn yuan_are_read_as_text() {
        for (text, fen) in [
            ("0", 0),
            ("0.01", 1),
            ("158.00", 15800),
            ("1.2", 120),
            ("12", 1200),
            ("99999999.99", 9_999_999_999),
            ("0012.30", 1230),
        ] {
            assert_eq!(Fen::parse_yuan(text), Ok(Fen(fen)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_named_for_what_it_is() {
        for (text, error) in [
            ("", AmountError::Empty),
            ("-1", AmountError::NotDecimal),
            ("+1", AmountError::NotDecimal),
            ("1e3", AmountError::NotDecimal),
            ("1.", AmountError::NotDecimal),
            (".5", AmountError::NotDecimal),
            (" 1", AmountError::NotDecimal),
            ("1.2.3", AmountError::NotDecimal),
            ("１２", AmountError::NotDecimal),
            ("1.234", AmountError::TooPrecise),
            ("1.000", AmountError::TooPrecise),
            ("100000000.00", AmountError::TooLarge),
            ("99999999999999999999999", AmountError::TooLarge),
        ] {
            assert_eq!(Fen::parse_yuan(text), Err(error), "{text}");
        }
        assert_eq!(Fen::parse_fen("1.0"), Err(AmountError::NotDecimal));
        assert_eq!(Fen::parse_fen("10000000000"), Err(AmountError::TooLarge));
        assert_eq!(Fen::ZERO.chargeable(), Err(AmountError::Zero));
        assert_eq!(Fen(-5).chargeable(), Err(AmountError::Zero));
    }

    proptest! {
        #[test]
        fn yuan_come_back_as_they_went(fen in 0..=FEN_MAX.get()) {
            prop_assert_eq!(Fen::parse_yuan(&Fen(fen).yuan()), Ok(Fen(fen)));
            prop_assert_eq!(Fen::parse_fen(&fen.to_string()), Ok(Fen(fen)));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = (Fen::parse_yuan(&text), Fen::parse_fen(&text));
        }
    }
}
