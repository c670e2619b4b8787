//! All the charges and refunds that are alive: the one in front of the cashier and the parked ones,
//! on one executor.
//!
//! None blocks another (I7): each has its own deadlines, and a turn takes one that is due or one
//! answer at a time.

mod refunds;

use crate::app::exec::{Answer, Exec, Note, Outward};
use crate::app::notify::Taken;
use crate::id::{OrderId, RefundId};
use crate::journal::JournalError;
use crate::payment::{Charge, Event, Moment, Policy, Refunding};
use std::collections::BTreeMap;
use std::time::Duration;
use tracing::{error, info};

/// The charges and refunds that are alive.
pub struct Charges {
    exec: Exec,
    alive: BTreeMap<OrderId, Charge>,
    refunds: BTreeMap<RefundId, Refunding>,
    notes: Vec<Note>,
}

/// How far apart restored charges begin, so that a hundred of them do not ask at once.
const RESTORE_STAGGER: Duration = Duration::from_millis(50);

impl Charges {
    /// None yet.
    pub fn new(exec: Exec) -> Charges {
        Charges { exec, alive: BTreeMap::new(), refunds: BTreeMap::new(), notes: Vec::new() }
    }

    /// Takes up everything that was open when the journal was last written (I7, I9). Says how many.
    pub fn restore(&mut self, policy: &Policy) -> Result<usize, JournalError> {
        let open = self.exec.journal().open_charges()?;
        for finding in &open.damaged {
            error!(?finding, "an open charge cannot be read; `cashier journal verify` tells more");
        }
        let mut start = self.exec.clock().now();
        let count = open.items.len();
        for charge in open.items {
            let order = charge.sale.order.clone();
            info!(%order, "open charge taken up");
            self.alive.insert(order, Charge::restore(start, charge, policy.clone()));
            start = start + RESTORE_STAGGER;
        }
        Ok(count + self.restore_refunds(start, policy)?)
    }

    /// Takes up one open charge, changed as `change` says, instead of all of them.
    pub fn restore_one(
        &mut self,
        order: &OrderId,
        policy: &Policy,
        change: impl FnOnce(Charge) -> Charge,
    ) -> Result<bool, JournalError> {
        let open = self.exec.journal().open_charges()?;
        let Some(charge) = open.items.into_iter().find(|open| open.sale.order == *order) else {
            return Ok(false);
        };
        let now = self.exec.clock().now();
        let charge = change(Charge::restore(now, charge, policy.clone()));
        self.alive.insert(order.clone(), charge);
        Ok(true)
    }

    /// Writes a notification down, and sees to it that its order can be asked about, also if it
    /// ended long ago (I6). One that is contradicted already is not asked about again: a replay
    /// changes nothing (I13).
    pub fn notified(&mut self, order: &OrderId, text: &str, policy: &Policy) -> Taken {
        let taken = self.exec.note_notification(order, text);
        if taken == Taken::Durable
            && !self.alive.contains_key(order)
            && let Ok(Some(entry)) = self.exec.journal().find(order)
            && entry.discrepancies.is_empty()
            && let Some(end) = entry.end()
        {
            let now = self.exec.clock().now();
            let charge = Charge::ended(now, entry.sale, end, policy.clone());
            self.alive.insert(order.clone(), charge);
        }
        if taken == Taken::Durable {
            self.hurry_refunds(Some(order));
        }
        taken
    }

    /// Takes up a charge and performs what it wants.
    pub fn begin(&mut self, mut charge: Charge) -> Vec<Outward> {
        let outward = self.exec.perform(&mut charge);
        self.keep(charge);
        outward
    }

    /// Something happened to a charge.
    pub fn handle(&mut self, order: &OrderId, event: Event) -> Vec<Outward> {
        let Some(mut charge) = self.alive.remove(order) else { return Vec::new() };
        charge.handle(self.exec.clock().now(), event);
        let outward = self.exec.perform(&mut charge);
        self.keep(charge);
        outward
    }

    /// An answer came.
    pub fn answered(&mut self, answer: Answer) -> (OrderId, Vec<Outward>) {
        let order = answer.order.clone();
        if let Some(id) = answer.refund().cloned() {
            return (order, self.refund_answered(&id, answer));
        }
        let Some(mut charge) = self.alive.remove(&order) else { return (order, Vec::new()) };
        let note = self.exec.deliver(answer, &mut charge);
        let outward = self.exec.perform(&mut charge);
        self.keep(charge);
        self.notes.extend(note);
        (order, outward)
    }

    /// Writes what the answers said, for people. Comes after the screen, which somebody waits for.
    pub fn write_notes(&mut self) {
        for note in std::mem::take(&mut self.notes) {
            let order = note.order().clone();
            self.exec.note(note);
            if !self.alive.contains_key(&order) {
                self.exec.forget(&order);
            }
        }
    }

    /// Lets the charge, or else the refund, that is due longest do what is due.
    pub fn fire_due(&mut self) -> Option<(OrderId, Vec<Outward>)> {
        let now = self.exec.clock().now();
        let Some((_, order)) = self.next_due().filter(|(at, _)| *at <= now) else {
            return self.fire_due_refund(now);
        };
        let mut charge = self.alive.remove(&order)?;
        charge.handle_timeout(now);
        let outward = self.exec.perform(&mut charge);
        self.keep(charge);
        Some((order, outward))
    }

    /// When the next charge or refund is due.
    pub fn next_timeout(&self) -> Option<Moment> {
        let charge = self.next_due().map(|(at, _)| at);
        charge.into_iter().chain(self.next_due_refund().map(|(at, _)| at)).min()
    }

    fn next_due(&self) -> Option<(Moment, OrderId)> {
        self.alive
            .iter()
            .filter_map(|(order, charge)| Some((charge.poll_timeout()?.0, order)))
            .min()
            .map(|(at, order)| (at, order.clone()))
    }

    /// A charge that ended and waits for nothing is let go.
    fn keep(&mut self, charge: Charge) {
        let order = charge.sale().order.clone();
        if charge.is_done() {
            self.exec.forget(&order);
        } else {
            self.alive.insert(order, charge);
        }
    }

    /// A charge that is alive.
    pub fn get(&self, order: &OrderId) -> Option<&Charge> {
        self.alive.get(order)
    }

    /// How many charges and refunds are unresolved: money that may or may not have moved.
    pub fn open(&self) -> usize {
        let charges = self.alive.values().filter(|charge| charge.is_unresolved()).count();
        charges + self.open_refunds().len()
    }

    /// The orders of the unresolved charges.
    pub fn open_orders(&self) -> Vec<OrderId> {
        let open = self.alive.iter().filter(|(_, charge)| charge.is_unresolved());
        open.map(|(order, _)| order.clone()).collect()
    }

    /// From when on every answer to an unresolved charge or refund proves as much as it ever will
    /// (I5).
    pub fn doubt_ends(&self) -> Moment {
        let open = self.alive.values().filter(|charge| charge.is_unresolved());
        let refunds = self.refunds.values().filter(|refunding| refunding.is_unresolved());
        let ends = open.map(Charge::doubt_ends).chain(refunds.map(Refunding::doubt_ends));
        ends.max().unwrap_or_default()
    }

    /// Whether anything parked is waiting for an answer right now.
    pub fn is_resolving(&self) -> bool {
        let refunds = &mut self.refunds.values();
        self.alive.values().any(|charge| charge.is_parked() && charge.is_asking())
            || refunds.any(|refunding| refunding.is_parked() && refunding.is_asking())
    }

    /// The executor.
    pub fn exec(&self) -> &Exec {
        &self.exec
    }

    /// The executor, to act with.
    pub fn exec_mut(&mut self) -> &mut Exec {
        &mut self.exec
    }

    /// Ends it.
    pub fn close(mut self) {
        self.write_notes();
        self.exec.close();
    }
}
