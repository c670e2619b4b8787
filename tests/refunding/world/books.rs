//! Our books: what the journal would tell, and whether it is what the gateway has.

use super::World;
use cashier::id::RefundId;
use cashier::payment::record::OpenRefund;
use cashier::payment::{Record, RefundOutcome};

impl World {
    pub(super) fn end_of(&self, id: &RefundId) -> Option<&RefundOutcome> {
        self.durable.iter().find_map(|record| match record {
            Record::RefundSettled { id: settled, outcome, .. } if settled == id => Some(outcome),
            _ => None,
        })
    }

    /// What the journal tells a new process.
    pub(super) fn open_refund(&self) -> Option<OpenRefund> {
        self.durable.iter().rev().find_map(|record| match record {
            Record::RefundIntent { refund } if self.end_of(&refund.id).is_none() => {
                let parked = self.durable.iter().rev().find_map(|record| match record {
                    Record::RefundParked { id, doubt, .. } if *id == refund.id => {
                        Some(doubt.clone())
                    }
                    _ => None,
                });
                Some(OpenRefund { refund: refund.clone(), parked })
            }
            _ => None,
        })
    }

    /// What our books say has gone back.
    pub(super) fn refunded_fen(&self) -> i64 {
        let fen = |record: &Record| match record {
            Record::RefundIntent { refund } => match self.end_of(&refund.id) {
                Some(RefundOutcome::Refunded { .. }) => refund.amount.get(),
                Some(_) | None => 0,
            },
            _ => 0,
        };
        self.durable.iter().map(fen).sum()
    }

    /// Our books against the gateway's (I3, I4, I20).
    pub(super) fn balance(&self) {
        assert!(self.open_refund().is_none(), "I7: never settled");
        assert_eq!(self.refunded_fen(), self.gateway.given_back_fen(), "I20: the books differ");
        let raised = |record: &Record| matches!(record, Record::RefundDiscrepancy { .. });
        assert!(!self.durable.iter().any(raised), "I6: an honest gateway was contradicted");
    }
}
