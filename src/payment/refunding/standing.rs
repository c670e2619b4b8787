//! How a refund stands: what others may ask of it, and nothing that changes it.

use super::{Doubt, Moment, RefundOutcome, RefundStage, RefundView, Refunding, State};
use crate::payment::Refund;

impl Refunding {
    /// The refund.
    pub fn refund(&self) -> &Refund {
        &self.refund
    }

    /// Whether nothing more can come of it: ended, and nothing asked, suspected or being written.
    /// One that the journal halted stays, so that it is counted until the next start takes it up.
    pub fn is_done(&self) -> bool {
        let ended = matches!(self.state, State::Settled { .. } | State::Halted { .. });
        ended && !self.is_unresolved() && self.poll_timeout().is_none() && self.storing.is_none()
    }

    /// Whether an answer is being waited for.
    pub fn is_asking(&self) -> bool {
        !self.asked.is_empty()
    }

    /// From when on every answer proves as much as it ever will.
    pub fn doubt_ends(&self) -> Moment {
        let asks = self.asked.iter().map(|asked| asked.deadline);
        asks.fold(self.doubtful_until, Moment::max)
    }

    /// Whether it is open and nobody waits in front of it: parked, or halted by the journal.
    pub fn is_unresolved(&self) -> bool {
        match &self.state {
            State::Parked { .. } => true,
            State::Halted { outcome } => !outcome.is_final(),
            State::Recording { .. }
            | State::Applying { .. }
            | State::Confirming { .. }
            | State::Settled { .. } => false,
        }
    }

    /// Whether it has been given to the resolver.
    pub fn is_parked(&self) -> bool {
        matches!(self.state, State::Parked { .. })
    }

    /// Whether the gateway was heard to say that it goes on, so that there is nothing to do but
    /// wait.
    pub fn is_going_on(&self) -> bool {
        self.heard_going_on && self.doubt.is_none()
    }

    /// How it stands while it is open: going on, as the gateway says, or not known, and why.
    pub fn open_outcome(&self) -> RefundOutcome {
        match &self.doubt {
            None => RefundOutcome::Refunding,
            Some(doubt) => RefundOutcome::Unresolved(Doubt::clone(doubt)),
        }
    }

    /// What it shows of itself.
    pub fn view(&self) -> RefundView {
        let stage = match &self.state {
            State::Recording { since } | State::Applying { since, .. } => {
                RefundStage::Applying { since: *since }
            }
            State::Confirming { since, until, .. } => {
                RefundStage::Confirming { since: *since, until: *until }
            }
            State::Parked { .. } => RefundStage::Ended(self.open_outcome()),
            State::Settled { outcome, found: Some(found), .. } => {
                RefundStage::Contradicted { outcome: outcome.clone(), found: found.clone() }
            }
            State::Settled { outcome, found: None, .. } | State::Halted { outcome } => {
                RefundStage::Ended(outcome.clone())
            }
        };
        RefundView {
            id: self.refund.id.clone(),
            order: self.refund.sale.order.clone(),
            amount: self.refund.amount,
            stage,
        }
    }
}
