//! The sockets: accepts connections, reads calls, waits where the gateway says to wait, and writes
//! answers with or without faults (`deliver`).
//!
//! Owns the listener and one task per connection, at most `max_connections`. A call goes on
//! although its client has left, as a gateway's does. Requests under `/_control/` are handed to the
//! control router.

pub(crate) mod deliver;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
    time::{sleep, sleep_until},
};
use tracing::debug;

use crate::{
    control::{Connectivity, Control},
    control_http,
    fault::Fault,
    gateway::{Gateway, Received, Request, Step},
    http::{self, ReadError, Rewound},
    notify,
    port::Port,
    value::Value,
};
use deliver::{Delivery, hold};

/// What every connection and every control handle share.
#[derive(Debug)]
pub(crate) struct Shared {
    gateway: Mutex<Gateway>,
    pub changed: watch::Sender<u64>,
    pub connectivity: watch::Sender<Connectivity>,
}

impl Shared {
    pub fn new(gateway: Gateway) -> Self {
        Self {
            gateway: Mutex::new(gateway),
            changed: watch::Sender::new(0),
            connectivity: watch::Sender::new(Connectivity::Online),
        }
    }

    /// The gateway, and the moment it was reached at. A panic elsewhere leaves books that are still
    /// whole, since every change of them is finished before anything can fail.
    pub fn gateway(&self) -> (MutexGuard<'_, Gateway>, u64) {
        let gateway = self.gateway.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = gateway.clock.now_ms();
        (gateway, now_ms)
    }

    /// Tells everyone who waits that something may have changed.
    pub fn touch(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// Serves until `stop` is dropped.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    port: Port,
    listener: TcpListener,
    mut stop: watch::Receiver<()>,
) {
    let (to_control, control) = mpsc::channel(64);
    let router = axum::Router::new()
        .nest("/_control", control_http::control_router(Control::new(Arc::clone(&shared))));
    let mut tasks = JoinSet::new();
    let handed = Handed { connections: control, address: port.address() };
    tasks.spawn(async move {
        if let Err(error) = axum::serve(handed, router).await {
            debug!(%error, "the control router ended");
        }
    });
    tasks.spawn(notify::run(Arc::clone(&shared)));
    let max_connections = shared.gateway().0.settings.max_connections;
    let permits = Arc::new(Semaphore::new(max_connections));
    let mut connectivity = shared.connectivity.subscribe();
    // It may have been set since the start, before this task ran.
    connectivity.mark_changed();
    let mut listener = Some(listener);
    loop {
        tokio::select! {
            // Dropped by `Simulator::stop`, or with the simulator.
            _ = stop.changed() => break,
            changed = connectivity.changed() => {
                if changed.is_err() {
                    break;
                }
                let refusing = *connectivity.borrow_and_update() == Connectivity::Refusing;
                listener = match listener.take() {
                    _ if refusing => None,
                    Some(listener) => Some(listener),
                    None => listen(&port).await,
                };
            }
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            (permit, stream) = accept(listener.as_ref(), &permits), if listener.is_some() => {
                let (shared, to_control) = (Arc::clone(&shared), to_control.clone());
                tasks.spawn(async move {
                    connection(&shared, stream, &to_control).await;
                    drop(permit);
                });
            }
        }
    }
    tasks.shutdown().await;
}

/// Listens again; the port is ours, so that only a lack of sockets can be in the way, for a moment.
async fn listen(port: &Port) -> Option<TcpListener> {
    for _ in 0..50 {
        match port.listen() {
            Ok(listener) => return Some(listener),
            Err(error) => debug!(%error, "nothing can be listened on"),
        }
        sleep(Duration::from_millis(20)).await;
    }
    None
}

/// A connection, once there is room for it.
async fn accept(
    listener: Option<&TcpListener>,
    permits: &Arc<Semaphore>,
) -> (Option<tokio::sync::OwnedSemaphorePermit>, TcpStream) {
    loop {
        // The semaphore is never closed; were it, connections would go unlimited, not unserved.
        let permit = Arc::clone(permits).acquire_owned().await.ok();
        let Some(listener) = listener else { return std::future::pending().await };
        match listener.accept().await {
            Ok((stream, _)) => return (permit, stream),
            // Out of file descriptors, or a client that left at once: wait a little, go on.
            Err(error) => {
                debug!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Connections that the control router serves.
struct Handed {
    connections: mpsc::Receiver<Rewound>,
    address: SocketAddr,
}

impl axum::serve::Listener for Handed {
    type Io = Rewound;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Rewound, SocketAddr) {
        match self.connections.recv().await {
            Some(connection) => (connection, self.address),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

async fn connection(shared: &Shared, mut stream: TcpStream, control: &mpsc::Sender<Rewound>) {
    // A drip is only a drip, and a reset only after byte k, if the kernel gathers nothing.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let limit = shared.gateway().0.settings.read_timeout_ms.map(Duration::from_millis);
    loop {
        let head = match http::read_head(&mut stream, limit).await {
            Ok(head) => head,
            Err(ReadError::Gone) => return,
            Err(ReadError::Status(status)) => {
                deliver::status(shared, &mut stream, status).await;
                return;
            }
        };
        if head.request.segments.first().is_some_and(|first| first == "_control") {
            // The router is gone only while the simulator stops.
            let _ = control.send(Rewound::new(head.raw, stream)).await;
            return;
        }
        let request = match http::read_body(&mut stream, head, limit).await {
            Ok(request) => request,
            Err(ReadError::Gone) => return,
            Err(ReadError::Status(status)) => {
                deliver::status(shared, &mut stream, status).await;
                return;
            }
        };
        let connectivity = *shared.connectivity.borrow();
        match connectivity {
            Connectivity::Online => {}
            Connectivity::Cut | Connectivity::Refusing => return deliver::reset(stream),
            Connectivity::Silent => return hold(&mut stream).await,
        }
        match call(shared, &mut stream, &request).await {
            Delivery::KeepOpen => {}
            Delivery::Close => return,
            Delivery::Reset => return deliver::reset(stream),
        }
    }
}

/// One call, from its request to the last byte of its answer.
async fn call(shared: &Shared, stream: &mut TcpStream, request: &Request) -> Delivery {
    let received = {
        let (mut gateway, now_ms) = shared.gateway();
        gateway.receive(request, now_ms)
    };
    let received = match received {
        Ok(received) => received,
        Err(no_such_call) => {
            deliver::status(shared, stream, no_such_call.0).await;
            return Delivery::Close;
        }
    };
    let unprocessed = |outcome: &str| {
        shared.gateway().0.record(&received, outcome.to_owned());
        shared.touch();
    };
    match &received.fault {
        Some(Fault::DropRequest) => {
            unprocessed("request dropped");
            return Delivery::Close;
        }
        Some(Fault::Offline) => {
            unprocessed("never answered");
            hold(stream).await;
            return Delivery::Close;
        }
        Some(Fault::Http500 { processed: false }) => {
            unprocessed("HTTP 500");
            deliver::status(shared, stream, 500).await;
            return Delivery::Close;
        }
        Some(Fault::Redirect) => {
            unprocessed("HTTP 302");
            deliver::redirect(shared, stream).await;
            return Delivery::Close;
        }
        Some(Fault::Delay { ms }) => sleep(Duration::from_millis(*ms)).await,
        Some(_) | None => {}
    }
    let answer = process(shared, &received).await;
    if received.fault == Some(Fault::EarlyNotice) {
        early_notice(shared, &received).await;
    }
    if let Some(Fault::DelayAnswer { ms }) = &received.fault {
        sleep(Duration::from_millis(*ms)).await;
    }
    let sealed = shared.gateway().0.seal(&received, answer);
    shared.touch();
    let connectivity = *shared.connectivity.borrow();
    match connectivity {
        Connectivity::Online => {}
        Connectivity::Cut | Connectivity::Refusing => return Delivery::Reset,
        Connectivity::Silent => {
            hold(stream).await;
            return Delivery::Close;
        }
    }
    deliver::answer(shared, stream, sealed, received.fault.as_ref()).await
}

/// The customer pays the order that was just made, and its notification is waited for.
async fn early_notice(shared: &Shared, received: &Received) {
    let told = {
        let (mut gateway, now_ms) = shared.gateway();
        let Some(seq) = gateway.ledger.find_any(&received.order, now_ms) else { return };
        let paid = gateway.ledger.approve(seq, now_ms);
        let order = gateway.order(seq, now_ms).filter(|_| paid);
        order.is_some_and(|order| order.details.get("NODIFY_URL").is_some())
    };
    shared.touch();
    if told {
        notify::notified(shared, &received.order).await;
    }
}

/// The answer of a call: what the books say once the customer has decided, or what a fault says.
async fn process(shared: &Shared, received: &Received) -> Value {
    // Before the call is carried out, so that no change is missed.
    let mut changed = shared.changed.subscribe();
    let mut step = {
        let (mut gateway, now_ms) = shared.gateway();
        match &received.fault {
            Some(Fault::ErrorCode { code, processed: false }) => {
                return gateway.answer_code(received, code, now_ms);
            }
            Some(Fault::StaleNotFound) => return gateway.answer_not_found(received, now_ms),
            Some(Fault::Maintenance) => return gateway.answer_maintenance(received, now_ms),
            Some(_) | None => gateway.perform(received, now_ms),
        }
    };
    shared.touch();
    changed.mark_unchanged();
    loop {
        match step {
            Step::Answer(answer) => {
                let (mut gateway, now_ms) = shared.gateway();
                return match &received.fault {
                    Some(Fault::ErrorCode { code, processed: true }) => {
                        gateway.answer_code(received, code, now_ms)
                    }
                    Some(_) | None => answer,
                };
            }
            Step::Hold { seq, until_ms } => {
                let due = until_ms.map(|at_ms| shared.gateway().0.clock.instant(at_ms));
                tokio::select! {
                    // The sender lives in `shared`, so this cannot fail while we run.
                    _ = changed.changed() => {}
                    () = async {
                        match due {
                            Some(due) => sleep_until(due).await,
                            None => std::future::pending().await,
                        }
                    } => {}
                }
                let (mut gateway, now_ms) = shared.gateway();
                step = gateway.resume(received, seq, now_ms);
            }
        }
    }
}
