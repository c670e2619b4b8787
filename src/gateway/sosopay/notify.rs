//! Notifications: JSON en §6 (numbered 7), JSON zh §5, XML v1 §4; protocol/README for the sign.
//!
//! The sign is checked over the plain body, before anything of it is believed, in every form that
//! the gateway is known to sign: as it stands, without spaces and line breaks, and either without
//! backslashes. All forms are compared, each in constant time. The timestamp in the sign is not
//! compared with the clock (I14): a replay prompts a query, and nothing else (I13).

use super::{Edition, Sosopay, address, info, looks_plain, read, sign};
use crate::gateway::notification::{Notification, Refused};
use crate::gateway::settings::ResponseFormat;
use crate::gateway::tree::Tree;
use crate::gateway::{BODY_LEN_MAX, Stamp, said};
use crate::id::OrderId;
use crate::payment::Channel;
use subtle::{Choice, ConstantTimeEq};

/// The longest query string that is read.
const QUERY_LEN_MAX: usize = 4096;

/// Our address with what the gateway is to know of our encoding (JSON zh table 3.3): `_type=json`
/// and `encrypt=3DES`. XML v1 knows neither.
pub(super) fn address(codec: &Sosopay, url: &str) -> String {
    let options = address::format(codec);
    let options: Vec<String> =
        options.iter().map(|(name, text)| format!("{name}={text}")).collect();
    let join = if url.contains('?') { '&' } else { '?' };
    match options.is_empty() {
        true => url.to_owned(),
        false => format!("{url}{join}{}", options.join("&")),
    }
}

pub(in crate::gateway) fn answer(codec: &Sosopay, ok: bool) -> (&'static str, Vec<u8>) {
    let word = if ok { "SUCCESS" } else { "FAIL" };
    match (codec.edition, codec.response) {
        // XML v1 §4; a JSON edition's gateway that was asked for XML gets XML.
        (Edition::XmlV1, _) | (Edition::Json, ResponseFormat::Xml) => {
            let body = format!(
                "<PAY_NODIFY_RESP><NODIFY_SUCCESS>{word}</NODIFY_SUCCESS></PAY_NODIFY_RESP>"
            );
            ("application/xml; charset=UTF-8", body.into_bytes())
        }
        // The status alone counts; the SDK has "return SUCCESS".
        (Edition::Json, ResponseFormat::Json) => {
            ("text/plain; charset=UTF-8", word.as_bytes().to_vec())
        }
    }
}

pub(in crate::gateway) fn decode(
    codec: &Sosopay,
    query: &str,
    body: &[u8],
) -> Result<Notification, Refused> {
    if body.len() > BODY_LEN_MAX || query.len() > QUERY_LEN_MAX {
        return Err(Refused::TooLarge);
    }
    let given = sign_of(query)?;
    let plain = match &codec.cipher {
        None if looks_plain(body) => body.to_vec(),
        Some(cipher) if !looks_plain(body) => cipher.open(body).ok_or(Refused::Encryption)?,
        None | Some(_) => return Err(Refused::Encryption),
    };
    if !is_signed(codec, &given, &plain) {
        return Err(Refused::BadSign);
    }
    let tree = read(&plain).map_err(Refused::Unreadable)?;
    let fields = tree.object("PAY_NODIFY").ok_or(Refused::NotANotification)?;
    notification(codec, fields)
}

/// A sign as it was given: the digest's hex, and the timestamp in it.
struct Given {
    hex: String,
    stamp: Stamp,
    stamp_text: String,
}

/// The one `sign` of a query string.
fn sign_of(query: &str) -> Result<Given, Refused> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut signs = pairs.filter(|(name, _)| *name == "sign");
    let (Some((_, text)), None) = (signs.next(), signs.next()) else {
        return Err(Refused::Unsigned);
    };
    // A sign is hex, a colon, which may be encoded, and digits.
    let text = text.replace("%3A", ":").replace("%3a", ":");
    let (hex, timestamp) = text.split_once(':').ok_or(Refused::Unsigned)?;
    let is_digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    if hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) || !is_digits {
        return Err(Refused::Unsigned);
    }
    let unix_seconds = timestamp.parse().map_err(|_| Refused::Unsigned)?;
    let stamp = Stamp { unix_seconds };
    Ok(Given { hex: hex.to_ascii_lowercase(), stamp, stamp_text: timestamp.to_owned() })
}

fn is_signed(codec: &Sosopay, given: &Given, plain: &[u8]) -> bool {
    let without = |strip: &[u8]| -> Vec<u8> {
        plain.iter().copied().filter(|byte| !strip.contains(byte)).collect()
    };
    let forms = [plain.to_vec(), without(b" \t\r\n"), without(b"\\"), without(b" \t\r\n\\")];
    let theirs = format!("{}:{}", given.hex, given.stamp_text);
    let same = forms.iter().fold(Choice::from(0), |same, form| {
        let ours = sign::of(form, codec.key(), given.stamp);
        same | ours.as_bytes().ct_eq(theirs.as_bytes())
    });
    same.into()
}

fn notification(codec: &Sosopay, fields: &Tree) -> Result<Notification, Refused> {
    if fields.text("BUSI_ID") != Some(codec.merchant_id.as_str()) {
        return Err(Refused::OtherMerchant);
    }
    let order = fields.text("CHARGE_CODE").and_then(|text| OrderId::parse(text).ok());
    let amount = fields.text("AMT").and_then(|text| codec.edition.unit().parse()(text).ok());
    let error = said::words(fields.text("ERR_CODE"), fields.text("ERR_INFO"));
    Ok(Notification {
        order: order.ok_or(Refused::Field("CHARGE_CODE"))?,
        amount: amount.ok_or(Refused::Field("AMT"))?,
        state: info::state(fields).map_err(|_| Refused::Field("STATE"))?,
        channel: info::channel(fields).unwrap_or_else(|| Channel::Unknown(String::new())),
        gateway_order: said::number(fields.text("CHARGE_DOWN_CODE")),
        trade_no: info::trade_no(fields),
        merchant_para: info::echo(fields),
        bills: info::bills(fields, "FUND_BILL_LIST"),
        error: said::bounded(&error),
    })
}
