//! Listens to the gateway's notifications, which only prompt a query (I13).
//!
//! A notification is acknowledged once it is durable: the handler hands it to the terminal, which
//! writes it down and says so. Its sign is verified first, its body bounded; what is refused is
//! refused alike whatever was wrong, and no content is echoed. A replay is another note and another
//! query, and changes nothing.
//!
//! Sources: JSON zh §5 (HTTP status 200 ends the retries), XML v1 §4 (the XML answer),
//! protocol/README ("Verify a notification's sign").

use crate::gateway::Gateway;
use crate::id::OrderId;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tracing::{info, warn};

/// The largest notification: fifty goods with every text at its limit stay below.
pub const BODY_LEN_MAX: usize = 128 * 1024;

/// Notifications that wait for the terminal; the gateway repeats what does not fit.
const WAITING_MAX: usize = 32;

/// How long the terminal may take to write one down.
const TAKEN_WAIT: Duration = Duration::from_secs(5);

/// A verified notification, for the terminal.
#[derive(Debug)]
pub struct Told {
    /// The order that something happened to.
    pub order: OrderId,
    /// What it says, redacted, for the journal.
    pub text: String,
    /// Whether it is durable, and of an order that we know.
    pub taken: oneshot::Sender<bool>,
}

/// Where verified notifications come out.
pub type Inbox = mpsc::Receiver<Told>;

struct Listener {
    gateway: Gateway,
    told: mpsc::Sender<Told>,
}

/// The routes, and where what comes in comes out. Any path will do: `public_url` has one of the
/// merchant's choosing.
pub fn router(gateway: Gateway) -> (Router, Inbox) {
    let (told, inbox) = mpsc::channel(WAITING_MAX);
    let listener = Arc::new(Listener { gateway, told });
    let router = Router::new()
        .route("/", post(notified))
        .route("/{*path}", post(notified))
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .with_state(listener);
    (router, inbox)
}

async fn notified(
    State(listener): State<Arc<Listener>>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    let status = match listener.gateway.decode_notification(&query, &body) {
        Ok(notification) => {
            let text = listener.gateway.redact(&body);
            listener.tell(notification.order, text).await
        }
        Err(refused) => {
            warn!(%refused, "a notification was refused");
            StatusCode::BAD_REQUEST
        }
    };
    let (content_type, answer) = listener.gateway.notification_answer(status == StatusCode::OK);
    (status, [(header::CONTENT_TYPE, content_type)], answer).into_response()
}

impl Listener {
    async fn tell(&self, order: OrderId, text: String) -> StatusCode {
        let (taken, heard) = oneshot::channel();
        let shown = order.clone();
        if self.told.try_send(Told { order, text, taken }).is_err() {
            warn!(order = %shown, "a notification found no room; the gateway will repeat it");
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        match tokio::time::timeout(TAKEN_WAIT, heard).await {
            Ok(Ok(true)) => {
                info!(order = %shown, "notified");
                StatusCode::OK
            }
            Ok(Ok(false)) => StatusCode::NOT_FOUND,
            Ok(Err(_)) | Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
