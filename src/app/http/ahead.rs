//! A connection opened ahead, and the proof that a request had one.
//!
//! A layer around reqwest's connector. A call that only primes lets the connector finish (TCP and
//! TLS), keeps the connection and fails before hyper gets it, so that no byte of HTTP can leave.
//! The next exchange with the same origin takes it if it is fresh and still open.
//!
//! reqwest's connection type cannot be named, and so cannot be wrapped to count bytes. What can be
//! known without a doubt is whether the request was given a connection at all: [`Call`] notes it,
//! and everything after it counts as "maybe sent" (I4).
//!
//! The call travels in a task-local: with the pool off, hyper-util polls the connector inside the
//! future of the request. Should that ever change, connecting fails, loudly and before a byte.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBuf};
use tokio::time::Instant;
use tower::{Layer, Service};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long a connection may wait to be used. Servers and the address translation of cheap routers
/// drop silent connections after 30 to 60 s, some without a word; a connection younger than this is
/// worth trusting.
const FRESH: Duration = Duration::from_secs(20);
/// How old a connection may be for priming to leave it at that; older ones are replaced, so that a
/// priming is good for at least half of [`FRESH`].
const YOUNG: Duration = Duration::from_secs(10);

tokio::task_local! {
    /// The call on whose behalf this task connects.
    pub(super) static CALL: Arc<Call>;
}

/// One use of the client.
#[derive(Debug)]
pub(super) struct Call {
    purpose: Purpose,
    connected_at: OnceLock<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum Purpose {
    /// Open a connection and keep it.
    Ahead,
    /// Send a request, over the kept connection if it leads there.
    Exchange { may_take_ahead: bool },
}

impl Call {
    /// A call that opens a connection ahead.
    pub(super) fn ahead() -> Arc<Call> {
        Arc::new(Call { purpose: Purpose::Ahead, connected_at: OnceLock::new() })
    }

    /// A call that sends a request.
    pub(super) fn exchange(may_take_ahead: bool) -> Arc<Call> {
        let purpose = Purpose::Exchange { may_take_ahead };
        Arc::new(Call { purpose, connected_at: OnceLock::new() })
    }

    /// When the request got its connection. Until then nothing of it has left the device.
    pub(super) fn connected_at(&self) -> Option<Instant> {
        self.connected_at.get().copied()
    }
}

/// Not an error: how a priming call ends.
#[derive(Debug, thiserror::Error)]
#[error("the connection was opened and kept")]
pub(super) struct OpenedAhead;

/// hyper-util connects outside the request: [`Call`] is lost, and with it the proof.
#[derive(Debug, thiserror::Error)]
#[error("connecting outside of a call")]
struct OutsideCall;

/// The place of at most one connection.
#[derive(Default)]
pub(super) struct Ahead {
    kept: Mutex<Option<Kept>>,
}

impl std::fmt::Debug for Ahead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ahead")
    }
}

struct Kept {
    connection: Box<dyn Connection>,
    opened_at: Instant,
}

/// A connection whose type cannot be named here.
trait Connection: Any + Send {
    /// Whether the peer has neither closed nor said anything.
    fn poll_is_quiet(&mut self, cx: &mut Context<'_>) -> bool;
}

impl<C: Read + Unpin + Send + 'static> Connection for C {
    fn poll_is_quiet(&mut self, cx: &mut Context<'_>) -> bool {
        // TLS handles its own messages (session tickets) inside. An end, an error and a byte that
        // nobody asked for all make the connection useless, so the byte is not missed.
        let mut byte = [0; 1];
        let mut buffer = ReadBuf::new(&mut byte);
        Pin::new(self).poll_read(cx, buffer.unfilled()).is_pending()
    }
}

impl Kept {
    /// Whether it is still worth using.
    async fn is_usable(&mut self) -> bool {
        if self.opened_at.elapsed() > FRESH {
            return false;
        }
        // Lets the runtime look at its sockets, so that a close that has already arrived is seen.
        tokio::task::yield_now().await;
        poll_fn(|cx| Poll::Ready(self.connection.poll_is_quiet(cx))).await
    }
}

impl Ahead {
    /// Whether a usable connection is waiting that is young enough to need no other. One that is
    /// not usable is closed; one that is only no longer young stays until another takes its place.
    pub(super) async fn is_waiting(&self) -> bool {
        let Some(kept) = self.take_usable().await else { return false };
        let is_young = kept.opened_at.elapsed() <= YOUNG;
        self.put(kept);
        is_young
    }

    fn keep<C: Connection>(&self, connection: C) {
        self.put(Kept { connection: Box::new(connection), opened_at: Instant::now() });
    }

    async fn take<C: Connection>(&self) -> Option<C> {
        let connection: Box<dyn Any> = self.take_usable().await?.connection;
        connection.downcast::<C>().ok().map(|connection| *connection)
    }

    async fn take_usable(&self) -> Option<Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        kept.is_usable().await.then_some(kept)
    }

    fn put(&self, kept: Kept) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }
}

/// Puts [`AheadConnector`] around reqwest's connector.
#[derive(Clone)]
pub(super) struct AheadLayer {
    ahead: Arc<Ahead>,
}

impl AheadLayer {
    pub(super) fn new(ahead: Arc<Ahead>) -> AheadLayer {
        AheadLayer { ahead }
    }
}

impl<S> Layer<S> for AheadLayer {
    type Service = AheadConnector<S>;

    fn layer(&self, inner: S) -> AheadConnector<S> {
        AheadConnector { inner, ahead: Arc::clone(&self.ahead) }
    }
}

/// Connects as its [`Call`] asks.
#[derive(Clone)]
pub(super) struct AheadConnector<S> {
    inner: S,
    ahead: Arc<Ahead>,
}

impl<S, R> Service<R> for AheadConnector<S>
where
    S: Service<R, Error = BoxError> + Clone + Send + 'static,
    S::Response: Read + Unpin + Send + 'static,
    S::Future: Send,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let call = CALL.try_with(Arc::clone);
        let ahead = Arc::clone(&self.ahead);
        // The one that was polled ready goes; its clone stays.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let call = call.map_err(|_| OutsideCall)?;
            let taken = match call.purpose {
                Purpose::Ahead => {
                    ahead.keep(inner.call(request).await?);
                    return Err(OpenedAhead.into());
                }
                Purpose::Exchange { may_take_ahead: true } => ahead.take().await,
                Purpose::Exchange { may_take_ahead: false } => None,
            };
            let connection = match taken {
                Some(connection) => connection,
                None => inner.call(request).await?,
            };
            // Noted before hyper gets it: from here on a byte may leave.
            let _ = call.connected_at.set(Instant::now());
            Ok(connection)
        })
    }
}
