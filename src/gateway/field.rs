//! Fields that a gateway cannot carry, found before anything is journalled or sent.

use crate::money::{AmountError, Fen};

/// A field of a request that the gateway would refuse: its name on the wire, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Nothing in a field that must have something.
    #[error("{field} must not be empty")]
    Empty {
        /// The field's name on the wire.
        field: &'static str,
    },
    /// More characters than the field takes.
    #[error("{field} takes at most {max} characters, and {given} were given")]
    TooLong {
        /// The field's name on the wire.
        field: &'static str,
        /// The most characters that it takes.
        max: usize,
        /// How many there were.
        given: usize,
    },
    /// A control character or another that no document can carry.
    #[error("{field} must not have the character U+{:04X}", u32::from(*given))]
    Character {
        /// The field's name on the wire.
        field: &'static str,
        /// The character.
        given: char,
    },
    /// An amount that cannot be charged.
    #[error("{field} cannot be {given} yuan: {error}")]
    Amount {
        /// The field's name on the wire.
        field: &'static str,
        /// The amount.
        given: Fen,
        /// Why.
        error: AmountError,
    },
    /// A wallet that this gateway cannot make a QR for.
    #[error("{field}: this gateway makes no QR for {given}; it can for {possible}")]
    Channel {
        /// The field's name on the wire.
        field: &'static str,
        /// The wallet's name.
        given: &'static str,
        /// The names of those that it can make one for.
        possible: &'static str,
    },
}

/// Checks a text that must be there, has at most `max` characters, and none that is a control
/// character or outside of what XML 1.0 §2.2 allows (JSON's bodies go to the same gateway).
pub(super) fn text(field: &'static str, text: &str, max: usize) -> Result<(), FieldError> {
    if text.trim().is_empty() {
        return Err(FieldError::Empty { field });
    }
    let given = text.chars().count();
    if given > max {
        return Err(FieldError::TooLong { field, max, given });
    }
    let unfit = |c: &char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    match text.chars().find(unfit) {
        Some(given) => Err(FieldError::Character { field, given }),
        None => Ok(()),
    }
}

/// Checks an amount to be charged.
pub(super) fn amount(field: &'static str, given: Fen) -> Result<(), FieldError> {
    match given.chargeable() {
        Ok(_) => Ok(()),
        Err(error) => Err(FieldError::Amount { field, given, error }),
    }
}
