//! Who may ask: this machine's own browser, or one that has the token.
//!
//! Without a token the panel listens on the loopback only (`config`), and the Host must be this
//! machine: a page of another site whose name was turned to 127.0.0.1 (DNS rebinding) is refused.
//! A POST from a browser (it has an Origin) must be JSON, which no page of another site can send
//! without asking first, and is never allowed (CSRF); a script needs no content type. With a token
//! every request needs it, compared in constant time; it is kept in the browser as a hash, and
//! never stays in an address (I17). Bodies are read here, whole and bounded, for all routes (I15).

use super::refusal::Refusal;
use crate::secret::Secret;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// The largest body that is read.
pub const BODY_LEN_MAX: usize = 16 * 1024;

/// How long a body may take to come.
const BODY_WAIT: Duration = Duration::from_secs(10);

/// What every browser adds to a POST, and no page can leave out: Fetch, "Origin header", and
/// Fetch Metadata Request Headers.
const BROWSERS_FIELDS: [&str; 2] = ["origin", "sec-fetch-site"];

const COOKIE: &str = "cashier_panel";

/// Nothing from elsewhere, and in no other site's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// What a request has to have.
#[derive(Debug)]
pub(super) struct Guard {
    /// The hash of the token; hashes are compared, so that not even the length shows.
    token: Option<[u8; 32]>,
}

#[derive(Deserialize)]
struct TokenQuery {
    token: Option<String>,
}

impl Guard {
    pub(super) fn new(token: Option<Secret>) -> Guard {
        Guard { token: token.map(|token| hash(token.expose())) }
    }

    /// Whether the request may pass; with the token in the page's address, the answer that moves
    /// it into a cookie.
    fn admit(&self, request: &Request) -> Result<Option<Response>, Refusal> {
        let Some(token) = &self.token else {
            return match is_this_machine(request.headers()) {
                true => Ok(None),
                false => Err(Refusal::foreign_host()),
            };
        };
        if request.method() == Method::GET
            && request.uri().path() == "/"
            && let Ok(Query(query)) = Query::<TokenQuery>::try_from_uri(request.uri())
            && let Some(shown) = query.token
        {
            return match same(&hash(&shown), token) {
                true => Ok(Some(welcome(token))),
                false => Err(Refusal::unauthorized()),
            };
        }
        let bearer = bearer(request.headers()).is_some_and(|shown| same(&hash(shown), token));
        let cookie = cookie(request.headers())
            .is_some_and(|shown| shown.as_bytes().ct_eq(cookie_of(token).as_bytes()).into());
        if bearer || cookie { Ok(None) } else { Err(Refusal::unauthorized()) }
    }
}

/// The middleware around all routes.
pub(super) async fn check(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match guard.admit(&request) {
        Err(refusal) => refusal.into_response(),
        Ok(Some(welcome)) => welcome,
        Ok(None) => match whole(request).await {
            Ok(request) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        },
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

/// The request with its body read.
async fn whole(request: Request) -> Result<Request, Refusal> {
    if request.method() != Method::POST {
        // No other method has a body that anybody reads.
        let (head, _) = request.into_parts();
        return Ok(Request::from_parts(head, Body::empty()));
    }
    let from_a_browser = BROWSERS_FIELDS.iter().any(|name| request.headers().contains_key(*name));
    if from_a_browser && !is_json(request.headers()) {
        return Err(Refusal::not_json());
    }
    let (head, body) = request.into_parts();
    let announced = head.headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|len| len > BODY_LEN_MAX as u64) {
        return Err(Refusal::too_large());
    }
    let read = axum::body::to_bytes(body, BODY_LEN_MAX);
    match tokio::time::timeout(BODY_WAIT, read).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(head, Body::from(bytes))),
        // Too large, or the browser went away and hears no answer.
        Ok(Err(_)) => Err(Refusal::too_large()),
        Err(_) => Err(Refusal::too_slow()),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let bare = kind.and_then(|kind| kind.split(';').next());
    bare.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn is_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// To the page, without the token in its address.
fn welcome(token: &[u8; 32]) -> Response {
    let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict", cookie_of(token));
    let headers = [(header::LOCATION, "/".to_owned()), (header::SET_COOKIE, cookie)];
    (axum::http::StatusCode::SEE_OTHER, headers).into_response()
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// What the browser keeps: a hash of the hash, from which neither can be made.
fn cookie_of(token: &[u8; 32]) -> String {
    let digest: [u8; 32] =
        Sha256::new().chain_update(b"cookie").chain_update(token).finalize().into();
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_names_of_this_machine_are_its_host() {
        for host in ["127.0.0.1", "127.0.0.1:8380", "LocalHost:1", "[::1]:8380", "127.9.9.9"] {
            assert!(is_this_machine(&with(header::HOST, &[host])), "{host}");
        }
        for host in
            ["", "evil.example", "localhost.evil.example:8380", "10.0.0.1", "[::2]", "[", ":"]
        {
            assert!(!is_this_machine(&with(header::HOST, &[host])), "{host}");
        }
        assert!(!is_this_machine(&HeaderMap::new()));
        assert!(!is_this_machine(&with(header::HOST, &["localhost", "evil.example"])));
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let headers = with(header::COOKIE, &["a=b; cashier_panel=x", "c=d"]);
        assert_eq!(cookie(&headers), Some("x"));
        assert_eq!(cookie(&with(header::COOKIE, &["cashier_panels=x"])), None);
    }

    #[test]
    fn i17_the_cookie_is_not_the_token() {
        let kept = cookie_of(&hash("s3cret"));
        assert_eq!(kept.len(), 64);
        assert!(!kept.contains("s3cret"));
        assert_ne!(kept, cookie_of(&hash("other")));
    }
}
