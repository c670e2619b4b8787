//! Orders of the other shapes: JSON zh §4 (JSAPI), JSON en §4 (creatOrder, numbered 5) and §5
//! (wapOrder, numbered 6); and the cancel that is applied for, JSON zh §8 (numbered 7).

use super::super::dictionary::{ChannelType, Code};
use super::super::wire_json::{self, Fields};
use super::super::{Sosopay, address, get, info, words_of};
use super::{succeeded, unknown, unreadable};
use crate::gateway::extras::{FREE_CHARS_MAX, check_life};
use crate::gateway::http::HttpRequest;
use crate::gateway::identity::{self, Identity};
use crate::gateway::operation::{
    AlipayOrder, AlipayOrdered, Answer, Buyer, Failed, JsapiOrder, JsapiOrdered, Scene, WapOrder,
    WapOrdered,
};
use crate::gateway::settings::Kind;
use crate::gateway::tree::Tree;
use crate::gateway::{Extras, FieldError, LIFE_MIN, Stamp, WAP_LIFE_MIN, field, json, said};
use crate::payment::{DoubtKind, Sale, Verdict};
use std::time::Duration;

/// The longest link or address; one that is longer fits no QR and no log.
const LINK_CHARS_MAX: usize = 512;

fn check_order(
    codec: &Sosopay,
    sale: &Sale,
    extras: &Extras,
    life: Option<Duration>,
    life_min: Duration,
) -> Result<(), FieldError> {
    codec.check_sale(sale)?;
    extras.check(Kind::SosopayJson)?;
    extras.check_order()?;
    life.map_or(Ok(()), |life| check_life(life, life_min))
}

/// A channel that is not the gateway's to find: 0 is for preOrder alone (JSON zh appendix 2).
fn check_channel(channel: &ChannelType) -> Result<(), FieldError> {
    if matches!(channel, ChannelType::Auto | ChannelType::Unknown(_)) {
        let expected = "a channel of appendix 2 other than 0";
        return Err(field::format("CHANNEL_TYPE", expected, channel.text()));
    }
    Ok(())
}

fn free(field: &'static str, text: &str) -> Result<(), FieldError> {
    field::text(field, text, FREE_CHARS_MAX)?;
    field::graphic(field, text)
}

fn link(name: &'static str, text: &str) -> Result<(), FieldError> {
    field::text(name, text, 256)?;
    field::graphic(name, text)?;
    match text.starts_with("https://") || text.starts_with("http://") {
        true => Ok(()),
        false => Err(field::format(name, "an address with http:// or https://", text)),
    }
}

pub(super) fn check_jsapi(codec: &Sosopay, order: &JsapiOrder) -> Result<(), FieldError> {
    check_order(codec, &order.sale, &order.extras, order.life, LIFE_MIN)?;
    check_channel(&order.channel)?;
    if let Some(appid) = &order.sub_appid {
        free("subAppid", appid)?;
    }
    field::text("subOpenid", &order.sub_openid, 128)?;
    field::graphic("subOpenid", &order.sub_openid)
}

pub(super) fn check_alipay(codec: &Sosopay, order: &AlipayOrder) -> Result<(), FieldError> {
    check_order(codec, &order.sale, &order.extras, order.life, LIFE_MIN)?;
    let (logon_id, user_id) = buyer(&order.buyer);
    if let Some(logon_id) = logon_id {
        field::text("buyerLogonId", logon_id, 100)?;
    }
    let Some(user_id) = user_id else { return Ok(()) };
    let digits = user_id.bytes().all(|byte| byte.is_ascii_digit());
    match digits && user_id.len() == 16 && user_id.starts_with("2088") {
        true => Ok(()),
        false => Err(field::format("buyerId", "16 digits that start with 2088", user_id)),
    }
}

fn buyer(buyer: &Buyer) -> (Option<&str>, Option<&str>) {
    match buyer {
        Buyer::LogonId(logon_id) => (Some(logon_id), None),
        Buyer::UserId(user_id) => (None, Some(user_id)),
        Buyer::Both { logon_id, user_id } => (Some(logon_id), Some(user_id)),
    }
}

pub(super) fn check_wap(codec: &Sosopay, order: &WapOrder) -> Result<(), FieldError> {
    check_order(codec, &order.sale, &order.extras, order.life, WAP_LIFE_MIN)?;
    check_channel(&order.channel)?;
    match &order.scene {
        Scene::Ios { app_name, bundle_id } => {
            field::text("app_name", app_name, FREE_CHARS_MAX)?;
            free("bundle_id", bundle_id)?;
        }
        Scene::Android { app_name, package_name } => {
            field::text("app_name", app_name, FREE_CHARS_MAX)?;
            free("package_name", package_name)?;
        }
        Scene::Wap { url, name } => {
            link("wap_url", url)?;
            field::text("wap_name", name, FREE_CHARS_MAX)?;
        }
    }
    order.return_url.as_deref().map_or(Ok(()), |url| link("RETURN_URL", url))
}

/// A signed order.
fn post(codec: &Sosopay, path: &str, fields: &Fields, stamp: Stamp) -> HttpRequest {
    let body = json::write_values(fields);
    let sign = codec.sign(&body, stamp);
    codec.post(address::post(codec, path, &sign), body)
}

/// JSON zh table 4.2.
pub(super) fn jsapi(codec: &Sosopay, order: &JsapiOrder, stamp: Stamp) -> HttpRequest {
    let mut fields = wire_json::head(codec, &order.sale, &order.extras, order.life);
    fields.push(("CHANNEL_TYPE", order.channel.text().into()));
    fields.push(("TRADE_TYPE", "JSAPI".into()));
    if let Some(appid) = &order.sub_appid {
        fields.push(("subAppid", appid.as_str().into()));
    }
    fields.push(("subOpenid", order.sub_openid.as_str().into()));
    fields.push(("CHARGE_CODE", order.sale.order.as_str().into()));
    wire_json::push_notify_url(&mut fields, codec);
    wire_json::tail(&mut fields, &order.sale, &order.extras);
    post(codec, "order", &fields, stamp)
}

/// JSON en table 5.3. The channel is Alipay's: the sample's 2 contradicts the section's title.
pub(super) fn alipay(codec: &Sosopay, order: &AlipayOrder, stamp: Stamp) -> HttpRequest {
    let mut fields = wire_json::head(codec, &order.sale, &order.extras, order.life);
    let channel = ChannelType::Alipay;
    fields.push(("CHANNEL_TYPE", channel.text().into()));
    let (logon_id, user_id) = buyer(&order.buyer);
    fields.extend(logon_id.map(|text| ("buyerLogonId", text.into())));
    fields.extend(user_id.map(|text| ("buyerId", text.into())));
    fields.push(("CHARGE_CODE", order.sale.order.as_str().into()));
    wire_json::push_notify_url(&mut fields, codec);
    wire_json::tail(&mut fields, &order.sale, &order.extras);
    post(codec, "creatOrder", &fields, stamp)
}

/// JSON en table 6.2.
pub(super) fn wap(codec: &Sosopay, order: &WapOrder, stamp: Stamp) -> HttpRequest {
    let mut fields = wire_json::head(codec, &order.sale, &order.extras, order.life);
    fields.push(("CHANNEL_TYPE", order.channel.text().into()));
    fields.push(("CHARGE_CODE", order.sale.order.as_str().into()));
    fields.push(("SCENE_INFO", scene(&order.scene).into()));
    wire_json::push_notify_url(&mut fields, codec);
    if let Some(url) = &order.return_url {
        fields.push(("RETURN_URL", url.as_str().into()));
    }
    fields.push(("SPBILL_CREATE_IP", order.customer_ip.to_string().into()));
    wire_json::tail(&mut fields, &order.sale, &order.extras);
    post(codec, "wapOrder", &fields, stamp)
}

/// `SCENE_INFO`: its type is String and its content JSON, so it is JSON in a text. The sample of
/// §6.3 forgets to escape it.
fn scene(scene: &Scene) -> String {
    let text = |text: &str| text.to_owned();
    let info = match scene {
        Scene::Ios { app_name, bundle_id } => {
            vec![
                ("type", text("IOS")),
                ("app_name", text(app_name)),
                ("bundle_id", text(bundle_id)),
            ]
        }
        Scene::Android { app_name, package_name } => vec![
            ("type", text("Android")),
            ("app_name", text(app_name)),
            ("package_name", text(package_name)),
        ],
        Scene::Wap { url, name } => {
            vec![("type", text("Wap")), ("wap_url", text(url)), ("wap_name", text(name))]
        }
    };
    format!("{{\"h5_info\":{}}}", json::object_of(&info))
}

/// `cancelTrade` with `opType=ACO`: the sign is a cancel's.
pub(super) fn apply_cancel(codec: &Sosopay, sale: &Sale, stamp: Stamp) -> HttpRequest {
    let sign = codec.sign_cancel(sale, stamp);
    let order = address::encoded(sale.order.as_str());
    let path =
        format!("{}/cancelTrade/{order}/{}", codec.base_url, address::encoded(&codec.merchant_id));
    let mut query = vec![("sign", address::encoded(&sign))];
    query.extend(address::format(codec));
    query.push(("opType", "ACO".to_owned()));
    get(address::written(&path, &query))
}

/// The fields of an ORDER_RESP that is about our order. All three tables have `CHARGE_CODE`.
fn ordered<'a>(codec: &Sosopay, sale: &Sale, tree: &'a Tree) -> Result<&'a Tree, Failed> {
    let fields = tree.object("ORDER_RESP").unwrap_or(tree);
    let identity = Identity {
        order: identity::text(fields, "CHARGE_CODE", sale.order.as_str()),
        amount: identity::amount(fields, "AMT", sale.amount, codec.edition.unit().parse()),
        owner: identity::text(fields, "BUSI_ID", &codec.merchant_id),
    };
    if let Some(Verdict::Unknown(doubt)) = identity.refuse(&words_of(fields)) {
        return Err(Failed::Unknown(doubt));
    }
    let fields = match succeeded(tree, "ORDER_RESP") {
        // The order should be there, was there, or is said not to be: ask.
        Err(Failed::NotFound) => return Err(unknown(DoubtKind::AskAgain, &words_of(fields))),
        other => other?,
    };
    match identity.names_order() {
        true => Ok(fields),
        false => Err(unreadable("the answer has no CHARGE_CODE")),
    }
}

/// A parameter for the customer's page: as it came, if it can be one.
fn parameter(fields: &Tree, name: &str) -> Result<String, Failed> {
    let fits = |text: &&str| {
        text.len() <= LINK_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match fields.text(name).map(str::trim).filter(fits) {
        Some(text) => Ok(text.to_owned()),
        None => Err(unreadable(&format!("the answer has no {name}"))),
    }
}

/// JSON zh table 4.4: all six parameters, or none that the page could use.
pub(super) fn jsapi_ordered(codec: &Sosopay, sale: &Sale, tree: &Tree) -> Result<Answer, Failed> {
    let fields = ordered(codec, sale, tree)?;
    Ok(Answer::JsapiOrder(JsapiOrdered {
        gateway_order: said::number(fields.text("CHARGE_DOWN_CODE")),
        trade_no: info::trade_no(fields),
        app_id: parameter(fields, "appId")?,
        time_stamp: parameter(fields, "timeStamp")?,
        nonce_str: parameter(fields, "nonceStr")?,
        package_data: parameter(fields, "packageData")?,
        sign_type: parameter(fields, "signType")?,
        sign: parameter(fields, "sign")?,
    }))
}

/// JSON en table 5.4.
pub(super) fn alipay_ordered(codec: &Sosopay, sale: &Sale, tree: &Tree) -> Result<Answer, Failed> {
    let fields = ordered(codec, sale, tree)?;
    Ok(Answer::AlipayOrder(AlipayOrdered {
        gateway_order: said::number(fields.text("CHARGE_DOWN_CODE")),
        trade_no: parameter(fields, "CHARGE_THIRD_CODE")?,
    }))
}

/// JSON en table 6.4.
pub(super) fn wap_ordered(codec: &Sosopay, sale: &Sale, tree: &Tree) -> Result<Answer, Failed> {
    let fields = ordered(codec, sale, tree)?;
    Ok(Answer::WapOrder(WapOrdered {
        gateway_order: said::number(fields.text("CHARGE_DOWN_CODE")),
        link: parameter(fields, "BAR_CODE")?,
    }))
}

/// SUCCESS says that the cancel was applied for.
pub(super) fn cancel_applied(codec: &Sosopay, sale: &Sale, tree: &Tree) -> Result<Answer, Failed> {
    if let Some(fields) = tree.object("CANCELTRADE_RESP") {
        let identity = Identity {
            order: identity::text(fields, "CHARGE_CODE", sale.order.as_str()),
            amount: identity::amount(fields, "AMT", sale.amount, codec.edition.unit().parse()),
            owner: identity::text(fields, "BUSI_ID", &codec.merchant_id),
        };
        if let Some(Verdict::Unknown(doubt)) = identity.refuse(&words_of(fields)) {
            return Err(Failed::Unknown(doubt));
        }
        if info::own_code(fields) == Some(Code::AlreadyRevoked) {
            return Ok(Answer::CancelApplied { already: true });
        }
    }
    succeeded(tree, "CANCELTRADE_RESP").map(|_| Answer::CancelApplied { already: false })
}
