//! What is pressed, scanned and tapped, into the virtual devices' queues.

use super::Panelled;
use super::refusal::Refusal;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Has;
use axum::response::{IntoResponse, Response};
use hal::Key;
use hal::mock::Delivery;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScanBody {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NfcBody {
    token: String,
}

/// The words of a device that did not take an input.
struct Words {
    full: &'static str,
    absent: &'static str,
    disarmed: &'static str,
}

pub(super) async fn key(Has(shared): Panelled, body: Bytes) -> Result<Response, Refusal> {
    let body: KeyBody = read(&body, r#"{"key": "enter"}"#)?;
    let key: Key =
        body.key.parse().map_err(|error: hal::key::UnknownKey| Refusal::bad(error.to_string()))?;
    delivered(
        shared.handles.keypad.press(key),
        &Words {
            full: "keys come faster than the terminal takes them: press it again",
            absent: "the keypad is unplugged",
            disarmed: "the keypad is not read now",
        },
    )
}

/// One scan: what ends it is the scanner's to send, so one body is one scan (I16).
pub(super) async fn scan(Has(shared): Panelled, body: Bytes) -> Result<Response, Refusal> {
    let body: ScanBody = read(&body, r#"{"text": "the code's digits"}"#)?;
    let text = body.text.trim_end_matches(['\r', '\n', '\t']);
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Refusal::bad("expected one code in \"text\": some characters on one line"));
    }
    delivered(
        shared.handles.scanner.scan(text),
        &Words {
            full: "scans come faster than the terminal takes them: scan again",
            absent: "this terminal has no virtual scanner, or it is unplugged",
            disarmed: "the scanner is not read now",
        },
    )
}

pub(super) async fn nfc(Has(shared): Panelled, body: Bytes) -> Result<Response, Refusal> {
    let body: NfcBody = read(&body, r#"{"token": "what the phone answers"}"#)?;
    if body.token.is_empty() || body.token.chars().any(char::is_control) {
        return Err(Refusal::bad("expected a token: some characters on one line"));
    }
    delivered(
        shared.handles.nfc.tap(&body.token),
        &Words {
            full: "phones come faster than the terminal takes them: tap again",
            absent: "this terminal has no virtual NFC reader, or it is unplugged",
            disarmed: "the terminal awaits no code now: begin a sale first",
        },
    )
}

fn delivered(delivery: Delivery, words: &Words) -> Result<Response, Refusal> {
    match delivery {
        Delivery::Delivered => Ok(Json(json!({ "delivered": true })).into_response()),
        Delivery::Overrun => Err(Refusal::busy(words.full)),
        Delivery::Absent => Err(Refusal::absent(words.absent)),
        Delivery::Disarmed => Err(Refusal::absent(words.disarmed)),
    }
}

/// The error says where, and not what: the body may hold a customer's code (I17).
fn read<T: DeserializeOwned>(body: &Bytes, expected: &str) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Refusal::bad(format!("expected {expected}; it differs at line {line}, column {column}"))
    })
}
