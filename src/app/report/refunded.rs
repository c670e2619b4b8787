//! A refund, as `refund` and `refund-query` tell it (`contract.md`, "Commands").

use super::{Exit, headline, untrusted};
use crate::app::words;
use crate::journal::{Entry, RefundEntry, Refusal};
use crate::money::Fen;
use crate::payment::{Doubt, DoubtKind, RefundOutcome, Why};
use serde::Serialize;
use ui::{Locale, Text};

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refunded {
    /// Our number of the order.
    pub order: String,
    /// Our number of the refund; nothing if none was begun.
    pub refund_no: Option<String>,
    /// `refunded`, `refunding`, `refused` or `unresolved`.
    pub outcome: &'static str,
    /// What was to be given back.
    pub amount_fen: i64,
    /// What has certainly been given back of the order, by all refunds.
    pub refunded_fen: i64,
    /// The gateway's number of the order.
    pub gateway_order: Option<String>,
    /// The gateway's number of the refund.
    pub gateway_refund: Option<String>,
    /// Why, in the merchant's language.
    pub reason: Option<String>,
    /// What to do, in the merchant's language.
    pub advice: Option<String>,
    /// Why, as a name that does not change.
    pub reason_code: Option<&'static str>,
    /// The gateway's own words.
    pub detail: Option<String>,
    /// Whether the gateway contradicts how the refund had ended (I6).
    pub discrepancy: bool,
}

impl Refunded {
    /// A refund that was begun.
    pub fn new(
        entry: &Entry,
        refund: &RefundEntry,
        outcome: &RefundOutcome,
        locale: Locale,
    ) -> Refunded {
        let words = words::refund(outcome);
        let gateway_refund = match outcome {
            RefundOutcome::Refunded { gateway_refund } => gateway_refund.clone(),
            RefundOutcome::Refused(_) | RefundOutcome::Refunding | RefundOutcome::Unresolved(_) => {
                None
            }
        };
        Refunded {
            order: entry.summary.order.to_string(),
            refund_no: Some(refund.refund.id.to_string()),
            outcome: outcome.name(),
            amount_fen: refund.refund.amount.get(),
            refunded_fen: entry.summary.refunded.get(),
            gateway_order: entry.summary.gateway_order.clone(),
            gateway_refund,
            reason: words.reason.map(|text| text.text(locale).to_owned()),
            advice: words.advice.map(|text| text.text(locale).to_owned()),
            reason_code: words::refund_reason_code(outcome),
            detail: words::refund_detail(outcome),
            discrepancy: !refund.discrepancies.is_empty(),
        }
    }

    /// Says that it was not sent because the gateway is not trusted, if that is why.
    pub fn explain_untrusted(&mut self, locale: Locale) {
        [self.reason, self.advice] = untrusted(locale);
    }

    /// A refund that cannot begin, as the order stands.
    pub fn refused(entry: &Entry, amount: Fen, refusal: Refusal, locale: Locale) -> Refunded {
        let (reason, reason_code) = match refusal {
            Refusal::RefundGoingOn => (Text::RefundGoingOn, "refund_going_on"),
            Refusal::Voiding => (Text::Cancelling, "voiding"),
            Refusal::AlreadyReturned => (Text::Refunded, "already_returned"),
            Refusal::NotPaid => (Text::OrderNotPaid, "not_paid"),
            Refusal::OrderExists
            | Refusal::UnknownOrder
            | Refusal::AlreadySettled
            | Refusal::NotSettled
            | Refusal::NotVoiding
            | Refusal::NotFinal
            | Refusal::AmountMismatch
            | Refusal::Amount
            | Refusal::CancelCount
            | Refusal::TooLong
            | Refusal::TooManyNotes
            | Refusal::AboveRest
            | Refusal::RefundExists
            | Refusal::RefundNumberTaken
            | Refusal::UnknownRefund
            | Refusal::RefundedBefore
            | Refusal::TooManyRefunds => (Text::RefundNotAllowed, Why::RefundNotAllowed.name()),
        };
        Refunded {
            order: entry.summary.order.to_string(),
            refund_no: None,
            outcome: "refused",
            amount_fen: amount.get(),
            refunded_fen: entry.summary.refunded.get(),
            gateway_order: entry.summary.gateway_order.clone(),
            gateway_refund: None,
            reason: Some(reason.text(locale).to_owned()),
            advice: None,
            reason_code: Some(reason_code),
            detail: None,
            discrepancy: false,
        }
    }

    /// For people: a line each.
    pub fn lines(&self, locale: Locale) -> String {
        let title = match self.outcome {
            "refunded" => Text::Refunded,
            "refunding" => Text::Refunding,
            "refused" => Text::RefundRefused,
            _ => Text::Unresolved,
        };
        let mut lines = vec![headline(title, self.amount_fen, &self.order, locale)];
        lines.extend(self.refund_no.clone());
        lines.extend([&self.reason, &self.advice, &self.detail].into_iter().flatten().cloned());
        if self.discrepancy {
            lines.push(Text::Discrepancy.text(locale).to_owned());
        }
        lines.join("\n")
    }
}

/// How a refund stands in the journal.
pub fn refund_outcome(refund: &RefundEntry) -> RefundOutcome {
    match (&refund.outcome, &refund.parked) {
        (Some(outcome), _) => outcome.clone(),
        (None, Some(None)) => RefundOutcome::Refunding,
        (None, Some(Some(doubt))) => RefundOutcome::Unresolved(doubt.clone()),
        (None, None) => RefundOutcome::Unresolved(Doubt::of(DoubtKind::Interrupted)),
    }
}

impl Exit {
    /// The exit status of a refund that was asked for.
    pub fn of_refund(outcome: &RefundOutcome) -> Exit {
        match outcome {
            RefundOutcome::Refunded { .. } => Exit::Done,
            RefundOutcome::Refused(decline) => Exit::of_negative(decline.why),
            RefundOutcome::Refunding | RefundOutcome::Unresolved(_) => Exit::Open,
        }
    }
}
