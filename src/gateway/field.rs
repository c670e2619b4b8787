//! Fields that a gateway cannot carry, found before anything is journalled or sent.

use super::said::bounded;
use crate::money::{AmountError, Fen};
use crate::payment::Refund;

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
    /// A field that this gateway has no place for.
    #[error("{field}: {gateway} has no such field; leave it out")]
    NotCarried {
        /// The field's name on the wire of the gateway that has it.
        field: &'static str,
        /// The gateway's name.
        gateway: &'static str,
    },
    /// More items than the list takes.
    #[error("{field} takes at most {max} items, and {given} were given")]
    TooMany {
        /// The list's name on the wire.
        field: &'static str,
        /// The most items that it takes.
        max: usize,
        /// How many there were.
        given: usize,
    },
    /// One of two fields that belong together.
    #[error("{field} needs {other}: give both or neither")]
    Together {
        /// The one that was given.
        field: &'static str,
        /// The one that was not.
        other: &'static str,
    },
    /// Something of another form than the field's.
    #[error("{field} must be {expected}, and {given:?} was given")]
    Format {
        /// The field's name on the wire.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What was given, cut short.
        given: String,
    },
    /// A time that is too short or too long.
    #[error("{field} takes {min} to {max} seconds, and {given} were given")]
    Seconds {
        /// The field's name on the wire.
        field: &'static str,
        /// The shortest that it takes.
        min: u64,
        /// The longest that is sent.
        max: u64,
        /// What was given.
        given: u64,
    },
    /// A count outside of what the field takes.
    #[error("{field} takes {min} to {max}, and {given} was given")]
    Count {
        /// The field's name on the wire.
        field: &'static str,
        /// The least.
        min: u32,
        /// The most.
        max: u32,
        /// What was given.
        given: u32,
    },
    /// A refund of more than is left (I12).
    #[error("{field} cannot be {given} yuan: {rest} yuan are left of what was paid")]
    OverRefund {
        /// The field's name on the wire.
        field: &'static str,
        /// What was to be given back.
        given: Fen,
        /// What was paid, less what had been given back.
        rest: Fen,
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

/// The refusal of a text of another form than the field's.
pub(super) fn format(field: &'static str, expected: &'static str, given: &str) -> FieldError {
    FieldError::Format { field, expected, given: bounded(given).unwrap_or_default() }
}

/// Checks that a text, which goes into an address or a header, is ASCII without spaces.
pub(super) fn graphic(field: &'static str, text: &str) -> Result<(), FieldError> {
    match text.chars().find(|c| !c.is_ascii_graphic()) {
        Some(given) => Err(FieldError::Character { field, given }),
        None => Ok(()),
    }
}

/// Checks the amount of a refund: something, and no more than is left (I12).
pub(super) fn refund(field: &'static str, refund: &Refund) -> Result<(), FieldError> {
    amount(field, refund.amount)?;
    let rest = refund.sale.amount.checked_sub(refund.refunded_before).unwrap_or(Fen::ZERO);
    if refund.amount > rest {
        return Err(FieldError::OverRefund { field, given: refund.amount, rest });
    }
    Ok(())
}
