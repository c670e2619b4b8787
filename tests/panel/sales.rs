//! Whole sales: the demo's own terminal and gateway, acted on as the page does.

use super::client::{Events, get, post};
use super::demo::{Demo, options};
use cashier::app::demo::{DemoError, Options, run_with};
use serde_json::{Value, json};
use simulator::Kind;
use tokio::task::LocalSet;

async fn press(demo: &Demo, keys: &[&str]) {
    for key in keys {
        let answer = post(demo.address, "/key", &json!({ "key": key })).await;
        assert_eq!(answer.status, 200, "{key}: {}", answer.text());
    }
}

async fn gateway(demo: &Demo, call: &str, body: Value) -> Value {
    let answer = post(demo.address, &format!("/gateway/{call}"), &body).await;
    assert_eq!(answer.status, 200, "{call}: {}", answer.text());
    answer.json()
}

/// The text of the QR in a picture of the screen.
fn qr_of(png: &[u8]) -> String {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        pixels[(y * width + x) * 3 + 1]
    });
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1, "one QR on the screen");
    grids[0].decode().unwrap().1
}

async fn both_ways(kind: Kind) {
    let demo = Demo::start(options(kind)).await;
    let mut events = Events::open(demo.address, "/events").await;
    events.screen("idle").await;

    // The customer's code under the scanner.
    press(&demo, &["1", "2", ".", "3", "4"]).await;
    let typed = events.state(|state| state["amount_fen"] == 1234).await;
    assert_eq!(typed["screen"], "amount");
    press(&demo, &["scan"]).await;
    events.screen("await_code").await;
    let code = gateway(&demo, "show-code", json!({ "wallet": "alipay" })).await;
    let scan = post(demo.address, "/scan", &json!({ "text": code["code"] })).await;
    assert_eq!(scan.status, 200);
    let paid = events.screen("result").await;
    assert_eq!((&paid["outcome"], &paid["amount_fen"]), (&json!("paid"), &json!(1234)));

    // The terminal's code under the customer's phone.
    // Any key leaves the result, and does nothing else.
    press(&demo, &["clear", "8", "8", "qr"]).await;
    let shown = events.state(|state| !state["qr"].is_null()).await;
    assert_eq!(shown["screen"], "present");
    let screen = get(demo.address, "/screen.png").await;
    let read = qr_of(&screen.body);
    assert_eq!(json!(read), shown["qr"]);
    gateway(&demo, "pay-qr", json!({ "qr": read })).await;
    let paid = events.screen("result").await;
    assert_eq!((&paid["outcome"], &paid["amount_fen"]), (&json!("paid"), &json!(8800)));
    assert_eq!(paid["order"], shown["order"]);

    let receipts = get(demo.address, "/receipts.json").await;
    assert_eq!(receipts.json().as_array().unwrap().len(), 2);
    assert!(receipts.text().contains("12.34") && receipts.text().contains("88.00"));
    let orders = get(demo.address, "/gateway/orders").await.json();
    let held: i64 =
        orders.as_array().unwrap().iter().filter_map(|it| it["paid_fen"].as_i64()).sum();
    assert_eq!(held, 1234 + 8800);
    // I17: the customer's code and the key are nowhere in what the panel tells.
    let code = code["code"].as_str().unwrap();
    for path in ["/state.json", "/receipts.json", "/panel.json"] {
        let text = get(demo.address, path).await.text();
        assert!(!text.contains(code) && !text.contains("demo-key"), "{path}: {text}");
    }
    demo.stop().await;
}

#[tokio::test]
async fn both_sales_are_paid_at_shouqianba() {
    LocalSet::new().run_until(both_ways(Kind::Shouqianba)).await;
}

#[tokio::test]
async fn both_sales_are_paid_at_sosopay_json() {
    LocalSet::new().run_until(both_ways(Kind::SosopayJson)).await;
}

#[tokio::test]
async fn both_sales_are_paid_at_sosopay_xml() {
    LocalSet::new().run_until(both_ways(Kind::SosopayXml)).await;
}

#[tokio::test]
async fn a_tap_pays_too() {
    let run = async {
        let demo = Demo::start(options(Kind::SosopayJson)).await;
        let mut events = Events::open(demo.address, "/events").await;
        press(&demo, &["5", "enter"]).await;
        events.screen("await_code").await;
        let code = gateway(&demo, "show-code", json!({ "wallet": "wechat" })).await;
        let tap = post(demo.address, "/nfc", &json!({ "token": code["code"] })).await;
        assert_eq!(tap.status, 200, "{}", tap.text());
        assert_eq!(events.screen("result").await["outcome"], "paid");
        demo.stop().await;
    };
    LocalSet::new().run_until(run).await;
}

#[tokio::test]
async fn a_decline_is_not_charged_and_prints_nothing() {
    let run = async {
        let demo = Demo::start(options(Kind::Shouqianba)).await;
        let mut events = Events::open(demo.address, "/events").await;
        press(&demo, &["5", "enter"]).await;
        events.screen("await_code").await;
        let code = gateway(&demo, "show-code", json!({ "wallet": "wechat" })).await["code"].clone();
        let declines = json!({ "code": code, "behaviour": { "decline": "insufficient_funds" } });
        gateway(&demo, "customer", declines).await;
        assert_eq!(post(demo.address, "/scan", &json!({ "text": code })).await.status, 200);
        assert_eq!(events.screen("result").await["outcome"], "not_charged");
        assert_eq!(get(demo.address, "/receipts.json").await.json(), json!([]));
        demo.stop().await;
    };
    LocalSet::new().run_until(run).await;
}

#[tokio::test]
async fn the_gateways_control_is_guarded_like_the_rest() {
    let run = async {
        let demo = Demo::start(options(Kind::Shouqianba)).await;
        let plain = super::client::post_with(
            demo.address,
            "/gateway/online",
            "Origin: http://evil.example\r\n",
            "{}",
        )
        .await;
        assert_eq!(plain.status, 415);
        let method = get(demo.address, "/gateway/approve").await;
        assert_eq!(method.status, 405);
        assert!(method.error().contains("POST"));
        let unknown = get(demo.address, "/gateway/nothing").await;
        assert_eq!(unknown.status, 404);
        unknown.error();
        assert_eq!(get(demo.address, "/panel.json").await.json()["gateway"], true);
        demo.stop().await;
    };
    LocalSet::new().run_until(run).await;
}

#[tokio::test]
async fn a_taken_port_is_told_with_what_to_do() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let options = Options { listen: address, ..options(Kind::Shouqianba) };
    let error = run_with(options, |_| (), std::future::pending()).await.unwrap_err();
    assert!(matches!(error, DemoError::Listen { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains(&address.to_string()) && said.contains("--listen"), "{said}");
}

#[tokio::test]
async fn the_journal_of_a_named_folder_is_taken_up_again() {
    let run = async {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            data: Some(folder.path().join("new").join("data")),
            ..options(Kind::Shouqianba)
        };
        let demo = Demo::start(options.clone()).await;
        demo.stop().await;
        assert!(folder.path().join("new/data/journal.db").exists());
        let demo = Demo::start(options).await;
        demo.stop().await;
    };
    LocalSet::new().run_until(run).await;
}

#[tokio::test]
async fn a_demo_that_others_can_reach_asks_for_a_token() {
    let options = Options { listen: "0.0.0.0:0".parse().unwrap(), ..options(Kind::Shouqianba) };
    let (page, pages) = tokio::sync::oneshot::channel();
    let asked = async {
        let url: String = pages.await.unwrap();
        let (host, token) = url.trim_start_matches("http://").split_once("/?token=").unwrap();
        let port = host.rsplit(':').next().unwrap();
        let address = format!("127.0.0.1:{port}").parse().unwrap();
        assert_eq!(get(address, "/state.json").await.status, 401);
        assert_eq!(get(address, "/gateway/orders").await.status, 401);
        assert_eq!(get(address, &format!("/?token={token}")).await.status, 303);
    };
    run_with(options, |url| page.send(url.to_owned()).unwrap(), asked).await.unwrap();
}
