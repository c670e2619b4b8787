//! The effects of a refund.

use super::{Answer, Exec, Note, Outward, Question};
use crate::app::http::{Incoming, Unanswered};
use crate::gateway::FieldError;
use crate::id::AskId;
use crate::payment::{
    AskError, RefundEffect, RefundEvent, RefundRequest, RefundVerdict, Refunding,
};
use std::time::Duration;
use tracing::{error, info, warn};

impl Exec {
    /// Performs everything that `refunding` wants, until it wants nothing more.
    pub fn perform_refund(&mut self, refunding: &mut Refunding) -> Vec<Outward> {
        let mut outward = Vec::new();
        while let Some(effect) = refunding.poll_effect() {
            match effect {
                RefundEffect::Store(record) => {
                    let result = self.store(&record);
                    refunding.handle(self.clock.now(), RefundEvent::Stored(result));
                }
                RefundEffect::Ask { ask, request, timeout } => {
                    self.ask_refund(refunding, ask, request, timeout);
                }
                RefundEffect::Show => outward.push(Outward::ShowRefund(refunding.view())),
                RefundEffect::Signal(signal) => outward.push(Outward::Signal(signal)),
                RefundEffect::Finish(outcome) => {
                    outward.push(Outward::FinishRefund { outcome, view: refunding.view() });
                }
            }
        }
        outward
    }

    fn ask_refund(
        &mut self,
        refunding: &mut Refunding,
        ask: AskId,
        request: RefundRequest,
        timeout: Duration,
    ) {
        let order = request.order().clone();
        if let Err(error) = self.spawn_ask(ask, Question::Refund(request), timeout) {
            // Checked before the refund began, so this is a defect; nothing was sent.
            error!(%order, %error, "the request cannot be written");
            let result = Err(AskError::NotSent);
            refunding.handle(self.clock.now(), RefundEvent::Answered { ask, result });
        }
    }

    /// Says what an answer proves, and gives it to the refund it is for; as [`Exec::deliver`].
    pub fn deliver_refund(&mut self, answer: Answer, refunding: &mut Refunding) -> Option<Note> {
        let Answer { order, ask, question: Question::Refund(request), result } = answer else {
            return None;
        };
        let (operation, refund) = (request.operation(), &request.refund().id);
        let (result, note) = self.judge_refund(&request, result);
        match &result {
            Ok(verdict) => info!(%order, %refund, operation, verdict = verdict.name(), "answered"),
            Err(error) => warn!(%order, %refund, operation, ?error, "no answer"),
        }
        refunding.handle(self.clock.now(), RefundEvent::Answered { ask, result });
        note.map(|text| Note { order, operation, text })
    }

    fn judge_refund(
        &mut self,
        request: &RefundRequest,
        result: Result<Incoming, Unanswered>,
    ) -> (Result<RefundVerdict, AskError>, Option<String>) {
        let (response, note) = self.learn(None, result);
        (response.map(|response| self.gateway.decode_refund(request, &response)), note)
    }

    /// Asks what became of a refund, outside of any machine, and says what the answer proves.
    pub async fn ask_refund_once(
        &mut self,
        request: &RefundRequest,
        timeout: Duration,
    ) -> Result<Result<RefundVerdict, AskError>, FieldError> {
        let encoded = self.gateway.encode_refund(request, self.stamp())?;
        let result = self.http.send(super::outgoing(encoded), timeout).await;
        let (verdict, note) = self.judge_refund(request, result);
        if let Some(text) = note {
            let order = request.order().clone();
            self.note(Note { order, operation: request.operation(), text });
        }
        Ok(verdict)
    }
}
