//! Where an order stands: which record may come next, and what it changes.
//!
//! One row of the table `charges` is one [`Standing`]. Appending moves it by [`Standing::next`],
//! and verification replays the entries through the same function and compares.

use super::WallTime;
use super::error::Refusal;
use super::refunds::RefundStanding;
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
    /// Paid, and a reversal of the payment is intended and not ended: open again (I7).
    Voiding,
    /// Paid, and all of the money returned since. Nothing can follow but a discrepancy (I6).
    Voided,
}

impl State {
    const ALL: [State; 7] = [
        State::Open,
        State::Parked,
        State::Paid,
        State::NotCharged,
        State::Reversed,
        State::Voiding,
        State::Voided,
    ];

    /// The name in the journal. Kept for ever.
    pub fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Parked => "parked",
            State::Paid => "paid",
            State::NotCharged => "not_charged",
            State::Reversed => "reversed",
            State::Voiding => "voiding",
            State::Voided => "voided",
        }
    }

    pub(super) fn parse(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The outcome in the words of `contract.md`: nothing while the charge is open. A void does not
    /// rewrite it; what was returned stands beside it (I6).
    pub fn outcome(self) -> Option<&'static str> {
        match self {
            State::Open => None,
            State::Parked => Some("unresolved"),
            State::Paid | State::Voiding | State::Voided => Some("paid"),
            State::NotCharged | State::Reversed => Some("not_charged"),
        }
    }

    /// Whether it has ended, so that nothing can follow by itself but a discrepancy (I6); a void of
    /// what is paid has to be asked for.
    pub fn is_final(self) -> bool {
        match self {
            State::Open | State::Parked | State::Voiding => false,
            State::Paid | State::NotCharged | State::Reversed | State::Voided => true,
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
    /// It ended without money, and the gateway was found to hold it since (I6).
    pub found_paid: bool,
    pub notes: u32,
    /// Oldest first.
    pub refunds: Vec<RefundStanding>,
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
                    found_paid: false,
                    notes: 0,
                    refunds: Vec::new(),
                })
            }
            (Some(_), Record::Opened { .. }) => Err(Refusal::OrderExists),
            (None, _) => Err(Refusal::UnknownOrder),
            (Some(before), record) => before.followed_by(record, seq, at),
        }
    }

    /// The standing after another note.
    pub(super) fn noted(&self, seq: i64, notes_max: u32) -> Result<Standing, Refusal> {
        if self.notes >= notes_max {
            return Err(Refusal::TooManyNotes);
        }
        Ok(Standing { last_seq: seq, notes: self.notes + 1, ..self.clone() })
    }

    fn followed_by(&self, record: &Record, seq: i64, at: WallTime) -> Result<Standing, Refusal> {
        let mut after = Standing { last_seq: seq, ..self.clone() };
        match record {
            Record::Opened { .. } => return Err(Refusal::OrderExists),
            Record::CancelIntent { attempt, .. } => {
                self.still_open()?;
                after.cancels = self.next_cancel(*attempt)?;
            }
            // A void that is parked goes on as one.
            Record::Parked { .. } if self.state == State::Voiding => {}
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
            Record::VoidIntent { attempt, .. } => {
                self.still_voidable()?;
                after.cancels = self.next_cancel(*attempt)?;
                after.state = State::Voiding;
            }
            Record::Voided { .. } => {
                self.still_voiding()?;
                after.state = State::Voided;
                after.refunded = self.amount;
            }
            Record::VoidRefused { .. } => {
                self.still_voiding()?;
                after.state = State::Paid;
            }
            Record::Discrepancy { found, .. } => {
                if !self.state.is_final() {
                    return Err(Refusal::NotSettled);
                }
                after.discrepancies = self.discrepancies.saturating_add(1);
                match found {
                    Found::Paid(payment) => {
                        after.learn(payment);
                        after.found_paid = true;
                    }
                    Found::NotPaid(_) => {}
                }
            }
            Record::RefundIntent { refund } => after.refund_intended(refund, seq, at)?,
            Record::RefundParked { id, doubt, .. } => after.refund_parked(id, doubt)?,
            Record::RefundSettled { id, outcome, .. } => after.refund_settled(id, outcome)?,
            Record::RefundDiscrepancy { id, found, .. } => after.refund_contradicted(id, found)?,
        }
        Ok(after)
    }

    fn still_open(&self) -> Result<(), Refusal> {
        match self.state {
            State::Open | State::Parked => Ok(()),
            State::Paid | State::NotCharged | State::Reversed | State::Voiding | State::Voided => {
                Err(Refusal::AlreadySettled)
            }
        }
    }

    /// I12: only money that is here can go back.
    fn still_voidable(&self) -> Result<(), Refusal> {
        match self.state {
            State::Paid if self.refunding() > Fen::ZERO => Err(Refusal::RefundGoingOn),
            State::Paid | State::Voiding if self.refunded < self.amount => Ok(()),
            State::Paid | State::Voiding | State::Voided => Err(Refusal::AlreadyReturned),
            State::Open | State::Parked | State::NotCharged | State::Reversed => {
                Err(Refusal::NotPaid)
            }
        }
    }

    fn still_voiding(&self) -> Result<(), Refusal> {
        if self.state == State::Voiding { Ok(()) } else { Err(Refusal::NotVoiding) }
    }

    fn next_cancel(&self, attempt: u32) -> Result<u32, Refusal> {
        match self.cancels.checked_add(1) {
            Some(next) if next == attempt => Ok(attempt),
            Some(_) | None => Err(Refusal::CancelCount),
        }
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
