//! After the end: a contradiction is suspected, confirmed by a query of its own, and raised (I6).
//!
//! Only a query that was asked after the end proves one: the late answer to the charge, or to an
//! older query, may tell how things stood before our cancel.

use super::{After, AskError, Asked, Audit, Charge, Effect, Found, Moment, Outcome};
use super::{Record, Returned, Signal, State, Verdict};

impl Charge {
    /// An answer that came after the end.
    pub(super) fn audit_answered(
        &mut self,
        now: Moment,
        asked: &Asked,
        result: &Result<Verdict, AskError>,
    ) {
        let State::Settled { outcome, audit, found } = &self.state else { return };
        let contradiction = match result {
            Ok(verdict) if found.is_none() => contradiction(outcome, verdict),
            Ok(_) | Err(_) => None,
        };
        let queries = match audit {
            Audit::Asked { ask, queries } if *ask == asked.id => *queries,
            Audit::Asked { .. } => return,
            Audit::Quiet | Audit::Paused { .. } => {
                if contradiction.is_some() {
                    self.ask_audit(now);
                }
                return;
            }
        };
        if let Some(found) = contradiction {
            self.set_audit(Audit::Quiet);
            let order = self.sale.order.clone();
            let record = Record::Discrepancy { order, found: found.clone() };
            return self.store(record, After::Raise(found));
        }
        let told = match result {
            Ok(Verdict::Pending | Verdict::Presented { .. } | Verdict::Unknown(_)) | Err(_) => {
                false
            }
            Ok(
                Verdict::Paid(_) | Verdict::Declined(_) | Verdict::Reversed(_) | Verdict::NotFound,
            ) => true,
        };
        self.set_audit(if told { Audit::Quiet } else { Audit::untold(now, queries, &self.policy) });
    }

    /// Asks about a settled charge, unless a query about it is out already.
    pub(super) fn ask_audit(&mut self, now: Moment) {
        let State::Settled { audit, .. } = &self.state else { return };
        if matches!(audit, Audit::Asked { .. }) {
            return;
        }
        let queries = audit.queries().saturating_add(1);
        let ask = self.ask_query(now);
        self.set_audit(Audit::Asked { ask, queries });
    }

    fn set_audit(&mut self, next: Audit) {
        if let State::Settled { audit, .. } = &mut self.state {
            *audit = next;
        }
    }

    pub(super) fn raise(&mut self, contradiction: Found) {
        if let State::Settled { found, .. } = &mut self.state {
            *found = Some(contradiction);
        }
        self.effects.push_back(Effect::Signal(Signal::Alarm));
        self.show();
    }
}

/// What a verdict, proven by a query, says against how an order ended (I6).
pub fn contradiction(outcome: &Outcome, verdict: &Verdict) -> Option<Found> {
    match (outcome, verdict) {
        (Outcome::NotCharged(_) | Outcome::Reversed(_), Verdict::Paid(payment)) => {
            match payment.returned {
                Returned::Everything => None,
                Returned::Nothing | Returned::Part(_) | Returned::Unclear => {
                    Some(Found::Paid(payment.clone()))
                }
            }
        }
        (Outcome::Paid(_), Verdict::Declined(decline) | Verdict::Reversed(decline)) => {
            Some(Found::NotPaid(decline.clone()))
        }
        (
            Outcome::Paid(_)
            | Outcome::NotCharged(_)
            | Outcome::Reversed(_)
            | Outcome::Unresolved(_),
            Verdict::Paid(_)
            | Verdict::Presented { .. }
            | Verdict::Declined(_)
            | Verdict::Reversed(_)
            | Verdict::Pending
            | Verdict::Unknown(_)
            | Verdict::NotFound,
        ) => None,
    }
}
