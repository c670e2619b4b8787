//! Notifications, made: of a paid order to its NODIFY_URL (JSON zh §5, XML v1 §4), of an ended flow
//! recharge to its notifyURL (JSON zh table 10.2).
//!
//! `sign` is added to the address's query; `_type` and `encrypt` in it choose the format. The sign
//! is over the plain body, as of every message.

use crate::{
    gateway::{Answer, Gateway},
    ledger::Order,
    notify::Notice,
    recharge::Recharge,
    value::Value,
};

use super::{Edition, Format, answer, encode, recharge, sign};

/// What an address asks for.
fn format_of(edition: Edition, url: &str, place: usize) -> Format {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let asks = |pair: &str| query.split('&').any(|given| given.trim() == pair);
    let json = edition == Edition::Json && asks("_type=json");
    let encrypt_for = (edition == Edition::Json && asks("encrypt=3DES")).then_some(place);
    Format { edition, json, encrypt_for }
}

fn merchant_place(gateway: &Gateway, id: &str) -> Option<usize> {
    gateway.settings.merchants.iter().position(|known| known.id == id)
}

/// The notification of a paid order, or `None` if it has no address or its merchant is gone.
pub(crate) fn notice(gateway: &Gateway, order: &Order, now_ms: u64) -> Option<Notice> {
    let url = order.details.get("NODIFY_URL")?;
    let place = merchant_place(gateway, &order.merchant)?;
    let edition = Edition::of(gateway.settings.kind);
    let format = format_of(edition, url, place);
    let tree = answer::notification(format, order);
    signed(gateway, url, place, format, &tree, now_ms)
}

/// The notification of an ended recharge; it is JSON, as its answer is.
pub(crate) fn recharge_notice(
    gateway: &Gateway,
    recharged: &Recharge,
    now_ms: u64,
) -> Option<Notice> {
    let url = recharged.new.notify_url.as_deref()?;
    let place = merchant_place(gateway, &recharged.new.merchant)?;
    let format = Format { json: true, ..format_of(Edition::Json, url, place) };
    let tree = recharge::told(gateway, recharged, now_ms);
    signed(gateway, url, place, format, &tree, now_ms)
}

fn signed(
    gateway: &Gateway,
    url: &str,
    place: usize,
    format: Format,
    tree: &Value,
    now_ms: u64,
) -> Option<Notice> {
    let merchant = gateway.settings.merchants.get(place)?;
    let plain = if format.json { tree.to_json() } else { tree.to_xml() };
    let content = match format.edition {
        Edition::Json => sign::without_blanks(plain.as_bytes()),
        Edition::XmlV1 => plain.into_bytes(),
    };
    let timestamp = gateway.wall_ms(now_ms).div_euclid(1000).to_string();
    let digest = sign::md5_hex(&[timestamp.as_bytes(), merchant.key.as_bytes(), &content]);
    let joint = if url.contains('?') { '&' } else { '?' };
    let Answer { content_type, body } = encode(gateway, &format, tree);
    Some(Notice {
        url: format!("{url}{joint}sign={digest}:{timestamp}"),
        content_type,
        body,
        wants_success: format.edition == Edition::XmlV1,
    })
}
