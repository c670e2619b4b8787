//! What an answer of the gateway ends, and where one that ends nothing leads (I4, I5).

use super::{
    APPLIES_MAX, AskKind, Asked, Decline, Doubt, DoubtKind, Moment, RefundOutcome, Refunding,
    State, UNDECIDED_MAX, Why,
};
use crate::id::AskId;
use crate::payment::event::AskError;
use crate::payment::refund::RefundVerdict;
use std::time::Duration;

impl Refunding {
    pub(super) fn on_answered(
        &mut self,
        now: Moment,
        ask: AskId,
        result: Result<RefundVerdict, AskError>,
    ) {
        let Some(at) = self.asked.iter().position(|asked| asked.id == ask) else { return };
        let asked = self.asked.remove(at);
        if asked.kind == AskKind::Apply
            && matches!(result, Err(AskError::MaybeSent | AskError::Garbled))
        {
            // What was written may be under way for as long again as any request (I5).
            self.doubtful_until = self.doubtful_until.max(now + self.policy.in_flight_max);
        }
        match self.state {
            State::Settled { .. } => return self.audit_answered(now, &asked, &result),
            State::Halted { .. } => return,
            State::Recording { .. }
            | State::Applying { .. }
            | State::Confirming { .. }
            | State::Parked { .. } => {}
        }
        if let Some(outcome) = self.end(&asked, &result) {
            return self.settle(outcome);
        }
        self.remember_doubt(&result);
        let decided = match (asked.kind, &result) {
            (AskKind::Query, Ok(RefundVerdict::NotFound)) => self.found_missing(now, &asked),
            (AskKind::Query, Ok(RefundVerdict::Unknown(doubt))) => {
                let asks_again = doubt.kind == DoubtKind::AskAgain;
                asks_again && self.found_undecided(now, &asked)
            }
            (AskKind::Apply | AskKind::Query, Ok(_) | Err(_)) => false,
        };
        if !decided {
            self.go_on(now, &asked, result.is_ok());
        }
    }

    /// How the refund ends if the answer proves an end, wherever the machine stands (I3, I4).
    fn end(
        &mut self,
        asked: &Asked,
        result: &Result<RefundVerdict, AskError>,
    ) -> Option<RefundOutcome> {
        let is_only_apply = self.applies == 1 && !self.restored;
        match (asked.kind, result) {
            (AskKind::Apply | AskKind::Query, Ok(RefundVerdict::Refunded { gateway_refund })) => {
                Some(RefundOutcome::Refunded { gateway_refund: gateway_refund.clone() })
            }
            (AskKind::Apply, Err(AskError::NotSent)) if is_only_apply => {
                Some(RefundOutcome::Refused(Decline::ours(Why::NeverSent)))
            }
            (AskKind::Query, Ok(RefundVerdict::Refused(decline))) => {
                Some(RefundOutcome::Refused(decline.clone()))
            }
            (AskKind::Apply, Ok(RefundVerdict::Refused(decline))) => {
                if is_only_apply {
                    return Some(RefundOutcome::Refused(decline.clone()));
                }
                self.refusal = Some(decline.clone());
                None
            }
            (AskKind::Apply | AskKind::Query, Ok(_) | Err(_)) => None,
        }
    }

    fn remember_doubt(&mut self, result: &Result<RefundVerdict, AskError>) {
        self.doubt = match result {
            Ok(RefundVerdict::InProgress) => {
                self.missing = false;
                self.undecided = 0;
                self.heard_going_on = true;
                None
            }
            Ok(RefundVerdict::Unknown(doubt)) => Some(doubt.clone()),
            Ok(RefundVerdict::NotFound) => Some(Doubt::of(DoubtKind::NotFoundYet)),
            Ok(RefundVerdict::Refused(decline)) => {
                Some(Doubt { kind: DoubtKind::AskAgain, said: decline.said.clone() })
            }
            Ok(RefundVerdict::Refunded { .. }) => Some(Doubt::of(DoubtKind::AskAgain)),
            // That the gateway is out of reach takes nothing from what it said last.
            Err(_) if self.doubt.is_none() => None,
            Err(AskError::NotSent | AskError::MaybeSent) => Some(Doubt::of(DoubtKind::NoAnswer)),
            Err(AskError::Garbled) => Some(Doubt::of(DoubtKind::Unreadable)),
        };
    }

    /// A query found nothing of the refund. Whether that was the second proof, and something
    /// follows from it.
    fn found_missing(&mut self, now: Moment, asked: &Asked) -> bool {
        let proven = self.missing && self.outlives_applies(asked);
        self.missing = true;
        if !proven {
            return false;
        }
        let in_front = matches!(self.state, State::Applying { .. } | State::Confirming { .. });
        if in_front && self.applies < APPLIES_MAX && self.refusal.is_none() {
            // The same number: should the first come after all, nothing is given back twice.
            self.transition_to_applying(now);
        } else {
            let ours = Decline::ours(Why::NeverArrived);
            let why = self.refusal.take().unwrap_or(ours);
            self.settle(RefundOutcome::Refused(why));
        }
        true
    }

    /// A query cannot tell whether the refund is there. Where that stays so, only applying once
    /// more, with the same number, can.
    fn found_undecided(&mut self, now: Moment, asked: &Asked) -> bool {
        if !self.outlives_applies(asked) {
            return false;
        }
        self.undecided = self.undecided.saturating_add(1);
        if self.undecided < UNDECIDED_MAX || self.applies >= APPLIES_MAX {
            return false;
        }
        if self.is_parked() {
            self.go_on(now, asked, true);
            self.apply(now);
        } else {
            self.transition_to_applying(now);
        }
        true
    }

    /// Whether what was asked was asked when no apply can have been under way any more.
    fn outlives_applies(&self, asked: &Asked) -> bool {
        let applying = self.asked.iter().any(|asked| asked.kind == AskKind::Apply);
        asked.at >= self.doubtful_until && !applying
    }

    /// Nothing is proven: ask again, or leave it to the resolver.
    fn go_on(&mut self, now: Moment, asked: &Asked, heard: bool) {
        let uncertain = |doubt: &Doubt| doubt.kind == DoubtKind::WalletUncertain;
        let wallet_uncertain = self.doubt.as_ref().is_some_and(uncertain);
        let proven_from = self.doubtful_until;
        let doubtful = self.missing && now < proven_from;
        match &mut self.state {
            State::Applying { .. } | State::Confirming { .. } if wallet_uncertain => self.park(),
            State::Applying { poll, .. } => match asked.kind {
                // An answer that a query has to decide: at once.
                AskKind::Apply if heard => self.transition_to_confirming(now, Duration::ZERO),
                AskKind::Apply => self.transition_to_confirming(now, self.policy.poll_first),
                AskKind::Query => poll.answered(now),
            },
            State::Confirming { poll, .. } => match asked.kind {
                AskKind::Apply => {}
                AskKind::Query => {
                    poll.answered(now);
                    if doubtful {
                        poll.no_later_than(proven_from);
                    }
                }
            },
            State::Parked { poll, rounds } => match asked.kind {
                AskKind::Apply => poll.hurry(now),
                AskKind::Query => {
                    poll.answered(now);
                    *rounds = rounds.saturating_add(1);
                    if *rounds >= crate::payment::poll::ESCALATE_ROUNDS {
                        poll.put_off_until(now + crate::payment::poll::ESCALATED_WAIT);
                    }
                    if doubtful {
                        poll.no_later_than(proven_from);
                    }
                }
            },
            State::Recording { .. } | State::Settled { .. } | State::Halted { .. } => {}
        }
    }
}
