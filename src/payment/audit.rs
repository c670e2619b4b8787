//! Asking about what has ended: a suspicion is confirmed by a query of its own before it is raised
//! (I6), of charges and of refunds alike.

use super::Policy;
use super::timer::Moment;
use crate::id::AskId;

/// After so many queries without a clear answer the suspicion is left to the comparison of the
/// books (I20). With the default policy that is after more than an hour.
const AUDIT_QUERIES_MAX: u32 = 12;

/// Whether what has ended is being asked about.
#[derive(Clone, Debug)]
pub(super) enum Audit {
    /// Nothing is suspected.
    Quiet,
    /// The query that will tell is out.
    Asked { ask: AskId, queries: u32 },
    /// The query did not tell: ask again then.
    Paused { until: Moment, queries: u32 },
}

impl Audit {
    /// When to ask again.
    pub(super) fn paused_until(&self) -> Option<Moment> {
        match self {
            Audit::Paused { until, .. } => Some(*until),
            Audit::Quiet | Audit::Asked { .. } => None,
        }
    }

    /// How many queries the suspicion has cost.
    pub(super) fn queries(&self) -> u32 {
        match self {
            Audit::Quiet => 0,
            Audit::Asked { queries, .. } | Audit::Paused { queries, .. } => *queries,
        }
    }

    /// A query that did not tell: each waits twice as long for the next, and there is a last one.
    pub(super) fn untold(now: Moment, queries: u32, policy: &Policy) -> Audit {
        if queries >= AUDIT_QUERIES_MAX {
            return Audit::Quiet;
        }
        let doublings = queries.saturating_sub(1).min(16);
        let wait = policy.poll_max.saturating_mul(1 << doublings).min(policy.resolve_max);
        Audit::Paused { until: now + wait, queries }
    }
}
