//! Orders that are paid elsewhere than at the counter: JSAPI, Alipay, mobile page.

use crate::common::{Gate, Options, Ran, Shop, Step};
use serde_json::Value;
use simulator::{Connectivity, Fault, FaultRule, Kind, Operation};

/// Each order's subcommand with what it needs, and its call.
const ORDERS: [(&[&str], Operation); 5] = [
    (&["jsapi-order", "--amount", "12.34", "--openid", "oUpF8uMuAJO"], Operation::JsapiOrder),
    (
        &["alipay-order", "--amount", "12.34", "--buyer-id", "2088102146225135"],
        Operation::AlipayOrder,
    ),
    (
        &[
            "wap-order",
            "--amount",
            "12.34",
            "--customer-ip",
            "203.0.113.9",
            "--wap-url",
            "https://shop.example/",
            "--wap-name",
            "达美乐",
        ],
        Operation::WapOrder,
    ),
    (
        &[
            "wap-order",
            "--amount",
            "12.34",
            "--customer-ip",
            "203.0.113.9",
            "--app-name",
            "达美乐",
            "--bundle-id",
            "com.example.pizza",
        ],
        Operation::WapOrder,
    ),
    (
        &[
            "wap-order",
            "--amount",
            "12.34",
            "--customer-ip",
            "2001:db8::9",
            "--app-name",
            "达美乐",
            "--package-name",
            "com.example.pizza",
        ],
        Operation::WapOrder,
    ),
];

async fn placed(shop: &Shop, order: &[&str]) -> Ran {
    shop.run(&[&["gateway"], order].concat()).await
}

#[tokio::test]
async fn i1_an_order_is_placed_journalled_paid_and_found() {
    let shop = Shop::open(Kind::SosopayJson).await;
    for (args, call) in ORDERS {
        let told = placed(&shop, args).await.exits(0).json();
        assert_eq!((&told["operation"], &told["outcome"]), (&args[0].into(), &"pending".into()));
        assert_eq!(told["amount_fen"], 1234);
        let order = told["order"].as_str().expect("a number");
        let at_gateway = shop.control().order(order).expect("the gateway has it");
        assert_eq!(told["gateway_order"], at_gateway.gateway_order.as_str());
        shows_what_the_page_needs(&told, call);

        // It is in the journal as a QR that was handed out, and asking does not cancel it.
        assert_eq!(shop.run(&["query", order]).await.exits(3).json()["outcome"], "pending");
        assert_eq!(shop.shown(order).await["history"][0]["kind"], "opened");
        assert_eq!(shop.calls(Operation::Cancel), 0);
        shop.control().approve(order).expect("the customer pays");
        let found = shop.run(&["query", order]).await.exits(0).json();
        assert_eq!((&found["outcome"], &found["amount_fen"]), (&"paid".into(), &1234.into()));
    }
    shop.settled(None, &["paid"; ORDERS.len()]).await;
}

/// Both encodings of the answers, and 3DES both ways.
#[tokio::test]
async fn orders_are_placed_in_xml_and_under_3des() {
    for lines in ["response = \"xml\"\n", "encrypt = true\n"] {
        let shop = Shop::open(Kind::SosopayJson).await;
        let url = shop.simulator().base_url();
        shop.reroute_to(url, &format!("allow_plaintext = true\n{lines}"));
        for (args, call) in &ORDERS[..3] {
            let told = placed(&shop, args).await.exits(0).json();
            shows_what_the_page_needs(&told, *call);
        }
    }
}

/// I1: when the request is on its way, its order is in the journal already; a command that is told
/// to stop then leaves it open, for the next one to settle.
#[tokio::test]
async fn i1_an_order_is_durable_before_a_byte_of_it_leaves() {
    for (args, _) in &ORDERS[..3] {
        let shop = Shop::with(Options::of(Kind::SosopayJson).wait("present_budget_ms", 200)).await;
        let mut gate = Gate::before(shop.simulator().address()).await;
        shop.reroute(gate.address);
        let at_the_gate = async {
            let call = gate.next_is(Step::Charge).await;
            let listed = shop.listed().await;
            assert_eq!(listed.len(), 1, "{listed:?}");
            assert!(listed[0]["outcome"].is_null(), "it is open: {listed:?}");
            // The gateway takes it, and the answer is lost.
            call.process().await;
            drop(call);
        };
        let (ran, ()) = tokio::join!(placed(&shop, args), at_the_gate);
        assert_eq!(ran.exits(3).json()["reason_code"], "no_answer");
        drop(gate);
        shop.route_straight();
        assert_eq!(shop.run(&["resolve"]).await.exits(0).json()["settled"], 1);
        shop.settled(None, &["not_charged"]).await;
    }
}

fn shows_what_the_page_needs(told: &Value, call: Operation) {
    let filled = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    match call {
        Operation::JsapiOrder => {
            for name in ["appId", "timeStamp", "nonceStr", "packageData", "signType", "sign"] {
                assert!(filled(&told["parameters"][name]), "{name}: {told}");
            }
            let package = told["parameters"]["packageData"].as_str().unwrap();
            assert!(package.starts_with("prepay_id="), "{told}");
        }
        Operation::AlipayOrder => assert!(filled(&told["trade_no"]), "{told}"),
        Operation::WapOrder => assert!(filled(&told["link"]), "{told}"),
        other => panic!("{other:?} is no order"),
    }
}

#[tokio::test]
async fn an_order_that_nobody_pays_is_cancelled_and_settled() {
    let shop = Shop::with(Options::of(Kind::SosopayJson).wait("present_budget_ms", 200)).await;
    let told = placed(&shop, ORDERS[0].0).await.exits(0).json();
    shop.run(&["cancel", told["order"].as_str().unwrap()]).await.exits(0);
    let other = placed(&shop, ORDERS[2].0).await.exits(0).json();
    assert_eq!(shop.run(&["resolve"]).await.exits(0).json()["settled"], 1);
    assert_ne!(told["order"], other["order"], "I2: a number of its own");
    shop.settled(None, &["not_charged", "not_charged"]).await;
}

#[tokio::test]
async fn a_refused_order_is_told_in_both_languages_and_settled() {
    for (name, locale) in [("zh-CN", ui::Locale::ZhCn), ("en", ui::Locale::En)] {
        let mut options = Options::of(Kind::SosopayJson);
        options.locale = name;
        let shop = Shop::with(options).await;
        for (args, call) in &ORDERS[..3] {
            let code = "INVALID_CONTRACT".to_owned();
            let refused = Fault::ErrorCode { code, processed: false };
            shop.control().inject(FaultRule::on(*call, refused));
            let told = placed(&shop, args).await.exits(1).json();
            assert_eq!(told["outcome"], "not_charged");
            assert_eq!(told["reason"], ui::Text::InvalidContract.text(locale));
            assert_eq!(told["advice"], ui::Text::CallSupport.text(locale));
            assert_eq!(told["reason_code"], "invalid_contract");
            let people = shop.run_for_people(&[&["gateway"], *args].concat()).await;
            for text in [ui::Text::NotCharged, ui::Text::InvalidContract] {
                assert!(people.exits(1).stdout.contains(text.text(locale)), "{people:#?}");
            }
            shop.control().clear_faults();
        }
        shop.settled(None, &["not_charged"; 6]).await;
    }
}

/// I4: a lost answer proves nothing; the order stays open, and resolving it finds it.
#[tokio::test]
async fn an_order_in_doubt_stays_open_and_is_resolved() {
    let options = Options::of(Kind::SosopayJson).wait("present_budget_ms", 200);
    let shop = Shop::with(options).await;
    for (args, call) in &ORDERS[..3] {
        shop.control().inject(FaultRule::on(*call, Fault::DropAnswer));
        let told = placed(&shop, args).await.exits(3).json();
        assert_eq!(
            (&told["outcome"], &told["reason_code"]),
            (&"unresolved".into(), &"no_answer".into())
        );
        assert_eq!(told["advice"], ui::Text::DoNotHandOver.text(ui::Locale::ZhCn));
        shop.control().clear_faults();
        assert_eq!(shop.calls(*call), 1, "sent once");
        assert_eq!(shop.run(&["resolve"]).await.exits(0).json()["settled"], 1);
    }
    shop.settled(None, &["not_charged"; 3]).await;
}

#[tokio::test]
async fn an_order_that_never_left_is_certainly_not_charged() {
    let shop = Shop::open(Kind::SosopayJson).await;
    shop.control().set_connectivity(Connectivity::Cut);
    let _nobody = shop.reroute_to_nobody();
    let told = placed(&shop, ORDERS[0].0).await.exits(4).json();
    assert_eq!(
        (&told["outcome"], &told["reason_code"]),
        (&"not_charged".into(), &"never_sent".into())
    );
    shop.settled(None, &["not_charged"]).await;
}
