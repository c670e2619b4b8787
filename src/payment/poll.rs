//! The rhythm of queries, of charges and of refunds alike.

use super::Policy;
use super::timer::Moment;
use std::time::Duration;

/// After so many fruitless rounds what is parked is escalated: still listed, tried daily. With the
/// default cap of 10 min between rounds that is after most of a day.
pub(super) const ESCALATE_ROUNDS: u32 = 100;

/// The wait between two rounds of what is escalated.
pub(super) const ESCALATED_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// When to query next: the waits grow from `poll_first` to a cap.
#[derive(Clone, Debug)]
pub(super) struct Poll {
    /// When to query; `None` while a query is out.
    next: Option<Moment>,
    /// Something happened while a query was out, which may not have seen it.
    hurried: bool,
    wait: Duration,
    wait_max: Duration,
}

impl Poll {
    /// The first query is due `first` from now, and the waits grow to `poll_max`.
    pub(super) fn starting(now: Moment, first: Duration, policy: &Policy) -> Poll {
        Poll {
            next: Some(now + first),
            hurried: false,
            wait: policy.poll_first,
            wait_max: policy.poll_max,
        }
    }

    /// The same, with another cap.
    pub(super) fn capped_at(self, wait_max: Duration) -> Poll {
        Poll { wait_max, ..self }
    }

    /// When to query, unless a query is out.
    pub(super) fn due(&self) -> Option<Moment> {
        self.next
    }

    /// A query goes out.
    pub(super) fn asked(&mut self) {
        self.next = None;
    }

    /// The query came back: the next one is twice as far away, or now if something happened.
    pub(super) fn answered(&mut self, now: Moment) {
        if std::mem::take(&mut self.hurried) {
            self.next = Some(now);
            return;
        }
        self.wait = self.wait.saturating_mul(2).min(self.wait_max);
        self.next = Some(now + self.wait);
    }

    /// Query now; once more when it is back, if a query is out.
    pub(super) fn hurry(&mut self, now: Moment) {
        self.hurried = self.next.is_none();
        self.no_later_than(now);
    }

    /// Query by then, unless a query is out.
    pub(super) fn no_later_than(&mut self, then: Moment) {
        self.next = self.next.map(|next| next.min(then));
    }

    /// Query then and not before, unless a query is out.
    pub(super) fn put_off_until(&mut self, then: Moment) {
        self.next = self.next.map(|_| then);
    }
}
