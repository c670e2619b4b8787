//! What each route answers.

use super::bare::Bare;
use super::client::{get, get_with, post};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use hal::{Display, Key, KeypadEvent, NfcEvent, PrintJob, PrintLine, Printer, ScannerEvent};
use hal::{Nfc, keypad, nfc, scanner};
use serde_json::json;

#[tokio::test]
async fn the_page_and_its_parts_are_served_and_nothing_comes_from_elsewhere() {
    let bare = Bare::start().await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/page.css", "text/css"),
        ("/page.js", "text/javascript; charset=utf-8"),
        ("/words.js", "text/javascript; charset=utf-8"),
        ("/phone.js", "text/javascript; charset=utf-8"),
        ("/gateway.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = get(bare.address, path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        let text = answer.text();
        let links = text.matches("://").count();
        let names = text.matches("http://www.w3.org/").count();
        assert_eq!(links, names, "{path} names another host");
    }
}

#[tokio::test]
async fn the_panel_tells_its_keys_and_whether_a_gateway_is_beside_it() {
    let bare = Bare::start().await;
    let about = get(bare.address, "/panel.json").await.json();
    assert_eq!(about["gateway"], false);
    assert_eq!((&about["width"], &about["height"]), (&json!(32), &json!(48)));
    assert_eq!(about["keys"].as_array().unwrap().len(), Key::all().count());
    assert_eq!(get(bare.address, "/gateway/orders").await.status, 404);
}

#[tokio::test]
async fn the_screen_is_the_picture_on_the_display_and_is_encoded_anew_when_it_changes() {
    let mut bare = Bare::start().await;
    let mut tags = Vec::new();
    for colour in [Rgb888::RED, Rgb888::GREEN] {
        bare.paint(colour);
        let answer = get(bare.address, "/screen.png?v=7").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/png")));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let mut reader = png::Decoder::new(std::io::Cursor::new(&answer.body)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let size = bare.devices.display.geometry();
        assert_eq!((info.width, info.height), (size.width(), size.height()));
        assert_eq!(pixels, bare.handles.display.frame().as_bytes());
        tags.push(answer.header("etag").unwrap().to_owned());
    }
    assert_ne!(tags[0], tags[1]);
    let fields = |tag: &str| format!("Host: localhost\r\nIf-None-Match: {tag}\r\n");
    let same = get_with(bare.address, "/screen.png", &fields(&tags[1])).await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(get_with(bare.address, "/screen.png", &fields(&tags[0])).await.status, 200);
}

#[tokio::test]
async fn the_state_is_the_terminals() {
    let bare = Bare::start().await;
    bare.state.send_modify(|state| {
        state.screen = "present";
        state.amount_fen = Some(1234);
        state.qr = Some("weixin://x".into());
        state.seconds_left = Some(9);
    });
    let expected = json!({
        "screen": "present", "amount_fen": 1234, "order": null, "outcome": null,
        "qr": "weixin://x", "seconds_left": 9, "open": 0, "online": false,
    });
    assert_eq!(get(bare.address, "/state.json").await.json(), expected);
}

#[tokio::test]
async fn every_key_is_pressed_as_it_is_named() {
    let mut bare = Bare::start().await;
    for key in Key::all() {
        let answer = post(bare.address, "/key", &json!({ "key": key.to_string() })).await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "delivered": true })));
        let event = keypad_next(&mut bare).await;
        assert_eq!(event, KeypadEvent::Pressed(key));
    }
}

async fn keypad_next(bare: &mut Bare) -> KeypadEvent {
    std::future::poll_fn(|cx| keypad::Keypad::poll_event(&mut bare.devices.keypad, cx)).await
}

#[tokio::test]
async fn a_scan_goes_through_the_scanners_framer() {
    let mut bare = Bare::start().await;
    // The identifier that scanners put in front is taken off by the framer, and by nothing else.
    for text in ["]Q1284214903060794755", "284214903060794755\r\n"] {
        assert_eq!(post(bare.address, "/scan", &json!({ "text": text })).await.status, 200);
        match scanner::next(&mut bare.devices.scanner).await {
            ScannerEvent::Read(reading) => assert_eq!(reading.text, "284214903060794755"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_tap_counts_while_the_reader_awaits_one() {
    let mut bare = Bare::start().await;
    let tap = json!({ "token": "284214903060794755" });
    let early = post(bare.address, "/nfc", &tap).await;
    assert_eq!(early.status, 409);
    assert!(early.error().contains("begin a sale"), "{}", early.error());
    bare.devices.nfc.arm(true);
    assert_eq!(post(bare.address, "/nfc", &tap).await.status, 200);
    let event = nfc::next(&mut bare.devices.nfc).await;
    assert_eq!(event, NfcEvent::Tapped("284214903060794755".into()));
}

#[tokio::test]
async fn receipts_are_told_line_by_line_oldest_first() {
    let mut bare = Bare::start().await;
    assert_eq!(get(bare.address, "/receipts.json").await.json(), json!([]));
    for name in ["one", "two"] {
        let lines = vec![PrintLine::pair(name, "¥0.01"), PrintLine::Rule];
        bare.devices.printer.print(&PrintJob { lines, cut: true }).unwrap();
    }
    let receipts = get(bare.address, "/receipts.json").await.json();
    assert_eq!(receipts.as_array().unwrap().len(), 2);
    let expected = json!({
        "cut": true,
        "lines": [{ "kind": "pair", "left": "one", "right": "¥0.01" }, { "kind": "rule" }],
    });
    assert_eq!(receipts[0], expected);
}
