//! The browser panel: the terminal's screen, its keys and a customer's phone as a page, for
//! development, demonstrations and tests (`contract.md`, "Browser panel").
//!
//! It owns nothing of the payment: it looks at the virtual display and the watched state, and acts
//! only through the handles of the virtual devices, as a cashier and a customer would. What it
//! sends goes the devices' ways, so a scan is framed like a scanner's (I16). No key is within its
//! reach (I17). Every input is bounded in bytes, every connection in number and time (I15).
//!
//! `guard` decides who may ask, `input` takes what is pressed and scanned, `picture`, `events` and
//! `receipts` tell what the terminal shows; `app::sockets` holds the connections.

mod events;
mod guard;
mod input;
mod picture;
mod receipts;
mod refusal;

use crate::app::terminal::State;
use crate::secret::Secret;
use axum::Json;
use axum::Router;
use axum::extract::State as Has;
use axum::http::{Method, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use guard::Guard;
use hal::mock::VirtualHandles;
use picture::Picture;
use refusal::Refusal;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::watch;

pub use crate::app::sockets::{CONNECTIONS_MAX, serve};
pub use guard::BODY_LEN_MAX;

/// Where a neighbour's routes are mounted.
const BESIDE: &str = "/gateway";

/// What the panel looks at and acts on.
#[derive(Debug)]
pub struct Panel {
    /// The virtual devices.
    pub handles: VirtualHandles,
    /// What the terminal tells of itself.
    pub state: watch::Receiver<State>,
    /// What a browser has to present, if anything.
    pub token: Option<Secret>,
}

/// What every route has.
#[derive(Debug)]
struct Shared {
    handles: VirtualHandles,
    state: watch::Receiver<State>,
    picture: Picture,
    /// Whether a gateway's control is mounted beside the panel.
    beside: bool,
}

type Panelled = Has<Arc<Shared>>;

impl Panel {
    /// The routes; `beside`, a simulated gateway's control, is mounted under `/gateway/` and
    /// guarded like the rest.
    pub fn router(self, beside: Option<Router>) -> Router {
        let shared = Arc::new(Shared {
            picture: Picture::new(self.handles.display.clone()),
            handles: self.handles,
            state: self.state,
            beside: beside.is_some(),
        });
        let own = Router::new()
            .route(
                "/",
                get(async || asset("text/html; charset=utf-8", include_str!("panel/page.html"))),
            )
            .route("/page.css", get(async || asset("text/css", include_str!("panel/page.css"))))
            .route("/page.js", get(async || asset(SCRIPT, include_str!("panel/page.js"))))
            .route("/words.js", get(async || asset(SCRIPT, include_str!("panel/words.js"))))
            .route("/phone.js", get(async || asset(SCRIPT, include_str!("panel/phone.js"))))
            .route("/gateway.js", get(async || asset(SCRIPT, include_str!("panel/gateway.js"))))
            .route("/panel.json", get(about))
            .route("/screen.png", get(picture::screen))
            .route("/state.json", get(state))
            .route("/events", get(events::events))
            .route("/receipts.json", get(receipts::receipts))
            .route("/key", post(input::key))
            .route("/scan", post(input::scan))
            .route("/nfc", post(input::nfc))
            .with_state(shared);
        let all = match beside {
            Some(beside) => own.nest(BESIDE, beside.method_not_allowed_fallback(wrong_method)),
            None => own,
        };
        let guard = Arc::new(Guard::new(self.token));
        all.method_not_allowed_fallback(wrong_method)
            .fallback(unknown)
            .layer(axum::middleware::from_fn_with_state(guard, guard::check))
    }
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A part of the page. It changes only with the program, and a browser that kept an old one would
/// speak to a new one.
fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

/// What the page needs to know before it draws itself.
async fn about(Has(shared): Panelled) -> Response {
    let screen = shared.handles.display.frame().geometry();
    let keys: Vec<String> = hal::Key::all().map(|key| key.to_string()).collect();
    fresh(json!({
        "gateway": shared.beside,
        "keys": keys,
        "width": screen.width(),
        "height": screen.height(),
    }))
}

async fn state(Has(shared): Panelled) -> Response {
    let state = shared.state.borrow().clone();
    fresh(state)
}

/// JSON that is true now only.
fn fresh(value: impl serde::Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

async fn unknown(uri: Uri) -> Response {
    Refusal::not_found(format!(
        "nothing is at {}: expected /, /screen.png, /state.json, /events, /receipts.json, \
         /panel.json, or a POST to /key, /scan or /nfc",
        uri.path()
    ))
    .into_response()
}

async fn wrong_method(method: Method, uri: Uri) -> Response {
    let right = if method == Method::POST { "GET" } else { "POST" };
    Refusal::wrong_method(format!("{} takes {right}, not {method}", uri.path())).into_response()
}
