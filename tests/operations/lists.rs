//! Recharge, batch query, channel list, login, and look-ups by another number than ours.

use crate::common::{ALIPAY, Options, Shop, for_each_gateway, write_private};
use serde_json::json;
use simulator::{Fault, FaultRule, Kind, Operation};

for_each_gateway!(an_order_is_found_by_the_gateways_number);

const PATHS: &str = "[gateway.paths]\nbatch_query = \"batchQuery\"\nchannels = \"channels\"\n\
                     login = \"login\"\n";

async fn office(locale: &'static str) -> Shop {
    let mut options = Options::of(Kind::SosopayJson);
    options.locale = locale;
    options.more = PATHS.to_owned();
    let shop = Shop::with(options).await;
    write_private(&shop.folder().join("password"), "123456\n");
    write_private(&shop.folder().join("wrong"), "654321\n");
    shop
}

#[tokio::test]
async fn the_orders_of_some_days_are_listed() {
    let shop = office("zh-CN").await;
    let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(0).json();
    let order = sold["order"].as_str().unwrap();
    let listed = shop.run(&["gateway", "batch-query"]).await.exits(0).json();
    assert_eq!((&listed["outcome"], &listed["count"]), (&"done".into(), &1.into()));
    let found = &listed["orders"][0];
    assert_eq!((&found["order"], &found["amount_fen"]), (&sold["order"], &500.into()));
    assert_eq!((&found["state"], &found["state_name"]), (&"1".into(), &"paid".into()));
    assert_eq!(found["state_text"], "已付款");
    for (filter, count) in [
        (["--order", order], 1),
        (["--order", "NOSUCHORDER"], 0),
        (["--state", "paid"], 1),
        (["--state", "2"], 0),
        (["--channel-type", "alipay"], 1),
        (["--channel-type", "2"], 0),
        (["--begin", "2000-01-01"], 1),
        (["--end", "2000-01-02"], 0),
    ] {
        let args = [&["gateway", "batch-query"], &filter[..]].concat();
        let listed = shop.run(&args).await.exits(0).json();
        assert_eq!(listed["orders"].as_array().unwrap().len(), count, "{filter:?}: {listed}");
    }
    let people = shop.run_for_people(&["gateway", "batch-query"]).await;
    let stdout = &people.exits(0).stdout;
    assert!(stdout.contains(order) && stdout.contains("1 已付款"), "{people:#?}");
}

#[tokio::test]
async fn every_refund_of_an_order_is_listed_by_either_number() {
    let shop = office("zh-CN").await;
    let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(0).json();
    let order = sold["order"].as_str().unwrap();
    for amount in ["1.00", "0.50"] {
        shop.run(&["refund", order, "--amount", amount]).await;
    }
    let number = sold["gateway_order"].as_str().unwrap();
    for args in [&[order][..], &[number, "--by", "gateway"]] {
        let args = [&["gateway", "refund-list"], args].concat();
        let listed = shop.run(&args).await.exits(0).json();
        assert_eq!((&listed["order"], &listed["refunded_fen"]), (&sold["order"], &150.into()));
        assert_eq!(listed["operation"], "refund-list");
        let refunds = listed["refunds"].as_array().expect("a list");
        let amounts: Vec<_> = refunds.iter().map(|one| one["amount_fen"].clone()).collect();
        assert_eq!(amounts, [100, 50], "{listed}");
    }
    shop.run(&["gateway", "refund-list", "NOSUCHORDER"]).await.exits(1);
}

#[tokio::test]
async fn the_channels_are_listed() {
    let shop = office("en").await;
    let listed = shop.run(&["gateway", "channels"]).await.exits(0).json();
    let channels = listed["channels"].as_array().expect("a list");
    assert!(channels.iter().any(|one| one["channel_type"] == "2" && one["channel"] == "wechat"));
    assert!(channels.iter().any(|one| one["kind_text"] == "WeChat Pay"), "{listed}");
    assert!(!shop.journal().exists(), "no journal is needed for a list");
}

#[tokio::test]
async fn an_operator_logs_in_with_permissions_or_is_refused() {
    for (name, locale) in [("zh-CN", ui::Locale::ZhCn), ("en", ui::Locale::En)] {
        let shop = office(name).await;
        let login = async |user: &str, file: &str| {
            let path = shop.folder().join(file).display().to_string();
            shop.run(&["gateway", "login", "--username", user, "--password-file", &path]).await
        };
        let boss = login("oper01", "password").await.exits(0).json();
        assert_eq!((&boss["outcome"], &boss["may_refund"]), (&"done".into(), &true.into()));
        assert_eq!(boss["user"]["user_type"], "with_refund");
        let words = match locale {
            ui::Locale::ZhCn => "有退款权限",
            ui::Locale::En => "With refund permission",
        };
        assert_eq!(boss["user"]["user_type_text"], words);
        assert_eq!(boss["company"]["amount_limit_fen"], 5_000_000);
        assert_eq!(boss["company"]["time_limit_seconds"], 1800);
        assert_eq!(boss["company"]["refund_at_scene"], true);
        let clerk = login("oper02", "password").await.exits(0).json();
        assert_eq!(clerk["may_refund"], false);
        for (user, file) in [("oper01", "wrong"), ("nobody", "password")] {
            let refused = login(user, file).await.exits(1).json();
            assert_eq!(refused["outcome"], "refused");
            assert_eq!(refused["reason"], ui::Text::LoginRefused.text(locale), "{refused}");
        }
        let said = shop.said.lock().unwrap().join("\n");
        assert!(!said.contains("123456") && !said.contains("654321"), "I17: {said}");
    }
}

#[tokio::test]
async fn a_phone_is_recharged_once_and_accepted_is_not_done() {
    let shop = office("zh-CN").await;
    let args = ["gateway", "recharge", "--phone", "13800138000", "--megabytes", "100"];
    let told = shop.run(&args).await.exits(3).json();
    assert_eq!(told["outcome"], "pending", "{told}");
    assert!(told["gateway_order"].is_string() && told["status"].is_string(), "{told}");
    assert_eq!(told["status_text"], "充值中", "{told}");
    let recharges = shop.control().recharges();
    assert_eq!(recharges.len(), 1);
    shop.control().inject(FaultRule::on(Operation::Recharge, Fault::DropAnswer));
    let lost = shop.run(&args).await.exits(3).json();
    assert_eq!(
        (&lost["outcome"], &lost["reason_code"]),
        (&"unresolved".into(), &"no_answer".into())
    );
    assert_eq!(shop.control().recharges().len(), 2, "a lost one is not sent again");
}

/// I14: a clock that is off re-signs; it neither refuses nor settles anything.
#[tokio::test]
async fn i14_an_operation_of_a_terminal_whose_clock_is_off_is_signed_anew() {
    let shop = office("zh-CN").await;
    shop.control().skew_clock(10 * 365 * 86_400);
    let password = shop.folder().join("password").display().to_string();
    let login = ["gateway", "login", "--username", "oper01", "--password-file", &password];
    shop.run(&login).await.exits(0);
    assert_eq!(shop.calls(Operation::Login), 2);
    let order = ["gateway", "jsapi-order", "--amount", "1", "--openid", "o1"];
    assert_eq!(shop.run(&order).await.exits(0).json()["outcome"], "pending");
    assert_eq!(shop.control().orders().len(), 1);
}

#[tokio::test]
async fn a_refusal_an_absence_and_a_doubt_have_their_own_exits() {
    let shop = office("en").await;
    let inject = |fault| shop.control().inject(FaultRule::on(Operation::Channels, fault));
    let refused = |code: &str| Fault::ErrorCode { code: code.to_owned(), processed: false };
    for (fault, exit, outcome, code) in [
        (refused("INVALID_SIGN"), 1, "refused", "bad_signature"),
        (refused("UNREGISTERED_BUSI"), 1, "refused", "unknown_merchant"),
        (refused("EXCEPTION"), 3, "unresolved", "gateway_fault"),
        (Fault::Garbage, 3, "unresolved", "unreadable"),
        (Fault::DropAnswer, 3, "unresolved", "no_answer"),
    ] {
        inject(fault);
        let told = shop.run(&["gateway", "channels"]).await.exits(exit).json();
        assert_eq!((&told["outcome"], &told["reason_code"]), (&json!(outcome), &json!(code)));
        assert!(told["reason"].is_string() && told["advice"].is_string(), "{told}");
        shop.control().clear_faults();
    }
    let absent = shop.run(&["query", "--by", "gateway", "123456"]).await.exits(1).json();
    assert_eq!(absent["outcome"], "not_found");
    assert_eq!(absent["reason"], ui::Text::OrderNotFound.text(ui::Locale::En));
}

async fn an_order_is_found_by_the_gateways_number(kind: Kind) {
    let shop = Shop::open(kind).await;
    let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(0).json();
    let number = sold["gateway_order"].as_str().unwrap();
    let ran = shop.run(&["query", number, "--by", "gateway"]).await;
    if kind == Kind::SosopayXml {
        // XML v1 §6 asks by CHARGE_CODE alone.
        assert!(ran.exits(2).json()["error"].as_str().unwrap().contains("serType"), "{ran:?}");
        return;
    }
    let found = ran.exits(0).json();
    assert_eq!((&found["order"], &found["amount_fen"]), (&sold["order"], &500.into()));
    assert!(found["state"].is_string(), "{found}");
}

#[tokio::test]
async fn an_order_is_found_by_its_voucher() {
    let shop = Shop::open(Kind::SosopayJson).await;
    let args = ["sale", "--amount", "5", "--code", ALIPAY, "--verify-code", "V20260001"];
    let sold = shop.run(&args).await.exits(0).json();
    let found = shop.run(&["query", "V20260001", "--by", "verify-code"]).await.exits(0).json();
    assert_eq!(found["order"], sold["order"]);
}
