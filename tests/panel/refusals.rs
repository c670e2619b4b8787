//! What is refused, and that each refusal says what was expected.

use super::bare::Bare;
use super::client::{get, get_with, post, post_with, raw};
use cashier::app::panel::BODY_LEN_MAX;
use hal::mock::Delivery;
use hal::{Key, Nfc};
use serde_json::json;

const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test]
async fn bad_bodies_are_refused_with_what_was_expected() {
    let bare = Bare::start().await;
    for (path, body, expected) in [
        ("/key", "", r#"{"key": "enter"}"#),
        ("/key", "{", r#"{"key": "enter"}"#),
        ("/key", "[]", r#"{"key": "enter"}"#),
        ("/key", r#"{"key": 1}"#, r#"{"key": "enter"}"#),
        ("/key", r#"{"key": "1", "key": "2"}"#, r#"{"key": "enter"}"#),
        ("/key", r#"{"key": "1", "more": 2}"#, r#"{"key": "enter"}"#),
        ("/key", r#"{"key": "Enter"}"#, "use 0 to 9"),
        ("/key", r#"{"key": ""}"#, "use 0 to 9"),
        ("/scan", r#"{"code": "1"}"#, r#"{"text":"#),
        ("/scan", r#"{"text": ""}"#, "one code"),
        ("/scan", r#"{"text": "\r\n"}"#, "one code"),
        ("/scan", r#"{"text": "284214903060794755\r130730865806264036"}"#, "one code"),
        ("/nfc", r#"{"text": "1"}"#, r#"{"token":"#),
        ("/nfc", r#"{"token": ""}"#, "expected a token"),
        ("/nfc", r#"{"token": "a\u0000b"}"#, "expected a token"),
    ] {
        let answer = post_with(bare.address, path, JSON, body).await;
        assert_eq!(answer.status, 400, "{path} {body}");
        assert!(answer.error().contains(expected), "{path} {body}: {}", answer.error());
    }
}

#[tokio::test]
async fn i17_what_was_sent_is_not_repeated() {
    let bare = Bare::start().await;
    let code = "284214903060794755";
    for body in [format!(r#"{{"text": {code}}}"#), format!(r#"{{"{code}": 1}}"#)] {
        let answer = post_with(bare.address, "/scan", JSON, &body).await;
        assert_eq!(answer.status, 400);
        assert!(!answer.text().contains(code), "{}", answer.text());
    }
}

#[tokio::test]
async fn unknown_routes_and_wrong_methods_are_refused() {
    let bare = Bare::start().await;
    let unknown = get(bare.address, "/nothing").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.error().contains("/screen.png"));
    assert_eq!(post(bare.address, "/nothing", &json!({})).await.status, 404);
    let read = get(bare.address, "/key").await;
    assert_eq!(read.status, 405);
    assert!(read.error().contains("takes POST"), "{}", read.error());
    let written = post(bare.address, "/state.json", &json!({})).await;
    assert_eq!(written.status, 405);
    assert!(written.error().contains("takes GET"), "{}", written.error());
}

#[tokio::test]
async fn a_browsers_post_that_is_no_json_is_refused_so_that_no_other_site_can_press_keys() {
    let bare = Bare::start().await;
    let body = r#"{"key": "1"}"#;
    for fields in ["", "Content-Type: text/plain\r\n", "Content-Type: multipart/form-data\r\n"] {
        for browsers in ["Origin: http://evil.example\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
            let fields = format!("{fields}{browsers}");
            let answer = post_with(bare.address, "/key", &fields, body).await;
            assert_eq!(answer.status, 415);
            assert!(answer.error().contains("application/json"));
        }
        // A script is no browser.
        assert_eq!(post_with(bare.address, "/key", fields, body).await.status, 200);
    }
    let with_charset = "Content-Type: Application/JSON; charset=utf-8\r\n";
    assert_eq!(post_with(bare.address, "/key", with_charset, body).await.status, 200);
}

#[tokio::test]
async fn a_body_too_large_is_refused_whether_announced_or_not() {
    let bare = Bare::start().await;
    let body = format!(r#"{{"text": "{}"}}"#, "7".repeat(BODY_LEN_MAX));
    let announced = post_with(bare.address, "/scan", JSON, &body).await;
    assert_eq!(announced.status, 413);
    assert!(announced.error().contains("at most"));
    let chunked = format!(
        "POST /scan HTTP/1.1\r\nHost: localhost\r\n{JSON}Transfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    assert_eq!(raw(bare.address, chunked.as_bytes()).await.status, 413);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up() {
    let bare = Bare::start().await;
    let half = format!(
        "POST /key HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: 9\r\n\
         Connection: close\r\n\r\n{{"
    );
    let answer = raw(bare.address, half.as_bytes()).await;
    assert_eq!(answer.status, 408);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_is_given_up() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bare = Bare::start().await;
    let mut stream = tokio::net::TcpStream::connect(bare.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: local").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
}

#[tokio::test]
async fn devices_that_take_nothing_are_named() {
    let mut bare = Bare::start().await;
    while bare.handles.keypad.press(Key::Enter) != Delivery::Overrun {}
    while bare.handles.scanner.scan("1") != Delivery::Overrun {}
    bare.devices.nfc.arm(true);
    while bare.handles.nfc.tap("1") != Delivery::Overrun {}
    let inputs = [
        ("/key", json!({ "key": "1" })),
        ("/scan", json!({ "text": "284214903060794755" })),
        ("/nfc", json!({ "token": "284214903060794755" })),
    ];
    for (path, body) in &inputs {
        let answer = post(bare.address, path, body).await;
        assert_eq!(answer.status, 503, "{path}");
        assert!(answer.error().contains("again"), "{}", answer.error());
    }
    bare.handles.keypad.unplug();
    bare.handles.scanner.unplug();
    bare.handles.nfc.unplug();
    for (path, body) in &inputs {
        let answer = post(bare.address, path, body).await;
        assert_eq!(answer.status, 409, "{path}");
        assert!(answer.error().contains("unplugged"), "{}", answer.error());
    }
}

#[tokio::test]
async fn a_name_of_another_site_is_no_host_of_this_panel() {
    let bare = Bare::start().await;
    for host in ["Host: evil.example\r\n", "Host: 192.168.1.9:8380\r\n", "Host:\r\n"] {
        let answer = get_with(bare.address, "/state.json", host).await;
        assert_eq!(answer.status, 403, "{host}");
        assert!(answer.error().contains("localhost"));
    }
    for host in ["Host: localhost\r\n", "Host: 127.0.0.1:1\r\n", "Host: [::1]\r\n"] {
        assert_eq!(get_with(bare.address, "/state.json", host).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn with_a_token_every_request_needs_it_and_the_browser_keeps_a_hash_of_it() {
    let bare = Bare::with_token(Some("s3 cret&more")).await;
    let host = "Host: till.shop.example\r\n";
    for path in ["/", "/state.json", "/screen.png", "/events", "/nothing", "/?token=other", "/?x=1"]
    {
        let answer = get_with(bare.address, path, host).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.error().contains("Bearer"));
    }
    assert_eq!(post(bare.address, "/key", &json!({ "key": "1" })).await.status, 401);
    let wrong = format!("{host}Authorization: Bearer s3 cre\r\n");
    assert_eq!(get_with(bare.address, "/state.json", &wrong).await.status, 401);
    let bearer = format!("{host}Authorization: Bearer s3 cret&more\r\n");
    assert_eq!(get_with(bare.address, "/state.json", &bearer).await.status, 200);

    // Only the page takes it from its address, where it does not stay.
    let elsewhere = get_with(bare.address, "/state.json?token=s3%20cret%26more", host).await;
    assert_eq!(elsewhere.status, 401);
    let page = get_with(bare.address, "/?token=s3%20cret%26more", host).await;
    assert_eq!((page.status, page.header("location")), (303, Some("/")));
    let cookie = page.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains("cret"), "{cookie}");
    let kept = cookie.split(';').next().unwrap();
    let with_cookie = format!("{host}Cookie: {kept}\r\n");
    for path in ["/", "/state.json"] {
        assert_eq!(get_with(bare.address, path, &with_cookie).await.status, 200, "{path}");
    }
    let forged = format!("{host}Cookie: {}0\r\n", &kept[..kept.len() - 1]);
    let flipped = kept.ends_with('0');
    assert_eq!(get_with(bare.address, "/", &forged).await.status == 401, !flipped);
}
