//! Notes that must be durable: the gateway's notifications (I13).

use super::Exec;
use crate::app::notify::Taken;
use crate::id::OrderId;
use crate::journal::{Content, HistoryEntry, Refusal};
use tracing::warn;

/// What a notification is noted as.
const NOTIFICATION: &str = "notification";

impl Exec {
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
}
