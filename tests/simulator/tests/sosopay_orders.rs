//! SOSOPAY's orders that wait for their customer: NATIVE, JSAPI, creatOrder and wapOrder.

mod wire;

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Kind, Simulator, State};
use wire::*;

async fn gateway() -> Simulator {
    start(settings(Kind::SosopayJson)).await
}

/// The fields every order has (JSON zh table 3.3), and those given.
fn order(number: &str, more: &[(&str, Value)]) -> Value {
    let mut body = json!({
        "AMT": "0.1", "BUSI_ID": MERCHANT, "CHANNEL_TYPE": "2", "DEV_ID": "dev1",
        "PAY_SUBJECT": "嗖嗖产品1", "OPER_ID": "oper1", "CHARGE_CODE": number,
    });
    for (name, value) in more {
        body[*name] = value.clone();
    }
    body
}

async fn place(gateway: &Simulator, operation: &str, body: &Value) -> Value {
    sosopay_post(gateway.address(), operation, &body.to_string()).await["ORDER_RESP"].take()
}

async fn code(gateway: &Simulator, operation: &str, body: &Value) -> String {
    place(gateway, operation, body).await["RESULT"]["CODE"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn an_official_account_order_gets_its_six_parameters() {
    let gateway = gateway().await;
    let body = order(
        "a",
        &[
            ("TRADE_TYPE", json!("JSAPI")),
            ("subAppid", json!("wxb1c959c78e070e58")),
            ("subOpenid", json!("oa58kwTYbuSGryFQKk8SOu-VMi-M")),
            ("MERCHANTPARA", json!("111111111111111111111111")),
        ],
    );
    let answer = place(&gateway, "order", &body).await;
    assert_eq!(answer["RESULT"]["CODE"], "SUCCESS");
    assert_eq!(answer["CHARGE_CODE"], "a");
    assert_eq!(answer["MERCHANTPARA"], "111111111111111111111111");
    assert_eq!(answer["timeStamp"], (EPOCH * 1000).to_string());
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    let signed = format!(
        "appId={}&nonceStr={}&package={}&signType=MD5&timeStamp={}&key=simulated-wechat-key",
        text("appId"),
        text("nonceStr"),
        text("packageData"),
        text("timeStamp"),
    );
    assert_eq!(text("sign"), md5_hex(signed.as_bytes()).to_uppercase());
    assert_eq!((text("signType").as_str(), text("nonceStr").len()), ("MD5", 32));
    assert!(text("packageData").starts_with("prepay_id=wx"));
    assert!(answer["BAR_CODE"].is_null());
    // The phone pays on the page that was given the parameters.
    gateway.control().phone_pay(&text("packageData")).unwrap();
    assert_eq!(sosopay_query(gateway.address(), "a").await["STATE"], 1);
}

#[tokio::test(start_paused = true)]
async fn an_official_account_order_needs_its_customer_and_wechat() {
    let gateway = gateway().await;
    let jsapi = ("TRADE_TYPE", json!("JSAPI"));
    let nobody = order("a", std::slice::from_ref(&jsapi));
    assert_eq!(code(&gateway, "order", &nobody).await, "ILLEGAL_PARAMETER");
    let who = ("subOpenid", json!("o1"));
    let alipay = order("a", &[jsapi.clone(), who.clone(), ("CHANNEL_TYPE", json!("1"))]);
    assert_eq!(code(&gateway, "order", &alipay).await, "ILLEGAL_PARAMETER");
    for kind in ["APP", "BARTER"] {
        let other = order("a", &[("TRADE_TYPE", json!(kind)), who.clone()]);
        assert_eq!(code(&gateway, "order", &other).await, "ILLEGAL_PARAMETER", "{kind}");
    }
    assert!(gateway.control().orders().is_empty());
    let native = order("a", &[("TRADE_TYPE", json!("NATIVE"))]);
    assert_eq!(code(&gateway, "order", &native).await, "SUCCESS");
    assert_eq!(code(&gateway, "order", &order("a", &[jsapi, who])).await, "SERIAL_REPEAT");
}

#[tokio::test(start_paused = true)]
async fn an_alipay_order_is_known_by_alipays_number() {
    let gateway = gateway().await;
    let buyer = ("buyerLogonId", json!("123***@qq.com"));
    let body = order("a", &[buyer.clone(), ("TIME_EXPIRE", json!(120))]);
    let answer = place(&gateway, "creatOrder", &body).await;
    assert_eq!(
        answer,
        json!({
            "BEGIN_TIME": "", "END_TIME": "",
            "RESULT": {"CODE": "SUCCESS", "INFO": "请求成功!"},
            "CHARGE_CODE": "a",
            "CHARGE_DOWN_CODE": "20160909100000000000",
            "CHARGE_THIRD_CODE": "1006101016201609090000000000",
        })
    );
    let found = sosopay_query(gateway.address(), "a").await;
    assert_eq!((found["STATE"].as_i64(), found["CHANNEL_TYPE"].as_i64()), (Some(0), Some(1)));
    tokio::time::advance(Duration::from_secs(120)).await;
    assert_eq!(sosopay_query(gateway.address(), "a").await["STATE"], 6);

    let id = order("b", &[("buyerId", json!("2088102122458832"))]);
    place(&gateway, "creatOrder", &id).await;
    gateway.control().phone_pay("1006101016201609090000000001").unwrap();
    assert_eq!(gateway.control().order("b").unwrap().state, State::Paid);
    for odd in [
        order("c", &[]),
        order("c", &[("buyerId", json!("2088"))]),
        order("c", &[("buyerId", json!("1088102122458832")), buyer.clone()]),
        order("c", &[buyer.clone(), ("CHANNEL_TYPE", json!("3"))]),
        order("c", &[buyer.clone(), ("TIME_EXPIRE", json!(119))]),
    ] {
        assert_eq!(code(&gateway, "creatOrder", &odd).await, "ILLEGAL_PARAMETER", "{odd}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_mobile_page_gets_a_link_for_each_scene() {
    let gateway = gateway().await;
    let scenes = [
        json!({"h5_info": {"type": "IOS", "app_name": "King", "bundle_id": "com.x"}}),
        json!({"h5_info": {"type": "Android", "app_name": "King", "package_name": "com.y"}}),
        json!({"h5_info": {"type": "Wap", "wap_url": "https://pay.qq.com", "wap_name": "充值"}}),
    ];
    let from = ("SPBILL_CREATE_IP", json!("192.168.1.100"));
    for (place_no, scene) in scenes.iter().enumerate() {
        let scene = ("SCENE_INFO", json!(scene.to_string()));
        let expire = ("TIME_EXPIRE", json!("300"));
        let body = order(&format!("w{place_no}"), &[scene, from.clone(), expire]);
        let answer = place(&gateway, "wapOrder", &body).await;
        assert_eq!(answer["RESULT"]["CODE"], "SUCCESS", "{answer}");
        let link = answer["BAR_CODE"].as_str().unwrap();
        assert!(link.starts_with("weixin://"), "{link}");
    }
    tokio::time::advance(Duration::from_millis(299_999)).await;
    assert_eq!(sosopay_query(gateway.address(), "w0").await["STATE"], 0);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(sosopay_query(gateway.address(), "w0").await["STATE"], 6);

    let scene = ("SCENE_INFO", json!(scenes[2].to_string()));
    for odd in [
        order("x", std::slice::from_ref(&from)),
        order("x", std::slice::from_ref(&scene)),
        order("x", &[scene.clone(), ("SPBILL_CREATE_IP", json!("phone"))]),
        order("x", &[("SCENE_INFO", scenes[2].clone()), from.clone()]),
        order("x", &[("SCENE_INFO", json!("{\"h5_info\":{\"type\":\"Wap\"}}")), from.clone()]),
        order("x", &[scene.clone(), from.clone(), ("TIME_EXPIRE", json!(299))]),
        order("x", &[scene.clone(), from.clone(), ("RETURN_URL", json!("sssyin"))]),
        order("x", &[scene.clone(), from.clone(), ("CHANNEL_TYPE", json!("0"))]),
    ] {
        assert_eq!(code(&gateway, "wapOrder", &odd).await, "ILLEGAL_PARAMETER", "{odd}");
    }
    let returns = ("RETURN_URL", json!("http://www.sssyin.cn"));
    let body = order("x", &[scene, from, returns, ("CHANNEL_TYPE", json!("34"))]);
    let answer = place(&gateway, "wapOrder", &body).await;
    assert!(answer["BAR_CODE"].as_str().unwrap().starts_with("https://qr.alipay.com/"));
}

#[tokio::test(start_paused = true)]
async fn the_merchants_parameter_is_base64_and_comes_back() {
    let gateway = gateway().await;
    let at = gateway.address();
    for odd in [("MERCHANTPARA", json!("门店")), ("verifyCodes", json!("a1,b2"))] {
        let body = order("x", std::slice::from_ref(&odd));
        assert_eq!(code(&gateway, "order", &body).await, "ILLEGAL_PARAMETER", "{odd:?}");
    }
    let given = [
        ("MERCHANTPARA", json!("01000001")),
        ("REGISTER_ID", json!("02016")),
        ("verifyCodes", json!("A1234455")),
    ];
    let answer = place(&gateway, "order", &order("a", &given)).await;
    assert_eq!(answer["MERCHANTPARA"], "01000001");
    for (number, series) in [("a", 0), ("20160909100000000000", 1), ("A1234455", 2)] {
        let rest = format!("query/{number}/{MERCHANT}?_type=json&serType={series}");
        let found = sosopay_get(at, &rest).await["QUERY_RESP"].take();
        assert_eq!(found["CHARGE_CODE"], "a", "serType {series}");
        assert_eq!(found["MERCHANTPARA"], "01000001");
        assert_eq!(found["REGISTER_ID"], "02016");
    }
    for rest in ["query/A1234455/0010000001?_type=json", "query/a/0010000001?_type=json&serType=1"]
    {
        let found = sosopay_get(at, rest).await;
        assert_eq!(found["QUERY_RESP"]["RESULT"]["CODE"], "CHARGE_NONEXISTENT", "{rest}");
    }
    let odd = sosopay_get(at, "query/a/0010000001?_type=json&serType=3").await;
    assert_eq!(odd["QUERY_RESP"]["RESULT"]["CODE"], "ILLEGAL_PARAMETER");
}

#[tokio::test(start_paused = true)]
async fn the_other_orders_are_signed_too_and_not_known_to_xml() {
    let gateway = gateway().await;
    for operation in ["creatOrder", "wapOrder"] {
        let body = order("a", &[("buyerLogonId", json!("b"))]).to_string();
        let target =
            format!("/{operation}?sign={}&busiCode={MERCHANT}&_type=json", sosopay_sign("", EPOCH));
        let answer = post(gateway.address(), &target, &body).await.json();
        assert_eq!(answer["ORDER_RESP"]["RESULT"]["CODE"], "INVALID_SIGN");
        let elsewhere = start(settings(Kind::SosopayXml)).await;
        assert_eq!(post(elsewhere.address(), &target, &body).await.status, 404);
        assert_eq!(get(gateway.address(), &target).await.status, 405);
    }
}

#[tokio::test(start_paused = true)]
async fn other_encodings_and_encryption_hold_for_the_other_orders_too() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use des::TdesEde3;
    use ecb::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, block_padding::Pkcs7};
    let key: [u8; 24] = KEY.as_bytes().try_into().unwrap();
    let gateway = gateway().await;
    let at = gateway.address();
    let body = order("a", &[("buyerLogonId", json!("b"))]).to_string();
    let xml = post(at, &sosopay_target("creatOrder", &body, ""), &body).await.text();
    assert!(xml.contains("<ORDER_RESP><BEGIN_TIME></BEGIN_TIME><END_TIME></END_TIME>"), "{xml}");
    assert!(xml.contains("<CHARGE_THIRD_CODE>1006101016"), "{xml}");

    let body = order("b", &[("TRADE_TYPE", json!("JSAPI")), ("subOpenid", json!("o"))]).to_string();
    let mut buffer = body.as_bytes().to_vec();
    buffer.resize(body.len() / 8 * 8 + 8, 0);
    let cipher = ecb::Encryptor::<TdesEde3>::new(&key.into());
    let sealed = STANDARD.encode(cipher.encrypt_padded::<Pkcs7>(&mut buffer, body.len()).unwrap());
    let target = sosopay_target("order", &body, "&_type=json&encrypt=3DES");
    let mut answer = STANDARD.decode(post(at, &target, &sealed).await.body).unwrap();
    let cipher = ecb::Decryptor::<TdesEde3>::new(&key.into());
    let plain = cipher.decrypt_padded::<Pkcs7>(&mut answer).unwrap();
    let answer: Value = serde_json::from_slice(plain).unwrap();
    assert_eq!(answer["ORDER_RESP"]["signType"], "MD5");
}

#[tokio::test(start_paused = true)]
async fn a_cancel_is_applied_for_with_aco_alone() {
    let gateway = gateway().await;
    let (at, control) = (gateway.address(), gateway.control());
    for number in ["now", "later", "open"] {
        place(&gateway, "order", &order(number, &[])).await;
    }
    control.approve("now").unwrap();
    control.approve("later").unwrap();
    assert_eq!(sosopay_cancel(at, "now", "&opType=NOW").await, "SUCCESS");
    assert_eq!(sosopay_query(at, "now").await["STATE"], 2);
    for number in ["later", "open"] {
        assert_eq!(sosopay_cancel(at, number, "&opType=ACO").await, "SUCCESS");
        assert_eq!(sosopay_cancel(at, number, "&opType=ACO").await, "SUCCESS");
        assert_eq!(sosopay_query(at, number).await["STATE"], 3);
    }
    assert_eq!(control.ledger_total_fen(), 10);
    // Nobody can pay what is being cancelled; a real-time cancel need not wait.
    assert!(control.approve("open").is_err());
    assert_eq!(sosopay_cancel(at, "open", "").await, "SUCCESS");
    assert_eq!(sosopay_query(at, "open").await["STATE"], 2);
    tokio::time::advance(Duration::from_millis(4_999)).await;
    assert_eq!(sosopay_query(at, "later").await["STATE"], 3);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(sosopay_query(at, "later").await["STATE"], 2);
    assert_eq!(sosopay_cancel(at, "later", "&opType=ACO").await, "AREADY_REVOKED");
    assert_eq!(control.ledger_total_fen(), 0);
    // Before its time, by the control's hand; once, and nothing that was not applied for.
    place(&gateway, "order", &order("soon", &[])).await;
    assert!(!control.carry_out_cancel("soon") && !control.carry_out_cancel("nobody's"));
    assert_eq!(sosopay_cancel(at, "soon", "&opType=ACO").await, "SUCCESS");
    assert!(control.carry_out_cancel("soon") && !control.carry_out_cancel("soon"));
    assert_eq!(sosopay_query(at, "soon").await["STATE"], 2);
}
