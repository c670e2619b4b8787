//! Performs the effects of charges and refunds: journal, gateway, and nothing decided.
//!
//! Owns the journal, the codec, the HTTP client and what is known of the gateway's clock. An entry
//! is written at once, on the one thread of logic: what follows from it waits for it anyway (I1).

mod notes;
mod operation;
mod question;
mod refunds;
mod resign;

pub use operation::{Came, ask_operation};

use crate::app::clock::{Clock, Skew};
use crate::app::http::{Http, Incoming, Method, Outgoing, Unanswered, Unreachable};
use crate::gateway::{self, Extras, Gateway, HttpResponse, Stamp};
use crate::id::{AskId, OrderId, RefundId};
use crate::journal::{Journal, WallTime};
use crate::payment::{
    AskError, Charge, Effect, Event, Outcome, Payment, PaymentCode, Record, RefundOutcome,
    RefundView, Request, Signal, StoreError, Verdict, View,
};
pub use notes::Note;
use question::Question;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinSet;
use tracing::{debug, error, info, warn};

/// What a charge or a refund wants of the person in front of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outward {
    /// Its view changed.
    Show(View),
    /// To be heard.
    Signal(Signal),
    /// To be printed.
    Print(Payment),
    /// The cashier's part is over, and this is how it stands.
    Finish {
        /// How it ended.
        outcome: Outcome,
        /// What it shows.
        view: View,
    },
    /// The view of a refund changed.
    ShowRefund(RefundView),
    /// The cashier's part of a refund is over, and this is how it stands.
    FinishRefund {
        /// How it ended, or goes on.
        outcome: RefundOutcome,
        /// What it shows.
        view: RefundView,
    },
}

/// What was heard from the gateway.
#[derive(Debug)]
pub enum Heard {
    /// An answer to a question.
    Answer(Box<Answer>),
    /// It was reached, or could not be: [`Exec::online`] says which.
    Reached,
}

/// What came of one question to the gateway.
#[derive(Debug)]
pub struct Answer {
    /// The order that was asked about.
    pub order: OrderId,
    ask: AskId,
    question: Question,
    result: Result<Incoming, Unanswered>,
}

impl Answer {
    /// The refund that was asked about, if it was one.
    pub fn refund(&self) -> Option<&RefundId> {
        match &self.question {
            Question::Charge(..) => None,
            Question::Refund(request) => Some(&request.refund().id),
        }
    }
}

/// The executor.
pub struct Exec {
    journal: Journal,
    gateway: Gateway,
    http: Http,
    clock: Clock,
    skew: Skew,
    asks: JoinSet<Answer>,
    primes: JoinSet<bool>,
    online: Option<bool>,
    /// Why the last question did not reach the gateway.
    unreachable: Option<Unreachable>,
    /// The last note of each operation on each order, so that a poll that repeats itself is noted
    /// once.
    noted: BTreeMap<OrderId, BTreeMap<&'static str, String>>,
    /// What a charge carries beyond what it needs; not in the journal, since only the first
    /// request carries it and that one is never sent again.
    extras: BTreeMap<OrderId, Extras>,
    /// An ask was spawned, and nothing has let its task run yet.
    unsent: bool,
    /// Orders whose ask task panicked would be silent; the machine's own deadline covers them.
    lost_tasks: u64,
}

impl Exec {
    /// An executor on these.
    pub fn new(journal: Journal, gateway: Gateway, http: Http, clock: Clock) -> Exec {
        Exec {
            journal,
            gateway,
            http,
            clock,
            skew: Skew::new(),
            asks: JoinSet::new(),
            primes: JoinSet::new(),
            online: None,
            unreachable: None,
            noted: BTreeMap::new(),
            extras: BTreeMap::new(),
            unsent: false,
            lost_tasks: 0,
        }
    }

    /// The clocks.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Why the last question did not reach the gateway, if it did not; for people.
    pub fn unreachable(&self) -> Option<&Unreachable> {
        self.unreachable.as_ref()
    }

    /// The journal, to read.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The codec.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Whether the gateway answered when it was last asked; not known before the first time.
    pub fn online(&self) -> Option<bool> {
        self.online
    }

    /// Whether a new sale may begin: the journal takes entries (I10) and is sound (I11).
    pub fn may_sell(&self) -> bool {
        !self.journal.is_poisoned() && self.journal.damage().is_empty()
    }

    /// Ends it; the journal's log is folded into its file.
    pub fn close(self) {
        if let Err(error) = self.journal.close() {
            warn!(%error, "the journal was not closed cleanly; nothing is lost");
        }
    }

    /// Opens a connection while the cashier is still busy, so that the charge costs one round trip.
    pub fn prime(&mut self) {
        if !self.primes.is_empty() {
            return;
        }
        let http = self.http.clone();
        self.primes.spawn(async move { http.prime().await.is_ok() });
    }

    /// The first request of this order is to carry these, which [`Gateway::check_with`] has passed.
    pub fn carry(&mut self, order: OrderId, extras: Extras) {
        self.extras.insert(order, extras);
    }

    /// Performs everything that `charge` wants, until it wants nothing more.
    pub fn perform(&mut self, charge: &mut Charge) -> Vec<Outward> {
        let mut outward = Vec::new();
        while let Some(effect) = charge.poll_effect() {
            match effect {
                Effect::Store(record) => {
                    let result = self.store(&record);
                    charge.handle(self.clock.now(), Event::Stored(result));
                }
                Effect::Ask { ask, request, timeout } => self.ask(charge, ask, request, timeout),
                Effect::Show => outward.push(Outward::Show(charge.view())),
                Effect::Signal(signal) => outward.push(Outward::Signal(signal)),
                Effect::Print(payment) => outward.push(Outward::Print(payment)),
                Effect::Finish(outcome) => {
                    outward.push(Outward::Finish { outcome, view: charge.view() });
                }
            }
        }
        outward
    }

    /// Writes an entry, durably.
    pub fn store(&mut self, record: &Record) -> Result<(), StoreError> {
        let order = record.order().clone();
        self.journal.append(record, self.wall_time()).map_err(|error| {
            error!(%order, %error, "the journal did not take an entry");
            StoreError
        })
    }

    fn ask(&mut self, charge: &mut Charge, ask: AskId, request: Request, timeout: Duration) {
        let order = request.sale().order.clone();
        let extras = self.extras.remove(&order).unwrap_or_default();
        match self.spawn_ask(ask, Question::Charge(request, extras), timeout) {
            Ok(()) => {}
            Err(error) => {
                // Checked before the charge began, so this is a defect; nothing was sent.
                error!(%order, %error, "the request cannot be written");
                let result = Err(AskError::NotSent);
                charge.handle(self.clock.now(), Event::Answered { ask, result });
            }
        }
    }

    fn spawn_ask(
        &mut self,
        ask: AskId,
        question: Question,
        timeout: Duration,
    ) -> Result<(), gateway::FieldError> {
        let stamp = self.stamp();
        let outgoing = outgoing(question.encode(&self.gateway, stamp)?);
        let (http, gateway) = (self.http.clone(), self.gateway.clone());
        let order = question.order().clone();
        self.unsent = true;
        debug!(%order, operation = question.operation(), "ask");
        self.asks.spawn(async move {
            let result = resign::send(&http, &gateway, &question, outgoing, stamp, timeout).await;
            Answer { order, ask, question, result }
        });
        Ok(())
    }

    fn stamp(&self) -> Stamp {
        let unix_seconds = self.skew.stamp_unix_seconds(self.clock.now(), self.clock.unix_ms());
        Stamp { unix_seconds }
    }

    /// The next answer of the gateway, or word of whether it can be reached. Cancel-safe; waits for
    /// ever while nothing is asked.
    pub async fn heard(&mut self) -> Heard {
        loop {
            tokio::select! {
                biased;
                Some(joined) = self.asks.join_next() => match joined {
                    Ok(answer) => return Heard::Answer(Box::new(answer)),
                    Err(error) => {
                        self.lost_tasks += 1;
                        error!(%error, lost = self.lost_tasks, "an ask was lost; its deadline stands");
                    }
                },
                Some(primed) = self.primes.join_next() => {
                    let Ok(reached) = primed else { continue };
                    self.online = Some(reached);
                    return Heard::Reached;
                },
                else => std::future::pending().await,
            }
        }
    }

    /// Whether an answer or a connection is being waited for.
    pub fn is_asking(&self) -> bool {
        !self.asks.is_empty()
    }

    /// Whether a request was written down that its task has not sent yet; asked once for each.
    pub fn take_unsent(&mut self) -> bool {
        std::mem::take(&mut self.unsent)
    }

    /// Says what an answer proves, and gives it to the charge it is for. What is to be noted of it
    /// is returned, so that the charge's own effects come first.
    pub fn deliver(&mut self, answer: Answer, charge: &mut Charge) -> Option<Note> {
        let Answer { order, ask, question: Question::Charge(request, _), result } = answer else {
            return None;
        };
        let operation = request.operation();
        let now = self.clock.now();
        let (result, note) = self.judge(&request, result);
        match &result {
            Ok(verdict) => info!(%order, operation, verdict = verdict.name(), "answered"),
            Err(error) => warn!(%order, operation, ?error, "no answer"),
        }
        charge.handle(now, Event::Answered { ask, result });
        note.map(|text| Note { order, operation, text })
    }

    /// Decodes an answer and learns from it.
    fn judge(
        &mut self,
        request: &Request,
        result: Result<Incoming, Unanswered>,
    ) -> (Result<Verdict, AskError>, Option<String>) {
        let (response, note) = self.learn(request.code(), result);
        (response.map(|response| self.gateway.decode(request, &response)), note)
    }

    /// What an answer tells of the gateway and its clock, and what is to be noted of it. The note
    /// of an answer that is none has no part in what follows from that.
    fn learn(
        &mut self,
        code: Option<&PaymentCode>,
        result: Result<Incoming, Unanswered>,
    ) -> (Result<HttpResponse, AskError>, Option<String>) {
        let note = notes::text_of(&self.gateway, code, &result);
        self.online = Some(result.is_ok());
        self.unreachable = None;
        match result {
            Ok(incoming) => {
                if let Some(date) = incoming.date_unix_seconds {
                    self.skew.learn(self.clock.now(), date, incoming.round_trip);
                }
                let response = HttpResponse { status: incoming.status, body: incoming.body };
                (Ok(response), note)
            }
            Err(Unanswered { error, unreachable, fragment: _ }) => {
                self.unreachable = unreachable;
                (Err(error), note)
            }
        }
    }

    /// Asks one question outside of any charge, and says what the answer proves.
    pub async fn ask_once(
        &mut self,
        request: &Request,
        timeout: Duration,
    ) -> Result<(Result<Verdict, AskError>, Option<HttpResponse>), gateway::FieldError> {
        let encoded = self.gateway.encode(request, self.stamp())?;
        let result = self.http.send(outgoing(encoded), timeout).await;
        let response = result
            .as_ref()
            .ok()
            .map(|incoming| HttpResponse { status: incoming.status, body: incoming.body.clone() });
        let (verdict, note) = self.judge(request, result);
        if let Some(text) = note {
            let order = request.sale().order.clone();
            self.note(Note { order, operation: request.operation(), text });
        }
        Ok((verdict, response))
    }

    fn wall_time(&self) -> WallTime {
        WallTime::from_unix_ms(i64::try_from(self.clock.unix_ms()).unwrap_or(i64::MAX))
    }
}

/// A codec's request as the client takes it.
pub fn outgoing(request: gateway::HttpRequest) -> Outgoing {
    let method = match request.method {
        gateway::Method::Get => Method::Get,
        gateway::Method::Post => Method::Post,
    };
    Outgoing { method, url: request.url, headers: request.headers, body: request.body }
}
