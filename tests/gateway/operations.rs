//! One-shot operations: what is sent, and what each answer is.

use crate::extras::sosopay_extras;
use crate::support::*;
use cashier::gateway::operation::*;
use cashier::gateway::sosopay::dictionary::{ChannelType, State};
use cashier::gateway::{
    Answer, Extras, Failed, Gateway, HttpRequest, Kind, Method, Operation, OperationError,
    ResponseFormat,
};
use cashier::id::OrderId;
use cashier::payment::Sale;
use cashier::secret::Secret;
use std::time::Duration;

const BASE: &str = "https://gateway.example/openGateway/openService";
const HOST: &str = "https://gateway.example";

/// A gateway with a notification address and every path.
pub fn whole() -> Gateway {
    whole_in(ResponseFormat::Json)
}

fn whole_in(response: ResponseFormat) -> Gateway {
    let mut settings = settings(Kind::SosopayJson);
    settings.response = response;
    settings.notify_url = Some("https://till.example/notify".to_owned());
    settings.paths.batch_query = Some("batchQuery".to_owned());
    settings.paths.channels = Some("/openGateway/channels".to_owned());
    settings.paths.login = Some("login".to_owned());
    Gateway::new(settings).expect("whole settings")
}

pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// Ten fen, as the samples have it.
fn ten() -> Sale {
    sale_of(ORDER, 10)
}

pub fn jsapi() -> JsapiOrder {
    JsapiOrder {
        sale: ten(),
        channel: ChannelType::Wechat,
        life: Some(Duration::from_secs(120)),
        sub_appid: Some("wxb1c959c78e070e58".to_owned()),
        sub_openid: "oa58kwTYbuSGryFQKk8SOu-VMi-M".to_owned(),
        extras: Extras { verify_code: Some("915346596237".to_owned()), ..sosopay_extras() },
    }
}

pub fn alipay() -> AlipayOrder {
    let buyer = Buyer::Both {
        logon_id: "123***@qq.com".to_owned(),
        user_id: "2088123456789012".to_owned(),
    };
    AlipayOrder { sale: ten(), buyer, life: None, extras: sosopay_extras() }
}

pub fn wap(scene: Scene) -> WapOrder {
    WapOrder {
        sale: ten(),
        channel: ChannelType::Wechat,
        life: Some(Duration::from_secs(300)),
        scene,
        return_url: Some("http://www.sssyin.cn".to_owned()),
        customer_ip: "192.168.1.100".parse().expect("an address"),
        extras: sosopay_extras(),
    }
}

pub fn scenes() -> [(Scene, &'static str); 3] {
    let app_name = || "King of God".to_owned();
    let page = Scene::Wap { url: "https://pay.qq.com".to_owned(), name: "腾讯充值".to_owned() };
    let bundle_id = "com.tencent.wzryIOS".to_owned();
    let package_name = "com.tencent.tmgp.sgame".to_owned();
    [
        (page, "wap"),
        (Scene::Ios { app_name: app_name(), bundle_id }, "ios"),
        (Scene::Android { app_name: app_name(), package_name }, "android"),
    ]
}

pub fn recharge() -> Recharge {
    Recharge {
        phone: "13812345678".to_owned(),
        megabytes: 100,
        scope: FlowType::National,
        notify_url: Some("http://127.0.0.1/notify".to_owned()),
    }
}

pub fn batch() -> BatchQuery {
    BatchQuery {
        state: None,
        begin: None,
        end: None,
        operator: None,
        channel: None,
        order: None,
        page: 1,
        page_size: 10,
    }
}

pub fn login() -> Login {
    Login { username: "oper01".to_owned(), password: secret("pass word") }
}

pub fn activate() -> Activate {
    Activate {
        vendor_sn: "vendor-1".to_owned(),
        vendor_key: secret("vendor-key"),
        app_id: "2026112000001234".to_owned(),
        code: secret("85471326"),
        client_sn: Some("till-7".to_owned()),
        name: Some("前台".to_owned()),
    }
}

pub fn check_in() -> CheckIn {
    CheckIn { os_info: Some("Linux".to_owned()), sdk_version: Some("cashier 0.1".to_owned()) }
}

pub fn ours() -> OrderKey {
    OrderKey::Ours(OrderId::parse(ORDER).expect("a number"))
}

/// Every operation, and the gateway that has it.
pub fn every() -> Vec<(Gateway, Operation)> {
    let upay = || gateway(Kind::Shouqianba);
    let [(scene, _), ..] = scenes();
    vec![
        (whole(), Operation::JsapiOrder(jsapi())),
        (whole(), Operation::AlipayOrder(alipay())),
        (whole(), Operation::WapOrder(wap(scene))),
        (whole(), Operation::Lookup(ours())),
        (gateway(Kind::SosopayXml), Operation::Lookup(ours())),
        (upay(), Operation::Lookup(ours())),
        (whole(), Operation::RefundList(ours())),
        (whole(), Operation::ApplyCancel(sale())),
        (whole(), Operation::Recharge(recharge())),
        (whole(), Operation::BatchQuery(batch())),
        (whole(), Operation::Channels),
        (whole(), Operation::Login(login())),
        (upay(), Operation::Activate(activate())),
        (upay(), Operation::CheckIn(check_in())),
        (upay(), Operation::Revoke(sale())),
    ]
}

fn sent(gateway: &Gateway, operation: &Operation) -> HttpRequest {
    gateway.encode_operation(operation, AT).expect("an operation that the gateway takes")
}

fn assert_posted(operation: &Operation, path: &str, body: &str, sign: &str) {
    let sent = sent(&whole(), operation);
    let url = format!("{BASE}/{path}?sign={sign}:1473431447&_type=json&busiCode={MERCHANT}");
    let body = vector(&format!("sosopay-json/{body}.json"));
    assert_eq!(String::from_utf8_lossy(&sent.body), body.trim_end());
    assert_eq!((sent.method, sent.url), (Method::Post, url));
}

/// The signs: as in `requests.rs`.
#[test]
fn json_zh_4_3_a_jsapi_order_is_an_order_with_the_customers_openid() {
    let sign = "4e1d206c2581ddb50ad8f54d06b9a3aa";
    assert_posted(&Operation::JsapiOrder(jsapi()), "order", "request-jsapi", sign);
}

#[test]
fn json_en_5_3_an_alipay_order_names_its_buyer() {
    let sign = "556b522b0137d539d7263c4643d8dd16";
    assert_posted(&Operation::AlipayOrder(alipay()), "creatOrder", "request-alipay", sign);
    for (buyer, has, has_not) in [
        (Buyer::LogonId("a@b.cn".to_owned()), "buyerLogonId", "buyerId\""),
        (Buyer::UserId("2088123456789012".to_owned()), "buyerId", "buyerLogonId"),
    ] {
        let sent = sent(&whole(), &Operation::AlipayOrder(AlipayOrder { buyer, ..alipay() }));
        let body = String::from_utf8(sent.body).expect("text");
        assert!(body.contains(has) && !body.contains(has_not), "{body}");
    }
}

#[test]
fn json_en_6_2_a_wap_order_has_one_of_three_scenes() {
    let signs = [
        "63bf1a0e69dac11f1c21ae0ccfaec6ee",
        "022c1a83c7a363fefe4c765f40b685c2",
        "7b9c307aed2d551e4707faefe65b2b64",
    ];
    for ((scene, name), sign) in scenes().into_iter().zip(signs) {
        let operation = Operation::WapOrder(wap(scene));
        assert_posted(&operation, "wapOrder", &format!("request-wap-{name}"), sign);
    }
}

/// Every field of a sample is sent, with its value where the value is not our own number or wallet.
#[test]
fn the_samples_of_orders_have_no_field_that_is_not_sent() {
    let [(page, _), ..] = scenes();
    for (operation, sample, added) in [
        (Operation::JsapiOrder(jsapi()), "zh-4.3-jsapi-request", vec!["TIME_EXPIRE"]),
        (Operation::AlipayOrder(alipay()), "en-5.3-alipay-request", vec![]),
        (
            Operation::WapOrder(wap(page)),
            "en-6.3-wap-request",
            vec!["SPBILL_CREATE_IP", "TIME_EXPIRE"],
        ),
    ] {
        let parse = |text: &str| -> serde_json::Map<String, serde_json::Value> {
            serde_json::from_str(text).expect("an object")
        };
        let sample = parse(&vector(&format!("sosopay-json/{sample}.json")));
        let sent = parse(&String::from_utf8_lossy(&sent(&whole(), &operation).body));
        for name in sample.keys() {
            assert!(sent.contains_key(name), "{name} is not sent by {}", operation.name());
        }
        for name in sent.keys().filter(|name| !sample.contains_key(*name)) {
            assert!(added.contains(&name.as_str()), "{name} is in no sample");
        }
        for same in ["BUSI_ID", "REGISTER_ID", "MERCHANTPARA", "GOODS_DETAIL", "TRADE_TYPE"] {
            assert_eq!(sent.get(same), sample.get(same), "{same}");
        }
    }
}

#[test]
fn json_zh_7_an_order_is_looked_up_by_any_of_its_numbers() {
    let theirs = || OrderKey::Gateways("20151014100000000952".to_owned());
    let voucher = OrderKey::VerifyCode("915346596237".to_owned());
    for (operation, path) in [
        (Operation::Lookup(ours()), format!("query/{ORDER}/{MERCHANT}?_type=json")),
        (
            Operation::Lookup(theirs()),
            format!("query/20151014100000000952/{MERCHANT}?_type=json&serType=1"),
        ),
        (Operation::Lookup(voucher), format!("query/915346596237/{MERCHANT}?_type=json&serType=2")),
        (Operation::RefundList(ours()), format!("refundQuery/{ORDER}/{MERCHANT}?_type=json")),
        (
            Operation::RefundList(theirs()),
            format!("refundQuery/20151014100000000952/{MERCHANT}?_type=json&serType=1"),
        ),
    ] {
        let sent = sent(&whole(), &operation);
        assert_eq!(sent.url, format!("{BASE}/{path}"));
        assert_eq!((sent.method, sent.body), (Method::Get, vec![]));
    }
}

#[test]
fn json_zh_8_a_cancel_that_is_applied_for_says_aco() {
    let sent = sent(&whole(), &Operation::ApplyCancel(sale()));
    let sign = "8f5e45e36c140a15958ef6a822049624:1473431447";
    let url = format!("{BASE}/cancelTrade/{ORDER}/{MERCHANT}?sign={sign}&_type=json&opType=ACO");
    assert_eq!((sent.method, sent.url), (Method::Get, url));
}

#[test]
fn json_zh_9_a_recharge_goes_to_the_service_beside() {
    let sign = "c9232cb7ebc6e5869be785db1eb7ba0e:1473431447";
    let posted = sent(&whole(), &Operation::Recharge(recharge()));
    let path = format!("platService/flowRecharge/{MERCHANT}?sign={sign}");
    assert_eq!(posted.url, format!("{HOST}/openGateway/{path}"));
    let body = String::from_utf8(posted.body).expect("text");
    assert_eq!(body, vector("sosopay-json/request-recharge.json").trim_end());
    // The sample, to the byte.
    assert_eq!(body, vector("sosopay-json/zh-9.3-recharge-request.json").trim_end());

    let mut elsewhere = settings(Kind::SosopayJson);
    elsewhere.base_url = format!("{HOST}/api");
    let nowhere = Gateway::new(elsewhere.clone()).expect("whole settings");
    let error = nowhere.check_operation(&Operation::Recharge(recharge())).err();
    let (key, operation) = ("gateway.paths.recharge", "recharge");
    assert_eq!(error, Some(OperationError::MissingSetting { key, operation }));
    elsewhere.paths.recharge = Some("/flow".to_owned());
    let placed = Gateway::new(elsewhere).expect("whole settings");
    let posted = sent(&placed, &Operation::Recharge(recharge()));
    assert_eq!(posted.url, format!("{HOST}/flow/{MERCHANT}?sign={sign}"));
}

#[test]
fn sdk_the_configured_operations_carry_the_tables_fields() {
    let asked = Operation::BatchQuery(BatchQuery {
        state: Some(State::Paid),
        begin: Date::parse("2016-01-01"),
        end: Date::parse("2016-01-31"),
        operator: Some("操作 1".to_owned()),
        channel: Some(ChannelType::Alipay),
        order: Some(OrderId::parse(ORDER).expect("a number")),
        page: 2,
        page_size: 50,
    });
    let request = sent(&whole(), &asked);
    let url = format!(
        "{BASE}/batchQuery?_type=json&state=1&beginDate=2016-01-01&endDate=2016-01-31\
         &busiCode={MERCHANT}&userId=%E6%93%8D%E4%BD%9C%201&ChannelType=1&PageNum=2&pageSize=50\
         &ChargeCode={ORDER}"
    );
    assert_eq!((request.method, request.url), (Method::Get, url));
    // Its table has no call without `_type`.
    let request = sent(&whole_in(ResponseFormat::Xml), &Operation::BatchQuery(batch()));
    let url = format!("{BASE}/batchQuery?_type=xml&busiCode={MERCHANT}&PageNum=1&pageSize=10");
    assert_eq!(request.url, url);
    let request = sent(&whole(), &Operation::Channels);
    let url = format!("{HOST}/openGateway/channels?_type=json&busiCode={MERCHANT}");
    assert_eq!((request.method, request.url), (Method::Get, url));
    let sign = "32a64e8361319c1c4a194eb64e388062";
    assert_posted(&Operation::Login(login()), "login", "request-login", sign);
}

#[test]
fn i17_a_password_is_in_no_address_and_no_debug_output() {
    let request = sent(&whole(), &Operation::Login(login()));
    assert!(!request.url.contains("pass"), "{}", request.url);
    let text = format!("{request:?} {:?} {:?}", login(), activate());
    assert!(!text.contains("pass word") && !text.contains("vendor-key"), "{text}");
    assert!(!whole().redact(&request.body).contains("pass word"));
}

#[test]
fn an_operation_without_an_address_says_which_setting_is_missing_and_who_has_it() {
    let bare = gateway(Kind::SosopayJson);
    for (operation, key) in [
        (Operation::BatchQuery(batch()), "gateway.paths.batch_query"),
        (Operation::Channels, "gateway.paths.channels"),
        (Operation::Login(login()), "gateway.paths.login"),
    ] {
        let error = bare.check_operation(&operation).expect_err("no address");
        assert_eq!(bare.encode_operation(&operation, AT), Err(error.clone()));
        let text = error.to_string();
        assert!(text.starts_with(key) && text.contains("the acquirer supplies it"), "{text}");
    }
}

#[test]
fn each_gateway_says_what_it_has_not() {
    for (has, operation) in every() {
        assert_eq!(has.check_operation(&operation), Ok(()), "{}", operation.name());
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != has.kind()) {
            let other = gateway(kind);
            let (operation_name, gateway_name) = (operation.name(), kind.name());
            let refused = other.check_operation(&operation);
            if matches!(operation, Operation::Lookup(_)) {
                assert_eq!(refused, Ok(()));
                continue;
            }
            let unsupported =
                OperationError::Unsupported { operation: operation_name, gateway: gateway_name };
            assert_eq!(refused, Err(unsupported.clone()));
            assert_eq!(other.encode_operation(&operation, AT), Err(unsupported));
        }
    }
}

#[test]
fn upay_asks_activates_and_checks_in() {
    let upay = gateway(Kind::Shouqianba);
    let lookup = Operation::Lookup(OrderKey::Gateways("7894259244067349".to_owned()));
    for (operation, path, body, authorization) in [
        (
            Operation::Lookup(ours()),
            "upay/v2/query",
            "request-query",
            "1122234-dewls02s2 1d4d85e69584369ba5dd569daf2f3803",
        ),
        (
            lookup,
            "upay/v2/query",
            "request-query-sn",
            "1122234-dewls02s2 6c8a78624b6e888f4c4a12520b96335d",
        ),
        (
            Operation::Revoke(sale()),
            "upay/v2/revoke",
            "request-query",
            "1122234-dewls02s2 1d4d85e69584369ba5dd569daf2f3803",
        ),
        (
            Operation::Activate(activate()),
            "terminal/activate",
            "request-activate",
            "vendor-1 57121256eae6ede8183027e6efa37ff9",
        ),
        (
            Operation::CheckIn(check_in()),
            "terminal/checkin",
            "request-checkin",
            "1122234-dewls02s2 9ea1582c61d86033e58f98537cf71f88",
        ),
    ] {
        let sent = sent(&upay, &operation);
        assert_eq!((sent.method, sent.url), (Method::Post, format!("{BASE}/{path}")));
        let body = vector(&format!("upay/{body}.json"));
        assert_eq!(String::from_utf8_lossy(&sent.body), body.trim_end());
        assert!(sent.headers.contains(&("Authorization", authorization.to_owned())), "{path}");
    }
}

#[test]
fn a_key_from_a_check_in_signs_from_then_on_and_both_keys_stay_masked() {
    let old = gateway(Kind::Shouqianba);
    let new = old.with_key(secret("fresh-terminal-key"));
    let request = query(sale());
    let signed = |gateway: &Gateway| gateway.encode(&request, AT).expect("a query").headers;
    assert_ne!(signed(&old), signed(&new));
    // `printf '%s' "${BODY}fresh-terminal-key" | md5sum`
    let header = "1122234-dewls02s2 a64944e167e17d9345601dca96534ffa";
    assert!(signed(&new).contains(&("Authorization", header.to_owned())), "{:?}", signed(&new));
    let text = new.redact(format!("{KEY} fresh-terminal-key").as_bytes());
    assert_eq!(text, "*** ***");
    assert_eq!(signed(&new.with_key(secret(KEY))), signed(&old));
}

pub fn answered(operation: &Operation, body: impl Into<Vec<u8>>) -> Result<Answer, Failed> {
    let gateway = match operation {
        Operation::Activate(_) | Operation::CheckIn(_) | Operation::Revoke(_) => {
            gateway(Kind::Shouqianba)
        }
        _ => whole(),
    };
    gateway.decode_operation(operation, &ok(body))
}
