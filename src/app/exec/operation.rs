//! Sends the gateway's one-shot operations: one question, one answer, nothing decided.
//!
//! What has to be durable first (I1) is its caller's to have stored.

use super::{Exec, Note, outgoing};
use crate::app::clock::{Clock, Skew};
use crate::app::http::{Http, Incoming};
use crate::gateway::{Answer, Failed, Gateway, HttpResponse, Operation, OperationError, Stamp};
use crate::id::OrderId;
use crate::payment::AskError;
use std::time::Duration;

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
    let encoded = gateway.encode_operation(operation, Stamp { unix_seconds })?;
    let result = http.send(outgoing(encoded), timeout).await;
    Ok(came(gateway, operation, result))
}

fn came(gateway: &Gateway, operation: &Operation, result: Result<Incoming, AskError>) -> Came {
    let incoming = match result {
        Ok(incoming) => incoming,
        Err(error) => return Came::Unanswered(error),
    };
    let response = HttpResponse { status: incoming.status, body: incoming.body };
    match gateway.decode_operation(operation, &response) {
        Ok(answer) => Came::Answered(Box::new(answer)),
        Err(failed) => Came::Failed(failed),
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
        let encoded = self.gateway.encode_operation(operation, Stamp { unix_seconds })?;
        let result = self.http.send(outgoing(encoded), timeout).await;
        if let Ok(incoming) = &result {
            if let Some(date) = incoming.date_unix_seconds {
                self.skew.learn(self.clock.now(), date, incoming.round_trip);
            }
            let said = self.gateway.redact(&incoming.body);
            let text = format!("HTTP {}\n{said}", incoming.status);
            self.note(Note { order: order.clone(), operation: operation.name(), text });
        }
        self.online = Some(result.is_ok());
        Ok(came(&self.gateway, operation, result))
    }
}
