//! Reversing a charge: query → cancel → query, and "paid" wins.
//!
//! A payment can land between the last query and the cancel (protocol/README, "Polling figures"),
//! so a cancel alone proves nothing. The same procedure runs in front of the cashier (Reversing)
//! and for parked charges (Parked), with longer and longer pauses, until an end is proven (I7).

use super::{
    After, AskError, AskKind, Asked, Charge, Decline, DoubtKind, Moment, Outcome, Record, Request,
    Returned, State, Verdict, Why, void,
};
use crate::id::AskId;
use crate::payment::poll::{ESCALATE_ROUNDS, ESCALATED_WAIT};
use std::time::Duration;

#[derive(Clone, Debug)]
pub(super) struct Reversal {
    /// Why the charge is being reversed, should it succeed.
    pub(super) why: Decline,
    pub(super) step: Step,
    /// The gateway had shown that it has the order when our last cancel was sent, so that one
    /// cannot have overtaken the charge.
    arrived: bool,
    /// The gateway accepted our cancel, and no query has contradicted it.
    accepted: bool,
    /// The gateway answered our cancel with "does not exist": the first of two (I5).
    missing: bool,
    /// The gateway answered our cancel so that it cannot act later; and what that means should the
    /// payment stand all the same. Only a void needs to know.
    pub(super) refusal: Option<Decline>,
    /// A query said "paid" after an accepted cancel; a second one in a row proves it.
    pub(super) paid_once: bool,
    /// Something happened while a question was out.
    hurried: bool,
    wait: Duration,
    wait_max: Duration,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Before(AskId),
    RecordingCancel,
    Cancel(AskId),
    After(AskId),
    Pause(Moment),
}

impl Reversal {
    /// A reversal whose first query is due at `first`.
    pub(super) fn paused(
        why: Decline,
        first: Moment,
        wait: Duration,
        wait_max: Duration,
    ) -> Reversal {
        Reversal {
            why,
            step: Step::Pause(first),
            arrived: false,
            accepted: false,
            missing: false,
            refusal: None,
            paid_once: false,
            hurried: false,
            wait,
            wait_max,
        }
    }

    pub(super) fn capped_at(mut self, wait_max: Duration) -> Reversal {
        self.wait_max = wait_max;
        self
    }

    pub(super) fn paused_until(&self) -> Option<Moment> {
        match self.step {
            Step::Pause(until) => Some(until),
            Step::Before(_) | Step::RecordingCancel | Step::Cancel(_) | Step::After(_) => None,
        }
    }

    pub(super) fn hurry(&mut self, now: Moment) {
        match &mut self.step {
            Step::Pause(until) => *until = now,
            // What is out may not have seen what happened: ask once more.
            Step::Before(_) | Step::RecordingCancel | Step::Cancel(_) | Step::After(_) => {
                self.hurried = true;
            }
        }
    }

    fn pause(&mut self, now: Moment) {
        if std::mem::take(&mut self.hurried) {
            self.step = Step::Pause(now);
            return;
        }
        self.step = Step::Pause(now + self.wait);
        self.wait = self.wait.saturating_mul(2).min(self.wait_max);
    }

    fn awaits(&self, ask: AskId) -> bool {
        match self.step {
            Step::Before(awaited) | Step::Cancel(awaited) | Step::After(awaited) => awaited == ask,
            Step::RecordingCancel | Step::Pause(_) => false,
        }
    }
}

impl Charge {
    pub(super) fn reversal_reason(&self) -> Option<&Decline> {
        self.reversal().map(|reversal| &reversal.why)
    }

    pub(super) fn cancel_was_accepted(&self) -> bool {
        self.reversal().is_some_and(|reversal| reversal.accepted)
    }

    fn reversal(&self) -> Option<&Reversal> {
        match &self.state {
            State::Reversing { reversal, .. } | State::Parked { reversal, .. } => Some(reversal),
            State::AwaitCode { .. }
            | State::Recording { .. }
            | State::Charging { .. }
            | State::Presenting { .. }
            | State::Confirming { .. }
            | State::Settled { .. }
            | State::Halted { .. } => None,
        }
    }

    pub(super) fn reversal_mut(&mut self) -> Option<&mut Reversal> {
        match &mut self.state {
            State::Reversing { reversal, .. } | State::Parked { reversal, .. } => Some(reversal),
            State::AwaitCode { .. }
            | State::Recording { .. }
            | State::Charging { .. }
            | State::Presenting { .. }
            | State::Confirming { .. }
            | State::Settled { .. }
            | State::Halted { .. } => None,
        }
    }

    /// A parked charge is to be cancelled now rather than left to be paid.
    pub(super) fn end_patience(&mut self, now: Moment, why: Decline) {
        if self.patient_until.take().is_some()
            && let Some(reversal) = self.reversal_mut()
        {
            reversal.why = why;
            reversal.hurry(now);
        }
    }

    /// The pause is over: query. What the answer is for depends on whether a cancel was answered.
    pub(super) fn reversal_resume(&mut self, now: Moment) {
        let ask = self.ask_query(now);
        if let Some(reversal) = self.reversal_mut() {
            let cancel_answered =
                reversal.accepted || reversal.missing || reversal.refusal.is_some();
            reversal.step = if cancel_answered { Step::After(ask) } else { Step::Before(ask) };
        }
    }

    /// An answer that does not end the charge by itself.
    pub(super) fn reversal_answered(
        &mut self,
        now: Moment,
        asked: &Asked,
        result: Result<Verdict, AskError>,
    ) {
        let Some(reversal) = self.reversal().filter(|reversal| reversal.awaits(asked.id)) else {
            return; // To a question from before the reversal.
        };
        match reversal.step {
            Step::Before(_) if self.voiding.is_some() => {
                self.void_before_answered(now, asked, &result);
            }
            Step::Before(_) => self.before_answered(now, asked, &result),
            Step::Cancel(_) => self.cancel_answered(now, &result),
            Step::After(_) if self.voiding.is_some() => {
                self.void_after_answered(now, asked, &result);
            }
            Step::After(_) => self.after_answered(now, asked, result),
            Step::RecordingCancel | Step::Pause(_) => {}
        }
    }

    /// Whether it is only asked about, and not cancelled.
    pub(super) fn is_patient(&self, now: Moment) -> bool {
        self.patient_until.is_some_and(|until| now < until)
    }

    fn before_answered(&mut self, now: Moment, asked: &Asked, result: &Result<Verdict, AskError>) {
        if self.is_patient(now) {
            return self.reversal_pause(now);
        }
        // With nobody waiting, a payment that nobody has looked at is not cancelled; and while the
        // gateway cannot be reached, no intent after another is written.
        if self.is_parked() && result.is_err() {
            return self.reversal_pause(now);
        }
        // Paid wins, but an earlier cancel may still undo it: wait for that, and do not send more.
        let paid = matches!(result, Ok(Verdict::Paid(_)));
        if paid && self.doubt.kind != DoubtKind::WalletUncertain {
            return self.reversal_pause_for_proof(now, asked);
        }
        // 收钱吧 undertakes to reverse what the wallet left uncertain (Upay v2 §4-4, remark); a
        // second cancel would only confuse it.
        if self.doubt.kind == DoubtKind::WalletUncertain {
            self.reversal_pause(now);
            if matches!(self.state, State::Reversing { .. }) {
                self.park();
            }
            return;
        }
        let Some(reversal) = self.reversal_mut() else { return };
        reversal.step = Step::RecordingCancel;
        let why = reversal.why.clone();
        self.cancels = self.cancels.saturating_add(1);
        let order = self.sale.order.clone();
        let record = Record::CancelIntent { order, attempt: self.cancels, why };
        self.store(record, After::SendCancel);
    }

    pub(super) fn send_cancel(&mut self, now: Moment) {
        let request = Request::Cancel { sale: self.sale.clone() };
        let ask = self.ask(now, AskKind::Cancel, request, self.policy.query_timeout);
        let arrived = self.arrived;
        if let Some(reversal) = self.reversal_mut() {
            reversal.arrived = arrived;
            reversal.step = Step::Cancel(ask);
        }
    }

    /// A cancel is over, or nobody waits for its answer any more. Unless it was clearly answered,
    /// it may still be carried out for as long as a request can be under way.
    pub(super) fn cancel_ended(&mut self, now: Moment, result: &Result<Verdict, AskError>) {
        if matches!(result, Err(AskError::NotSent)) {
            return;
        }
        if cancel_may_still_act(result) {
            self.cancel_until = now + self.policy.in_flight_max;
        }
        for asked in &mut self.asked {
            asked.overtaken = true;
        }
    }

    /// Whether a payment that this ask proved stands: no cancel of ours undid it since, or can yet
    /// (I3).
    pub(super) fn outlives_cancels(&self, asked: &Asked) -> bool {
        let cancel_is_out = self.asked.iter().any(|other| other.kind == AskKind::Cancel);
        !cancel_is_out && !asked.overtaken && asked.at >= self.cancel_until
    }

    fn cancel_answered(&mut self, now: Moment, result: &Result<Verdict, AskError>) {
        let ask = self.ask_query(now);
        let refusal = self.voiding.as_ref().and_then(|_| void::refusal(result));
        let Some(reversal) = self.reversal_mut() else { return };
        reversal.refusal = refusal;
        reversal.accepted = matches!(result, Ok(Verdict::Reversed(_)));
        reversal.missing = matches!(result, Ok(Verdict::NotFound));
        reversal.paid_once = false;
        reversal.step = Step::After(ask);
    }

    fn after_answered(&mut self, now: Moment, asked: &Asked, result: Result<Verdict, AskError>) {
        // What the gateway saw when it was asked counts, not when its answer came.
        let charge_is_out = self.asked.iter().any(|other| other.kind == AskKind::Charge);
        let believable = !charge_is_out && asked.at >= self.doubtful_until;
        let proven = self.outlives_cancels(asked);
        let Some(reversal) = self.reversal_mut() else { return };
        match result {
            // Some wallets accept the cancel of an order they never had: it may yet arrive (I5).
            Ok(Verdict::NotFound) if reversal.accepted && (reversal.arrived || believable) => {
                let why = reversal.why.clone();
                self.settle(Outcome::Reversed(why));
            }
            // I5: a cancel, and a second "does not exist" when no request can be under way.
            Ok(Verdict::NotFound) if reversal.missing && believable => {
                self.settle(Outcome::NotCharged(Decline::ours(Why::NeverArrived)));
            }
            // The cancel was accepted, yet money is there: paid wins, once it is certain that the
            // query did not tell how things stood before the cancel.
            Ok(Verdict::Paid(payment)) if proven && payment.returned != Returned::Unclear => {
                if std::mem::replace(&mut reversal.paid_once, true) {
                    self.settle(Outcome::Paid(payment));
                } else {
                    self.reversal_pause(now);
                }
            }
            // The order lives: what was said of it before no longer counts. Cancel again.
            Ok(Verdict::Pending | Verdict::Presented { .. }) => {
                reversal.accepted = false;
                reversal.missing = false;
                reversal.paid_once = false;
                self.reversal_pause(now);
            }
            Ok(Verdict::NotFound | Verdict::Paid(_)) => {
                reversal.paid_once = false;
                self.reversal_pause_for_proof(now, asked);
            }
            Ok(Verdict::Unknown(_) | Verdict::Declined(_) | Verdict::Reversed(_)) | Err(_) => {
                reversal.paid_once = false;
                self.reversal_pause(now);
            }
        }
    }

    /// The gateway's answer proves nothing yet, because something may have been under way when it
    /// was asked; one to a later question will. The pause ends by then, which may be now.
    pub(super) fn reversal_pause_for_proof(&mut self, now: Moment, asked: &Asked) {
        let doubts = [self.doubtful_until, self.cancel_until];
        let proven_from = doubts.into_iter().filter(|until| *until > asked.at).min();
        self.reversal_pause(now);
        if let (Some(reversal), Some(proven_from)) = (self.reversal_mut(), proven_from)
            && let Step::Pause(until) = &mut reversal.step
        {
            *until = proven_from.max(now).min(*until);
        }
    }

    pub(super) fn reversal_pause(&mut self, now: Moment) {
        let Some(reversal) = self.reversal_mut() else { return };
        reversal.pause(now);
        if let State::Parked { reversal, rounds } = &mut self.state {
            *rounds = rounds.saturating_add(1);
            if *rounds >= ESCALATE_ROUNDS {
                reversal.step = Step::Pause(now + ESCALATED_WAIT);
            }
        }
    }
}

/// Whether a cancel with this answer may still be carried out.
pub(super) fn cancel_may_still_act(result: &Result<Verdict, AskError>) -> bool {
    match result {
        Err(AskError::NotSent) => false,
        Err(AskError::MaybeSent | AskError::Garbled) => true,
        Ok(Verdict::Pending) => true,
        Ok(Verdict::Unknown(doubt)) => doubt.kind != DoubtKind::AskAgain,
        Ok(
            Verdict::Paid(_)
            | Verdict::Presented { .. }
            | Verdict::Declined(_)
            | Verdict::Reversed(_)
            | Verdict::NotFound,
        ) => false,
    }
}
