//! Where an order stands: which record may come next, and what it changes.
//!
//! One row of the table `charges` is one [`Standing`]. Appending moves it by [`Standing::next`], and
//! verification replays the entries through the same function and compares.

use super::WallTime;
use super::error::Refusal;
use crate::id::OrderId;
use crate::money::Fen;
use crate::payment::outcome::Returned;
use crate::payment::record::{Direction, Found};
use crate::payment::{Channel, Outcome, Payment, Record};

/// Where a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Going on, or cut off by the end of the process.
    Open,
    /// Given to the resolver (I7).
    Parked,
    /// Ended: paid (I3).
    Paid,
    /// Ended: no money moved (I4).
    NotCharged,
    /// Ended: closed, or the money returned, by our cancel (I4).
    Reversed,
}

impl State {
    const ALL: [State; 5] =
        [State::Open, State::Parked, State::Paid, State::NotCharged, State::Reversed];

    /// The name in the journal. Kept for ever.
    pub fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Parked => "parked",
            State::Paid => "paid",
            State::NotCharged => "not_charged",
            State::Reversed => "reversed",
        }
    }

    pub(super) fn parse(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The outcome in the words of `contract.md`: nothing while the charge is open.
    pub fn outcome(self) -> Option<&'static str> {
        match self {
            State::Open => None,
            State::Parked => Some("unresolved"),
            State::Paid => Some("paid"),
            State::NotCharged | State::Reversed => Some("not_charged"),
        }
    }

    /// Whether nothing can follow but a discrepancy (I6).
    pub fn is_final(self) -> bool {
        match self {
            State::Open | State::Parked => false,
            State::Paid | State::NotCharged | State::Reversed => true,
        }
    }
}

/// One row of the table `charges`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub order: OrderId,
    /// The entry that opened it.
    pub opened_seq: i64,
    /// The last entry about it.
    pub last_seq: i64,
    pub created_at: WallTime,
    pub amount: Fen,
    pub state: State,
    pub channel: Channel,
    pub gateway_order: Option<String>,
    pub refunded: Fen,
    pub cancels: u32,
    pub discrepancies: u32,
    pub notes: u32,
}

impl Standing {
    /// Where the order stands after `record`, or why the record cannot be true of it.
    pub(super) fn next(
        before: Option<&Standing>,
        record: &Record,
        seq: i64,
        at: WallTime,
    ) -> Result<Standing, Refusal> {
        match (before, record) {
            (None, Record::Opened { sale, direction }) => {
                sale.amount.chargeable().map_err(|_| Refusal::Amount)?;
                let channel = match direction {
                    Direction::Scan { channel, .. }
                    | Direction::Present { channel }
                    | Direction::HandOut { channel } => channel,
                };
                Ok(Standing {
                    order: sale.order.clone(),
                    opened_seq: seq,
                    last_seq: seq,
                    created_at: at,
                    amount: sale.amount,
                    state: State::Open,
                    channel: channel.clone(),
                    gateway_order: None,
                    refunded: Fen::ZERO,
                    cancels: 0,
                    discrepancies: 0,
                    notes: 0,
                })
            }
            (Some(_), Record::Opened { .. }) => Err(Refusal::OrderExists),
            (None, _) => Err(Refusal::UnknownOrder),
            (Some(before), record) => before.followed_by(record, seq),
        }
    }

    /// The standing after another note.
    pub(super) fn noted(&self, seq: i64, notes_max: u32) -> Result<Standing, Refusal> {
        if self.notes >= notes_max {
            return Err(Refusal::TooManyNotes);
        }
        Ok(Standing { last_seq: seq, notes: self.notes + 1, ..self.clone() })
    }

    fn followed_by(&self, record: &Record, seq: i64) -> Result<Standing, Refusal> {
        let mut after = Standing { last_seq: seq, ..self.clone() };
        match record {
            Record::Opened { .. } => return Err(Refusal::OrderExists),
            Record::CancelIntent { attempt, .. } => {
                self.still_open()?;
                if self.cancels.checked_add(1) != Some(*attempt) {
                    return Err(Refusal::CancelCount);
                }
                after.cancels = *attempt;
            }
            Record::Parked { .. } => {
                self.still_open()?;
                after.state = State::Parked;
            }
            Record::Settled { outcome, .. } => {
                self.still_open()?;
                match outcome {
                    Outcome::Paid(payment) => {
                        if payment.amount != self.amount {
                            return Err(Refusal::AmountMismatch);
                        }
                        after.state = State::Paid;
                        after.learn(payment);
                        after.refunded = returned(payment);
                    }
                    Outcome::NotCharged(_) => after.state = State::NotCharged,
                    Outcome::Reversed(_) => after.state = State::Reversed,
                    Outcome::Unresolved(_) => return Err(Refusal::NotFinal),
                }
            }
            Record::Discrepancy { found, .. } => {
                if !self.state.is_final() {
                    return Err(Refusal::NotSettled);
                }
                after.discrepancies = self.discrepancies.saturating_add(1);
                match found {
                    Found::Paid(payment) => after.learn(payment),
                    Found::NotPaid(_) => {}
                }
            }
        }
        Ok(after)
    }

    fn still_open(&self) -> Result<(), Refusal> {
        if self.state.is_final() { Err(Refusal::AlreadySettled) } else { Ok(()) }
    }

    /// What a payment tells of its way; the first number of the gateway stays.
    fn learn(&mut self, payment: &Payment) {
        if payment.channel != Channel::Unknown(String::new()) {
            self.channel = payment.channel.clone();
        }
        if self.gateway_order.is_none() {
            self.gateway_order.clone_from(&payment.gateway_order);
        }
    }
}

/// How much of a payment has certainly been given back: never more than was paid (I12).
fn returned(payment: &Payment) -> Fen {
    match payment.returned {
        Returned::Nothing | Returned::Part(None) | Returned::Unclear => Fen::ZERO,
        Returned::Part(Some(part)) => part.clamp(Fen::ZERO, payment.amount),
        Returned::Everything => payment.amount,
    }
}
