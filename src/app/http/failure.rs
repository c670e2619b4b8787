//! What a failed exchange proves.

use std::error::Error;
use std::fmt;
use std::io;

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
    /// TLS failed: a wrong certificate, an unknown authority, a captive portal, no TLS at all.
    #[error("no trusted connection to the gateway ({0}): check the address, the clock and ca_file")]
    Untrusted(String),
}

impl Unreachable {
    /// What an error of connecting says.
    pub(super) fn from_error(error: &reqwest::Error) -> Unreachable {
        if cause_of::<NotResolved>(error).is_some() {
            return Unreachable::NameNotResolved;
        }
        if let Some(tls) = cause_of::<rustls::Error>(error) {
            return Unreachable::Untrusted(tls.to_string());
        }
        if error.is_timeout() {
            return Unreachable::TimedOut;
        }
        match cause_of::<io::Error>(error).map(io::Error::kind) {
            // The handshake was cut short; a refused TCP connection says so by its own kind.
            Some(io::ErrorKind::UnexpectedEof) => {
                Unreachable::Untrusted("closed during the handshake".to_owned())
            }
            Some(io::ErrorKind::TimedOut) => Unreachable::TimedOut,
            Some(kind) => Unreachable::NoConnection(kind.to_string()),
            None => Unreachable::NoConnection("unknown".to_owned()),
        }
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
