//! What an answer proves: protocol/README, "What each answer proves", Upay v2.
//!
//! Three layers decide: `result_code`, then `biz_response.result_code`, then
//! `biz_response.data.order_status`. A layer that contradicts the one above it is a reason to ask
//! again. I3: `Paid` needs our `client_sn` and our `total_amount` in the answer. I4: `Declined` and
//! `Reversed` come from what is listed here and from nothing else.

use super::bearing::{Bearing, bearing, failed_charge, failed_question, why};
use super::dictionary::{BizCode, ErrorCode, OrderStatus, Payway, ResultCode, Status};
use crate::gateway::identity::{self, Identity, Match};
use crate::gateway::json;
use crate::gateway::said::{self, declined, doubt, reversed};
use crate::gateway::tree::{Tree, TreeError};
use crate::money::Fen;
use crate::payment::outcome::Returned;
use crate::payment::{Channel, DoubtKind, Payment, Request, Sale, Verdict, Why};

/// A business answer about our order, or about none.
struct Answer<'a> {
    code: BizCode,
    error: Option<ErrorCode>,
    status: Option<OrderStatus>,
    data: &'a Tree,
    identity: Identity,
    said: String,
}

pub(super) fn read(body: &[u8]) -> Result<Tree, TreeError> {
    let text = std::str::from_utf8(body).map_err(|_| TreeError::Encoding)?;
    json::read(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

pub(super) fn decode(terminal_sn: &str, request: &Request, body: &[u8]) -> Verdict {
    let tree = match read(body) {
        Ok(tree) => tree,
        Err(error) => return doubt(DoubtKind::Unreadable, &error.to_string()),
    };
    let Some(result) = tree.text("result_code") else {
        return doubt(DoubtKind::Unreadable, "the answer has no result_code");
    };
    let error = tree.text("error_code");
    let said = said::line(request, error.or(Some(result)), tree.text("error_message"));
    match ResultCode::read(result) {
        ResultCode::Done => business(terminal_sn, request, &tree),
        ResultCode::OurFault => refused(request, error.map(ErrorCode::read), &said),
        ResultCode::TheirFault => doubt(DoubtKind::GatewayFault, &said),
        ResultCode::Unknown(_) => doubt(DoubtKind::UnknownCode, &said),
    }
}

/// `result_code` 400: the call was not carried out.
fn refused(request: &Request, error: Option<ErrorCode>, said: &str) -> Verdict {
    match request {
        Request::Pay { .. } | Request::Precreate { .. } => failed_charge(error.as_ref(), said),
        Request::Query { .. } | Request::Cancel { .. } => failed_question(error.as_ref(), said),
    }
}

fn business(terminal_sn: &str, request: &Request, tree: &Tree) -> Verdict {
    let Some(biz) = tree.object("biz_response") else {
        return doubt(DoubtKind::Unreadable, "the answer has no biz_response");
    };
    let Some(code) = biz.text("result_code") else {
        return doubt(DoubtKind::Unreadable, "the answer has no biz_response.result_code");
    };
    // §2-3.1 lists the data's fields right under biz_response, the samples under `data`.
    let data = biz.object("data").unwrap_or(biz);
    let sale = request.sale();
    let identity = Identity {
        order: identity::text(data, "client_sn", sale.order.as_str()),
        amount: identity::amount(data, "total_amount", sale.amount, Fen::parse_fen),
        owner: match request {
            Request::Pay { .. } | Request::Precreate { .. } => {
                identity::text(data, "terminal_sn", terminal_sn)
            }
            // Another terminal of the store may have acted on the order since.
            Request::Query { .. } | Request::Cancel { .. } => Match::Absent,
        },
    };
    let error = biz.text("error_code");
    let said = said::line(request, error.or(Some(code)), biz.text("error_message"));
    if let Some(verdict) = identity.refuse(&said) {
        return verdict;
    }
    let answer = Answer {
        code: BizCode::read(code),
        error: error.map(ErrorCode::read),
        status: data.text("order_status").map(OrderStatus::read),
        data,
        identity,
        said,
    };
    match request {
        Request::Pay { sale, .. } => pay(sale, &answer),
        Request::Precreate { .. } => precreate(&answer),
        Request::Query { sale } => query(sale, &answer),
        Request::Cancel { .. } => cancel(&answer),
    }
}

fn pay(sale: &Sale, answer: &Answer<'_>) -> Verdict {
    let said = &answer.said;
    match &answer.code {
        BizCode::PaySuccess => paid_at_once(sale, answer),
        BizCode::PayFail => reversed_at_once(answer),
        BizCode::Fail => failed_charge(answer.error.as_ref(), said),
        BizCode::Success
        | BizCode::CancelSuccess
        | BizCode::CancelAbortSuccess
        | BizCode::RefundSuccess
        | BizCode::PrecreateSuccess
        | BizCode::PrecreateFail => doubt(DoubtKind::AskAgain, said),
        BizCode::PayFailError
        | BizCode::PayInProgress
        | BizCode::CancelError
        | BizCode::CancelAbortError
        | BizCode::CancelInProgress
        | BizCode::RefundError
        | BizCode::RefundInProgress
        | BizCode::PrecreateInProgress
        | BizCode::InProgress
        | BizCode::ResultUnknown
        | BizCode::Unknown(_) => unsettled(&answer.code, said),
    }
}

/// What means the same whatever was asked. A success or a failure of another operation than the one
/// asked for proves nothing.
fn unsettled(code: &BizCode, said: &str) -> Verdict {
    match code {
        BizCode::PayInProgress
        | BizCode::CancelInProgress
        | BizCode::RefundInProgress
        | BizCode::PrecreateInProgress
        | BizCode::InProgress => Verdict::Pending,
        BizCode::PayFailError
        | BizCode::CancelError
        | BizCode::CancelAbortError
        | BizCode::RefundError => doubt(DoubtKind::WalletUncertain, said),
        BizCode::ResultUnknown => doubt(DoubtKind::GatewayFault, said),
        // protocol/README: any `…_IN_PROGRESS` is pending.
        BizCode::Unknown(text) if text.ends_with("_IN_PROGRESS") => Verdict::Pending,
        BizCode::Unknown(_) => doubt(DoubtKind::UnknownCode, said),
        BizCode::PaySuccess
        | BizCode::PayFail
        | BizCode::CancelSuccess
        | BizCode::CancelAbortSuccess
        | BizCode::RefundSuccess
        | BizCode::PrecreateSuccess
        | BizCode::PrecreateFail
        | BizCode::Success
        | BizCode::Fail => doubt(DoubtKind::AskAgain, said),
    }
}

/// PAY_SUCCESS.
fn paid_at_once(sale: &Sale, answer: &Answer<'_>) -> Verdict {
    let movement = answer.data.text("status").map(Status::read);
    match (&answer.status, movement) {
        (None | Some(OrderStatus::Paid), None | Some(Status::Success))
            if answer.identity.is_whole() =>
        {
            Verdict::Paid(payment(sale, answer.data, Returned::Nothing))
        }
        (None | Some(_), None | Some(_)) => doubt(DoubtKind::AskAgain, &answer.said),
    }
}

/// PAY_FAIL: 支付操作失败并且已冲正. §4-4: only FAIL_CANCELED says so of both sides.
fn reversed_at_once(answer: &Answer<'_>) -> Verdict {
    let said = &answer.said;
    match answer.data.text("status").map(Status::read) {
        None | Some(Status::FailCanceled) => {}
        Some(Status::FailError | Status::CancelError | Status::RefundError) => {
            return doubt(DoubtKind::WalletUncertain, said);
        }
        Some(
            Status::Success
            | Status::FailProtocol1
            | Status::FailIo1
            | Status::FailProtocol2
            | Status::FailIo2
            | Status::FailProtocol3
            | Status::Unknown(_),
        ) => return doubt(DoubtKind::AskAgain, said),
    }
    match &answer.status {
        Some(OrderStatus::PayCanceled | OrderStatus::Canceled) => {
            declined(why(answer.error.as_ref()).unwrap_or(Why::TradeFailed), said)
        }
        None => match answer.error.as_ref().map(bearing) {
            None => declined(Why::TradeFailed, said),
            Some(Bearing::Refusal(why)) => declined(why, said),
            // §4-2 calls it reversed whatever the reason; the reason need not be one we know.
            Some(Bearing::Unknown) => declined(Why::TradeFailed, said),
            Some(Bearing::Exists) | Some(Bearing::NotFound) => doubt(DoubtKind::AskAgain, said),
            Some(Bearing::Fault) => doubt(DoubtKind::GatewayFault, said),
        },
        Some(OrderStatus::PayError | OrderStatus::CancelError | OrderStatus::RefundError) => {
            doubt(DoubtKind::WalletUncertain, said)
        }
        Some(
            OrderStatus::Created
            | OrderStatus::Paid
            | OrderStatus::Refunded
            | OrderStatus::PartialRefunded
            | OrderStatus::Unknown(_),
        ) => doubt(DoubtKind::AskAgain, said),
    }
}

fn precreate(answer: &Answer<'_>) -> Verdict {
    let said = &answer.said;
    match &answer.code {
        BizCode::PrecreateSuccess => match &answer.status {
            None | Some(OrderStatus::Created) if answer.identity.names_order() => {
                let number = answer.data.text("sn");
                said::presented(answer.data.text("qr_code"), number, said)
            }
            None | Some(_) => doubt(DoubtKind::AskAgain, said),
        },
        // No QR came, so nobody can have paid.
        BizCode::PrecreateFail | BizCode::Fail => failed_charge(answer.error.as_ref(), said),
        BizCode::PaySuccess
        | BizCode::PayFail
        | BizCode::Success
        | BizCode::CancelSuccess
        | BizCode::CancelAbortSuccess
        | BizCode::RefundSuccess => doubt(DoubtKind::AskAgain, said),
        BizCode::PayFailError
        | BizCode::PayInProgress
        | BizCode::CancelError
        | BizCode::CancelAbortError
        | BizCode::CancelInProgress
        | BizCode::RefundError
        | BizCode::RefundInProgress
        | BizCode::PrecreateInProgress
        | BizCode::InProgress
        | BizCode::ResultUnknown
        | BizCode::Unknown(_) => unsettled(&answer.code, said),
    }
}

fn query(sale: &Sale, answer: &Answer<'_>) -> Verdict {
    let said = &answer.said;
    match &answer.code {
        BizCode::Success => queried(sale, answer),
        BizCode::Fail => failed_question(answer.error.as_ref(), said),
        BizCode::PaySuccess
        | BizCode::PayFail
        | BizCode::CancelSuccess
        | BizCode::CancelAbortSuccess
        | BizCode::RefundSuccess
        | BizCode::PrecreateSuccess
        | BizCode::PrecreateFail => doubt(DoubtKind::AskAgain, said),
        BizCode::PayFailError
        | BizCode::PayInProgress
        | BizCode::CancelError
        | BizCode::CancelAbortError
        | BizCode::CancelInProgress
        | BizCode::RefundError
        | BizCode::RefundInProgress
        | BizCode::PrecreateInProgress
        | BizCode::InProgress
        | BizCode::ResultUnknown
        | BizCode::Unknown(_) => unsettled(&answer.code, said),
    }
}

fn queried(sale: &Sale, answer: &Answer<'_>) -> Verdict {
    // §3-4.3: client_sn, order_status and total_amount are always there.
    if !answer.identity.names_order() {
        return doubt(DoubtKind::Unreadable, "the answer has no client_sn");
    }
    let Some(status) = &answer.status else {
        return doubt(DoubtKind::Unreadable, "the answer has no order_status");
    };
    let said = format!("order_status {}; {}", status.text(), answer.said);
    let paid = |returned| {
        if answer.identity.is_whole() {
            Verdict::Paid(payment(sale, answer.data, returned))
        } else {
            doubt(DoubtKind::Unreadable, "the answer has no total_amount")
        }
    };
    // As in §3-2.4 the order's status decides alone. `status` is the last movement's, which may be
    // the reversal itself: sample ix has SUCCESS beside CANCELED.
    match status {
        OrderStatus::Created => Verdict::Pending,
        OrderStatus::Paid => paid(Returned::Nothing),
        OrderStatus::PayCanceled => {
            declined(why(answer.error.as_ref()).unwrap_or(Why::TradeClosed), &said)
        }
        OrderStatus::Canceled => reversed(&said),
        OrderStatus::Refunded => paid(Returned::Everything),
        OrderStatus::PartialRefunded => paid(Returned::Part(returned(sale, answer.data))),
        // REFUND_ERROR too: protocol/README has it with those that are not certain at the wallet.
        OrderStatus::PayError | OrderStatus::CancelError | OrderStatus::RefundError => {
            doubt(DoubtKind::WalletUncertain, &said)
        }
        OrderStatus::Unknown(_) => doubt(DoubtKind::UnknownCode, &said),
    }
}

fn cancel(answer: &Answer<'_>) -> Verdict {
    let said = &answer.said;
    let cancelled = match &answer.status {
        Some(OrderStatus::Canceled | OrderStatus::PayCanceled) => Some(true),
        None => None,
        Some(
            OrderStatus::Created
            | OrderStatus::Paid
            | OrderStatus::PayError
            | OrderStatus::Refunded
            | OrderStatus::PartialRefunded
            | OrderStatus::RefundError
            | OrderStatus::CancelError
            | OrderStatus::Unknown(_),
        ) => Some(false),
    };
    // §3-5.3: client_sn is always there in an answer that succeeded.
    let named = answer.identity.names_order();
    match &answer.code {
        BizCode::CancelSuccess | BizCode::CancelAbortSuccess
            if named && cancelled.unwrap_or(true) =>
        {
            reversed(said)
        }
        BizCode::Success if named && cancelled.unwrap_or(false) => reversed(said),
        BizCode::Fail => failed_question(answer.error.as_ref(), said),
        BizCode::CancelSuccess
        | BizCode::CancelAbortSuccess
        | BizCode::Success
        | BizCode::PaySuccess
        | BizCode::PayFail
        | BizCode::RefundSuccess
        | BizCode::PrecreateSuccess
        | BizCode::PrecreateFail => doubt(DoubtKind::AskAgain, said),
        BizCode::PayFailError
        | BizCode::PayInProgress
        | BizCode::CancelError
        | BizCode::CancelAbortError
        | BizCode::CancelInProgress
        | BizCode::RefundError
        | BizCode::RefundInProgress
        | BizCode::PrecreateInProgress
        | BizCode::InProgress
        | BizCode::ResultUnknown
        | BizCode::Unknown(_) => unsettled(&answer.code, said),
    }
}

/// What was given back: `total_amount` less `net_amount`, if that is an amount.
fn returned(sale: &Sale, data: &Tree) -> Option<Fen> {
    let left = Fen::parse_fen(data.text("net_amount")?).ok()?;
    sale.amount.checked_sub(left).filter(|part| *part > Fen::ZERO)
}

fn payment(sale: &Sale, data: &Tree, returned: Returned) -> Payment {
    let channel = match data.text("payway").map(Payway::read) {
        Some(Payway::Unknown(text)) => Channel::Unknown(said::bounded(&text).unwrap_or_default()),
        Some(payway) => payway.channel(),
        None => Channel::Unknown(String::new()),
    };
    Payment {
        amount: sale.amount,
        channel,
        gateway_order: said::number(data.text("sn")),
        trade_no: said::number(data.text("trade_no")),
        returned,
    }
}
