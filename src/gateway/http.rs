//! An HTTP exchange as data. The caller performs it.

use super::BODY_LEN_MAX;
use super::said;
use crate::payment::{Doubt, DoubtKind, Verdict};
use std::fmt;

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Without a body.
    Get,
    /// With a body.
    Post,
}

impl Method {
    /// The word in the request line.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// The wall clock, corrected by what was learnt of its skew (I14); it goes into signs and nowhere
/// else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub unix_seconds: u64,
}

/// What to send. `Debug` masks the sign, the headers' values and the body (I17).
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// How.
    pub method: Method,
    /// Where to, in full, percent-encoded. It may hold a sign, and never a key.
    pub url: String,
    /// Headers, but for what HTTP itself needs. A value may be a sign.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for [`Method::Get`].
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &without_sign(&self.url))
            .field("headers", &names)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

fn without_sign(url: &str) -> String {
    let Some((head, tail)) = url.split_once("sign=") else { return url.to_owned() };
    let rest = tail.find('&').and_then(|at| tail.get(at..)).unwrap_or("");
    format!("{head}sign=***{rest}")
}

/// What came back. A body that was cut short by the network is the client's to report; it never
/// becomes one of these.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// The verdict on an answer whose body is not to be believed, if it is one.
pub(super) fn refuse(response: &HttpResponse) -> Option<Verdict> {
    doubt_of(response).map(Verdict::Unknown)
}

/// Why an answer's body is not to be believed, if it is not.
pub(super) fn doubt_of(response: &HttpResponse) -> Option<Doubt> {
    let kind = match response.status {
        200 if response.body.len() <= BODY_LEN_MAX => return None,
        200 => return Some(said::a_doubt(DoubtKind::Unreadable, "the answer is too large")),
        500..=599 => DoubtKind::GatewayFault,
        _ => DoubtKind::Unreadable,
    };
    Some(said::a_doubt(kind, &format!("HTTP status {}", response.status)))
}
