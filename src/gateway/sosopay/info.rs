//! What an answer tells of an order, for people and programs: JSON zh table 7.2, SDK table 7.2,
//! JSON en table 10.2. Nothing here proves anything.

use super::Edition;
use super::dictionary::{ChannelType, Code, FundChannel, State};
use crate::gateway::operation::{Bill, OrderInfo, OrderState, RefundInfo};
use crate::gateway::said;
use crate::gateway::tree::{Field, Tree};
use crate::money::Fen;
use crate::payment::{Channel, DoubtKind, Why};

/// The most items read of a list in an answer: no page and no order has more (I15).
const ITEMS_MAX: usize = 1000;

/// The `RESULT` of an answer: under its root, or at the top; flowRecharge's sample writes `result`.
pub(super) fn result(tree: &Tree) -> Option<&Tree> {
    let here = |tree: &Tree| ["RESULT", "result"].into_iter().find(|it| tree.object(it).is_some());
    if let Some(name) = here(tree) {
        return tree.object(name);
    }
    match tree {
        Tree::Object(fields) => {
            let mut inside = fields.values();
            inside.find_map(|field| here(field).and_then(|name| field.object(name)))
        }
        Tree::Nothing | Tree::Text(_) | Tree::List(_) => None,
    }
}

/// The code of an answer whose root no document names.
pub(super) fn code(tree: &Tree) -> Option<Code> {
    result(tree)?.text("CODE").map(|code| Code::read(code.trim()))
}

/// The code of an answer whose fields these are: its own, whatever stands beside it.
pub(super) fn own_code(fields: &Tree) -> Option<Code> {
    fields.object("RESULT")?.text("CODE").map(|code| Code::read(code.trim()))
}

/// The items of a list: one object stands for a list of one, and a list may be wrapped in an
/// element of the name `item` (`REFUND_TRADE_LIST.REFUND_TRADE`).
pub(super) fn items<'a>(tree: &'a Tree, list: &str, item: &str) -> Vec<&'a Tree> {
    let Some(list) = tree.get(list) else { return Vec::new() };
    let inner = match list {
        Tree::Object(_) => list.get(item).unwrap_or(list),
        Tree::List(_) | Tree::Text(_) | Tree::Nothing => list,
    };
    match inner {
        Tree::List(items) => {
            let unwrapped = items.iter().flat_map(|it| match it.get(item) {
                Some(Tree::List(inner)) => inner.iter().collect(),
                Some(inner) => vec![inner],
                None => vec![it],
            });
            unwrapped.take(ITEMS_MAX).collect()
        }
        object @ Tree::Object(_) => vec![object],
        Tree::Text(_) | Tree::Nothing => Vec::new(),
    }
}

/// `FUND_BILL_LIST`, `REFUND_BILL_LIST`: amounts in yuan, in either edition.
pub(super) fn bills(tree: &Tree, list: &str) -> Vec<Bill> {
    let bill = |item: &Tree| {
        let channel = said::bounded(item.text("FUND_CHANNEL")?)?;
        let amount = item.text("AMOUNT").and_then(|text| Fen::parse_yuan(text).ok());
        Some(Bill { channel: FundChannel::read(&channel), amount })
    };
    items(tree, list, "TRADEFUNDBILL").into_iter().filter_map(bill).collect()
}

/// `STATE` and `CHARGE_STATE` say different things, or one of them is no text.
pub(super) struct Contradiction;

/// The state, by the JSON editions' name or XML v1's.
pub(super) fn state(fields: &Tree) -> Result<Option<State>, Contradiction> {
    let text = match (fields.field("STATE"), fields.field("CHARGE_STATE")) {
        (Field::Absent, Field::Absent) => return Ok(None),
        (Field::Text(text), Field::Absent) | (Field::Absent, Field::Text(text)) => text,
        (Field::Text(one), Field::Text(other)) if one == other => one,
        (Field::Text(_) | Field::Absent | Field::WrongType, _) => return Err(Contradiction),
    };
    Ok(Some(State::read(&said::bounded(text).unwrap_or_default())))
}

/// The channel of an answer.
pub(super) fn channel(fields: &Tree) -> Option<Channel> {
    let text = said::bounded(fields.text("CHANNEL_TYPE")?)?;
    Some(ChannelType::read(&text).channel())
}

/// The wallet's number: `CHARGE_THIRD_CODE`, or XML v1's `ali.trade_no`.
pub(super) fn trade_no(fields: &Tree) -> Option<String> {
    let wallet = fields.object("ali").and_then(|ali| ali.text("trade_no"));
    said::number(fields.text("CHARGE_THIRD_CODE").or(wallet))
}

/// An order, as far as it is told.
pub(super) fn order(edition: Edition, fields: &Tree) -> OrderInfo {
    let text = |name| fields.text(name).and_then(said::bounded);
    let amount = |name| fields.text(name).and_then(|text| edition.unit().parse()(text).ok());
    OrderInfo {
        order: said::number(fields.text("CHARGE_CODE")),
        gateway_order: said::number(fields.text("CHARGE_DOWN_CODE")),
        trade_no: trade_no(fields),
        state: state(fields).ok().flatten().map(OrderState::Sosopay),
        amount: amount("AMT"),
        // Yuan, in the JSON editions too (JSON zh §7.3).
        received: fields.text("realAMT").and_then(|text| Fen::parse_yuan(text).ok()),
        channel: channel(fields),
        operator: text("OPER_ID").or_else(|| text("OPER_INFO")),
        device: text("DEV_ID"),
        store: text("REGISTER_ID"),
        subject: text("PAY_SUBJECT"),
        echo: echo(fields),
        begin_time: text("BEGIN_TIME"),
        end_time: text("END_TIME"),
        bills: bills(fields, "FUND_BILL_LIST"),
        goods: items(fields, "GOODS_DETAIL", "GOODS_DETAIL").len(),
    }
}

/// `MERCHANTPARA`, which is as long as it was sent.
pub(super) fn echo(fields: &Tree) -> Option<String> {
    let para = fields.text("MERCHANTPARA")?;
    let fits = para.len() <= crate::gateway::MERCHANT_PARA_CHARS_MAX;
    (fits && para.bytes().all(|byte| byte.is_ascii_graphic())).then(|| para.to_owned())
}

/// A refund, as far as it is told: JSON en "Table 10.2 REFUND_TRADE fields".
pub(super) fn refund(edition: Edition, fields: &Tree) -> RefundInfo {
    let text = |name| fields.text(name).and_then(said::bounded);
    RefundInfo {
        refund: said::number(fields.text("REFUND_CODE")),
        gateway_refund: said::number(fields.text("REFUND_DOWN_CODE")),
        amount: fields.text("REFUND_AMT").and_then(|text| edition.unit().parse()(text).ok()),
        state: state(fields).ok().flatten(),
        operator: text("OPER_ID"),
        device: text("DEV_ID"),
        begin_time: text("BEGIN_TIME"),
        end_time: text("END_TIME"),
        bills: bills(fields, "REFUND_BILL_LIST"),
    }
}

/// What a code says of a call that moves no money, or gives some back.
pub(super) enum Bearing {
    /// It was carried out.
    Success,
    /// It was refused before anything happened (I4).
    Refusal(Why),
    /// What it was about is not there.
    NotFound,
    /// It was revoked before.
    Revoked,
    /// Nothing is proven.
    Doubt(DoubtKind),
}

/// JSON zh appendix 5. FAIL is no whitelisted refusal: it is given for anything.
pub(super) fn bearing(code: &Code) -> Bearing {
    match code {
        Code::Success => Bearing::Success,
        Code::IllegalParameter => Bearing::Refusal(Why::BadParameter),
        Code::InvalidSign => Bearing::Refusal(Why::BadSignature),
        Code::AmtError => Bearing::Refusal(Why::AmountRejected),
        Code::InvalidContract => Bearing::Refusal(Why::InvalidContract),
        Code::UnregisteredBusi => Bearing::Refusal(Why::UnknownMerchant),
        Code::ChargeNonexistent => Bearing::NotFound,
        Code::AlreadyRevoked => Bearing::Revoked,
        Code::Fail | Code::SerialRepeat => Bearing::Doubt(DoubtKind::AskAgain),
        Code::DatabaseError
        | Code::Exception
        | Code::ServiceUnavailable
        | Code::HttpException
        | Code::IoException
        | Code::CreateSecurityConnectionError => Bearing::Doubt(DoubtKind::GatewayFault),
        Code::Unknown(_) => Bearing::Doubt(DoubtKind::UnknownCode),
    }
}
