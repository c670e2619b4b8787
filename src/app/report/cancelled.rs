//! A paid order that was to be cancelled: what became of its payment.

use super::{Exit, Sold};
use crate::journal::Entry;
use crate::payment::outcome::Outcome;
use crate::payment::{Decline, Doubt};
use serde::Serialize;
use ui::{Locale, Text};

/// What became of the payment of an order that was to be cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Return {
    /// All of it went back.
    Done,
    /// It did not: nobody asked for that, or the gateway refused.
    Kept(Option<Decline>),
    /// Not certain yet, and going on.
    Open(Doubt),
    /// Asked for, and given up before anything was sent.
    NotBegun(Doubt),
    /// Asked for, and not begun: some of it is on its way back as a refund (I12).
    RefundGoingOn,
}

/// A paid order with what became of its payment, as `cancel` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cancelled {
    /// The sale.
    #[serde(flatten)]
    pub sold: Sold,
    /// What was certainly given back.
    pub refunded_fen: i64,
    /// Whether all of it was; nothing while that is not certain.
    pub reversed: Option<bool>,
}

impl Cancelled {
    /// A paid order.
    pub fn new(sold: Sold, entry: &Entry, returned: &Return, locale: Locale) -> Cancelled {
        let mut cancelled = Cancelled {
            sold,
            refunded_fen: entry.summary.refunded.get(),
            reversed: match returned {
                Return::Done => Some(true),
                Return::Kept(_) | Return::NotBegun(_) | Return::RefundGoingOn => Some(false),
                Return::Open(_) => None,
            },
        };
        match returned {
            Return::Done => cancelled.sold.advice = None,
            Return::Kept(None) => {}
            Return::Kept(Some(why)) => {
                cancelled.sold.explain(&Outcome::NotCharged(why.clone()), locale);
                cancelled.sold.advice = Some(Text::OfferRefund.text(locale).to_owned());
            }
            Return::Open(doubt) | Return::NotBegun(doubt) => {
                cancelled.sold.explain(&Outcome::Unresolved(doubt.clone()), locale);
                cancelled.sold.advice = None;
            }
            Return::RefundGoingOn => {
                cancelled.sold.reason = Some(Text::RefundGoingOn.text(locale).to_owned());
                cancelled.sold.reason_code = Some("refund_going_on");
                cancelled.sold.advice = None;
            }
        }
        cancelled
    }

    /// For people: a line each.
    pub fn lines(&self, locale: Locale) -> String {
        let title = match self.reversed {
            Some(true) => Text::Reversed,
            Some(false) => Text::VoidRefused,
            None => Text::Cancelling,
        };
        format!("{}\n{}", title.text(locale), self.sold.lines(locale))
    }
}

impl Exit {
    /// The exit status of a cancel that found the order paid.
    pub fn of_return(returned: &Return) -> Exit {
        match returned {
            Return::Done => Exit::Done,
            Return::Kept(_) | Return::RefundGoingOn => Exit::Negative,
            Return::Open(_) => Exit::Open,
            Return::NotBegun(_) => Exit::Failed,
        }
    }
}
