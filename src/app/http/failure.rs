//! What a failed exchange proves.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::{Duration, SystemTime};

use rustls::CertificateError;
use rustls_pki_types::UnixTime;

use super::resolve::NotResolved;
use crate::payment::AskError;

/// Why the gateway could not be reached: what the status bar and `cashier check` say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// No address for the name.
    #[error("the gateway's name cannot be resolved: check the network and its DNS")]
    NameNotResolved,
    /// Nobody answered within the connect timeout.
    #[error("the gateway does not answer: check the network")]
    TimedOut,
    /// TCP was refused, reset or had no route.
    #[error("the gateway cannot be connected to ({0}): check the network and the address")]
    NoConnection(String),
    /// TLS failed: a wrong certificate, an unknown authority, a captive portal, no TLS at all. What
    /// is wrong, and what to do.
    #[error("no trusted connection to the gateway: {0}")]
    Untrusted(String),
}

impl Unreachable {
    /// What an error of connecting says.
    pub(super) fn from_error(error: &reqwest::Error) -> Unreachable {
        if cause_of::<NotResolved>(error).is_some() {
            return Unreachable::NameNotResolved;
        }
        if let Some(tls) = cause_of::<rustls::Error>(error) {
            return Unreachable::Untrusted(distrust(tls));
        }
        if error.is_timeout() {
            return Unreachable::TimedOut;
        }
        match cause_of::<io::Error>(error).map(io::Error::kind) {
            // The handshake was cut short; a refused TCP connection says so by its own kind.
            Some(io::ErrorKind::UnexpectedEof) => {
                Unreachable::Untrusted(format!("closed during the handshake: {CHECK}"))
            }
            Some(io::ErrorKind::TimedOut) => Unreachable::TimedOut,
            Some(kind) => Unreachable::NoConnection(kind.to_string()),
            None => Unreachable::NoConnection("unknown".to_owned()),
        }
    }
}

/// What to do where nothing better is known.
const CHECK: &str = "check gateway.base_url, the clock and gateway.ca_file";

/// Why TLS does not trust the gateway, and what to do. None of it asks for less trust (I18).
fn distrust(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(wrong) = error else {
        return format!("{error}: {CHECK}");
    };
    match wrong {
        // An authority of the same name, with another key, has signed otherwise.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is by an authority that this terminal \
             does not know: let gateway.ca_file be the file of the gateway's own authority, or \
             leave gateway.ca_file out if its certificate is a public one"
                .to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("{wrong}: gateway.base_url has to have a name that its certificate is for")
        }
        CertificateError::Expired => format!("its certificate has expired; {RENEW}"),
        CertificateError::ExpiredContext { time, not_after } => format!(
            "its certificate expired on {}, and this terminal's clock says {}; {RENEW}",
            date(*not_after),
            date(*time)
        ),
        CertificateError::NotValidYet => format!("its certificate is not valid yet; {RENEW}"),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "its certificate is valid from {} on, and this terminal's clock says {}; {RENEW}",
            date(*not_before),
            date(*time)
        ),
        // The library's own variants, which it adds to.
        _ => format!("{wrong}: {CHECK}"),
    }
}

/// Either of two clocks is wrong, or nobody looked after the certificate.
const RENEW: &str = "set this clock if it is wrong, or else ask whoever runs the gateway for a new \
                     certificate";

/// As RFC 9110 §5.6.7 writes it.
fn date(time: UnixTime) -> String {
    let since = Duration::from_secs(time.as_secs());
    match SystemTime::UNIX_EPOCH.checked_add(since) {
        // Beyond the year 9999 there is no such way to write it.
        Some(at) if time.as_secs() < 253_402_300_800 => httpdate::fmt_http_date(at),
        Some(_) | None => format!("{} s after 1970", time.as_secs()),
    }
}

/// Why an exchange has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The total timeout.
    TimedOut,
    /// The connection, or what came over it.
    Transport(reqwest::Error),
    /// A redirect (I18), or a status that no answer has.
    Status(u16),
    /// More than may be taken (I15).
    BodyTooLong,
}

impl Failure {
    /// What the machine may conclude. `connected`: whether the request ever had a connection.
    pub(super) fn ask_error(&self, connected: bool) -> AskError {
        match self {
            Failure::TimedOut | Failure::Transport(_) if !connected => AskError::NotSent,
            Failure::TimedOut => AskError::MaybeSent,
            Failure::Transport(error) => match cause_of::<hyper::Error>(error) {
                Some(error) if error.is_parse() => AskError::Garbled,
                _ => AskError::MaybeSent,
            },
            Failure::Status(_) | Failure::BodyTooLong => AskError::Garbled,
        }
    }

    /// Why the gateway was not reached, if that is what failed.
    pub(super) fn unreachable(&self) -> Option<Unreachable> {
        match self {
            Failure::TimedOut => Some(Unreachable::TimedOut),
            Failure::Transport(error) => Some(Unreachable::from_error(error)),
            Failure::Status(_) | Failure::BodyTooLong => None,
        }
    }

    /// Why what came was not HTTP, if it was not.
    pub(super) fn not_http(&self) -> Option<String> {
        match self {
            Failure::Transport(error) => {
                cause_of::<hyper::Error>(error).filter(|error| error.is_parse())?;
                Some(self.to_string())
            }
            Failure::TimedOut | Failure::Status(_) | Failure::BodyTooLong => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::TimedOut => f.write_str("timed out"),
            // The outermost error names the URL, which may carry more than the host; its causes
            // do not.
            Failure::Transport(error) => match causes(error).last() {
                Some(root) if !root.is::<reqwest::Error>() => write!(f, "{root}"),
                Some(_) | None => f.write_str("transport failed"),
            },
            Failure::Status(status) => write!(f, "status {status} is no answer"),
            Failure::BodyTooLong => f.write_str("the body is too long"),
        }
    }
}

/// The first cause of this type.
pub(super) fn cause_of<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref::<E>())
}

/// The error and all that caused it. An `io::Error` made from another error is looked into:
/// its `source` is that error's source, which skips the one that matters.
fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let first: &(dyn Error + 'static) = error;
    std::iter::successors(Some(first), |&error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match wrapped {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
