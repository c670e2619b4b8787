//! What a new process finds in the journal and takes up: an open charge, or the return of a payment
//! that was begun or asked for.

use super::World;
use crate::sim::watch::Watch;
use cashier::payment::record::{Direction, OpenCharge};
use cashier::payment::{Charge, Outcome, Record, Sale};

impl World {
    /// A charge, or the return of a payment, goes on.
    pub(super) fn is_open(&self) -> bool {
        let voids = |charge: &Charge| charge.view().voids && charge.is_unresolved();
        self.watch.settled().is_none()
            || self.watch.is_voiding()
            || self.charge.as_ref().is_some_and(voids)
    }

    /// `cancel --even-if-paid`: another process, which finds the order settled.
    pub(super) fn void(&mut self) {
        let paid = match self.watch.settled() {
            Some(Outcome::Paid(payment)) if self.watch.holds_payment() => payment.clone(),
            Some(_) | None => return,
        };
        let Some((open, false)) = told(&self.watch.durable) else { return };
        if self.writing.is_some() || self.is_open() {
            return;
        }
        self.fate.note(|| "void".to_owned());
        self.voids += 1;
        self.watch.cut();
        self.open.clear();
        self.fate.starts();
        self.charge = Some(Charge::void(self.fate.moment(), open, paid, self.policy.clone()));
        self.effects();
    }
}

/// What the journal tells a new process of the charge, if it is open, or its payment being
/// returned.
pub fn recover(durable: &[Record]) -> Option<OpenCharge> {
    told(durable).filter(|(_, open)| *open).map(|(told, _)| told)
}

/// What the journal tells of the charge, and whether it is open.
fn told(durable: &[Record]) -> Option<(OpenCharge, bool)> {
    let (mut told, mut open, mut payment) = (None::<OpenCharge>, false, None);
    for record in durable {
        match record {
            Record::Opened { sale, direction } => {
                let (sale, direction): (Sale, Direction) = (sale.clone(), direction.clone());
                let charge = OpenCharge { sale, direction, cancels: 0, parked: None, paid: None };
                told = Some(charge);
                open = true;
            }
            Record::CancelIntent { attempt, .. } => {
                told.iter_mut().for_each(|told| told.cancels = *attempt);
            }
            Record::Parked { doubt, .. } => {
                told.iter_mut().for_each(|told| told.parked = Some(doubt.clone()));
            }
            Record::Settled { outcome, .. } => {
                open = false;
                if let Outcome::Paid(paid) = outcome {
                    payment = Some(paid.clone());
                }
            }
            Record::VoidIntent { attempt, .. } => {
                open = true;
                let paid = payment.clone();
                told.iter_mut()
                    .for_each(|told| (told.cancels, told.paid) = (*attempt, paid.clone()));
            }
            Record::Voided { .. } | Record::VoidRefused { .. } => open = false,
            Record::Discrepancy { .. }
            | Record::RefundIntent { .. }
            | Record::RefundParked { .. }
            | Record::RefundSettled { .. }
            | Record::RefundDiscrepancy { .. } => {}
        }
    }
    told.map(|told| (told, open))
}

/// The gateway refused to return the payment, at least once.
pub fn refused_to_return(watch: &Watch) -> bool {
    watch.durable.iter().any(|record| matches!(record, Record::VoidRefused { .. }))
}
