//! The refunds that are alive.

use super::{Charges, RESTORE_STAGGER};
use crate::app::exec::{Answer, Outward};
use crate::id::{OrderId, RefundId};
use crate::journal::JournalError;
use crate::payment::{Moment, Policy, RefundEvent, Refunding};
use tracing::{error, info};

impl Charges {
    /// Takes up every refund that was open when the journal was last written. Says how many.
    pub(super) fn restore_refunds(
        &mut self,
        mut start: Moment,
        policy: &Policy,
    ) -> Result<usize, JournalError> {
        let open = self.exec.journal().open_refunds()?;
        for finding in &open.damaged {
            error!(?finding, "an open refund cannot be read; `cashier journal verify` tells more");
        }
        let count = open.items.len();
        for refund in open.items {
            let id = refund.refund.id.clone();
            info!(order = %refund.refund.sale.order, refund = %id, "open refund taken up");
            self.refunds.insert(id, Refunding::restore(start, refund, policy.clone()));
            start = start + RESTORE_STAGGER;
        }
        Ok(count)
    }

    /// Takes up one open refund instead of all.
    pub fn restore_refund(&mut self, id: &RefundId, policy: &Policy) -> Result<bool, JournalError> {
        let open = self.exec.journal().open_refunds()?;
        let Some(open) = open.items.into_iter().find(|open| open.refund.id == *id) else {
            return Ok(false);
        };
        let now = self.exec.clock().now();
        self.refunds.insert(id.clone(), Refunding::restore(now, open, policy.clone()));
        Ok(true)
    }

    /// Whether all that is open are refunds of which the gateway says that they go on: there is
    /// nothing to do but wait.
    pub fn only_waits(&self) -> bool {
        let open = self.refunds.values().filter(|refunding| refunding.is_unresolved());
        let waiting = open.filter(|refunding| refunding.is_going_on()).count();
        waiting > 0 && waiting == self.open()
    }

    /// Takes up a refund and performs what it wants.
    pub fn begin_refund(&mut self, mut refunding: Refunding) -> Vec<Outward> {
        let outward = self.exec.perform_refund(&mut refunding);
        self.keep_refund(refunding);
        outward
    }

    /// Asks about the refunds now instead of after their pause; about those of one order, if one is
    /// named.
    pub fn hurry_refunds(&mut self, order: Option<&OrderId>) {
        let concerned = self.refunds.iter().filter(|(_, refunding)| {
            order.is_none_or(|order| refunding.refund().sale.order == *order)
        });
        let ids: Vec<RefundId> = concerned.map(|(id, _)| id.clone()).collect();
        for id in ids {
            let Some(mut refunding) = self.refunds.remove(&id) else { continue };
            refunding.handle(self.exec.clock().now(), RefundEvent::Notified);
            // Nothing is shown of it before the answer is here.
            self.exec.perform_refund(&mut refunding);
            self.keep_refund(refunding);
        }
    }

    pub(super) fn refund_answered(&mut self, id: &RefundId, answer: Answer) -> Vec<Outward> {
        let Some(mut refunding) = self.refunds.remove(id) else { return Vec::new() };
        let note = self.exec.deliver_refund(answer, &mut refunding);
        let outward = self.exec.perform_refund(&mut refunding);
        self.keep_refund(refunding);
        self.notes.extend(note);
        outward
    }

    pub(super) fn fire_due_refund(&mut self, now: Moment) -> Option<(OrderId, Vec<Outward>)> {
        let (_, id) = self.next_due_refund().filter(|(at, _)| *at <= now)?;
        let mut refunding = self.refunds.remove(&id)?;
        let order = refunding.refund().sale.order.clone();
        refunding.handle_timeout(now);
        let outward = self.exec.perform_refund(&mut refunding);
        self.keep_refund(refunding);
        Some((order, outward))
    }

    pub(super) fn next_due_refund(&self) -> Option<(Moment, RefundId)> {
        self.refunds
            .iter()
            .filter_map(|(id, refunding)| Some((refunding.poll_timeout()?.0, id)))
            .min()
            .map(|(at, id)| (at, id.clone()))
    }

    /// A refund that ended and waits for nothing is let go.
    fn keep_refund(&mut self, refunding: Refunding) {
        if !refunding.is_done() {
            self.refunds.insert(refunding.refund().id.clone(), refunding);
        }
    }

    /// A refund that is alive.
    pub fn refund(&self, id: &RefundId) -> Option<&Refunding> {
        self.refunds.get(id)
    }

    /// The orders of the unresolved refunds.
    pub fn orders_of_open_refunds(&self) -> Vec<OrderId> {
        let open = self.refunds.values().filter(|refunding| refunding.is_unresolved());
        open.map(|refunding| refunding.refund().sale.order.clone()).collect()
    }

    /// The unresolved refunds.
    pub fn open_refunds(&self) -> Vec<RefundId> {
        let open = self.refunds.iter().filter(|(_, refunding)| refunding.is_unresolved());
        open.map(|(id, _)| id.clone()).collect()
    }
}
