//! Sends the gateway's one-shot operations: one question, one answer, nothing decided.
//!
//! What has to be durable first (I1) is its caller's to have stored.

use super::{Exec, Note, notes, outgoing};
use crate::app::clock::{Clock, Skew};
use crate::app::http::{Http, Incoming, Unanswered};
use crate::gateway::{Answer, Failed, Gateway, HttpResponse, Operation, OperationError, Stamp};
use crate::id::OrderId;
use crate::payment::{AskError, Why};
use std::time::Duration;
use tokio::time::Instant;

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It worked.
    Answered(Box<Answer>),
    /// It did not, or the answer leaves that open.
    Failed(Failed),
    /// There was no answer.
    Unanswered(AskError),
}

/// Sends an operation that no order is kept of, beside whatever runs on the journal.
pub async fn ask_operation(
    gateway: &Gateway,
    http: &Http,
    operation: &Operation,
    timeout: Duration,
) -> Result<Came, OperationError> {
    let clock = Clock::system();
    let unix_seconds = Skew::new().stamp_unix_seconds(clock.now(), clock.unix_ms());
    let result = exchange(gateway, http, operation, unix_seconds, timeout).await?;
    Ok(came(gateway, operation, &result))
}

/// A sign that is this little off is not refused for its time.
const OFF_MIN_SECONDS: u64 = 60;

/// Sends an operation that is signed at this time; once more, at the gateway's own, if it was
/// refused because our clock is off (I14): it was refused before anything was done, so that is the
/// same attempt.
async fn exchange(
    gateway: &Gateway,
    http: &Http,
    operation: &Operation,
    unix_seconds: u64,
    timeout: Duration,
) -> Result<Result<Incoming, Unanswered>, OperationError> {
    let encoded = gateway.encode_operation(operation, Stamp { unix_seconds })?;
    let begun = Instant::now();
    let first = http.send(outgoing(encoded), timeout).await;
    let right = first.as_ref().ok().and_then(|incoming| incoming.date_unix_seconds);
    let Some(right) = right.filter(|_| gateway.kind().signs_the_time()) else { return Ok(first) };
    if right.abs_diff(unix_seconds) < OFF_MIN_SECONDS
        || !came(gateway, operation, &first).may_be_for_its_sign()
    {
        return Ok(first);
    }
    tracing::warn!(
        operation = operation.name(),
        off_by_s = right.abs_diff(unix_seconds),
        "refused for its sign while our clock is off; signed anew"
    );
    let anew = gateway.encode_operation(operation, Stamp { unix_seconds: right })?;
    let left = timeout.saturating_sub(begun.elapsed());
    match http.send(outgoing(anew), left).await {
        // Nothing of the second one left, so the first answer stands.
        Err(Unanswered { error: AskError::NotSent, .. }) => Ok(first),
        second => Ok(second),
    }
}

fn came(gateway: &Gateway, operation: &Operation, result: &Result<Incoming, Unanswered>) -> Came {
    let incoming = match result {
        Ok(incoming) => incoming,
        Err(unanswered) => return Came::Unanswered(unanswered.error),
    };
    let response = HttpResponse { status: incoming.status, body: incoming.body.clone() };
    match gateway.decode_operation(operation, &response) {
        Ok(answer) => Came::Answered(Box::new(answer)),
        Err(failed) => Came::Failed(failed),
    }
}

impl Came {
    /// Whether a sign of another time may fare better. A login's answer has no code of its own for
    /// a bad sign (SDK table 9.2): it is refused like any other.
    fn may_be_for_its_sign(&self) -> bool {
        match self {
            Came::Failed(Failed::Refused(decline)) => {
                matches!(decline.why, Why::BadSignature | Why::LoginRefused)
            }
            Came::Failed(Failed::NotFound | Failed::Unknown(_))
            | Came::Answered(_)
            | Came::Unanswered(_) => false,
        }
    }

    /// Whether it was refused for its sign.
    pub fn is_bad_signature(&self) -> bool {
        match self {
            Came::Failed(Failed::Refused(decline)) => decline.why == Why::BadSignature,
            Came::Failed(Failed::NotFound | Failed::Unknown(_))
            | Came::Answered(_)
            | Came::Unanswered(_) => false,
        }
    }
}

impl Exec {
    /// Sends an operation about an order in the journal, once, and notes what the gateway said.
    pub async fn operate(
        &mut self,
        order: &OrderId,
        operation: &Operation,
        timeout: Duration,
    ) -> Result<Came, OperationError> {
        let unix_seconds = self.skew.stamp_unix_seconds(self.clock.now(), self.clock.unix_ms());
        let result = exchange(&self.gateway, &self.http, operation, unix_seconds, timeout).await?;
        if let Ok(incoming) = &result
            && let Some(date) = incoming.date_unix_seconds
        {
            self.skew.learn(self.clock.now(), date, incoming.round_trip);
        }
        if let Some(text) = notes::text_of(&self.gateway, None, &result) {
            self.note(Note { order: order.clone(), operation: operation.name(), text });
        }
        self.online = Some(result.is_ok());
        Ok(came(&self.gateway, operation, &result))
    }
}
