//! What an answer of the gateway ends, and where one that ends nothing leads (I3, I4, I5).

use super::{
    AskError, AskId, AskKind, Asked, Charge, Decline, Doubt, DoubtKind, Moment, Outcome, Payment,
    Poll, Returned, State, Verdict, Why,
};

use std::time::Duration;

impl Charge {
    pub(super) fn on_answered(
        &mut self,
        now: Moment,
        ask: AskId,
        result: Result<Verdict, AskError>,
    ) {
        let Some(at) = self.asked.iter().position(|asked| asked.id == ask) else { return };
        let asked = self.asked.remove(at);
        let kind = asked.kind;
        if kind == AskKind::Cancel {
            self.cancel_ended(now, &result);
        }
        if kind == AskKind::Charge && matches!(result, Err(AskError::MaybeSent | AskError::Garbled))
        {
            // What was written may be under way for as long again as any request (I5).
            self.doubtful_until = self.doubtful_until.max(now + self.policy.in_flight_max);
        }
        if matches!(self.state, State::Settled { .. }) {
            return self.audit_answered(now, &asked, &result);
        }
        if matches!(self.state, State::Halted { .. }) || self.conclude(&asked, &result) {
            return;
        }
        if let Ok(Verdict::Pending | Verdict::Presented { .. } | Verdict::Paid(_)) = result {
            self.arrived = true;
        }
        self.remember_doubt(&result);
        if kind == AskKind::Charge {
            self.charge_said.clone_from(&self.doubt.said);
        }
        let wallet_uncertain = self.doubt.kind == DoubtKind::WalletUncertain;
        match &mut self.state {
            State::Charging { .. } | State::Presenting { .. } | State::Confirming { .. }
                if wallet_uncertain =>
            {
                self.park();
            }
            State::Charging { poll, .. } => match kind {
                AskKind::Charge => {
                    // What a query has to decide is asked at once: the customer waits.
                    let first = match self.doubt.kind {
                        DoubtKind::AskAgain => Duration::ZERO,
                        DoubtKind::NoAnswer
                        | DoubtKind::GatewayFault
                        | DoubtKind::Unreadable
                        | DoubtKind::Mismatch
                        | DoubtKind::UnknownCode
                        | DoubtKind::WalletUncertain
                        | DoubtKind::StillPending
                        | DoubtKind::NotFoundYet
                        | DoubtKind::Interrupted
                        | DoubtKind::JournalFailed => self.policy.poll_first,
                    };
                    self.transition_to_confirming(now, first);
                }
                AskKind::Query | AskKind::Cancel => poll.answered(now),
            },
            State::Presenting { poll, .. } => match kind {
                AskKind::Charge => self.on_presented(now, result),
                AskKind::Query | AskKind::Cancel => poll.answered(now),
            },
            State::Confirming { poll, .. } => match kind {
                AskKind::Query => poll.answered(now),
                AskKind::Charge | AskKind::Cancel => {}
            },
            State::Reversing { .. } | State::Parked { .. } => {
                self.reversal_answered(now, &asked, result);
            }
            State::AwaitCode { .. }
            | State::Recording { .. }
            | State::Settled { .. }
            | State::Halted { .. } => {}
        }
    }

    /// Ends the charge if the answer proves an end, wherever the machine stands (I3, I4).
    fn conclude(&mut self, asked: &Asked, result: &Result<Verdict, AskError>) -> bool {
        if self.voiding.is_some() {
            return self.conclude_void(asked, result);
        }
        let outcome = match (asked.kind, result) {
            // The answer to a cancel proves nothing alone; a query follows.
            (AskKind::Cancel, _) => return false,
            (AskKind::Charge, Err(AskError::NotSent)) => {
                Outcome::NotCharged(Decline::ours(Why::NeverSent))
            }
            (AskKind::Charge | AskKind::Query, Ok(Verdict::Paid(payment))) => {
                match self.paid(asked, payment) {
                    Some(outcome) => outcome,
                    None => return false,
                }
            }
            (AskKind::Charge | AskKind::Query, Ok(Verdict::Declined(decline))) => {
                // SOSOPAY says why in the answer to the charge, and that it is final in the query.
                let said = self.charge_said.clone().or_else(|| decline.said.clone());
                Outcome::NotCharged(Decline { why: decline.why, said })
            }
            (AskKind::Charge | AskKind::Query, Ok(Verdict::Reversed(decline))) => {
                Outcome::Reversed(self.reversal_reason().unwrap_or(decline).clone())
            }
            (AskKind::Charge | AskKind::Query, Ok(_) | Err(_)) => return false,
        };
        self.settle(outcome);
        true
    }

    /// What a proof of payment means for an open charge, if it ends it.
    fn paid(&self, asked: &Asked, payment: &Payment) -> Option<Outcome> {
        match payment.returned {
            // Paid and given back: the merchant does not hold the money, so the goods stay.
            Returned::Everything => {
                let closed = Decline::ours(Why::TradeClosed);
                Some(Outcome::Reversed(self.reversal_reason().unwrap_or(&closed).clone()))
            }
            Returned::Unclear => None,
            // After an accepted cancel this may be the state before it: ask again (reversal).
            Returned::Nothing | Returned::Part(_) if self.cancel_was_accepted() => None,
            Returned::Nothing | Returned::Part(_) if !self.outlives_cancels(asked) => None,
            Returned::Nothing | Returned::Part(_) => Some(Outcome::Paid(payment.clone())),
        }
    }

    fn remember_doubt(&mut self, result: &Result<Verdict, AskError>) {
        self.doubt = match result {
            Ok(Verdict::Unknown(doubt)) => doubt.clone(),
            Ok(Verdict::Pending | Verdict::Presented { .. }) => Doubt::of(DoubtKind::StillPending),
            Ok(Verdict::NotFound) => Doubt::of(DoubtKind::NotFoundYet),
            Ok(Verdict::Paid(payment)) => match payment.returned {
                Returned::Unclear => Doubt::of(DoubtKind::WalletUncertain),
                // Of a void it says only that the cancel has not shown yet.
                Returned::Nothing | Returned::Part(_) if self.voiding.is_some() => {
                    Doubt::of(DoubtKind::NoAnswer)
                }
                Returned::Nothing | Returned::Part(_) | Returned::Everything => {
                    Doubt::of(DoubtKind::StillPending)
                }
            },
            Ok(Verdict::Declined(_) | Verdict::Reversed(_)) => Doubt::of(DoubtKind::StillPending),
            Err(AskError::NotSent | AskError::MaybeSent) => Doubt::of(DoubtKind::NoAnswer),
            Err(AskError::Garbled) => Doubt::of(DoubtKind::Unreadable),
        };
    }

    fn on_presented(&mut self, now: Moment, result: Result<Verdict, AskError>) {
        let Ok(Verdict::Presented { qr: text, .. }) = result else {
            // Nobody can pay a QR that was never shown, but the order may exist: close it.
            let said = self.doubt.said.clone();
            return self.transition_to_reversing(now, Decline { why: Why::TradeFailed, said });
        };
        // Whoever took a picture of it can pay when it is not shown any more.
        self.doubtful_until = now + self.policy.payable() + self.policy.in_flight_max;
        let first = Poll::starting(now, self.policy.poll_first, &self.policy);
        if let State::Presenting { qr, until, poll, .. } = &mut self.state {
            *qr = Some(text);
            *until = now + self.policy.present_budget;
            *poll = first;
        }
        self.show();
    }
}
