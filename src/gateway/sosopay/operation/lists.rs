//! What is looked up: an order by any of its numbers (JSON zh §7, numbered 6; XML v1 §6), its
//! refunds (JSON en §9, numbered 10), the orders of some days and the merchant's channels (SDK
//! "Batch query interface", "Payment channel interface").
//!
//! The SDK gives the last two names of fields and no address. Decision: GET with those fields in
//! the query string, unsigned, as the documents' other questions are; the path is configured.

use super::super::dictionary::ChannelType;
use super::super::{Edition, Sosopay, address, get, info, words_of};
use super::{succeeded, success, unknown, unreadable};
use crate::gateway::extras::FREE_CHARS_MAX;
use crate::gateway::http::HttpRequest;
use crate::gateway::operation::{
    Answer, BatchQuery, ChannelInfo, Failed, Operation, OperationError, OrderKey, OrderPage,
    PAGE_SIZE_MAX, RefundList,
};
use crate::gateway::settings::{Kind, ResponseFormat};
use crate::gateway::tree::{Field, Tree};
use crate::gateway::{FieldError, field, said};
use crate::payment::DoubtKind;

pub(super) fn check_key(
    codec: &Sosopay,
    operation: &Operation,
    key: &OrderKey,
) -> Result<(), OperationError> {
    let (name, text) = match key {
        OrderKey::Ours(_) => return Ok(()),
        OrderKey::Gateways(text) => ("CHARGE_DOWN_CODE", text),
        OrderKey::VerifyCode(text) => ("verifyCodes", text),
    };
    field::text(name, text, FREE_CHARS_MAX)?;
    field::graphic(name, text)?;
    let is_vouchers = matches!(key, OrderKey::VerifyCode(_));
    let is_refunds = matches!(operation, Operation::RefundList(_));
    if codec.edition == Edition::XmlV1 {
        // XML v1 §6 asks by CHARGE_CODE alone.
        let gateway = Kind::SosopayXml.name();
        return Err(FieldError::NotCarried { field: "serType", gateway }.into());
    }
    if is_vouchers && is_refunds {
        let expected = "0 or 1 for a refund query: no document lets it ask by a voucher";
        return Err(field::format("serType", expected, "2").into());
    }
    Ok(())
}

/// The number, and its `serType`; our own needs none.
fn numbered(key: &OrderKey) -> (&str, Option<&'static str>) {
    match key {
        OrderKey::Ours(order) => (order.as_str(), None),
        OrderKey::Gateways(number) => (number, Some("1")),
        OrderKey::VerifyCode(code) => (code, Some("2")),
    }
}

fn by_key(codec: &Sosopay, path: &str, key: &OrderKey) -> HttpRequest {
    let (number, ser_type) = numbered(key);
    let more: Vec<(&'static str, &str)> =
        ser_type.into_iter().map(|text| ("serType", text)).collect();
    get(address::get(codec, &[path, number, &codec.merchant_id], &more))
}

pub(super) fn lookup(codec: &Sosopay, key: &OrderKey) -> HttpRequest {
    match codec.edition {
        Edition::Json => by_key(codec, "query", key),
        Edition::XmlV1 => get(address::query_xml(codec, numbered(key).0)),
    }
}

pub(super) fn refunds(codec: &Sosopay, key: &OrderKey) -> HttpRequest {
    by_key(codec, "refundQuery", key)
}

/// Whether the fields are about what was asked. A voucher's code does not come back, so there the
/// merchant has to do.
fn check_identity(
    codec: &Sosopay,
    key: &OrderKey,
    fields: &Tree,
    said: &str,
) -> Result<(), Failed> {
    let differs = |name: &str, ours: &str| match fields.field(name) {
        Field::Text(text) => text != ours,
        Field::WrongType => true,
        Field::Absent => false,
    };
    let is_other = match key {
        OrderKey::Ours(order) => fields.text("CHARGE_CODE") != Some(order.as_str()),
        OrderKey::Gateways(number) => fields.text("CHARGE_DOWN_CODE") != Some(number),
        OrderKey::VerifyCode(code) => differs("verifyCodes", code),
    };
    if is_other || differs("BUSI_ID", &codec.merchant_id) {
        let text = format!("the answer is for another order or merchant; {said}");
        return Err(unknown(DoubtKind::Mismatch, &text));
    }
    Ok(())
}

pub(super) fn found(codec: &Sosopay, key: &OrderKey, tree: &Tree) -> Result<Answer, Failed> {
    let fields = succeeded(tree, "QUERY_RESP")?;
    check_identity(codec, key, fields, &words_of(tree))?;
    Ok(Answer::Order(info::order(codec.edition, fields)))
}

pub(super) fn refunds_found(
    codec: &Sosopay,
    key: &OrderKey,
    tree: &Tree,
) -> Result<Answer, Failed> {
    let fields = succeeded(tree, "REFUND_QUERY_RESP")?;
    check_identity(codec, key, fields, &words_of(tree))?;
    let items = info::items(fields, "REFUND_TRADE_LIST", "REFUND_TRADE");
    Ok(Answer::Refunds(RefundList {
        order: info::order(codec.edition, fields),
        refunded: fields
            .text("REFUND_AMT")
            .and_then(|text| codec.edition.unit().parse()(text).ok()),
        refunds: items.into_iter().map(|item| info::refund(codec.edition, item)).collect(),
    }))
}

pub(super) fn check_batch(codec: &Sosopay, batch: &BatchQuery) -> Result<(), OperationError> {
    batch_path(codec)?;
    if let Some(operator) = &batch.operator {
        field::text("userId", operator, FREE_CHARS_MAX)?;
    }
    if let (Some(begin), Some(end)) = (batch.begin, batch.end)
        && end < begin
    {
        let expected = "beginDate or a later day";
        return Err(field::format("endDate", expected, &end.to_string()).into());
    }
    for (field, max, given) in
        [("PageNum", u32::MAX, batch.page), ("pageSize", PAGE_SIZE_MAX, batch.page_size)]
    {
        if given == 0 || given > max {
            return Err(FieldError::Count { field, min: 1, max, given }.into());
        }
    }
    Ok(())
}

fn batch_path(codec: &Sosopay) -> Result<&str, OperationError> {
    codec.paths.batch_query.as_deref().ok_or(OperationError::MissingSetting {
        key: "gateway.paths.batch_query",
        operation: "batch-query",
    })
}

pub(super) fn channels_path(codec: &Sosopay) -> Result<&str, OperationError> {
    codec.paths.channels.as_deref().ok_or(OperationError::MissingSetting {
        key: "gateway.paths.channels",
        operation: "channels",
    })
}

/// SDK "Batch query interface", "RequestParameter", in the table's order and spelling.
pub(super) fn batch(codec: &Sosopay, batch: &BatchQuery) -> Result<HttpRequest, OperationError> {
    let url = address::configured(codec, batch_path(codec)?);
    let mut query = address::format(codec);
    // Elsewhere no `_type` asks for XML; this table lets it not be empty.
    match codec.response {
        ResponseFormat::Json => {}
        ResponseFormat::Xml => query.insert(0, ("_type", "xml".to_owned())),
    }
    let mut push = |name, text: &str| query.push((name, address::encoded(text)));
    if let Some(state) = &batch.state {
        push("state", state.text());
    }
    if let Some(day) = batch.begin {
        push("beginDate", &day.to_string());
    }
    if let Some(day) = batch.end {
        push("endDate", &day.to_string());
    }
    push("busiCode", &codec.merchant_id);
    if let Some(operator) = &batch.operator {
        push("userId", operator);
    }
    if let Some(channel) = &batch.channel {
        push("ChannelType", channel.text());
    }
    push("PageNum", &batch.page.to_string());
    push("pageSize", &batch.page_size.to_string());
    if let Some(order) = &batch.order {
        push("ChargeCode", order.as_str());
    }
    Ok(get(address::written(&url, &query)))
}

/// `chargesSize` and `tradeInfos`, whatever root the answer has. An order of another merchant is no
/// answer of ours.
pub(super) fn orders(codec: &Sosopay, tree: &Tree) -> Result<Answer, Failed> {
    success(tree)?;
    let fields = with_field(tree, &["tradeInfos", "chargesSize"]);
    let Some(fields) = fields else {
        return Err(unreadable("the answer has neither tradeInfos nor chargesSize"));
    };
    let items = info::items(fields, "tradeInfos", "tradeInfo");
    let is_ours = |item: &&Tree| match item.field("BUSI_ID") {
        Field::Text(merchant) => merchant == codec.merchant_id,
        Field::WrongType => false,
        Field::Absent => true,
    };
    if !items.iter().all(is_ours) {
        return Err(unknown(DoubtKind::Mismatch, "the answer has orders of another merchant"));
    }
    Ok(Answer::Orders(OrderPage {
        count: fields.text("chargesSize").and_then(|text| text.trim().parse().ok()),
        orders: items.into_iter().map(|item| info::order(codec.edition, item)).collect(),
    }))
}

/// The object that has one of the fields: the answer itself, or what stands under its root.
fn with_field<'a>(tree: &'a Tree, names: &[&str]) -> Option<&'a Tree> {
    let has = |tree: &Tree| names.iter().any(|name| tree.get(name).is_some());
    if has(tree) {
        return Some(tree);
    }
    match tree {
        Tree::Object(fields) => fields.values().find(|field| has(field)),
        Tree::Nothing | Tree::Text(_) | Tree::List(_) => None,
    }
}

/// The SDK's table of the request is empty: the merchant, and the encoding of the answer.
pub(super) fn channels(codec: &Sosopay) -> Result<HttpRequest, OperationError> {
    let url = address::configured(codec, channels_path(codec)?);
    let mut query = address::format(codec);
    query.push(("busiCode", address::encoded(&codec.merchant_id)));
    Ok(get(address::written(&url, &query)))
}

/// `PAY_CHANNEL_LIST`: items with a number and a name, or bare numbers.
pub(super) fn channel_list(tree: &Tree) -> Result<Answer, Failed> {
    success(tree)?;
    let Some(fields) = with_field(tree, &["PAY_CHANNEL_LIST"]) else {
        return Err(unreadable("the answer has no PAY_CHANNEL_LIST"));
    };
    let items = info::items(fields, "PAY_CHANNEL_LIST", "PAY_CHANNEL");
    let channel = |item: &Tree| {
        let of = |names: [&str; 4]| names.into_iter().find_map(|name| item.text(name));
        let (number, name) = match item {
            Tree::Text(number) => (Some(number.as_str()), None),
            Tree::Nothing | Tree::List(_) | Tree::Object(_) => (
                of(["CHANNEL_TYPE", "channelType", "CODE", "code"]),
                of(["CHANNEL_NAME", "channelName", "NAME", "name"]),
            ),
        };
        let number = said::bounded(number?)?;
        let name = name.and_then(said::bounded);
        Some(ChannelInfo { channel: ChannelType::read(&number), name })
    };
    Ok(Answer::Channels(items.into_iter().filter_map(channel).collect()))
}
