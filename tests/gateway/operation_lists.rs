//! What answers to lists, logins and the terminal's own operations are read as.

use crate::operations::*;
use crate::support::*;
use cashier::gateway::operation::*;
use cashier::gateway::sosopay::dictionary::{ChannelType, State};
use cashier::gateway::{Answer, Failed, Operation};
use cashier::money::Fen;
use std::time::Duration;

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
    assert_eq!(it.company.profit_rate.as_deref(), Some("0.006"));
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
