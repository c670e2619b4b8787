//! What a sale, a QR or an order carries beyond what it needs.

use crate::common::{ALIPAY, Gate, Shop, Step};
use simulator::Kind;

const GOODS: &str = r#"[{"GOOD_ID": "p1", "GOOD_NAME": "披萨", "GOOD_CLASS": "food",
    "GOOD_PRICE": "12.00", "GOOD_SUBJECT": "九寸", "GOOD_QUANTITY": 1},
    {"id": "c1", "name": "可乐", "class": "drink", "price": "0.34", "subject": "一听",
     "quantity": "1", "show_url": "https://shop.example/c1"}]"#;

#[tokio::test]
async fn goods_and_the_merchants_own_parameter_reach_sosopay() {
    let shop = Shop::open(Kind::SosopayJson).await;
    let path = shop.folder().join("goods.json");
    std::fs::write(&path, GOODS).expect("written");
    let goods = path.display().to_string();
    for args in [
        &["sale", "--amount", "12.34", "--code", ALIPAY][..],
        &["present", "--amount", "12.34", "--no-wait"],
        &["gateway", "jsapi-order", "--amount", "12.34", "--openid", "oUpF8uMuAJO"],
    ] {
        let more = ["--goods", &goods, "--merchant-para", "table 5", "--register", "02017"];
        let told = shop.run(&[args, &more].concat()).await.json();
        let order = told["order"].as_str().unwrap_or_else(|| panic!("{told}"));
        let at_gateway = shop.control().order(order).expect("the gateway has it");
        let number = at_gateway.gateway_order.as_str();
        let found = shop.run(&["query", number, "--by", "gateway"]).await.exits(0).json();
        assert_eq!(found["echo"], "dGFibGUgNQ==", "as sent, in BASE64");
        assert_eq!((&found["store"], &found["goods"]), (&"02017".into(), &2.into()), "{found}");
    }
}

#[tokio::test]
async fn a_place_and_a_reflection_reach_upay() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let more = [
        "--longitude",
        "-121.4737",
        "--latitude",
        "31.2304",
        "--reflect",
        "table 5",
        "--extended",
        r#"{"goods_tag":"a"}"#,
    ];
    let args = [&["sale", "--amount", "12.34", "--code", ALIPAY][..], &more].concat();
    let mut gate = Gate::before(shop.simulator().address()).await;
    shop.reroute(gate.address);
    let passing = async {
        let charge = gate.next_is(Step::Charge).await;
        let sent = charge.text();
        charge.pass().await;
        sent
    };
    let (ran, sent) = tokio::join!(shop.run(&args), passing);
    for wanted in [
        r#""longitude":"-121.4737""#,
        r#""latitude":"31.2304""#,
        r#""reflect":"table 5""#,
        r#"goods_tag"#,
    ] {
        assert!(sent.contains(wanted), "{wanted}: {sent}");
    }
    let told = ran.exits(0).json();
    drop(gate);
    shop.route_straight();
    let at_gateway = shop.control().order(told["order"].as_str().unwrap()).expect("it has it");
    let found = shop.run(&["query", "--by", "gateway", &at_gateway.gateway_order]).await;
    assert_eq!(found.exits(0).json()["echo"], "table 5");
}

#[tokio::test]
async fn what_a_gateway_has_no_place_for_is_refused_and_nothing_is_sent() {
    let upay = Shop::open(Kind::Shouqianba).await;
    let json = Shop::open(Kind::SosopayJson).await;
    let xml = Shop::open(Kind::SosopayXml).await;
    let long = "x".repeat(65);
    let items: Vec<&str> = std::iter::repeat_n(
        r#"{"id":"p","name":"p","class":"c","price":"1","subject":"s","quantity":1}"#,
        51,
    )
    .collect();
    let many = json.folder().join("many.json");
    std::fs::write(&many, format!("[{}]", items.join(","))).expect("written");
    let many = many.display().to_string();
    let broken = json.folder().join("broken.json");
    std::fs::write(&broken, r#"[{"id":"p","price":1.5}]"#).expect("written");
    let broken = broken.display().to_string();
    for (shop, more, says) in [
        (&upay, &["--longitude", "121.4"][..], &["longitude", "latitude"][..]),
        (&upay, &["--longitude", "181", "--latitude", "0"], &["longitude", "180"]),
        (&upay, &["--reflect", &long], &["reflect", "64", "65"]),
        (&upay, &["--extended", "{no json"], &["--extended"]),
        (&upay, &["--extended", "/no/such/file"], &["--extended", "/no/such/file"]),
        (&upay, &["--merchant-para", "x"], &["MERCHANTPARA", "shouqianba"]),
        (&json, &["--goods", &many], &["GOODS_DETAIL", "50", "51"]),
        (&json, &["--goods", &broken], &["--goods"]),
        (&json, &["--goods", "/no/such/file"], &["--goods", "/no/such/file"]),
        (&json, &["--reflect", "x"], &["reflect", "sosopay-json"]),
        (&json, &["--time-expire", "60"], &["TIME_EXPIRE", "120", "60"]),
        (&xml, &["--verify-code", "x"], &["verifyCodes", "sosopay-xml"]),
    ] {
        let args = [&["sale", "--amount", "1", "--code", ALIPAY], more].concat();
        let ran = shop.run(&args).await;
        let error = ran.exits(2).json()["error"].as_str().expect("an error").to_owned();
        assert!(says.iter().all(|said| error.contains(said)), "{says:?}: {error}");
        assert!(shop.control().requests().is_empty(), "nothing was sent");
        shop.settled(None, &[]).await;
    }
}

/// I17: a gateway may repeat the code in words of its own. It is masked by what it is, since not
/// every code looks like one: a wallet that no rule knows, a token of a phone.
#[tokio::test]
async fn i17_a_code_that_the_gateway_repeats_is_kept_masked_whatever_it_looks_like() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let mut gate = Gate::before(shop.simulator().address()).await;
    shop.reroute(gate.address);
    for (code, kind) in [
        (ALIPAY, "barcode"),
        ("9912345678901234", "barcode"),
        ("a1B2c3D4e5F6", "nfc"),
        ("s0nicT0ken", "sonic"),
    ] {
        let refusing = async {
            let call = gate.next_is(Step::Charge).await;
            assert!(call.text().contains(code), "it is sent as it is");
            let body = format!(
                r#"{{"result_code":"400","error_code":"INVALID_BARCODE","error_message":"{code}?"}}"#
            );
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            call.answer(format!("{head}{body}").as_bytes()).await;
        };
        let args = ["sale", "--amount", "1", "--code", code, "--code-type", kind];
        let (ran, ()) = tokio::join!(shop.run(&args), refusing);
        let told = ran.exits(1).json();
        assert_eq!(told["outcome"], "not_charged", "{told}");
        let shown = shop.shown(told["order"].as_str().unwrap()).await.to_string();
        assert!(shown.contains("INVALID_BARCODE"), "what was said is kept: {shown}");
        for said in [&shown, &told.to_string()] {
            assert!(!said.contains(code), "{code}: {said}");
        }
    }
}
