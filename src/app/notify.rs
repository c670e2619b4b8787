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
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tracing::{info, warn};

/// The largest notification: fifty goods with every text at its limit stay below.
pub const BODY_LEN_MAX: usize = 128 * 1024;

/// How long a body may take to come, so that slow ones cannot hold every connection (I15).
const BODY_WAIT: Duration = Duration::from_secs(10);

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
    /// What became of it.
    pub taken: oneshot::Sender<Taken>,
}

/// What became of a notification. Only one that is durable is acknowledged (I13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is written down, now or before.
    Durable,
    /// Its order is none of this journal's.
    UnknownOrder,
    /// The journal did not take it; the gateway is to repeat it.
    NotDurable,
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
        .with_state(listener);
    (router, inbox)
}

async fn notified(State(listener): State<Arc<Listener>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let status = match whole(body).await {
        Ok(body) => listener.judge(head.uri.query().unwrap_or_default(), &body).await,
        Err(status) => status,
    };
    let (content_type, answer) = listener.gateway.notification_answer(status == StatusCode::OK);
    (status, [(header::CONTENT_TYPE, content_type)], answer).into_response()
}

/// The body, if it is neither too large nor too slow.
async fn whole(body: Body) -> Result<Vec<u8>, StatusCode> {
    match tokio::time::timeout(BODY_WAIT, to_bytes(body, BODY_LEN_MAX)).await {
        Ok(Ok(body)) => Ok(body.into()),
        // Or its sender broke off, and hears nothing of this.
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

impl Listener {
    async fn judge(&self, query: &str, body: &[u8]) -> StatusCode {
        match self.gateway.decode_notification(query, body) {
            Ok(notification) => self.tell(notification.order, self.gateway.redact(body)).await,
            Err(refused) => {
                warn!(%refused, "a notification was refused");
                StatusCode::BAD_REQUEST
            }
        }
    }

    async fn tell(&self, order: OrderId, text: String) -> StatusCode {
        let (taken, heard) = oneshot::channel();
        let shown = order.clone();
        if self.told.try_send(Told { order, text, taken }).is_err() {
            warn!(order = %shown, "a notification found no room; the gateway will repeat it");
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        match tokio::time::timeout(TAKEN_WAIT, heard).await {
            Ok(Ok(Taken::Durable)) => {
                info!(order = %shown, "notified");
                StatusCode::OK
            }
            Ok(Ok(Taken::UnknownOrder)) => StatusCode::NOT_FOUND,
            Ok(Ok(Taken::NotDurable) | Err(_)) | Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
