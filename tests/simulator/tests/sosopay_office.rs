//! SOSOPAY's operations that are no payment's: recharge, batch query, channel list, login.

mod wire;

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Fault, FaultRule, Kind, Operation, Operator, Paths, Simulator};
use wire::*;

async fn gateway() -> Simulator {
    start(settings(Kind::SosopayJson)).await
}

fn recharge_target(body: &str, merchant: &str) -> String {
    let sign = sosopay_sign(&without_blanks(body), EPOCH);
    format!("/openGateway/platService/flowRecharge/{merchant}?sign={sign}")
}

async fn recharge(gateway: &Simulator, body: &Value) -> Value {
    let body = body.to_string();
    post(gateway.address(), &recharge_target(&body, MERCHANT), &body).await.json()
}

#[tokio::test(start_paused = true)]
async fn a_recharge_is_answered_as_its_sample_and_goes_on() {
    let gateway = gateway().await;
    let body = r#"{"phoneNo":"13812345678","flowVal":100, "flowType":"0"}"#;
    let reply = post(gateway.address(), &recharge_target(body, MERCHANT), body).await;
    assert_eq!(
        reply.json(),
        json!({
            "result": {"CODE": "SUCCESS", "INFO": "充值流量请求提交成功，请等待最终结果"},
            "flow": {
                "id": "20160909200000000000", "phoneNo": "13812345678", "flowVal": 100,
                "flowType": "0", "orderID": "20160909100000000000",
                "platOrderID": "CT_20160909000000", "creatTime": "2016-09-09 22:30:47",
                "status": "1", "busiCode": MERCHANT,
            }
        })
    );
    let control = gateway.control();
    assert_eq!(control.recharges()[0].status, 1);
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(control.recharges()[0].status, 2);
    control.recharges_fail(true);
    recharge(&gateway, &json!({"phoneNo": "13812345679", "flowVal": "10"})).await;
    tokio::time::advance(Duration::from_secs(5)).await;
    let told: Vec<_> = control.recharges().iter().map(|one| one.status).collect();
    assert_eq!(told, [2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_recharge_begins_new_where_it_is_asked_to() {
    let mut settings = settings(Kind::SosopayJson);
    settings.recharge_start_ms = 1_000;
    let gateway = start(settings).await;
    let body = json!({"phoneNo": "13812345678", "flowVal": 100, "flowType": "1"});
    assert_eq!(recharge(&gateway, &body).await["flow"]["status"], "0");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(gateway.control().recharges()[0].status, 1);
}

#[tokio::test(start_paused = true)]
async fn a_recharge_is_refused_for_its_sign_merchant_or_fields() {
    let gateway = gateway().await;
    let good = json!({"phoneNo": "13812345678", "flowVal": 100});
    for (field, value) in [
        ("phoneNo", json!("")),
        ("phoneNo", json!("23812345678")),
        ("phoneNo", json!("1381234567")),
        ("flowVal", json!(0)),
        ("flowVal", json!(-1)),
        ("flowVal", json!("many")),
        ("flowVal", json!(1.5)),
        ("flowType", json!("2")),
        ("flowType", json!(1)),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let answer = recharge(&gateway, &body).await;
        assert_eq!(answer["result"]["CODE"], "ILLEGAL_PARAMETER", "{field}: {value}");
    }
    let body = good.to_string();
    let target = recharge_target("{}", MERCHANT);
    let answer = post(gateway.address(), &target, &body).await.json();
    assert_eq!(answer["result"]["CODE"], "INVALID_SIGN");
    let answer = post(gateway.address(), &recharge_target(&body, "999"), &body).await.json();
    assert_eq!(answer["result"]["CODE"], "UNREGISTERED_BUSI");
    assert_eq!(get(gateway.address(), &target).await.status, 405);
    assert!(gateway.control().recharges().is_empty());
}

async fn batch(gateway: &Simulator, query: &str) -> Value {
    let rest = format!("batchQuery?busiCode={MERCHANT}&_type=json{query}");
    sosopay_get(gateway.address(), &rest).await["BATCH_QUERY_RESP"].take()
}

fn numbers(answer: &Value) -> Vec<&str> {
    let infos = answer["tradeInfos"].as_array().unwrap();
    assert_eq!(answer["chargesSize"], infos.len());
    infos.iter().map(|info| info["CHARGE_CODE"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_batch_query_lists_the_orders_of_its_days_by_pages() {
    let gateway = gateway().await;
    let at = gateway.address();
    for (order, code) in [("a", "130730865806264036"), ("b", "284214903060794755")] {
        sosopay_post(at, "preOrder", &sosopay_pay(order, "0.05", code)).await;
    }
    // The next day in Beijing begins at 16:00 UTC.
    tokio::time::advance(Duration::from_secs(5_400)).await;
    gateway.control().skew_clock(-5_400);
    sosopay_post(at, "order", &sosopay_order("c", "1.00")).await;
    sosopay_post(at, "refund", &sosopay_refund("a", "r1", "0.01")).await;
    gateway.control().skew_clock(0);

    let page = "&PageNum=1&pageSize=10";
    let all = batch(&gateway, page).await;
    assert_eq!(all["RESULT"]["CODE"], "SUCCESS");
    assert_eq!(numbers(&all), ["a", "b", "c"]);
    let first = &all["tradeInfos"][0];
    assert_eq!((&first["AMT"], &first["STATE"]), (&json!(5), &json!(4)));
    assert!(first["RESULT"].is_null());
    for (filter, expected) in [
        ("&beginDate=2016-09-09&endDate=2016-09-09", vec!["a", "b"]),
        ("&beginDate=2016-09-10", vec!["c"]),
        ("&endDate=2016-09-08", vec![]),
        ("&state=4", vec!["a"]),
        ("&state=0", vec!["c"]),
        ("&ChannelType=1", vec!["b"]),
        ("&userId=oper1", vec!["c"]),
        ("&userId=nobody", vec![]),
        ("&ChargeCode=b", vec!["b"]),
    ] {
        let answer = batch(&gateway, &format!("{page}{filter}")).await;
        assert_eq!(numbers(&answer), expected, "{filter}");
    }
    let pages = [(1, vec!["a", "b"]), (2, vec!["c"]), (3, vec![])];
    for (number, expected) in pages {
        let answer = batch(&gateway, &format!("&PageNum={number}&pageSize=2")).await;
        assert_eq!(numbers(&answer), expected, "page {number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_query_is_refused_for_its_fields_merchant_or_sign() {
    let gateway = gateway().await;
    let at = gateway.address();
    for odd in [
        "",
        "&PageNum=0&pageSize=10",
        "&PageNum=1&pageSize=0",
        "&PageNum=1&pageSize=1001",
        "&PageNum=x&pageSize=10",
        "&PageNum=1&pageSize=10&state=paid",
        "&PageNum=1&pageSize=10&beginDate=20160909",
        "&PageNum=1&pageSize=10&beginDate=2016-13-01",
        "&PageNum=1&pageSize=10&endDate=2016-9-9",
        "&PageNum=1&pageSize=10&beginDate=2016-09-10&endDate=2016-09-09",
        "&PageNum=99999999999999999999999&pageSize=10",
    ] {
        let answer = batch(&gateway, odd).await;
        assert_eq!(answer["RESULT"]["CODE"], "ILLEGAL_PARAMETER", "{odd}");
    }
    let code = |answer: &Value| answer["BATCH_QUERY_RESP"]["RESULT"]["CODE"].clone();
    let stranger = sosopay_get(at, "batchQuery?busiCode=999&PageNum=1&pageSize=1").await;
    assert_eq!(code(&stranger), "UNREGISTERED_BUSI");
    let nobody = sosopay_get(at, "batchQuery?PageNum=1&pageSize=1").await;
    assert_eq!(code(&nobody), "ILLEGAL_PARAMETER");
    let rest = format!("batchQuery?busiCode={MERCHANT}&PageNum=1&pageSize=1");
    assert_eq!(code(&sosopay_get(at, &rest).await), "ILLEGAL_PARAMETER", "no _type");
    let odd = sosopay_get(at, &format!("{rest}&_type=csv")).await;
    assert_eq!(code(&odd), "ILLEGAL_PARAMETER");
    // As a POST it is signed.
    let body = r#"{"PageNum": 1, "pageSize": 10}"#;
    assert_eq!(code(&sosopay_post(at, "batchQuery", body).await), "SUCCESS");
    let target = format!("/batchQuery?busiCode={MERCHANT}&sign={}", sosopay_sign("", EPOCH));
    assert_eq!(code(&post(at, &target, body).await.json()), "INVALID_SIGN");
    let target = format!("/batchQuery?busiCode={MERCHANT}&_type=xml&PageNum=1&pageSize=1");
    assert!(get(at, &target).await.text().contains("<BATCH_QUERY_RESP><RESULT><CODE>SUCCESS<"));
}

#[tokio::test(start_paused = true)]
async fn channels_are_listed_and_paths_are_configured() {
    let mut with = settings(Kind::SosopayJson);
    with.paths = Paths { channels: "/merchant/payChannels".to_owned(), ..Paths::default() };
    with.channels = vec![1, 4];
    let gateway = start(with).await;
    let rest = format!("merchant/payChannels?busiCode={MERCHANT}");
    let answer = sosopay_get(gateway.address(), &rest).await["CHANNEL_RESP"].take();
    let expected = json!([
        {"CHANNEL_TYPE": 1, "CHANNEL_NAME": "支付宝"},
        {"CHANNEL_TYPE": 4, "CHANNEL_NAME": "渠道4"},
    ]);
    assert_eq!(answer["RESULT"]["CODE"], "SUCCESS");
    assert_eq!(answer["PAY_CHANNEL_LIST"]["PAY_CHANNEL"], expected);
    assert_eq!(get(gateway.address(), "/channels?busiCode=0010000001").await.status, 404);
    let stranger = get(gateway.address(), "/merchant/payChannels?busiCode=9").await.json();
    assert_eq!(stranger["CHANNEL_RESP"]["RESULT"]["CODE"], "UNREGISTERED_BUSI");
    let xml = start(settings(Kind::SosopayXml)).await;
    assert_eq!(get(xml.address(), "/channels?busiCode=0010000001").await.status, 404);
}

async fn login(gateway: &Simulator, username: &str, password: &str) -> Value {
    let body = json!({"username": username, "password": password}).to_string();
    post(gateway.address(), "/openGateway/openService/login", &body).await.json()
}

#[tokio::test(start_paused = true)]
async fn an_operator_logs_in_and_learns_what_is_permitted() {
    let gateway = gateway().await;
    let answer = login(&gateway, "oper01", "123456").await;
    assert_eq!(answer["success"], "true");
    let user = json!({
        "id": "1", "companyId": "1", "loginName": "oper01", "name": "收银员 oper01",
        "userType": "2", "loginDate": "2016-09-09 22:30:47", "loginFlag": "1", "delFlag": "0",
        "IMEI": "", "teType": "1", "appVer": "1.0", "loginStatus": "1",
    });
    assert_eq!(answer["user"], user);
    let company = json!({
        "id": "1", "name": "达美乐披萨", "code": MERCHANT, "useable": "1", "delFlag": "0",
        "amountLimit": "50000.00", "refundAtScene": "0", "chargeMode": "2", "profitrate": "",
        "timeLimit": "30", "isUploadGoods": "1", "privateUrl": "",
    });
    assert_eq!(answer["company"], company);
    assert_eq!(login(&gateway, "oper02", "123456").await["user"]["userType"], "1");
    assert_eq!(login(&gateway, "oper03", "123456").await["user"]["loginFlag"], "0");
    assert_eq!(gateway.control().requests()[0].outcome, "true");
}

#[tokio::test(start_paused = true)]
async fn a_login_fails_for_password_merchant_sign_or_method() {
    let gateway = gateway().await;
    let at = gateway.address();
    let wrong = json!({"success": "false", "message": "账号/密码错误"});
    assert_eq!(login(&gateway, "oper01", "wrong").await, wrong);
    assert_eq!(login(&gateway, "nobody", "123456").await, wrong);
    assert_eq!(login(&gateway, "oper01", "").await["success"], "false");
    assert_eq!(get(at, "/login?username=oper01&password=123456").await.status, 405);
    let body = json!({"username": "oper01", "password": "123456", "busiCode": MERCHANT});
    let body = body.to_string();
    assert_eq!(post(at, "/login", &body).await.json()["message"], "签名错误: 缺少sign");
    let target = sosopay_target("login", &body, "");
    assert_eq!(post(at, &target, &body).await.json()["company"]["code"], MERCHANT);
    let stranger = post(at, "/login?busiCode=9", &body).await.json();
    assert_eq!(stranger["message"], "未注册的商户");
    let fault = Fault::ErrorCode { code: "DATABASE_ERROR".into(), processed: false };
    gateway.control().inject(FaultRule::nth(Operation::Login, 1, fault));
    let told = login(&gateway, "oper01", "123456").await;
    assert_eq!(told, json!({"success": "false", "message": "数据库连接异常"}));
    gateway.control().operators(vec![Operator {
        login_name: "new".into(),
        password: "pw".into(),
        name: "新".into(),
        may_refund: false,
        enabled: true,
        deleted: true,
    }]);
    assert_eq!(login(&gateway, "oper01", "123456").await, wrong);
    assert_eq!(login(&gateway, "new", "pw").await["user"]["delFlag"], "1");
}
