use proptest::prelude::*;

use super::*;

fn gateway(kind: Kind) -> Gateway {
    Gateway::new(Settings { epoch_unix_s: Some(1_000), ..Settings::demo(kind) })
}

fn signed(kind: Kind, path: &[String], body: &[u8]) -> Request {
    use md5::{Digest, Md5};
    let settings = Settings::demo(kind);
    let merchant = &settings.merchants[0];
    let hex = |bytes: Vec<u8>| -> String {
        Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let upay = hex([body, merchant.key.as_bytes()].concat());
    let blank = |byte: &u8| !(kind == Kind::SosopayJson && b" \t\r\n".contains(byte));
    let content: Vec<u8> = body.iter().copied().filter(blank).collect();
    let sosopay = hex([b"1000", merchant.key.as_bytes(), &content].concat());
    let pair = |name: &str, value: String| (name.to_owned(), value);
    Request {
        method: "POST".into(),
        segments: path.to_vec(),
        query: vec![
            pair("sign", format!("{sosopay}:1000")),
            pair("busiCode", merchant.id.clone()),
            pair("_type", "json".into()),
        ],
        headers: vec![pair("Authorization", format!("{} {upay}", merchant.id))],
        body: body.to_vec(),
    }
}

fn answered(gateway: &mut Gateway, request: &Request) -> bool {
    let Ok(received) = gateway.receive(request, 0) else { return true };
    match gateway.perform(&received, 0) {
        Step::Answer(answer) => !gateway.seal(&received, answer).body.is_empty(),
        Step::Hold { .. } => true,
    }
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Shouqianba), Just(Kind::SosopayJson), Just(Kind::SosopayXml)]
}

fn path() -> impl Strategy<Value = Vec<String>> {
    let word = prop_oneof![
        "(upay|v2|pay|precreate|query|cancel|refund|preOrder|order|cancelTrade|refundQuery|\
          creatOrder|wapOrder|platService|flowRecharge|terminal|activate|checkin)",
        ".{0,8}",
    ];
    let upay = "(pay|precreate|query|cancel|refund|revoke)"
        .prop_map(|name| vec!["upay".to_owned(), "v2".to_owned(), name]);
    let sosopay = "(preOrder|order|refund|creatOrder|wapOrder|batchQuery|channels|login)"
        .prop_map(|name| vec![name]);
    let terminal = "(activate|checkin)".prop_map(|name| vec!["terminal".to_owned(), name]);
    let recharge = Just(["platService", "flowRecharge", "0010000001"].map(str::to_owned).to_vec());
    prop_oneof![upay, sosopay, terminal, recharge, prop::collection::vec(word, 0..5)]
}

/// Bodies with the documents' names and odd values, and bytes of any kind.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let name = "(AMT|BUSI_ID|CHANNEL_TYPE|DYNAMIC_ID|CHARGE_CODE|TIME_EXPIRE|GOODS_DETAIL|\
                terminal_sn|client_sn|total_amount|dynamic_id|refund_amount|payway|sn|\
                TRADE_TYPE|SCENE_INFO|buyerId|SPBILL_CREATE_IP|phoneNo|flowVal|PageNum|pageSize|\
                beginDate|endDate|username|password|longitude|code|device_id|MERCHANTPARA)";
    let value = prop_oneof![
        "[0-9.]{0,12}".prop_map(|text| serde_json::json!(text)),
        ".{0,12}".prop_map(|text| serde_json::json!(text)),
        any::<i64>().prop_map(|number| serde_json::json!(number)),
        Just(serde_json::json!("0010000001")),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(|text| serde_json::json!(text)),
        Just(serde_json::json!("{\"h5_info\":{\"type\":\"Wap\"}}")),
        Just(serde_json::json!("JSAPI")),
        Just(serde_json::json!("1122234-dewls02s2")),
        Just(serde_json::json!([{"GOOD_ID": "1"}, []])),
    ];
    let json = prop::collection::hash_map(name, value, 0..10)
        .prop_map(|fields| serde_json::json!(fields).to_string().into_bytes());
    let xml = prop::collection::vec((name, "[^<&]{0,12}"), 0..10).prop_map(|fields| {
        let inner: String =
            fields.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
        format!("<ORDER_REQ>{inner}</ORDER_REQ>").into_bytes()
    });
    prop_oneof![json, xml, prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #[test]
    fn every_request_is_answered_and_none_panics(
        kind in kinds(), path in path(), body in body(), get in any::<bool>()
    ) {
        let mut gateway = gateway(kind);
        let mut request = signed(kind, &path, &body);
        if get {
            request.method = "GET".into();
        }
        prop_assert!(answered(&mut gateway, &request));
    }
}

#[test]
fn the_log_is_bounded() {
    let mut gateway = gateway(Kind::Shouqianba);
    let path = ["upay".to_owned(), "v2".to_owned(), "query".to_owned()];
    let request = signed(Kind::Shouqianba, &path, b"{}");
    for _ in 0..MAX_LOG + 10 {
        assert!(answered(&mut gateway, &request));
    }
    assert_eq!(gateway.log.len(), MAX_LOG);
}
