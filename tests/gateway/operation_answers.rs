//! What the documents' samples of answers to one-shot operations are read as: orders and look-ups.

use crate::operations::*;
use crate::support::*;
use cashier::gateway::operation::*;
use cashier::gateway::shouqianba::dictionary::OrderStatus;
use cashier::gateway::sosopay::dictionary::State;
use cashier::gateway::{Answer, Kind, Operation};
use cashier::id::OrderId;
use cashier::money::Fen;
use cashier::payment::Channel;

pub const SAMPLE_ORDER: &str = "D3820833-F310-4658-BF98-52959454FCA0";

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
