//! Reading a SOSOPAY call: which operation it is, whose it is, whether its sign holds.
//!
//! JSON zh tables 2.2 and 3.2 (query string), §7.1, §8.1; XML v1 §2 to §7. What needs the books is
//! not judged here.

use crate::{
    fault::Operation,
    gateway::{Gateway, NoSuchCall, Request},
    settings::{Merchant, Paths},
    value::Value,
};

use super::{Call, Edition, Format, Refused, Series, Way, answer::refusal, request::Fields, sign};

mod office;

use office::read_office;

/// A call that was read.
pub(crate) struct Read {
    pub operation: Operation,
    pub order: String,
    pub gateway_no: String,
    pub format: Format,
    pub call: Result<Call, Value>,
}

/// Operation and, where the path names them, order and merchant.
struct Route {
    operation: Operation,
    number: Option<String>,
    merchant: Option<String>,
}

/// The operations whose URL is configured, and the methods they are taken by.
fn configured(paths: &Paths, request: &Request) -> Option<(Operation, &'static [&'static str])> {
    let ends_in = |path: &str| {
        let wanted: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let given = &request.segments;
        let tail = given.len().checked_sub(wanted.len()).and_then(|from| given.get(from..));
        !wanted.is_empty() && tail.is_some_and(|tail| tail.iter().eq(wanted.iter()))
    };
    if ends_in(&paths.batch_query) {
        Some((Operation::BatchQuery, &["GET", "POST"]))
    } else if ends_in(&paths.channels) {
        Some((Operation::Channels, &["GET", "POST"]))
    } else if ends_in(&paths.login) {
        Some((Operation::Login, &["POST"]))
    } else {
        None
    }
}

fn route(edition: Edition, paths: &Paths, request: &Request) -> Result<Route, NoSuchCall> {
    let bare = |operation| Route { operation, number: None, merchant: None };
    let named = |operation, number: usize, merchant: Option<usize>| Route {
        operation,
        number: request.segment_back(number).map(str::to_owned),
        merchant: merchant.and_then(|place| request.segment_back(place)).map(str::to_owned),
    };
    if edition == Edition::Json
        && let Some((operation, methods)) = configured(paths, request)
    {
        let known = methods.contains(&request.method.as_str());
        return if known { Ok(bare(operation)) } else { Err(NoSuchCall(405)) };
    }
    let (route, method) =
        match (request.segment_back(1), request.segment_back(2), request.segment_back(3)) {
            (Some("preOrder"), _, _) => (bare(Operation::Pay), "POST"),
            (Some("order"), _, _) => (bare(Operation::Precreate), "POST"),
            (Some("creatOrder"), _, _) if edition == Edition::Json => {
                (bare(Operation::AlipayOrder), "POST")
            }
            (Some("wapOrder"), _, _) if edition == Edition::Json => {
                (bare(Operation::WapOrder), "POST")
            }
            (Some("refund"), _, _) => (bare(Operation::Refund), "POST"),
            (_, Some("flowRecharge"), Some("platService")) if edition == Edition::Json => {
                let route = Route { number: None, ..named(Operation::Recharge, 1, Some(1)) };
                (route, "POST")
            }
            (_, _, Some("cancelTrade")) => (named(Operation::Cancel, 2, Some(1)), "GET"),
            (_, _, Some("query")) if edition == Edition::Json => {
                (named(Operation::Query, 2, Some(1)), "GET")
            }
            (_, _, Some("refundQuery")) if edition == Edition::Json => {
                (named(Operation::RefundQuery, 2, Some(1)), "GET")
            }
            (_, Some("query"), _) if edition == Edition::XmlV1 => {
                (named(Operation::Query, 1, None), "GET")
            }
            _ => return Err(NoSuchCall(404)),
        };
    if request.method == method { Ok(route) } else { Err(NoSuchCall(405)) }
}

/// Reads a call and checks all that needs no books.
pub(crate) fn receive(
    gateway: &Gateway,
    request: &Request,
    now_ms: u64,
) -> Result<Read, NoSuchCall> {
    let edition = Edition::of(gateway.settings.kind);
    let route = route(edition, &gateway.settings.paths, request)?;
    let operation = route.operation;
    let asked = request.parameter("_type");
    let json = edition == Edition::Json
        && match operation {
            // §9.1 knows no `_type`; the SDK's are JSON unless XML is asked for.
            Operation::Recharge | Operation::Login => true,
            Operation::BatchQuery | Operation::Channels => asked != Some("xml"),
            Operation::Pay
            | Operation::Precreate
            | Operation::JsapiOrder
            | Operation::AlipayOrder
            | Operation::WapOrder
            | Operation::Query
            | Operation::Cancel
            | Operation::Refund
            | Operation::RefundQuery
            | Operation::Revoke
            | Operation::Activate
            | Operation::Checkin
            | Operation::Notify => asked == Some("json"),
        };
    let mut read = Read {
        operation,
        order: route.number.clone().unwrap_or_default(),
        gateway_no: String::new(),
        format: Format { edition, json, encrypt_for: None },
        call: Err(refusal(operation, &Refused::new("EXCEPTION", ""))),
    };
    let called = match operation {
        Operation::Query | Operation::RefundQuery | Operation::Cancel => {
            read_get(gateway, request, &route, &mut read, now_ms)
        }
        Operation::Pay
        | Operation::Precreate
        | Operation::JsapiOrder
        | Operation::AlipayOrder
        | Operation::WapOrder
        | Operation::Refund
        | Operation::Revoke
        | Operation::Activate
        | Operation::Checkin
        | Operation::Notify => read_post(gateway, request, &mut read, now_ms),
        Operation::Recharge | Operation::BatchQuery | Operation::Channels | Operation::Login => {
            read_office(gateway, request, route.merchant.as_deref(), &mut read, now_ms)
        }
    };
    read.call = called.map_err(|refused| refusal(operation, &refused));
    Ok(read)
}

fn registered<'a>(gateway: &'a Gateway, id: &str) -> Result<(usize, &'a Merchant), Refused> {
    let found = gateway.settings.merchants.iter().enumerate().find(|(_, known)| known.id == id);
    found.ok_or_else(|| Refused::new("UNREGISTERED_BUSI", "未注册的商户"))
}

/// `encrypt=3DES`, or nothing; another algorithm is no parameter the documents know (table 2.2).
fn encrypted(request: &Request, edition: Edition) -> Result<bool, Refused> {
    match request.parameter("encrypt") {
        None | Some("") => Ok(false),
        Some("3DES") if edition == Edition::Json => Ok(true),
        Some(_) => Err(Refused::parameter("encrypt目前只支持3DES")),
    }
}

fn check_sign(
    gateway: &Gateway,
    request: &Request,
    merchant: &Merchant,
    content: &[u8],
    now_ms: u64,
) -> Result<(), Refused> {
    let wall_s = gateway.wall_ms(now_ms).div_euclid(1000);
    let tolerance = gateway.settings.sign_tolerance_s;
    sign::verify(request.parameter("sign"), &merchant.key, content, wall_s, tolerance)
        .map_err(|fault| Refused::new("INVALID_SIGN", fault.info()))
}

fn read_get(
    gateway: &Gateway,
    request: &Request,
    route: &Route,
    read: &mut Read,
    now_ms: u64,
) -> Result<Call, Refused> {
    let number = route.number.clone().unwrap_or_default();
    let merchant = match &route.merchant {
        Some(merchant) => merchant.clone(),
        None => {
            // XML v1 §6: BUSI_ID and CHARGE_CODE stand in the query string, too.
            let twice = request.parameter("CHARGE_CODE").unwrap_or(&number);
            if twice != number {
                return Err(Refused::parameter("CHARGE_CODE与URL不一致"));
            }
            let id = request.parameter("BUSI_ID");
            id.ok_or_else(|| Refused::parameter("BUSI_ID不可为空"))?.to_owned()
        }
    };
    let (place, known) = registered(gateway, &merchant)?;
    if encrypted(request, read.format.edition)? {
        read.format.encrypt_for = Some(place);
    }
    let series = match request.parameter("serType") {
        None | Some("" | "0") => Series::Merchant,
        Some("1") => Series::Gateway,
        Some("2") if read.operation == Operation::Query => Series::VerifyCode,
        Some(_) => return Err(Refused::parameter("serType无效")),
    };
    match read.operation {
        Operation::Query => Ok(Call::Query { merchant, number, series }),
        Operation::RefundQuery => Ok(Call::RefundQuery { merchant, number, series }),
        Operation::Cancel
        | Operation::Pay
        | Operation::Precreate
        | Operation::JsapiOrder
        | Operation::AlipayOrder
        | Operation::WapOrder
        | Operation::Refund
        | Operation::Revoke
        | Operation::Recharge
        | Operation::BatchQuery
        | Operation::Channels
        | Operation::Login
        | Operation::Activate
        | Operation::Checkin
        | Operation::Notify => {
            let content = format!("chargeCode={number}&busiCode={merchant}");
            check_sign(gateway, request, known, content.as_bytes(), now_ms)?;
            let application = request.parameter("opType") == Some("ACO");
            Ok(Call::Cancel { merchant, number, application })
        }
    }
}

fn read_post(
    gateway: &Gateway,
    request: &Request,
    read: &mut Read,
    now_ms: u64,
) -> Result<Call, Refused> {
    let edition = read.format.edition;
    let by_query = match (edition, request.parameter("busiCode")) {
        (Edition::Json, None | Some("")) => {
            return Err(Refused::parameter("busiCode不可为空"));
        }
        (_, Some(id)) => Some(registered(gateway, id)?),
        (Edition::XmlV1, None) => None,
    };
    let mut body = request.body.clone();
    if encrypted(request, edition)? {
        let (place, merchant) = by_query.ok_or_else(|| Refused::parameter("busiCode不可为空"))?;
        let cipher = gateway.settings.cipher_of(merchant);
        let cipher = cipher.map_err(|_| Refused::parameter("商户Key不能用于3DES"))?;
        read.format.encrypt_for = Some(place);
        body = cipher.open(&body).ok_or_else(|| Refused::parameter("报文解密失败"))?;
    }
    let fields = Fields::read(edition, read.operation, &body)?;
    read.order = fields.text("CHARGE_CODE").unwrap_or_default().to_owned();
    read.gateway_no = fields.text("CHARGE_DOWN_CODE").unwrap_or_default().to_owned();
    if read.operation == Operation::Precreate && fields.is_jsapi(edition) {
        read.operation = Operation::JsapiOrder;
    }
    let id = fields.required("BUSI_ID")?.to_owned();
    let (_, merchant) = registered(gateway, &id)?;
    if by_query.is_some_and(|(_, named)| named.id != id) {
        return Err(Refused::parameter("busiCode与BUSI_ID不一致"));
    }
    let content = match edition {
        Edition::Json => sign::without_blanks(&body),
        Edition::XmlV1 => body,
    };
    check_sign(gateway, request, merchant, &content, now_ms)?;
    let way = match read.operation {
        Operation::Pay => Way::Scanned,
        Operation::Precreate => Way::Native,
        Operation::JsapiOrder => Way::Jsapi,
        Operation::AlipayOrder => Way::AlipayAccount,
        Operation::WapOrder => Way::Wap,
        Operation::Refund
        | Operation::Query
        | Operation::Cancel
        | Operation::RefundQuery
        | Operation::Revoke
        | Operation::Recharge
        | Operation::BatchQuery
        | Operation::Channels
        | Operation::Login
        | Operation::Activate
        | Operation::Checkin
        | Operation::Notify => {
            return fields.refund(edition).map(|new| Call::Refund(Box::new(new)));
        }
    };
    fields.payment(edition, way).map(|new| Call::Order(Box::new(new)))
}
