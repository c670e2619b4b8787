//! What is kept of answers and notifications, for people (I13).

use super::Exec;
use crate::app::http::{Incoming, Unanswered};
use crate::app::notify::Taken;
use crate::gateway::Gateway;
use crate::id::OrderId;
use crate::journal::{Content, HistoryEntry, Refusal};
use crate::payment::PaymentCode;
use tracing::{debug, warn};

/// What a notification is noted as.
const NOTIFICATION: &str = "notification";

/// What is noted of an answer, redacted (I17): its status and its body; of one that is none, how it
/// ended and what came of it. Nothing if nothing came. `code` is the one that was charged, if one
/// was.
pub(super) fn text_of(
    gateway: &Gateway,
    code: Option<&PaymentCode>,
    result: &Result<Incoming, Unanswered>,
) -> Option<String> {
    match result {
        Ok(incoming) => {
            let said = gateway.redact_answer(&incoming.body, code);
            Some(format!("HTTP {}\n{said}", incoming.status))
        }
        Err(Unanswered { fragment, .. }) => {
            let fragment = fragment.as_ref()?;
            // It may name a host that the other side made up.
            let how = gateway.redact_answer(fragment.to_string().as_bytes(), code);
            Some(match gateway.redact_part(&fragment.body, code) {
                said if said.is_empty() => how,
                said => format!("{how}\n{said}"),
            })
        }
    }
}

/// What an answer said, redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub(super) order: OrderId,
    pub(super) operation: &'static str,
    pub(super) text: String,
}

impl Note {
    /// The order that it is about.
    pub fn order(&self) -> &OrderId {
        &self.order
    }
}

impl Exec {
    /// Keeps what an answer said, for people. Not needed for safety, so a failure is only logged.
    pub fn note(&mut self, note: Note) {
        let Note { order, operation, text } = note;
        let last = self.noted.get(&order).and_then(|noted| noted.get(operation));
        if last == Some(&text) {
            return;
        }
        let at = self.wall_time();
        match self.journal.note(&order, operation, &text, at) {
            Ok(()) => {
                self.noted.entry(order).or_default().insert(operation, text);
            }
            // After very many notes on one order the journal takes no more: nothing to warn of.
            Err(error) if error.refusal().is_some() => debug!(%order, %error, "not noted"),
            Err(error) => warn!(%order, %error, "an answer could not be noted"),
        }
    }

    /// Writes a notification down at once, unless it was written down before: a replay adds
    /// nothing (I13). An order that has its fill of notes has said all of it before.
    pub fn note_notification(&mut self, order: &OrderId, text: &str) -> Taken {
        if self.journal.is_poisoned() {
            return Taken::NotDurable;
        }
        if self.is_noted(order, NOTIFICATION, text) {
            return Taken::Durable;
        }
        let at = self.wall_time();
        let Err(error) = self.journal.note(order, NOTIFICATION, text, at) else {
            return Taken::Durable;
        };
        match error.refusal() {
            Some(Refusal::TooManyNotes) => Taken::Durable,
            Some(Refusal::UnknownOrder) => Taken::UnknownOrder,
            Some(_) | None => {
                warn!(%order, %error, "a notification could not be noted");
                Taken::NotDurable
            }
        }
    }

    fn is_noted(&self, order: &OrderId, operation: &str, text: &str) -> bool {
        let noted = |entry: &HistoryEntry| match &entry.content {
            Ok(Content::Note { operation: noted, text: said }) => {
                noted == operation && said == text
            }
            Ok(Content::Record(_)) | Err(_) => false,
        };
        self.journal.history(order).is_ok_and(|entries| entries.iter().any(noted))
    }

    /// Forgets what it kept of an order that has ended.
    pub fn forget(&mut self, order: &OrderId) {
        self.noted.remove(order);
    }
}
