//! The control over HTTP, as a router for whoever serves one: the simulator itself under
//! `/_control/`, and a demo page under a prefix of its choosing.

use std::convert::Infallible;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::{get, post},
};
use futures_util::stream;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    control::{Connectivity, Control},
    customer::{Behaviour, Wallet},
    fault::{FaultRule, file::explain},
    ledger::{RefundEnd, RefundScript},
    settings::{Company, Operator},
};

/// The control of a simulator as a router, to be mounted under a prefix of the caller's choosing.
///
/// | call | does |
/// |---|---|
/// | `GET /orders`, `GET /log` | the books; the latest calls |
/// | `GET /notifications` | the latest attempts at notifications |
/// | `POST /renotify {"order"}` | the latest notification once more, byte for byte |
/// | `POST /recharge {"fails"}` | whether flow recharges fail |
/// | `POST /operators [{"login_name", "password", "name", "may_refund"}]` | who may log in |
/// | `GET /company`, `POST /company {…}` | what a login tells of its merchant |
/// | `GET /recharges` | the flow recharges |
/// | `GET /terminals` | Upay's terminals and their keys |
/// | `GET /online` | `{"online", "connectivity"}` |
/// | `GET /faults` | the rules in force: `[{"rule", "seen", "fired"}]` |
/// | `GET /events` | server-sent `change` events, with the count of changes |
/// | `POST /customer {"code"?, "behaviour"}` | scripts a code, or the default |
/// | `POST /approve {"order"}`, `POST /decline {"order"}` | the customer decides |
/// | `POST /refund {"refund"?, "ms"?, "end"?}` | scripts a refund's number, or the default |
/// | `POST /scan-qr {"qr"}`, `POST /pay-qr {"qr"}` | the phone |
/// | `POST /show-code {"wallet"}` | a fresh payment code |
/// | `POST /fault {rule}`, `POST /clear-faults` | faults, as in a faults file |
/// | `POST /online {"online"}`, `POST /skew {"seconds"}` | network, wall clock |
///
/// What is refused is answered 4xx with `{"error"}`.
pub fn control_router(control: Control) -> Router {
    Router::new()
        .route("/orders", get(async |State(control): State<Control>| Json(control.orders())))
        .route("/log", get(async |State(control): State<Control>| Json(control.requests())))
        .route(
            "/notifications",
            get(async |State(control): State<Control>| Json(control.notifications())),
        )
        .route("/renotify", post(renotify))
        .route("/recharge", post(recharge))
        .route("/operators", post(operators))
        .route(
            "/company",
            get(async |State(control): State<Control>| Json(control.company_told())).post(company),
        )
        .route("/recharges", get(async |State(control): State<Control>| Json(control.recharges())))
        .route("/terminals", get(async |State(control): State<Control>| Json(control.terminals())))
        .route("/faults", get(async |State(control): State<Control>| Json(control.faults())))
        .route("/events", get(events))
        .route("/customer", post(customer))
        .route("/approve", post(approve))
        .route("/decline", post(decline))
        .route("/scan-qr", post(scan_qr))
        .route("/pay-qr", post(pay_qr))
        .route("/show-code", post(show_code))
        .route("/fault", post(fault))
        .route("/clear-faults", post(clear_faults))
        .route("/refund", post(refund))
        .route("/online", get(how_online).post(online))
        .route("/skew", post(skew))
        .with_state(control)
}

fn refused(status: StatusCode, why: impl ToString) -> Response {
    (status, Json(json!({ "error": why.to_string() }))).into_response()
}

fn done() -> Response {
    Json(json!({ "ok": true })).into_response()
}

/// Answers 200 with the value, or 409 with the reason.
fn told<T: serde::Serialize, E: ToString>(result: Result<T, E>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => refused(StatusCode::CONFLICT, error),
    }
}

/// Reads a body whatever its Content-Type says, and tells what is wrong with it.
#[expect(clippy::result_large_err, reason = "the error is the response that is sent")]
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Response> {
    serde_json::from_slice(body).map_err(|error| {
        let full = error.to_string();
        let (bare, place) = full.split_once(" at line ").unwrap_or((&full, "1"));
        let why = format!("{} (line {place})", explain(bare));
        refused(StatusCode::BAD_REQUEST, why)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerBody {
    code: Option<String>,
    behaviour: Behaviour,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundBody {
    refund: Option<String>,
    #[serde(default)]
    ms: u64,
    #[serde(default)]
    end: RefundEnd,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RechargeBody {
    fails: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderBody {
    order: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QrBody {
    qr: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WalletBody {
    wallet: Wallet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnlineBody {
    online: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkewBody {
    seconds: i64,
}

async fn events(State(control): State<Control>) -> Response {
    let mut receiver = control.subscribe();
    // The first event tells the present, so that a page need not ask for it.
    receiver.mark_changed();
    let changes = stream::unfold(receiver, async |mut receiver| {
        receiver.changed().await.ok()?;
        let count = *receiver.borrow_and_update();
        let event = Event::default().event("change").data(count.to_string());
        Some((Ok::<_, Infallible>(event), receiver))
    });
    Sse::new(changes).into_response()
}

async fn customer(State(control): State<Control>, body: Bytes) -> Response {
    let body: CustomerBody = match read(&body) {
        Ok(body) => body,
        Err(response) => return response,
    };
    match body.code {
        Some(code) if control.customer(&code, body.behaviour) => done(),
        Some(_) => refused(StatusCode::CONFLICT, "too many codes are scripted"),
        None => {
            control.default_customer(body.behaviour);
            done()
        }
    }
}

async fn refund(State(control): State<Control>, body: Bytes) -> Response {
    let RefundBody { refund, ms, end } = match read(&body) {
        Ok(body) => body,
        Err(response) => return response,
    };
    let script = RefundScript { ms, end };
    match refund {
        Some(refund) if control.refund(&refund, script) => done(),
        Some(_) => refused(StatusCode::CONFLICT, "too many refunds are scripted"),
        None => {
            control.default_refund(script);
            done()
        }
    }
}

async fn recharge(State(control): State<Control>, body: Bytes) -> Response {
    match read::<RechargeBody>(&body) {
        Ok(body) => {
            control.recharges_fail(body.fails);
            done()
        }
        Err(response) => response,
    }
}

async fn operators(State(control): State<Control>, body: Bytes) -> Response {
    match read::<Vec<Operator>>(&body) {
        Ok(operators) => {
            control.operators(operators);
            done()
        }
        Err(response) => response,
    }
}

async fn company(State(control): State<Control>, body: Bytes) -> Response {
    match read::<Company>(&body) {
        Ok(company) => {
            control.company(company);
            done()
        }
        Err(response) => response,
    }
}

async fn approve(State(control): State<Control>, body: Bytes) -> Response {
    match read::<OrderBody>(&body) {
        Ok(body) => told(control.approve(&body.order)),
        Err(response) => response,
    }
}

async fn renotify(State(control): State<Control>, body: Bytes) -> Response {
    match read::<OrderBody>(&body) {
        Ok(body) => told(control.renotify(&body.order).map(|()| json!({ "ok": true }))),
        Err(response) => response,
    }
}

async fn decline(State(control): State<Control>, body: Bytes) -> Response {
    match read::<OrderBody>(&body) {
        Ok(body) => told(control.decline(&body.order)),
        Err(response) => response,
    }
}

async fn scan_qr(State(control): State<Control>, body: Bytes) -> Response {
    match read::<QrBody>(&body) {
        Ok(body) => told(control.scan_qr(&body.qr)),
        Err(response) => response,
    }
}

async fn pay_qr(State(control): State<Control>, body: Bytes) -> Response {
    match read::<QrBody>(&body) {
        Ok(body) => told(control.phone_pay(&body.qr)),
        Err(response) => response,
    }
}

async fn show_code(State(control): State<Control>, body: Bytes) -> Response {
    match read::<WalletBody>(&body) {
        Ok(body) => match control.show_code(body.wallet) {
            Some(code) => Json(json!({ "code": code })).into_response(),
            None => refused(StatusCode::CONFLICT, "the shape of this wallet's codes is not known"),
        },
        Err(response) => response,
    }
}

async fn fault(State(control): State<Control>, body: Bytes) -> Response {
    match read::<FaultRule>(&body) {
        Ok(rule) => {
            control.inject(rule);
            done()
        }
        Err(response) => response,
    }
}

async fn clear_faults(State(control): State<Control>) -> Response {
    control.clear_faults();
    done()
}

async fn how_online(State(control): State<Control>) -> Response {
    let connectivity = control.connectivity();
    let online = connectivity == Connectivity::Online;
    Json(json!({ "online": online, "connectivity": connectivity })).into_response()
}

async fn online(State(control): State<Control>, body: Bytes) -> Response {
    match read::<OnlineBody>(&body) {
        Ok(body) => {
            control.set_online(body.online);
            done()
        }
        Err(response) => response,
    }
}

async fn skew(State(control): State<Control>, body: Bytes) -> Response {
    match read::<SkewBody>(&body) {
        Ok(body) => {
            control.skew_clock(body.seconds);
            done()
        }
        Err(response) => response,
    }
}
