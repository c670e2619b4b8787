//! Notifications, made: of a paid order to its NODIFY_URL (JSON zh §5, XML v1 §4), of an ended flow
//! recharge to its notifyURL (JSON zh table 10.2).
//!
//! `sign` is added to the address's query; `_type` and `encrypt` in it choose the format. The sign
//! is over the plain body, as of every message. Faults of the tree, the bytes, the sign and the
//! encryption are done here; those of the sending in `notify`.

use crate::{
    clock::beijing_date,
    fault::{Fault, spoil::spoil},
    gateway::{Answer, Gateway},
    ledger::Order,
    notify::Notice,
    recharge::Recharge,
    server::deliver::spoil_bytes,
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
pub(crate) fn notice(
    gateway: &Gateway,
    order: &Order,
    fault: Option<Fault>,
    now_ms: u64,
) -> Option<Notice> {
    let url = order.details.get("NODIFY_URL")?;
    let place = merchant_place(gateway, &order.merchant)?;
    let edition = Edition::of(gateway.settings.kind);
    let format = format_of(edition, url, place);
    let number = order.merchant_no.clone();
    if fault == Some(Fault::PlayedBack) {
        // As it was sent and signed: in the request's format, when the order was made.
        let format = Format { json: edition == Edition::Json, ..format };
        let tree = own_request(edition, order);
        return Draft { url, place, format, tree, number, fault }
            .seal(gateway, order.created_at_ms);
    }
    let tree = answer::notification(format, order);
    Draft { url, place, format, tree, number, fault }.seal(gateway, now_ms)
}

/// The notification of an ended recharge; it is JSON, as its answer is.
pub(crate) fn recharge_notice(
    gateway: &Gateway,
    recharged: &Recharge,
    fault: Option<Fault>,
    now_ms: u64,
) -> Option<Notice> {
    let url = recharged.new.notify_url.as_deref()?;
    let place = merchant_place(gateway, &recharged.new.merchant)?;
    let format = Format { json: true, ..format_of(Edition::Json, url, place) };
    let tree = recharge::told(gateway, recharged, now_ms);
    let number = recharged.order_id(&beijing_date(gateway.wall_ms(recharged.at_ms)));
    Draft { url, place, format, tree, number, fault }.seal(gateway, now_ms)
}

/// The merchant's own order, as it asked for it.
fn own_request(edition: Edition, order: &Order) -> Value {
    let object = |pairs: &[(String, String)]| {
        let fields = pairs.iter().map(|(name, value)| (name.clone(), Value::text(value.clone())));
        Value::Object(fields.collect())
    };
    let mut request = object(&order.details.fields);
    if !order.details.goods.is_empty() {
        let goods = order.details.goods.iter().map(|good| object(good));
        request.push("GOODS_DETAIL", Value::List(goods.collect()));
    }
    match edition {
        Edition::Json => request,
        Edition::XmlV1 => Value::object([("ORDER_REQ", request)]),
    }
}

/// A notification before it is spoilt, signed and encrypted.
struct Draft<'a> {
    url: &'a str,
    /// The merchant, by place.
    place: usize,
    format: Format,
    tree: Value,
    number: String,
    fault: Option<Fault>,
}

impl Draft<'_> {
    fn seal(mut self, gateway: &Gateway, signed_at_ms: u64) -> Option<Notice> {
        let merchant = gateway.settings.merchants.get(self.place)?;
        if let Some(fault) = &self.fault {
            spoil(fault, &mut self.tree);
        }
        let plain = if self.format.json { self.tree.to_json() } else { self.tree.to_xml() };
        let content = match self.format.edition {
            Edition::Json => sign::without_blanks(plain.as_bytes()),
            Edition::XmlV1 => plain.into_bytes(),
        };
        let timestamp = gateway.wall_ms(signed_at_ms).div_euclid(1000).to_string();
        let forger = if self.fault == Some(Fault::WrongSign) { "forger" } else { "" };
        let key = [forger.as_bytes(), merchant.key.as_bytes()].concat();
        let digest = sign::md5_hex(&[timestamp.as_bytes(), &key, &content]);
        if self.fault == Some(Fault::WrongEncryption) {
            self.format.encrypt_for = match self.format.encrypt_for {
                Some(_) => None,
                None => Some(self.place),
            };
        }
        let Answer { content_type, body } = encode(gateway, &self.format, &self.tree);
        let body = spoil_bytes(self.fault.as_ref(), content_type, body);
        let joint = if self.url.contains('?') { '&' } else { '?' };
        Some(Notice {
            order: self.number,
            url: format!("{}{joint}sign={digest}:{timestamp}", self.url),
            content_type,
            body,
            wants_success: self.format.edition == Edition::XmlV1,
            fault: self.fault,
        })
    }
}
