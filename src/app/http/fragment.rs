//! What was heard of an answer that is none: kept for people, and proof of nothing.
//!
//! Owns what is remembered while an answer comes in, outside of the exchange, so that giving the
//! exchange up at its time-out does not lose it. Bounded (I15): at most [`FRAGMENT_LEN_MAX`] bytes
//! of the body outlive the exchange. Of a redirect only the host is kept, since its path and its
//! query may carry anything (I17).

use std::fmt;

use reqwest::Response;
use reqwest::header::LOCATION;

use super::failure::{Failure, Unreachable};
use crate::payment::AskError;

/// How many bytes are kept of the body of an answer that is none: as many as a note of the journal
/// has.
pub const FRAGMENT_LEN_MAX: usize = 4096;

/// The longest host that is repeated: that of a name in the DNS (RFC 1035 §2.3.4).
const HOST_LEN_MAX: usize = 253;

/// There is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// What may be concluded.
    pub error: AskError,
    /// What was heard all the same, for people; nothing may be concluded from it (I3, I4).
    pub fragment: Option<Box<Fragment>>,
    /// Why the gateway was not reached, for people; with [`AskError::NotSent`] only.
    pub unreachable: Option<Unreachable>,
}

/// The part that was heard of an answer. Its text is for people: `HTTP 200, cut off after 30 of 120
/// bytes`.
#[derive(Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The status, unless it was no HTTP.
    pub status: Option<u16>,
    /// The first bytes of the body, at most [`FRAGMENT_LEN_MAX`]; they may end within a character.
    pub body: Vec<u8>,
    /// How many bytes of the body came before it was given up.
    pub came_len: usize,
    /// How many bytes it was to have, if that was said.
    pub announced_len: Option<u64>,
    /// How it ended.
    pub ended: Ended,
}

/// How an answer ended that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The time was over.
    TimedOut,
    /// The connection, or the framing of the body, broke.
    CutOff {
        /// Why, in the words of the library.
        why: String,
    },
    /// It is longer than what may be taken.
    TooLong {
        /// How many bytes may be taken.
        len_max: usize,
    },
    /// A redirect, which is not followed (I18).
    Redirected {
        /// Where it leads, if that can be told.
        host: Option<String>,
    },
    /// A status that no answer has.
    OddStatus,
    /// It was not HTTP.
    NotHttp {
        /// Why, in the words of the library.
        why: String,
    },
}

impl fmt::Debug for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fragment")
            .field("status", &self.status)
            .field("came_len", &self.came_len)
            .field("announced_len", &self.announced_len)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(status) = self.status {
            write!(f, "HTTP {status}, ")?;
        }
        let came = match self.announced_len {
            Some(announced) => format!("{} of {announced} bytes", self.came_len),
            None => format!("{} bytes", self.came_len),
        };
        match &self.ended {
            Ended::TimedOut => write!(f, "cut off by the time-out after {came}"),
            Ended::CutOff { why } => write!(f, "cut off after {came}: {why}"),
            Ended::TooLong { len_max } => match self.announced_len {
                Some(announced) => {
                    write!(f, "{announced} bytes announced, more than the {len_max} that are read")
                }
                None => write!(f, "longer than the {len_max} bytes that are read"),
            },
            Ended::Redirected { host: Some(host) } => {
                write!(f, "a redirect to {host}, not followed")
            }
            Ended::Redirected { host: None } => f.write_str("a redirect, not followed"),
            Ended::OddStatus => f.write_str("no status of an answer"),
            Ended::NotHttp { why } => write!(f, "no HTTP: {why}"),
        }
    }
}

/// What has been heard so far of an answer that comes in.
#[derive(Default)]
pub(super) struct Ear {
    head: Option<Head>,
    /// All of the body while it may yet be an answer; the first bytes of it otherwise.
    body: Vec<u8>,
    came_len: usize,
    /// Why it is none, if that is certain while its first bytes are still being read.
    refused: Option<Refusal>,
}

struct Head {
    status: u16,
    announced_len: Option<u64>,
    host: Option<String>,
}

/// Why an answer is none, whatever comes of its body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    Status,
    TooLong,
}

impl Ear {
    pub(super) fn heard_head(&mut self, response: &Response) {
        self.head = Some(Head {
            status: response.status().as_u16(),
            announced_len: response.content_length(),
            host: redirected_to(response),
        });
    }

    /// Takes what came of the body, unless that makes it longer than `len_max`; the first bytes
    /// of it in any case.
    pub(super) fn heard_body(&mut self, chunk: &[u8], len_max: usize) -> Result<(), Refusal> {
        self.came_len = self.came_len.saturating_add(chunk.len());
        if self.came_len <= len_max {
            self.body.extend_from_slice(chunk);
            return Ok(());
        }
        let room = FRAGMENT_LEN_MAX.saturating_sub(self.body.len());
        self.body.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
        Err(Refusal::TooLong)
    }

    /// Whether there is enough of the body for people.
    pub(super) fn has_enough(&self) -> bool {
        self.body.len() >= FRAGMENT_LEN_MAX
    }

    /// From now on it is no answer, whatever comes.
    pub(super) fn refuse(&mut self, refusal: Refusal) -> Failure {
        self.refused = Some(refusal);
        self.failure_of(refusal)
    }

    /// What its end by the time-out means.
    pub(super) fn timed_out(&self) -> Failure {
        self.refused.map_or(Failure::TimedOut, |refusal| self.failure_of(refusal))
    }

    fn failure_of(&self, refusal: Refusal) -> Failure {
        match refusal {
            Refusal::Status => Failure::Status(self.head.as_ref().map_or(0, |head| head.status)),
            Refusal::TooLong => Failure::BodyTooLong,
        }
    }

    /// The whole body.
    pub(super) fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// What there is to tell of an answer that failed so. Nothing if not even a head came.
    pub(super) fn into_fragment(self, failure: &Failure, len_max: usize) -> Option<Fragment> {
        let Ear { head, mut body, came_len, refused: _ } = self;
        let Some(Head { status, announced_len, host }) = head else {
            let why = failure.not_http()?;
            return Some(Fragment {
                status: None,
                body: Vec::new(),
                came_len: 0,
                announced_len: None,
                ended: Ended::NotHttp { why },
            });
        };
        body.truncate(FRAGMENT_LEN_MAX);
        body.shrink_to_fit();
        let ended = match failure {
            Failure::TimedOut => Ended::TimedOut,
            Failure::Transport(_) => Ended::CutOff { why: failure.to_string() },
            Failure::Status(300..=399) => Ended::Redirected { host },
            Failure::Status(_) => Ended::OddStatus,
            Failure::BodyTooLong => Ended::TooLong { len_max },
        };
        Some(Fragment { status: Some(status), body, came_len, announced_len, ended })
    }
}

/// The host that a redirect leads to.
fn redirected_to(response: &Response) -> Option<String> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let url = response.url().join(location).ok()?;
    let host = url.host_str().filter(|host| host.len() <= HOST_LEN_MAX)?;
    Some(host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_refused_stays_refused_when_its_time_is_over() {
        let mut ear = Ear::default();
        assert!(matches!(ear.timed_out(), Failure::TimedOut));
        assert!(matches!(ear.refuse(Refusal::TooLong), Failure::BodyTooLong));
        assert!(matches!(ear.timed_out(), Failure::BodyTooLong));
    }

    #[test]
    fn i15_no_more_is_kept_than_may_be() {
        let mut ear = Ear::default();
        assert!(ear.heard_body(&[b'a'; 1000], 1000).is_ok());
        assert!(ear.heard_body(&[b'b'; 100_000], 1000).is_err());
        assert!(ear.heard_body(&[b'c'; 100_000], 1000).is_err());
        assert!(ear.has_enough());
        assert_eq!(ear.came_len, 201_000);
        assert_eq!(ear.body.len(), FRAGMENT_LEN_MAX);
        assert_eq!(ear.body.iter().filter(|byte| **byte == b'b').count(), FRAGMENT_LEN_MAX - 1000);
    }
}
