//! Voiding: all of the money of a paid order is to go back.
//!
//! The same query → cancel → query as a reversal, and the same proofs (`reversal.rs`), read the
//! other way round: "paid" is where it begins and not how it ends, and "does not exist" ends
//! nothing, since a paid order cannot be missing. It is in Parked from the start, so nothing of it
//! sounds or prints like a sale.
//!
//! - I1: `VoidIntent` is durable before each cancel, and with it the order counts as open.
//! - I3, I4: it ends `Voided` only by a query that says so, and `VoidRefused` only by two that say
//!   "paid" after a cancel that was clearly answered and that no cancel can follow any more.
//! - I6: how the order was settled stays as it is; a void is written beside it.
//! - I12: while a cancel may still act no other is sent, and after `Voided` none at all.

use super::reversal::{Reversal, Step, cancel_may_still_act};
use super::{
    After, AskError, AskKind, Asked, Charge, Decline, Doubt, DoubtKind, Moment, OpenCharge,
    Outcome, Payment, Policy, Record, Returned, Verdict, Why,
};

/// A payment that is to be returned.
#[derive(Clone, Debug)]
pub(super) struct Voiding {
    payment: Payment,
    /// The first `VoidIntent` is durable: what the gateway says of a return may be our doing.
    intended: bool,
}

impl Voiding {
    pub(super) fn intended(payment: Payment) -> Voiding {
        Voiding { payment, intended: true }
    }
}

impl Charge {
    /// The return of all the money of an order that is settled as paid, and that no cancel can undo
    /// any more: asks how the order stands, cancels, and goes on until it is certain whether the
    /// money went back. It ends `Reversed`, or `Paid` if the gateway refused.
    pub fn void(now: Moment, order: OpenCharge, payment: Payment, policy: Policy) -> Charge {
        let mut charge = Charge::restore(now, OpenCharge { paid: None, ..order }, policy);
        charge.voiding = Some(Voiding { payment, intended: false });
        charge.doubt = Doubt::of(DoubtKind::Interrupted);
        // "Paid" was settled when every cancel before it had ended (`outlives_cancels`).
        charge.cancel_until = now;
        charge.doubtful_until = now;
        charge.patient_until = None;
        charge.reverse_because(Decline::ours(Why::CancelledByCashier));
        charge
    }

    fn reverse_because(&mut self, why: Decline) {
        if let Some(reversal) = self.reversal_mut() {
            reversal.why = why;
        }
    }

    /// Ends a void by a query that says that the money is not here.
    pub(super) fn conclude_void(
        &mut self,
        asked: &Asked,
        result: &Result<Verdict, AskError>,
    ) -> bool {
        let intended = self.voiding.as_ref().is_some_and(|voiding| voiding.intended);
        let returned = asked.kind == AskKind::Query && intended && is_returned(result);
        if returned {
            let ours = Decline::ours(Why::CancelledByCashier);
            let why = self.reversal_reason().cloned().unwrap_or(ours);
            let record = Record::Voided { order: self.sale.order.clone() };
            self.store(record, After::Settle(Outcome::Reversed(why)));
        }
        returned
    }

    pub(super) fn void_before_answered(
        &mut self,
        now: Moment,
        asked: &Asked,
        result: &Result<Verdict, AskError>,
    ) {
        if self.is_patient(now) {
            return self.reversal_pause(now);
        }
        // Money that is gone before we intended anything is cancelled all the same: the gateway has
        // nothing left to do, and the entries tell one story.
        let cancels = match result {
            Ok(Verdict::Paid(payment)) => payment.returned != Returned::Unclear,
            Ok(Verdict::Reversed(_) | Verdict::Declined(_)) => true,
            Ok(
                Verdict::Presented { .. }
                | Verdict::Pending
                | Verdict::Unknown(_)
                | Verdict::NotFound,
            )
            | Err(_) => false,
        };
        if !cancels {
            return self.reversal_pause(now);
        }
        if now < self.cancel_until {
            return self.reversal_pause_for_proof(now, asked);
        }
        let (Some(voiding), Some(attempt)) = (&mut self.voiding, self.cancels.checked_add(1))
        else {
            return self.reversal_pause(now);
        };
        voiding.intended = true;
        self.cancels = attempt;
        if let Some(reversal) = self.reversal_mut() {
            reversal.step = Step::RecordingCancel;
        }
        let record = Record::VoidIntent { order: self.sale.order.clone(), attempt };
        self.store(record, After::SendCancel);
    }

    pub(super) fn void_after_answered(
        &mut self,
        now: Moment,
        asked: &Asked,
        result: &Result<Verdict, AskError>,
    ) {
        let paid = match result {
            Ok(Verdict::Paid(payment)) => payment.returned != Returned::Unclear,
            Ok(
                Verdict::Presented { .. }
                | Verdict::Declined(_)
                | Verdict::Reversed(_)
                | Verdict::Pending
                | Verdict::Unknown(_)
                | Verdict::NotFound,
            )
            | Err(_) => false,
        };
        let proven = paid && self.outlives_cancels(asked);
        let refused = self.reversal_mut().and_then(|reversal: &mut Reversal| {
            let refusal = reversal.refusal.clone().filter(|_| proven);
            let again = std::mem::replace(&mut reversal.paid_once, refusal.is_some());
            refusal.filter(|_| again)
        });
        match (refused, &self.voiding) {
            (Some(why), Some(voiding)) => {
                let outcome = Outcome::Paid(voiding.payment.clone());
                let record = Record::VoidRefused { order: self.sale.order.clone(), why };
                self.store(record, After::Settle(outcome));
            }
            (Some(_) | None, _) if paid && !proven => self.reversal_pause_for_proof(now, asked),
            (Some(_) | None, _) => self.reversal_pause(now),
        }
    }
}

fn is_returned(result: &Result<Verdict, AskError>) -> bool {
    match result {
        Ok(Verdict::Reversed(_) | Verdict::Declined(_)) => true,
        Ok(Verdict::Paid(payment)) => payment.returned == Returned::Everything,
        Ok(
            Verdict::Presented { .. } | Verdict::Pending | Verdict::Unknown(_) | Verdict::NotFound,
        )
        | Err(_) => false,
    }
}

/// What the answer to a cancel means should the payment stand: nothing, while it may still act.
pub(super) fn refusal(result: &Result<Verdict, AskError>) -> Option<Decline> {
    if cancel_may_still_act(result) {
        return None;
    }
    let said = match result {
        Ok(Verdict::Declined(decline)) => return Some(decline.clone()),
        Ok(Verdict::Reversed(decline)) => decline.said.clone(),
        Ok(Verdict::Unknown(doubt)) => doubt.said.clone(),
        Ok(Verdict::Paid(_) | Verdict::Presented { .. } | Verdict::Pending | Verdict::NotFound) => {
            None
        }
        // It never left: there is no answer.
        Err(AskError::NotSent | AskError::MaybeSent | AskError::Garbled) => return None,
    };
    Some(Decline { why: Why::GatewayRefused, said })
}
