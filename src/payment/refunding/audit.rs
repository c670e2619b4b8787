//! After the end: a contradiction is suspected, confirmed by a query of its own, and raised (I6).
//!
//! Only a query that was asked after the end proves one: the late answer to an apply, or to an
//! older query, may tell how things stood before.

use super::{
    After, AskKind, Asked, Audit, Moment, Record, RefundFound, RefundOutcome, Refunding, Signal,
    State,
};
use crate::payment::event::AskError;
use crate::payment::refund::RefundVerdict;
use crate::payment::refunding::RefundEffect;

impl Refunding {
    /// An answer that came after the end.
    pub(super) fn audit_answered(
        &mut self,
        now: Moment,
        asked: &Asked,
        result: &Result<RefundVerdict, AskError>,
    ) {
        let State::Settled { outcome, audit, found } = &self.state else { return };
        let (contradiction, suspicious) = match result {
            Ok(verdict) if found.is_none() => {
                let going_on = matches!(outcome, RefundOutcome::Refused(_))
                    && *verdict == RefundVerdict::InProgress;
                let found = refund_contradiction(outcome, verdict);
                let suspicious = going_on || found.is_some();
                (found, suspicious)
            }
            Ok(_) | Err(_) => (None, false),
        };
        let queries = match audit {
            Audit::Asked { ask, queries } if *ask == asked.id => *queries,
            Audit::Asked { .. } => return,
            Audit::Quiet | Audit::Paused { .. } => {
                if suspicious {
                    self.ask_audit(now);
                }
                return;
            }
        };
        if let Some(found) = contradiction {
            self.set_audit(Audit::Quiet);
            let record = Record::RefundDiscrepancy {
                order: self.refund.sale.order.clone(),
                id: self.refund.id.clone(),
                found: found.clone(),
            };
            return self.store(record, After::Raise(found));
        }
        let told = match result {
            Ok(RefundVerdict::Unknown(_) | RefundVerdict::InProgress) | Err(_) => false,
            Ok(
                RefundVerdict::Refunded { .. }
                | RefundVerdict::Refused(_)
                | RefundVerdict::NotFound,
            ) => true,
        };
        let next = if told { Audit::Quiet } else { Audit::untold(now, queries, &self.policy) };
        self.set_audit(next);
    }

    /// Asks about a settled refund, unless a query about it is out already.
    pub(super) fn ask_audit(&mut self, now: Moment) {
        let State::Settled { audit, .. } = &self.state else { return };
        if matches!(audit, Audit::Asked { .. }) {
            return;
        }
        let queries = audit.queries().saturating_add(1);
        let ask = self.ask(now, AskKind::Query);
        self.set_audit(Audit::Asked { ask, queries });
    }

    fn set_audit(&mut self, next: Audit) {
        if let State::Settled { audit, .. } = &mut self.state {
            *audit = next;
        }
    }

    pub(super) fn raise(&mut self, contradiction: RefundFound) {
        if let State::Settled { found, .. } = &mut self.state {
            *found = Some(contradiction);
        }
        self.effects.push_back(RefundEffect::Signal(Signal::Alarm));
        self.show();
    }
}

/// What a verdict, proven by a query, says against how a refund ended (I6).
pub fn refund_contradiction(
    outcome: &RefundOutcome,
    verdict: &RefundVerdict,
) -> Option<RefundFound> {
    match (outcome, verdict) {
        (RefundOutcome::Refused(_), RefundVerdict::Refunded { .. }) => Some(RefundFound::Refunded),
        (RefundOutcome::Refunded { .. }, RefundVerdict::Refused(decline)) => {
            Some(RefundFound::NotRefunded(decline.clone()))
        }
        (
            RefundOutcome::Refunded { .. }
            | RefundOutcome::Refused(_)
            | RefundOutcome::Refunding
            | RefundOutcome::Unresolved(_),
            RefundVerdict::Refunded { .. }
            | RefundVerdict::InProgress
            | RefundVerdict::Refused(_)
            | RefundVerdict::Unknown(_)
            | RefundVerdict::NotFound,
        ) => None,
    }
}
