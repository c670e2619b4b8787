//! The HTTP client: one request, one connection, one answer, and never a doubt about "not sent".
//!
//! Owns the TLS settings, at most one connection opened ahead, and the bounds on an answer. Touches
//! the network and nothing else; what a status or a body means is the gateway room's to say.
//!
//! - **Not sent is certain** (I4, I8). The pool is off and retries are off, so that every request
//!   has a connection of its own: either the connector gave it one, and a byte may have left, or it
//!   did not, and nothing has. [`AskError::NotSent`] is said in the second case only.
//! - **Verified TLS, no detours** (I18). Roots are built in, or those of `ca_file` *instead*. No
//!   redirect is followed, no proxy is taken from the environment, `http://` needs the explicit
//!   setting. No cookies, no compression, no referer.
//! - **Bounded** (I15). A body is at most [`HttpSettings::body_len_max`]; a head is bounded by
//!   hyper to 100 headers and about 400 KiB; a request by its `timeout`, connecting and drip
//!   included.
//! - **Nothing heard is lost.** What came of an answer that is none goes back beside the error, for
//!   people: [`Unanswered::fragment`]. The error is the same with it and without.
//! - **No secret is logged** (I17). Logs name the host and the kind of failure; never the path, the
//!   query, a header or a body.
//!
//! Sources: reqwest 0.13 (`ClientBuilder::connector_layer`, `retry::never`), hyper-util 0.1
//! (`client::legacy`: with the pool off the connector is polled inside the request), RFC 9110 §15.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONNECTION, DATE, HeaderMap, HeaderValue};
use reqwest::{Client, Request, Response, Url};
use tokio::sync::Mutex;

use crate::payment::AskError;
use ahead::{Ahead, AheadLayer, CALL, Call, OpenedAhead};
pub use failure::Unreachable;
use failure::{Failure, cause_of};
use fragment::{Ear, Refusal};
pub use fragment::{Ended, FRAGMENT_LEN_MAX, Fragment, Unanswered};

mod ahead;
mod failure;
mod fragment;
mod resolve;
mod settings;
mod tls;

pub use settings::{HttpSettings, HttpSettingsError};

/// How long the first bytes of an answer that was refused already are waited for. They mostly come
/// with its head.
const OVERHEAR: Duration = Duration::from_millis(200);

/// The HTTP client. Cheap to clone; clones share the connection that was opened ahead.
#[derive(Clone, Debug)]
pub struct Http {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    base: Url,
    allow_plaintext: bool,
    body_len_max: usize,
    ahead: Arc<Ahead>,
    /// Held while a connection is being opened ahead; keeps what the last attempt found, or
    /// nothing if it was given up.
    opening: Mutex<Option<Result<(), Unreachable>>>,
}

/// How a request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Without a body.
    Get,
    /// With a body.
    Post,
}

/// A request on its way out.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// How it asks.
    pub method: Method,
    /// Whom it asks: an absolute address.
    pub url: String,
    /// Beside `host`, `content-length` and `connection`, which are set here.
    pub headers: Vec<(&'static str, String)>,
    /// What it says; not sent with [`Method::Get`].
    pub body: Vec<u8>,
}

/// A whole answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// 200..=299 or 400..=599; anything else is [`AskError::Garbled`].
    pub status: u16,
    /// All of it, at most [`HttpSettings::body_len_max`].
    pub body: Vec<u8>,
    /// The gateway's clock when it answered, if the answer has a readable `Date`.
    pub date_unix_seconds: Option<u64>,
    /// From the moment there was a connection until the head of the answer was here.
    pub round_trip: Duration,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", &self.method)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming")
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .field("date_unix_seconds", &self.date_unix_seconds)
            .field("round_trip", &self.round_trip)
            .finish()
    }
}

impl Http {
    /// A client for the gateway of these settings. Opens nothing yet.
    pub fn new(settings: &HttpSettings) -> Result<Http, HttpSettingsError> {
        let base = settings.base()?;
        let ahead = Arc::new(Ahead::default());
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client_config(settings.ca_pem.as_deref())?)
            .https_only(!settings.allow_plaintext)
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .tcp_nodelay(true)
            .pool_max_idle_per_host(0)
            .connect_timeout(settings.connect_timeout)
            .dns_resolver(Arc::new(resolve::SystemResolver))
            .connector_layer(AheadLayer::new(Arc::clone(&ahead)))
            .user_agent(concat!("cashier/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(
                CONNECTION,
                HeaderValue::from_static("close"),
            )]))
            .build()
            .map_err(HttpSettingsError::Client)?;
        let shared = Shared {
            client,
            base,
            allow_plaintext: settings.allow_plaintext,
            body_len_max: settings.body_len_max,
            ahead,
            opening: Mutex::new(None),
        };
        Ok(Http { shared: Arc::new(shared) })
    }

    /// Opens a connection to the gateway ahead of the next request, TLS included, without sending
    /// a byte of HTTP. Does nothing while one is waiting that is open and at most 10 s old, so that
    /// the one waiting afterwards is good for 10 s more; joins an attempt that is already running.
    /// Takes at most the connect timeout. What it found is for the status bar.
    pub async fn prime(&self) -> Result<(), Unreachable> {
        let shared = &self.shared;
        let mut found = match shared.opening.try_lock() {
            Ok(found) => found,
            Err(_) => {
                let found = shared.opening.lock().await;
                if let Some(found) = &*found {
                    return found.clone();
                }
                found
            }
        };
        if shared.ahead.is_waiting().await {
            return Ok(());
        }
        *found = None;
        let opening = shared.client.get(shared.base.clone()).send();
        let outcome = match CALL.scope(Call::ahead(), opening).await {
            // The connector always fails such a call; if reqwest answered all the same, the gateway
            // was reached.
            Ok(_) => Ok(()),
            Err(error) if cause_of::<OpenedAhead>(&error).is_some() => Ok(()),
            Err(error) => Err(Unreachable::from_error(&error)),
        };
        if let Err(unreachable) = &outcome {
            tracing::debug!(host = shared.base.host_str(), %unreachable, "no connection ahead");
        }
        *found = Some(outcome.clone());
        outcome
    }

    /// Sends one request, once, and reads its answer, all within `timeout`.
    ///
    /// [`AskError::NotSent`] only if the request never had a connection: an unusable address, no
    /// DNS, refused, a connect timeout, a failed TLS handshake. [`AskError::MaybeSent`] as soon as
    /// it had one and no whole answer came. [`AskError::Garbled`] for a redirect, a body over the
    /// cap, a status out of range, and what is not HTTP. Dropping the future gives the request up
    /// and closes its connection; what is then known is what `MaybeSent` says.
    pub async fn send(&self, request: Outgoing, timeout: Duration) -> Result<Incoming, Unanswered> {
        self.send_over(request, timeout, true).await
    }

    /// As [`Http::send`], and leaves a connection that was opened ahead for somebody in a hurry.
    pub async fn send_afresh(
        &self,
        request: Outgoing,
        timeout: Duration,
    ) -> Result<Incoming, Unanswered> {
        self.send_over(request, timeout, false).await
    }

    async fn send_over(
        &self,
        request: Outgoing,
        timeout: Duration,
        may_take_ahead: bool,
    ) -> Result<Incoming, Unanswered> {
        let (request, call) = match self.build(request, may_take_ahead) {
            Ok(built) => built,
            Err(why) => {
                tracing::error!(why, "a request that cannot be sent");
                let error = AskError::NotSent;
                return Err(Unanswered { error, fragment: None, unreachable: None });
            }
        };
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let mut ear = Ear::default();
        let exchange = CALL.scope(Arc::clone(&call), self.exchange(request, &call, &mut ear));
        let ended = tokio::time::timeout(timeout, exchange).await;
        let failure = match ended {
            Ok(Ok(head)) => return Ok(Incoming { body: ear.into_body(), ..head }),
            Ok(Err(failure)) => failure,
            Err(_) => ear.timed_out(),
        };
        let error = failure.ask_error(call.connected_at().is_some());
        let unreachable = failure.unreachable().filter(|_| error == AskError::NotSent);
        match &unreachable {
            // Nobody can sell before a person has put that right.
            Some(untrusted @ Unreachable::Untrusted(_)) => {
                tracing::error!(host, "{untrusted}; nothing was sent");
            }
            Some(unreachable) => tracing::warn!(host, %unreachable, %failure, ?error, "no answer"),
            None => tracing::warn!(host, %failure, ?error, "no answer"),
        }
        let fragment = ear.into_fragment(&failure, self.shared.body_len_max).map(Box::new);
        Err(Unanswered { error, fragment, unreachable })
    }

    /// The request as reqwest wants it, and the call that goes with it.
    fn build(
        &self,
        request: Outgoing,
        may_take_ahead: bool,
    ) -> Result<(Request, Arc<Call>), &'static str> {
        let shared = &self.shared;
        let url = Url::parse(&request.url).map_err(|_| "the address is no URL")?;
        match url.scheme() {
            "https" => {}
            "http" if shared.allow_plaintext => {}
            "http" => return Err("the address is http:// and plaintext is not allowed"),
            _ => return Err("the address is neither https:// nor http://"),
        }
        // A connection opened ahead leads to the base address and nowhere else.
        let may_take_ahead = may_take_ahead && url.origin() == shared.base.origin();
        let mut builder = match request.method {
            Method::Get => shared.client.get(url),
            Method::Post => shared.client.post(url).body(request.body),
        };
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        let built = builder.build().map_err(|_| "a header has bytes that no header can have")?;
        Ok((built, Call::exchange(may_take_ahead)))
    }

    /// An answer without its body, which `ear` has.
    async fn exchange(
        &self,
        request: Request,
        call: &Call,
        ear: &mut Ear,
    ) -> Result<Incoming, Failure> {
        let mut response = self.shared.client.execute(request).await.map_err(Failure::Transport)?;
        let round_trip = call.connected_at().map(|at| at.elapsed()).unwrap_or_default();
        ear.heard_head(&response);
        let status = response.status().as_u16();
        match status {
            200..=299 | 400..=599 => {}
            300..=399 => return Err(ear.refuse(Refusal::Status)),
            _ => return Err(self.overhear(&mut response, ear, Refusal::Status).await),
        }
        let date_unix_seconds = response.headers().get(DATE).and_then(read_date);
        let len_max = self.shared.body_len_max;
        if response.content_length().is_some_and(|len| len > len_max as u64) {
            return Err(self.overhear(&mut response, ear, Refusal::TooLong).await);
        }
        while let Some(chunk) = response.chunk().await.map_err(Failure::Transport)? {
            ear.heard_body(&chunk, len_max).map_err(|refusal| ear.refuse(refusal))?;
        }
        Ok(Incoming { status, body: Vec::new(), date_unix_seconds, round_trip })
    }

    /// Reads the first bytes of an answer that is refused, if they come at once.
    async fn overhear(&self, response: &mut Response, ear: &mut Ear, refusal: Refusal) -> Failure {
        let failure = ear.refuse(refusal);
        let len_max = self.shared.body_len_max;
        let reading = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                if ear.heard_body(&chunk, len_max).is_err() || ear.has_enough() {
                    break;
                }
            }
        };
        // Whatever it comes to, the failure stands.
        let _ = tokio::time::timeout(OVERHEAR, reading).await;
        failure
    }
}

/// The `Date` of RFC 9110 §6.6.1, in seconds of Unix time.
fn read_date(value: &HeaderValue) -> Option<u64> {
    let date = httpdate::parse_http_date(value.to_str().ok()?).ok()?;
    date.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
}
