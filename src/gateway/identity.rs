//! Whether an answer is about our order: the half of a proof that is not the status (I3).

use super::said::doubt;
use super::tree::{Field, Tree};
use crate::money::{AmountError, Fen};
use crate::payment::{DoubtKind, Verdict};

/// How a field of an answer stands to what we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// There, and exactly ours.
    Same,
    /// Not there.
    Absent,
    /// There, and something else or unreadable.
    Differs,
}

/// Compares a text, exactly.
pub(super) fn text(answer: &Tree, name: &str, ours: &str) -> Match {
    match answer.field(name) {
        Field::Text(text) if text == ours => Match::Same,
        Field::Text(_) | Field::WrongType => Match::Differs,
        Field::Absent => Match::Absent,
    }
}

/// Compares an amount, read with `parse`.
pub(super) fn amount(
    answer: &Tree,
    name: &str,
    ours: Fen,
    parse: fn(&str) -> Result<Fen, AmountError>,
) -> Match {
    match answer.field(name) {
        Field::Text(text) if parse(text) == Ok(ours) => Match::Same,
        Field::Text(_) | Field::WrongType => Match::Differs,
        Field::Absent => Match::Absent,
    }
}

/// What of an answer's identity was found. An answer that differs anywhere is about something else,
/// whatever it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    /// Our number of the order.
    pub order: Match,
    /// The amount.
    pub amount: Match,
    /// The merchant, or the terminal.
    pub owner: Match,
}

impl Identity {
    /// The verdict on an answer that is about something else.
    pub fn refuse(self, said: &str) -> Option<Verdict> {
        let differs = |found: Match| match found {
            Match::Differs => true,
            Match::Same | Match::Absent => false,
        };
        let what = if differs(self.order) {
            "another order"
        } else if differs(self.amount) {
            "another amount"
        } else if differs(self.owner) {
            "another merchant"
        } else {
            return None;
        };
        Some(doubt(DoubtKind::Mismatch, &format!("the answer is for {what}; {said}")))
    }

    /// Whether it is about our order.
    pub fn names_order(self) -> bool {
        self.order == Match::Same
    }

    /// Whether it is about our order and amount, which is what `Paid` needs.
    pub fn is_whole(self) -> bool {
        self.order == Match::Same && self.amount == Match::Same
    }
}
