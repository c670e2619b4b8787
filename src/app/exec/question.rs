//! One question to the gateway, of a charge or of a refund.

use crate::gateway::{Extras, FieldError, Gateway, HttpRequest, HttpResponse, Stamp};
use crate::id::OrderId;
use crate::payment::{RefundRequest, RefundVerdict, Request, Verdict, Why};

/// One question.
#[derive(Clone, Debug)]
pub(super) enum Question {
    Charge(Request, Extras),
    Refund(RefundRequest),
}

impl Question {
    pub fn order(&self) -> &OrderId {
        match self {
            Question::Charge(request, _) => &request.sale().order,
            Question::Refund(request) => request.order(),
        }
    }

    pub fn operation(&self) -> &'static str {
        match self {
            Question::Charge(request, _) => request.operation(),
            Question::Refund(request) => request.operation(),
        }
    }

    pub fn encode(&self, gateway: &Gateway, stamp: Stamp) -> Result<HttpRequest, FieldError> {
        match self {
            Question::Charge(request, extras) => gateway.encode_with(request, extras, stamp),
            Question::Refund(request) => gateway.encode_refund(request, stamp),
        }
    }

    /// Whether a customer waits for it, so that a connection opened ahead is for it; what the
    /// resolver and refunds ask can wait for one of their own.
    pub fn is_awaited(&self) -> bool {
        match self {
            Question::Charge(Request::Pay { .. } | Request::Precreate { .. }, _) => true,
            Question::Charge(Request::Query { .. } | Request::Cancel { .. }, _)
            | Question::Refund(RefundRequest::Apply(_) | RefundRequest::Query(_)) => false,
        }
    }

    /// Whether a refusal of it ends something, so that one for the sign is worth a second try.
    pub fn is_decisive(&self) -> bool {
        match self {
            Question::Charge(Request::Pay { .. } | Request::Precreate { .. }, _)
            | Question::Refund(RefundRequest::Apply(_)) => true,
            Question::Charge(Request::Query { .. } | Request::Cancel { .. }, _)
            | Question::Refund(RefundRequest::Query(_)) => false,
        }
    }

    /// Whether the answer refuses it for its sign.
    pub fn is_refused_for_its_sign(&self, gateway: &Gateway, answer: &HttpResponse) -> bool {
        match self {
            Question::Charge(request, _) => match gateway.decode(request, answer) {
                Verdict::Declined(decline) => decline.why == Why::BadSignature,
                Verdict::Paid(_)
                | Verdict::Presented { .. }
                | Verdict::Reversed(_)
                | Verdict::Pending
                | Verdict::Unknown(_)
                | Verdict::NotFound => false,
            },
            Question::Refund(request) => match gateway.decode_refund(request, answer) {
                RefundVerdict::Refused(decline) => decline.why == Why::BadSignature,
                RefundVerdict::Refunded { .. }
                | RefundVerdict::InProgress
                | RefundVerdict::Unknown(_)
                | RefundVerdict::NotFound => false,
            },
        }
    }
}
