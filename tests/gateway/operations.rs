//! One-shot operations: what is sent, and what each answer is.

use crate::extras::sosopay_extras;
use crate::support::*;
use cashier::gateway::operation::*;
use cashier::gateway::shouqianba::dictionary::{ErrorCode, OrderStatus};
use cashier::gateway::sosopay::dictionary::{ChannelType, Code, State};
use cashier::gateway::{
    Answer, Extras, Failed, FieldError, Gateway, HttpRequest, HttpResponse, Kind, Method,
    Operation, OperationError,
};
use cashier::id::OrderId;
use cashier::money::Fen;
use cashier::payment::{Channel, Sale};
use cashier::secret::Secret;
use proptest::prelude::*;
use std::time::Duration;

const BASE: &str = "https://gateway.example/openGateway/openService";
const HOST: &str = "https://gateway.example";

/// A gateway with a notification address and every path.
fn whole() -> Gateway {
    let mut settings = settings(Kind::SosopayJson);
    settings.notify_url = Some("https://till.example/notify".to_owned());
    settings.paths.batch_query = Some("batchQuery".to_owned());
    settings.paths.channels = Some("/openGateway/channels".to_owned());
    settings.paths.login = Some("login".to_owned());
    Gateway::new(settings).expect("whole settings")
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// Ten fen, as the samples have it.
fn ten() -> Sale {
    sale_of(ORDER, 10)
}

fn jsapi() -> JsapiOrder {
    JsapiOrder {
        sale: ten(),
        channel: ChannelType::Wechat,
        life: Some(Duration::from_secs(120)),
        sub_appid: Some("wxb1c959c78e070e58".to_owned()),
        sub_openid: "oa58kwTYbuSGryFQKk8SOu-VMi-M".to_owned(),
        extras: Extras { verify_code: Some("915346596237".to_owned()), ..sosopay_extras() },
    }
}

fn alipay() -> AlipayOrder {
    let buyer = Buyer::Both {
        logon_id: "123***@qq.com".to_owned(),
        user_id: "2088123456789012".to_owned(),
    };
    AlipayOrder { sale: ten(), buyer, life: None, extras: sosopay_extras() }
}

fn wap(scene: Scene) -> WapOrder {
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

fn scenes() -> [(Scene, &'static str); 3] {
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

fn recharge() -> Recharge {
    Recharge {
        phone: "13812345678".to_owned(),
        megabytes: 100,
        scope: FlowType::National,
        notify_url: Some("http://127.0.0.1/notify".to_owned()),
    }
}

fn batch() -> BatchQuery {
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

fn login() -> Login {
    Login { username: "oper01".to_owned(), password: secret("pass word") }
}

fn activate() -> Activate {
    Activate {
        vendor_sn: "vendor-1".to_owned(),
        vendor_key: secret("vendor-key"),
        app_id: "2026112000001234".to_owned(),
        code: secret("85471326"),
        client_sn: Some("till-7".to_owned()),
        name: Some("前台".to_owned()),
    }
}

fn check_in() -> CheckIn {
    CheckIn { os_info: Some("Linux".to_owned()), sdk_version: Some("cashier 0.1".to_owned()) }
}

fn ours() -> OrderKey {
    OrderKey::Ours(OrderId::parse(ORDER).expect("a number"))
}

/// Every operation, and the gateway that has it.
fn every() -> Vec<(Gateway, Operation)> {
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

fn field_error(gateway: &Gateway, operation: &Operation) -> String {
    match gateway.check_operation(operation) {
        Err(OperationError::Field(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_fields_of_orders_are_checked_with_their_limits() {
    let jsapi_with = |change: fn(&mut JsapiOrder)| {
        let mut order = jsapi();
        change(&mut order);
        field_error(&whole(), &Operation::JsapiOrder(order))
    };
    let error = jsapi_with(|order| order.sub_openid = String::new());
    assert_eq!(error, "subOpenid must not be empty");
    let error = jsapi_with(|order| order.life = Some(Duration::from_secs(119)));
    assert_eq!(error, "TIME_EXPIRE takes 120 to 86400 seconds, and 119 were given");
    let error = jsapi_with(|order| order.channel = ChannelType::Auto);
    assert_eq!(error, "CHANNEL_TYPE must be a channel of appendix 2 other than 0");
    let error = jsapi_with(|order| order.sale.amount = Fen::ZERO);
    assert_eq!(error, "AMT cannot be 0.00 yuan: an amount of zero cannot be charged");
    let error = jsapi_with(|order| order.extras.life = order.life);
    assert_eq!(error, "TIME_EXPIRE must be given once: as the order's own life");
    let error = jsapi_with(|order| order.extras.reflect = Some("x".to_owned()));
    assert_eq!(error, "reflect: sosopay-json has no such field; leave it out");

    for id in ["208812345678901", "20881234567890123", "2188123456789012", "2088abcdefghijkl"] {
        let buyer = Buyer::UserId(id.to_owned());
        let operation = Operation::AlipayOrder(AlipayOrder { buyer, ..alipay() });
        let error = field_error(&whole(), &operation);
        assert_eq!(error, "buyerId must be 16 digits that start with 2088");
    }
    let [(page, _), ..] = scenes();
    let mut order = wap(page);
    order.life = Some(Duration::from_secs(299));
    let error = field_error(&whole(), &Operation::WapOrder(order.clone()));
    assert_eq!(error, "TIME_EXPIRE takes 300 to 86400 seconds, and 299 were given");
    order.life = None;
    order.return_url = Some("ftp://x".to_owned());
    let error = field_error(&whole(), &Operation::WapOrder(order.clone()));
    assert_eq!(error, "RETURN_URL must be an address with http:// or https://");
    order.return_url = None;
    order.scene = Scene::Ios { app_name: "a".to_owned(), bundle_id: "a b".to_owned() };
    let error = field_error(&whole(), &Operation::WapOrder(order));
    assert_eq!(error, "bundle_id must not have the character U+0020");
}

#[test]
fn the_fields_of_the_others_are_checked_with_their_limits() {
    let recharge_with = |change: fn(&mut Recharge)| {
        let mut it = recharge();
        change(&mut it);
        field_error(&whole(), &Operation::Recharge(it))
    };
    let error = recharge_with(|it| it.phone = "1381234567".to_owned());
    assert_eq!(error, "phoneNo must be a mobile number: 11 digits that start with 1");
    let error = recharge_with(|it| it.megabytes = 0);
    assert_eq!(error, "flowVal takes 1 to 1048576, and 0 was given");
    let error = recharge_with(|it| it.scope = FlowType::read("2"));
    assert_eq!(error, "flowType must be 0 or 1");

    let batch_with = |change: fn(&mut BatchQuery)| {
        let mut it = batch();
        change(&mut it);
        field_error(&whole(), &Operation::BatchQuery(it))
    };
    let error = batch_with(|it| it.page = 0);
    assert_eq!(error, "PageNum takes 1 to 4294967295, and 0 was given");
    let error = batch_with(|it| it.page_size = 101);
    assert_eq!(error, "pageSize takes 1 to 100, and 101 was given");
    let error = batch_with(|it| {
        it.begin = Date::parse("2016-02-01");
        it.end = Date::parse("2016-01-31");
    });
    assert_eq!(error, "endDate must be beginDate or a later day");

    let upay = gateway(Kind::Shouqianba);
    let sn = |text: &str| Operation::Lookup(OrderKey::Gateways(text.to_owned()));
    let error = field_error(&upay, &sn("12345678901234567"));
    assert_eq!(error, "sn takes at most 16 characters, and 17 were given");
    let voucher = || OrderKey::VerifyCode("1".to_owned());
    let error = field_error(&whole(), &Operation::RefundList(voucher()));
    assert!(error.starts_with("serType must be 0 or 1"), "{error}");
    let field = "serType";
    let refused = gateway(Kind::SosopayXml).check_operation(&Operation::Lookup(voucher()));
    let error = FieldError::NotCarried { field, gateway: "sosopay-xml" };
    assert_eq!(refused, Err(OperationError::Field(error)));
    let mut it = activate();
    it.vendor_key = secret("");
    assert_eq!(field_error(&upay, &Operation::Activate(it)), "vendor_key must not be empty");
}

fn answered(operation: &Operation, body: impl Into<Vec<u8>>) -> Result<Answer, Failed> {
    let gateway = match operation {
        Operation::Activate(_) | Operation::CheckIn(_) | Operation::Revoke(_) => {
            gateway(Kind::Shouqianba)
        }
        _ => whole(),
    };
    gateway.decode_operation(operation, &ok(body))
}

const SAMPLE_ORDER: &str = "D3820833-F310-4658-BF98-52959454FCA0";

#[test]
fn json_zh_4_5_all_six_parameters_come_back() {
    let body = vector("sosopay-json/zh-4.5-jsapi-order.json").replace(SAMPLE_ORDER, ORDER);
    let operation = Operation::JsapiOrder(jsapi());
    let Ok(Answer::JsapiOrder(order)) = answered(&operation, body.clone()) else {
        panic!("{:?}", answered(&operation, body))
    };
    assert_eq!(order.gateway_order.as_deref(), Some("20151014100000000950"));
    assert_eq!(order.app_id, "wx77a451e8627239de");
    assert_eq!(order.time_stamp, "1465698073386");
    assert_eq!(order.nonce_str, "53f02f8bdb8942c382787e7ec0d09ab6");
    assert_eq!(order.package_data, "prepay_id=wx2016061210212283e40a2ca90319983999");
    assert_eq!(order.sign_type, "MD5");
    assert_eq!(order.sign, "1C082A5DD99475AEED5938887F8AAC4D");
    for name in ["appId", "timeStamp", "nonceStr", "packageData", "signType", "sign"] {
        let without = body.replace(&format!("\"{name}\""), "\"x\"");
        let answer = answered(&operation, without);
        assert_eq!(short_answer(&answer), "unknown unreadable", "{name}");
    }
    let number = body.replace("\"1465698073386\"", "1465698073386");
    assert_eq!(short_answer(&answered(&operation, number)), "answered");
}

#[test]
fn json_en_5_5_an_alipay_order_gives_alipays_number() {
    let body = vector("sosopay-json/en-5.5-alipay-order.json")
        .replace("c5a8e893-593a-4f0e-bb8d-2d912d6dad59", ORDER);
    let operation = Operation::AlipayOrder(alipay());
    let answer = answered(&operation, body);
    assert_eq!(
        answer,
        Ok(Answer::AlipayOrder(AlipayOrdered {
            gateway_order: Some("20170515100000234527".to_owned()),
            trade_no: "2017051521001004510220799315".to_owned(),
        }))
    );
}

#[test]
fn json_en_6_5_a_wap_order_gives_a_link() {
    let body = vector("sosopay-json/en-6.5-wap-order.json").replace(SAMPLE_ORDER, ORDER);
    let [(page, _), ..] = scenes();
    let answer = answered(&Operation::WapOrder(wap(page)), body);
    assert_eq!(
        answer,
        Ok(Answer::WapOrder(WapOrdered {
            gateway_order: Some("20151014100000000950".to_owned()),
            link: "weixin://wxpay/bizpayurl?pr=59tFp8e".to_owned(),
        }))
    );
}

#[test]
fn an_order_answered_for_another_order_amount_or_merchant_is_no_answer() {
    let body = vector("sosopay-json/zh-4.5-jsapi-order.json");
    let operation = Operation::JsapiOrder(jsapi());
    assert_eq!(short_answer(&answered(&operation, body.clone())), "unknown mismatch");
    let body = body.replace(SAMPLE_ORDER, ORDER);
    for (more, failed) in [
        ("\"AMT\": 11,", "unknown mismatch"),
        ("\"BUSI_ID\": \"0010000002\",", "unknown mismatch"),
        ("\"AMT\": \"10\",", "answered"),
    ] {
        let body = body.replacen("\"RESULT\"", &format!("{more} \"RESULT\""), 1);
        assert_eq!(short_answer(&answered(&operation, body)), failed, "{more}");
    }
    let nameless = body.replace("\"CHARGE_CODE\"", "\"x\"");
    assert_eq!(short_answer(&answered(&operation, nameless)), "unknown unreadable");
}

#[test]
fn json_zh_7_3_a_look_up_reads_every_field() {
    let body = vector("sosopay-json/zh-7.3-query.json")
        .replace("1FD7DA99-997C-4C27-99F9-40C1EC170D5C", ORDER);
    let theirs = OrderKey::Gateways("20151014100000000952".to_owned());
    let voucher = OrderKey::VerifyCode("915346596237".to_owned());
    for key in [ours(), theirs, voucher] {
        let answer = answered(&Operation::Lookup(key), body.clone());
        let Ok(Answer::Order(order)) = answer else { panic!("{answer:?}") };
        assert_eq!(order.order.as_deref(), Some(ORDER));
        assert_eq!(order.state, Some(OrderState::Sosopay(State::Paid)));
        assert_eq!((order.amount, order.received), (Some(Fen::new(1)), Some(Fen::new(1))));
        assert_eq!(order.channel, Some(Channel::Wechat));
        assert_eq!(order.store.as_deref(), Some("02016"));
        assert_eq!(order.end_time.as_deref(), Some("2015-10-14 04:43:29"));
        assert_eq!((order.bills.len(), order.goods), (1, 2));
    }
    let other = OrderKey::Gateways("1".to_owned());
    let answer = answered(&Operation::Lookup(other), body.clone());
    assert_eq!(short_answer(&answer), "unknown mismatch");
    let body = body.replace("0010000001", "0010000002");
    let answer = answered(&Operation::Lookup(ours()), body);
    assert_eq!(short_answer(&answer), "unknown mismatch");
}

#[test]
fn xml_v1_6_and_upay_3_4_are_looked_up_too() {
    let xml = gateway(Kind::SosopayXml);
    let number = "20150324001069125999";
    let key = OrderKey::Ours(OrderId::parse(number).expect("a number"));
    let body = vector("sosopay-xml/v1-6-query.xml");
    let Ok(Answer::Order(order)) = xml.decode_operation(&Operation::Lookup(key), &ok(body)) else {
        panic!("no answer")
    };
    assert_eq!((order.amount, order.goods), (Some(Fen::new(120)), 2));
    assert_eq!(order.trade_no.as_deref(), Some("2015030821001004510081795226"));
    let upay = gateway(Kind::Shouqianba);
    let body = vector("upay/3-4.3-query-partial.json");
    let sn = OrderKey::Gateways("7894259244067349".to_owned());
    for key in [ours(), sn] {
        let Ok(Answer::Order(order)) =
            upay.decode_operation(&Operation::Lookup(key), &ok(body.clone()))
        else {
            panic!("no answer")
        };
        assert_eq!(order.state, Some(OrderState::Shouqianba(OrderStatus::PartialRefunded)));
        assert_eq!(order.received, Some(Fen::new(15700)));
        assert_eq!(order.echo.as_deref(), Some("table 5"));
    }
}

#[test]
fn json_en_10_3_every_refund_of_an_order_is_listed() {
    let key = OrderKey::Gateways("20170622100000235524".to_owned());
    let body = vector("sosopay-json/en-10.3-refund-query.json");
    let Ok(Answer::Refunds(list)) = answered(&Operation::RefundList(key), body) else {
        panic!("no answer")
    };
    assert_eq!(list.refunded, Some(Fen::new(3)));
    assert_eq!(list.order.amount, Some(Fen::new(5)));
    assert_eq!(list.refunds.len(), 3);
    for refund in list.refunds {
        assert_eq!((refund.amount, refund.state), (Some(Fen::new(1)), Some(State::RefundDone)));
        assert_eq!(refund.bills.len(), 1);
    }
}

#[test]
fn json_zh_8_3_success_says_that_the_cancel_was_applied_for() {
    let operation = Operation::ApplyCancel(sale());
    let answer = answered(&operation, vector("sosopay-json/zh-8.3-cancel.json"));
    assert_eq!(answer, Ok(Answer::CancelApplied { already: false }));
    let again = r#"{"CANCELTRADE_RESP":{"RESULT":{"CODE":"AREADY_REVOKED"}}}"#;
    assert_eq!(answered(&operation, again), Ok(Answer::CancelApplied { already: true }));
}

#[test]
fn json_zh_9_5_a_recharge_is_accepted_and_its_status_told() {
    let operation = Operation::Recharge(Recharge {
        phone: "13857142493".to_owned(),
        megabytes: 10,
        ..recharge()
    });
    let body = vector("sosopay-json/zh-9.5-recharge.json");
    let Ok(Answer::Recharge(recharged)) = answered(&operation, body.clone()) else {
        panic!("no answer")
    };
    assert_eq!(recharged.status, RechargeStatus::Recharging);
    assert_eq!(recharged.gateway_order.as_deref(), Some("20170112100000233509"));
    assert_eq!(recharged.platform_order.as_deref(), Some("CT_201701129796"));
    // The table writes RESULT.
    let upper = body.replace("\"result\"", "\"RESULT\"");
    assert_eq!(short_answer(&answered(&operation, upper)), "answered");
    let other = Operation::Recharge(recharge());
    assert_eq!(short_answer(&answered(&other, body.clone())), "unknown mismatch");
    for (text, status) in RechargeStatus::DOCUMENTED {
        let body = body.replace("\"status\": \"1\"", &format!("\"status\": {text}"));
        let Ok(Answer::Recharge(recharged)) = answered(&operation, body) else { panic!("{text}") };
        assert_eq!(recharged.status, *status);
    }
}

#[test]
fn sdk_batch_query_reads_the_orders_whatever_the_root() {
    let operation = Operation::BatchQuery(batch());
    let body = vector("sosopay-json/sdk-batch-query.json");
    for body in [body.clone(), format!(r#"{{"BATCH_QUERY_RESP":{body}}}"#)] {
        let Ok(Answer::Orders(page)) = answered(&operation, body) else { panic!("no answer") };
        assert_eq!((page.count, page.orders.len()), (Some(2), 2));
        let states: Vec<Option<OrderState>> =
            page.orders.into_iter().map(|order| order.state).collect();
        let state = |state| Some(OrderState::Sosopay(state));
        assert_eq!(states, [state(State::Paid), state(State::PartlyRefunded)]);
    }
    let one = r#"{"RESULT":{"CODE":"SUCCESS"},"chargesSize":"1","tradeInfos":{"CHARGE_CODE":"1"}}"#;
    let Ok(Answer::Orders(page)) = answered(&operation, one) else { panic!("no answer") };
    assert_eq!((page.count, page.orders.len()), (Some(1), 1));
    let none = r#"{"RESULT":{"CODE":"SUCCESS"},"chargesSize":0}"#;
    let Ok(Answer::Orders(page)) = answered(&operation, none) else { panic!("no answer") };
    assert_eq!((page.count, page.orders.len()), (Some(0), 0));
    let other = body.replacen("0010000001", "0010000002", 1);
    assert_eq!(short_answer(&answered(&operation, other)), "unknown mismatch");
    let bare = r#"{"RESULT":{"CODE":"SUCCESS"}}"#;
    assert_eq!(short_answer(&answered(&operation, bare)), "unknown unreadable");
}

#[test]
fn sdk_channels_are_read_as_objects_or_numbers() {
    let Ok(Answer::Channels(channels)) =
        answered(&Operation::Channels, vector("sosopay-json/sdk-channels.json"))
    else {
        panic!("no answer")
    };
    let types: Vec<ChannelType> = channels.iter().map(|it| it.channel.clone()).collect();
    assert_eq!(types, [ChannelType::Alipay, ChannelType::Wechat, ChannelType::Qq]);
    assert_eq!(channels.first().and_then(|it| it.name.as_deref()), Some("支付宝"));
    let numbers = r#"{"RESULT":{"CODE":"SUCCESS"},"PAY_CHANNEL_LIST":[1,"24",99]}"#;
    let Ok(Answer::Channels(channels)) = answered(&Operation::Channels, numbers) else {
        panic!("no answer")
    };
    let types: Vec<ChannelType> = channels.into_iter().map(|it| it.channel).collect();
    let unknown = ChannelType::Unknown("99".to_owned());
    assert_eq!(types, [ChannelType::Alipay, ChannelType::Baidu, unknown]);
}

#[test]
fn sdk_table_9_2_a_login_gives_every_permission() {
    let operation = Operation::Login(login());
    let body = vector("sosopay-json/sdk-login.json");
    let Ok(Answer::Login(it)) = answered(&operation, body.clone()) else { panic!("no answer") };
    assert_eq!(it.user.user_type, Some(UserType::WithRefund));
    assert_eq!((it.user.is_enabled, it.user.is_deleted), (Some(true), Some(false)));
    assert_eq!((it.user.is_online, it.user.imei.as_deref()), (Some(true), Some("860000000000001")));
    assert_eq!(it.company.amount_limit, Some(Fen::new(500_000)));
    assert_eq!(it.company.refund_at_scene, Some(true));
    assert_eq!(it.company.time_limit, Some(Duration::from_secs(180)));
    assert_eq!(it.company.charge_mode, Some(ChargeMode::Cashier));
    assert_eq!(it.company.status, Some(CompanyStatus::Passed));
    assert_eq!(it.company.uploads_goods, Some(true));
    assert!(it.may_refund(MERCHANT) && !it.may_refund("0010000002"));
    for (right, wrong) in [
        ("\"userType\": \"2\"", "\"userType\": \"1\""),
        ("\"userType\": \"2\"", "\"userType\": \"3\""),
        ("\"loginFlag\": \"1\"", "\"loginFlag\": 0"),
        ("\"useable\": \"1\"", "\"useable\": \"0\""),
        ("\"code\"", "\"x\""),
        ("\"delFlag\": \"0\"", "\"delFlag\": 1"),
    ] {
        let Ok(Answer::Login(it)) = answered(&operation, body.replace(right, wrong)) else {
            panic!("{wrong}")
        };
        assert!(!it.may_refund(MERCHANT), "{wrong}");
    }
    let yes = body.replace("\"success\": \"true\"", "\"success\": true");
    assert_eq!(short_answer(&answered(&operation, yes)), "answered");
}

#[test]
fn a_refused_login_is_a_refusal_in_the_gateways_words() {
    let operation = Operation::Login(login());
    let answer = answered(&operation, vector("sosopay-json/sdk-login-refused.json"));
    let Err(Failed::Refused(decline)) = answer else { panic!("{answer:?}") };
    assert_eq!(decline.why.name(), "login_refused");
    assert_eq!(decline.said.as_deref(), Some("Account/password error"));
    for (body, failed) in [
        (r#"{"success":"maybe"}"#, "unknown unknown_code"),
        (r#"{"user":{}}"#, "unknown unreadable"),
        (r#"{"RESULT":{"CODE":"INVALID_SIGN"}}"#, "refused bad_signature"),
    ] {
        assert_eq!(short_answer(&answered(&operation, body)), failed);
    }
}

#[test]
fn a_terminal_gets_its_number_and_key() {
    let answer = answered(&Operation::Activate(activate()), vector("upay/activate.json"));
    let Ok(Answer::Terminal(terminal)) = answer else { panic!("{answer:?}") };
    assert_eq!(terminal.terminal_sn, "100111220000001");
    assert_eq!(terminal.key.expose(), "d2ae31f2d7e04b2d9e8b1c0f3a5e6b70");
    assert!(terminal.labels.contains(&("store_name", "西湖店".to_owned())));
    let debug = format!("{terminal:?}");
    assert!(!debug.contains("d2ae31f2"), "{debug}");

    let operation = Operation::CheckIn(check_in());
    let body = vector("upay/checkin.json");
    let Ok(Answer::Terminal(terminal)) = answered(&operation, body.clone()) else {
        panic!("no answer")
    };
    assert_eq!(terminal.terminal_sn, TERMINAL);
    assert_eq!(terminal.key.expose(), "9c1f0b7e6d5a4c3b2a19087f6e5d4c3b");
    for (right, wrong, failed) in [
        (TERMINAL, "another", "unknown mismatch"),
        ("terminal_key", "key", "unknown unreadable"),
        ("\"200\"", "\"400\", \"error_code\": \"ILLEGAL_SIGN\"", "refused bad_signature"),
        ("\"200\"", "\"400\", \"error_code\": \"INVALID_PARAMS\"", "refused bad_parameter"),
        ("\"200\"", "\"500\", \"error_code\": \"UNKNOWN_SYSTEM_ERROR\"", "unknown gateway_fault"),
        (
            "\"biz_response\": {",
            "\"biz_response\": { \"result_code\": \"ELSE\",",
            "unknown unknown_code",
        ),
        ("\"biz_response\": {", "\"biz_response\": { \"result_code\": \"SUCCESS\",", "answered"),
        ("\"biz_response\"", "\"biz\"", "unknown unreadable"),
    ] {
        let answer = answered(&operation, body.replacen(right, wrong, 1));
        assert_eq!(short_answer(&answer), failed, "{wrong}");
    }
}

#[test]
fn a_revoke_answers_as_a_cancel_does() {
    let operation = Operation::Revoke(sale_of("22345677767776", 1));
    let body = vector("upay/2-3.2-xi-cancel-success.json");
    assert_eq!(short_answer(&answered(&operation, body.clone())), "answered");
    for (right, wrong, failed) in [
        ("22345677767776", "another", "unknown mismatch"),
        ("CANCEL_SUCCESS", "CANCEL_ERROR", "unknown wallet_uncertain"),
        ("CANCEL_SUCCESS", "CANCEL_IN_PROGRESS", "unknown still_pending"),
    ] {
        let answer = answered(&operation, body.replacen(right, wrong, 1));
        assert_eq!(short_answer(&answer), failed, "{wrong}");
    }
    let fail = |code: &str| {
        format!(
            r#"{{"result_code":"200","biz_response":{{"result_code":"FAIL","error_code":"{code}"}}}}"#
        )
    };
    let gone = answered(&operation, fail("UPAY_ORDER_NOT_EXISTS"));
    assert_eq!(short_answer(&gone), "not found");
    let state = answered(&operation, fail("UPAY_CANCEL_INVALID_ORDER_STATE"));
    assert_eq!(short_answer(&state), "unknown ask_again");
}

#[test]
fn appendix_5_every_return_code_of_an_operation_has_its_meaning() {
    let [(page, _), ..] = scenes();
    for (operation, root) in [
        (Operation::JsapiOrder(jsapi()), "ORDER_RESP"),
        (Operation::AlipayOrder(alipay()), "ORDER_RESP"),
        (Operation::WapOrder(wap(page)), "ORDER_RESP"),
        (Operation::Lookup(ours()), "QUERY_RESP"),
        (Operation::RefundList(ours()), "REFUND_QUERY_RESP"),
        (Operation::ApplyCancel(sale()), "CANCELTRADE_RESP"),
        (Operation::Recharge(recharge()), "x"),
        (Operation::BatchQuery(batch()), "x"),
        (Operation::Channels, "x"),
        (Operation::Login(login()), "x"),
    ] {
        let is_order = root == "ORDER_RESP";
        for (text, code) in Code::DOCUMENTED {
            let body = format!(r#"{{"{root}":{{"RESULT":{{"CODE":"{text}"}}}}}}"#);
            let xml = format!("<{root}><RESULT><CODE>{text}</CODE></RESULT></{root}>");
            let meaning = match code {
                Code::Success => continue,
                Code::IllegalParameter => "refused bad_parameter",
                Code::InvalidSign => "refused bad_signature",
                Code::AmtError => "refused amount_rejected",
                Code::InvalidContract => "refused invalid_contract",
                Code::UnregisteredBusi => "refused unknown_merchant",
                Code::AlreadyRevoked if root == "CANCELTRADE_RESP" => "answered",
                Code::ChargeNonexistent if !is_order => "not found",
                Code::ChargeNonexistent
                | Code::Fail
                | Code::SerialRepeat
                | Code::AlreadyRevoked => "unknown ask_again",
                Code::DatabaseError
                | Code::Exception
                | Code::ServiceUnavailable
                | Code::HttpException
                | Code::IoException
                | Code::CreateSecurityConnectionError => "unknown gateway_fault",
                Code::Unknown(_) => "unknown unknown_code",
            };
            for body in [body, xml] {
                let answer = answered(&operation, body);
                assert_eq!(short_answer(&answer), meaning, "{} {text}", operation.name());
            }
        }
        let new = format!(r#"{{"{root}":{{"RESULT":{{"CODE":"NEW_ONE"}}}}}}"#);
        assert_eq!(short_answer(&answered(&operation, new)), "unknown unknown_code");
    }
}

#[test]
fn upay_4_5_no_error_code_of_an_operation_is_an_answer() {
    let upay = gateway(Kind::Shouqianba);
    for operation in [
        Operation::Lookup(ours()),
        Operation::Activate(activate()),
        Operation::CheckIn(check_in()),
        Operation::Revoke(sale()),
    ] {
        for (text, code) in ErrorCode::DOCUMENTED {
            let outer = format!(r#"{{"result_code":"400","error_code":"{text}"}}"#);
            let inner = format!(
                r#"{{"result_code":"200","biz_response":{{"result_code":"FAIL","error_code":"{text}"}}}}"#
            );
            for body in [outer, inner] {
                let failed = upay.decode_operation(&operation, &ok(body)).expect_err("a failure");
                match code {
                    ErrorCode::OrderNotExist => assert_eq!(failed, Failed::NotFound),
                    ErrorCode::UnknownSystemError
                    | ErrorCode::Maintenance
                    | ErrorCode::UnexpectedProviderError => {
                        assert_eq!(failed.name(), "gateway_fault");
                    }
                    _ => assert_ne!(failed, Failed::NotFound, "{text}"),
                }
                assert!(failed.said().is_none_or(|said| said.contains(text)), "{failed:?}");
            }
        }
    }
}

#[test]
fn i4_only_status_200_is_believed_of_an_operation() {
    for (gateway, operation) in every() {
        for (status, name) in [(500, "gateway_fault"), (302, "unreadable"), (404, "unreadable")] {
            let response = HttpResponse { status, body: b"{\"success\":true}".to_vec() };
            let failed = gateway.decode_operation(&operation, &response).expect_err("a failure");
            assert_eq!(failed.name(), name);
        }
    }
}

proptest! {
    #[test]
    fn i15_no_bytes_panic_and_none_are_an_answer(
        body in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        for (gateway, operation) in every() {
            let answer = gateway.decode_operation(&operation, &ok(body.clone()));
            prop_assert!(answer.is_err(), "{:?}", answer);
        }
    }

    /// A sample with a few bytes damaged is an answer of the same kind, or none.
    #[test]
    fn i15_a_damaged_answer_never_panics(
        which in 0usize..6, at in any::<prop::sample::Index>(), byte in any::<u8>(),
        count in 0usize..4,
    ) {
        let [(page, _), ..] = scenes();
        let json = |name: &str| vector(&format!("sosopay-json/{name}.json"));
        let (operation, body) = [
            (Operation::JsapiOrder(jsapi()), json("zh-4.5-jsapi-order")),
            (Operation::WapOrder(wap(page)), json("en-6.5-wap-order")),
            (Operation::Lookup(ours()), json("zh-7.3-query")),
            (Operation::BatchQuery(batch()), json("sdk-batch-query")),
            (Operation::Login(login()), json("sdk-login")),
            (Operation::Channels, json("sdk-channels")),
        ]
        .into_iter()
        .nth(which)
        .expect("one of them");
        let mut bytes = body.replace(SAMPLE_ORDER, ORDER).into_bytes();
        let at = at.index(bytes.len());
        let end = (at + count).min(bytes.len());
        bytes.splice(at..end, [byte]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Ok(Answer::JsapiOrder(_) | Answer::WapOrder(_) | Answer::Order(_)) =
            answered(&operation, bytes)
        {
            prop_assert!(text.contains(ORDER));
        }
    }
}
