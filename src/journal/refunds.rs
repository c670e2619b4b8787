//! Where the refunds of an order stand, and which record of a refund may come next (I12).
//!
//! One row of the table `refunds` is one [`RefundStanding`]. They are part of their order's
//! [`Standing`], which alone can say what is left of the payment.

use super::WallTime;
use super::error::Refusal;
use super::standing::{Standing, State};
use crate::id::RefundId;
use crate::money::Fen;
use crate::payment::record::RefundFound;
use crate::payment::{Doubt, Refund, RefundOutcome};

/// How many refunds of one order are kept (I15); no gateway takes so many.
const REFUNDS_MAX: usize = 100;

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// Going on, or cut off by the end of the process.
    Open,
    /// Given to the resolver; the gateway had accepted it (I7).
    Refunding,
    /// Given to the resolver; not known (I7).
    Parked,
    /// Ended: the money went back (I3).
    Refunded,
    /// Ended: nothing was given back (I4).
    Refused,
}

impl RefundState {
    const ALL: [RefundState; 5] = [
        RefundState::Open,
        RefundState::Refunding,
        RefundState::Parked,
        RefundState::Refunded,
        RefundState::Refused,
    ];

    /// The name in the journal. Kept for ever.
    pub fn name(self) -> &'static str {
        match self {
            RefundState::Open => "open",
            RefundState::Refunding => "refunding",
            RefundState::Parked => "parked",
            RefundState::Refunded => "refunded",
            RefundState::Refused => "refused",
        }
    }

    pub(super) fn parse(name: &str) -> Option<RefundState> {
        RefundState::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The outcome in the words of `contract.md`: nothing while the refund is open.
    pub fn outcome(self) -> Option<&'static str> {
        match self {
            RefundState::Open => None,
            RefundState::Refunding => Some("refunding"),
            RefundState::Parked => Some("unresolved"),
            RefundState::Refunded => Some("refunded"),
            RefundState::Refused => Some("refused"),
        }
    }

    /// Whether nothing can follow but a discrepancy (I6).
    pub fn is_final(self) -> bool {
        match self {
            RefundState::Open | RefundState::Refunding | RefundState::Parked => false,
            RefundState::Refunded | RefundState::Refused => true,
        }
    }
}

/// One row of the table `refunds`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RefundStanding {
    pub id: RefundId,
    /// The entry of its intent.
    pub intended_seq: i64,
    pub created_at: WallTime,
    pub amount: Fen,
    pub state: RefundState,
    pub gateway_refund: Option<String>,
    pub discrepancies: u32,
}

impl Standing {
    /// What is on its way back: intended, and not ended (I12).
    pub(super) fn refunding(&self) -> Fen {
        let open = self.refunds.iter().filter(|refund| !refund.state.is_final());
        Fen::new(open.fold(0_i64, |sum, refund| sum.saturating_add(refund.amount.get())))
    }

    /// What can still be given back.
    pub(super) fn rest(&self) -> Fen {
        let gone = self.refunded.get().saturating_add(self.refunding().get());
        Fen::new(self.amount.get().saturating_sub(gone))
    }

    /// How much can be given back now, or why nothing can.
    pub(super) fn refundable(&self) -> Result<Fen, Refusal> {
        match self.state {
            State::Paid => Ok(self.rest()),
            // The gateway was found to hold the money all the same (I6): that can go back.
            State::NotCharged | State::Reversed if self.found_paid => Ok(self.rest()),
            State::Voiding => Err(Refusal::Voiding),
            State::Voided => Err(Refusal::AlreadyReturned),
            State::Open | State::Parked | State::NotCharged | State::Reversed => {
                Err(Refusal::NotPaid)
            }
        }
    }

    pub(super) fn refund_intended(
        &mut self,
        refund: &Refund,
        seq: i64,
        at: WallTime,
    ) -> Result<(), Refusal> {
        if let Some(known) = self.refunds.iter().find(|known| known.id == refund.id) {
            let same = known.amount == refund.amount;
            return Err(if same { Refusal::RefundExists } else { Refusal::RefundNumberTaken });
        }
        let rest = self.refundable()?;
        refund.amount.chargeable().map_err(|_| Refusal::Amount)?;
        if refund.sale.amount != self.amount {
            return Err(Refusal::AmountMismatch);
        }
        if refund.amount > rest {
            return Err(Refusal::AboveRest);
        }
        if self.refunding() > Fen::ZERO {
            return Err(Refusal::RefundGoingOn);
        }
        if refund.refunded_before != self.refunded {
            return Err(Refusal::RefundedBefore);
        }
        if self.refunds.len() >= REFUNDS_MAX {
            return Err(Refusal::TooManyRefunds);
        }
        self.refunds.push(RefundStanding {
            id: refund.id.clone(),
            intended_seq: seq,
            created_at: at,
            amount: refund.amount,
            state: RefundState::Open,
            gateway_refund: None,
            discrepancies: 0,
        });
        Ok(())
    }

    pub(super) fn refund_parked(
        &mut self,
        id: &RefundId,
        doubt: &Option<Doubt>,
    ) -> Result<(), Refusal> {
        let refund = self.open_refund(id)?;
        refund.state = match doubt {
            Some(_) => RefundState::Parked,
            None => RefundState::Refunding,
        };
        Ok(())
    }

    pub(super) fn refund_settled(
        &mut self,
        id: &RefundId,
        outcome: &RefundOutcome,
    ) -> Result<(), Refusal> {
        let refund = self.open_refund(id)?;
        match outcome {
            RefundOutcome::Refunded { gateway_refund } => {
                refund.state = RefundState::Refunded;
                refund.gateway_refund.clone_from(gateway_refund);
                let amount = refund.amount;
                self.give_back(amount);
            }
            RefundOutcome::Refused(_) => refund.state = RefundState::Refused,
            RefundOutcome::Refunding | RefundOutcome::Unresolved(_) => {
                return Err(Refusal::NotFinal);
            }
        }
        Ok(())
    }

    pub(super) fn refund_contradicted(
        &mut self,
        id: &RefundId,
        found: &RefundFound,
    ) -> Result<(), Refusal> {
        let refund = self.refund(id)?;
        if !refund.state.is_final() {
            return Err(Refusal::NotSettled);
        }
        refund.discrepancies = refund.discrepancies.saturating_add(1);
        let (first, amount) = (refund.discrepancies == 1, refund.amount);
        match (refund.state, found) {
            // The money is gone, whatever was thought before: it cannot go back twice.
            (RefundState::Refused, RefundFound::Refunded) if first => self.give_back(amount),
            (
                RefundState::Open
                | RefundState::Refunding
                | RefundState::Parked
                | RefundState::Refunded
                | RefundState::Refused,
                RefundFound::Refunded | RefundFound::NotRefunded(_),
            ) => {}
        }
        Ok(())
    }

    fn give_back(&mut self, amount: Fen) {
        let sum = self.refunded.get().saturating_add(amount.get());
        let room = self.amount.get().saturating_sub(self.refunding().get());
        self.refunded = Fen::new(sum.min(room));
    }

    fn refund(&mut self, id: &RefundId) -> Result<&mut RefundStanding, Refusal> {
        self.refunds.iter_mut().find(|refund| refund.id == *id).ok_or(Refusal::UnknownRefund)
    }

    fn open_refund(&mut self, id: &RefundId) -> Result<&mut RefundStanding, Refusal> {
        let refund = self.refund(id)?;
        if refund.state.is_final() { Err(Refusal::AlreadySettled) } else { Ok(refund) }
    }
}
