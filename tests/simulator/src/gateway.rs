//! The gateway behind the sockets: one call in, one answer out, or a reason to wait.
//!
//! Pure but for its dice: requests come in as data with the moment they came at, answers go out as
//! data. `Gateway::receive` reads and checks a call and chooses its fault; `perform` carries it out
//! on the books; a SOSOPAY preOrder may have to wait for its customer, which is `Step::Hold`, and
//! is taken up by `resume`; `seal` writes the answer's bytes. The server does the waiting.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

use crate::{
    clock::{self, Clock},
    customer::{Behaviour, Wallet},
    fault::{Dice, Fault, Faults, Operation, spoil::spoil},
    ledger::{Ledger, Order, RefundScript, Rules, Seq},
    notify::{Notice, Notifications},
    recharge::Recharges,
    settings::{Kind, Settings},
    shouqianba, sosopay,
    terminals::Terminals,
    value::Value,
};

/// Lines of the request log that are kept.
const MAX_LOG: usize = 4_096;
/// Scripted codes that are kept; a further one replaces none and is refused.
const MAX_CUSTOMERS: usize = 100_000;

/// An HTTP request, taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub method: String,
    /// The path's segments, percent-decoded, without empty ones.
    pub segments: Vec<String>,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A parameter of the query string.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// A header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The segment so many from the end, counted from 1.
    pub fn segment_back(&self, place: usize) -> Option<&str> {
        self.segments.iter().rev().nth(place.checked_sub(1)?).map(String::as_str)
    }
}

/// One call, as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestLog {
    /// The operation.
    pub operation: Operation,
    /// The order it names, as far as it could be read.
    pub order: String,
    /// Milliseconds of the simulator's clock.
    pub at_ms: u64,
    /// The code that was answered: `PAY_SUCCESS`, `INVALID_SIGN` …
    pub outcome: String,
    /// The fault that spoilt the call, if one did.
    pub fault: Option<Fault>,
}

/// A call that was read, with what was decided about it before it is carried out.
#[derive(Debug)]
pub(crate) struct Received {
    pub operation: Operation,
    pub order: String,
    pub at_ms: u64,
    pub fault: Option<Fault>,
    pub call: Call,
}

/// A call in its protocol; `Err` is the answer to a call that was refused.
#[derive(Debug)]
pub(crate) enum Call {
    Upay(Result<shouqianba::Call, Value>),
    Sosopay(sosopay::Format, Box<Result<sosopay::Call, Value>>),
}

/// What is to be done next with a call.
#[derive(Debug)]
pub(crate) enum Step {
    Answer(Value),
    /// Look again when the order has changed, or at that moment.
    Hold {
        seq: Seq,
        until_ms: Option<u64>,
    },
}

/// Not a gateway operation: the HTTP status that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoSuchCall(pub u16);

/// The bytes of an answer before faults of the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

/// Books, customers, faults and log.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub settings: Settings,
    pub ledger: Ledger,
    pub faults: Faults,
    pub terminals: Terminals,
    pub recharges: Recharges,
    pub notifications: Notifications,
    pub clock: Clock,
    pub skew_s: i64,
    pub log: VecDeque<RequestLog>,
    customers: HashMap<String, Behaviour>,
    dice: Dice,
}

impl Gateway {
    pub fn new(settings: Settings) -> Self {
        let rules = Rules {
            code_life_ms: settings.code_life_ms,
            single_use_codes: settings.single_use_codes,
            refund: RefundScript { ms: settings.refund_ms, end: settings.refund_end },
            cancel_application_ms: settings.cancel_application_ms,
            max_orders: settings.max_orders,
        };
        Self {
            ledger: Ledger::new(rules),
            faults: Faults::new(&settings.faults, settings.seed),
            terminals: Terminals::new(&settings.merchants, settings.vendor.clone(), settings.seed),
            recharges: Recharges::default(),
            notifications: Notifications::default(),
            clock: Clock::start(settings.epoch_unix_s),
            skew_s: 0,
            log: VecDeque::new(),
            customers: HashMap::new(),
            // Another stream than the faults', so that a rule does not change a QR's text.
            dice: Dice::new(!settings.seed),
            settings,
        }
    }

    /// Unix milliseconds this gateway shows at a moment.
    pub fn wall_ms(&self, at_ms: u64) -> i64 {
        self.clock.wall_ms(at_ms).saturating_add(self.skew_s.saturating_mul(1000))
    }

    /// Scripts the customer behind a code. False if too many are scripted already.
    pub fn script(&mut self, code: &str, behaviour: Behaviour) -> bool {
        let room = self.customers.len() < MAX_CUSTOMERS || self.customers.contains_key(code);
        if room {
            self.customers.insert(code.to_owned(), behaviour);
        }
        room
    }

    /// What the customer behind a code does.
    pub fn behaviour_of(&self, code: &str) -> Behaviour {
        let magic = || Behaviour::of_magic_code(code).filter(|_| self.settings.magic_codes);
        self.customers.get(code).copied().or_else(magic).unwrap_or(self.settings.customer)
    }

    /// A code that a phone shows from now on, good for its life.
    pub fn show_code(&mut self, wallet: Wallet, now_ms: u64) -> Option<String> {
        let (prefix, length) = wallet.code_shape()?;
        let digits = length - prefix.len();
        let random = format!("{:020}", self.dice.next());
        let code = format!("{prefix}{}", random.get(random.len().checked_sub(digits)?..)?);
        self.ledger.show_code(&code, now_ms);
        Some(code)
    }

    /// The text of a new QR of a wallet, in the shape of the documents' samples (JSON zh table 3.5,
    /// §3.6), unique by the order's place in the books.
    pub fn new_qr(&mut self, wallet: Wallet) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut random = self.dice.next();
        let mut tail = String::new();
        for _ in 0..10 {
            let index = usize::try_from(random % 32).unwrap_or(0);
            tail.push(char::from(LETTERS[index]));
            random /= 32;
        }
        let place = self.ledger.next_seq().0;
        match wallet {
            Wallet::Wechat => format!("weixin://wxpay/bizpayurl?pr={tail}{place}"),
            Wallet::Alipay => format!("https://qr.alipay.com/bax{tail}{place}"),
            Wallet::Unionpay => format!("https://qr.95516.com/00010000/{tail}{place}"),
            Wallet::Baidu => format!("https://www.baifubao.com/qr/{tail}{place}"),
            Wallet::Jd | Wallet::Qq | Wallet::Bestpay | Wallet::Bank(_) => {
                format!("https://pay.example.com/qr/{tail}{place}")
            }
        }
    }

    /// The number the wallet gives a payment, as long as the samples' (Upay v2 §2-3.2 i).
    pub fn new_third_no(&self, now_ms: u64) -> String {
        let date = clock::beijing_date(self.wall_ms(now_ms));
        format!("1006101016{date}{:010}", self.ledger.next_seq().0)
    }

    /// Reads a call, checks it, and chooses its fault.
    pub fn receive(&mut self, request: &Request, now_ms: u64) -> Result<Received, NoSuchCall> {
        let (operation, order, gateway_no, call) = match self.settings.kind {
            Kind::Shouqianba => {
                let (operation, named, call) = shouqianba::receive(self, request)?;
                (operation, named.merchant_no, named.gateway_no, Call::Upay(call))
            }
            Kind::SosopayJson | Kind::SosopayXml => {
                let read = sosopay::receive(self, request, now_ms)?;
                let call = Call::Sosopay(read.format, Box::new(read.call));
                (read.operation, read.order, read.gateway_no, call)
            }
        };
        let names = [order.as_str(), gateway_no.as_str()];
        let fault = self.faults.choose(operation, &names);
        let order = if order.is_empty() { gateway_no } else { order };
        Ok(Received { operation, order, at_ms: now_ms, fault, call })
    }

    /// Carries a call out.
    pub fn perform(&mut self, received: &Received, now_ms: u64) -> Step {
        match &received.call {
            Call::Upay(Err(refusal)) => Step::Answer(refusal.clone()),
            Call::Upay(Ok(call)) => Step::Answer(shouqianba::perform(self, call, now_ms)),
            Call::Sosopay(format, call) => match call.as_ref() {
                Err(refusal) => Step::Answer(refusal.clone()),
                Ok(call) => sosopay::perform(self, *format, call, now_ms),
            },
        }
    }

    /// Looks again at a call that waits for its customer.
    pub fn resume(&mut self, received: &Received, seq: Seq, now_ms: u64) -> Step {
        match &received.call {
            Call::Sosopay(format, call) => match call.as_ref() {
                Err(refusal) => Step::Answer(refusal.clone()),
                Ok(_) => sosopay::pay_step(self, *format, seq, now_ms),
            },
            // Upay answers PAY_IN_PROGRESS instead of waiting.
            Call::Upay(_) => {
                Step::Answer(self.answer_code(received, "UNKNOWN_SYSTEM_ERROR", now_ms))
            }
        }
    }

    /// The answer with a documented code, whatever the books say.
    pub fn answer_code(&mut self, received: &Received, code: &str, now_ms: u64) -> Value {
        match &received.call {
            Call::Upay(call) => {
                shouqianba::answer_code(self, received.operation, call.as_ref().ok(), code, now_ms)
            }
            Call::Sosopay(..) => sosopay::answer_code(received.operation, code),
        }
    }

    /// The answer "does not exist".
    pub fn answer_not_found(&mut self, received: &Received, now_ms: u64) -> Value {
        match self.settings.kind {
            Kind::Shouqianba => self.answer_code(received, "UPAY_ORDER_NOT_EXISTS", now_ms),
            Kind::SosopayJson | Kind::SosopayXml => {
                self.answer_code(received, "CHARGE_NONEXISTENT", now_ms)
            }
        }
    }

    /// The answer of a gateway that is being maintained.
    pub fn answer_maintenance(&mut self, received: &Received, now_ms: u64) -> Value {
        match self.settings.kind {
            Kind::Shouqianba => self.answer_code(received, "MAINTENANCE_INPROGRESS", now_ms),
            Kind::SosopayJson | Kind::SosopayXml => {
                self.answer_code(received, "SERVICE_UNAVAILABLE", now_ms)
            }
        }
    }

    /// Writes the answer down in the log, spoils it if it is to be spoilt, and encodes it.
    pub fn seal(&mut self, received: &Received, mut answer: Value) -> Answer {
        self.record(received, outcome_of(&answer));
        if let Some(fault) = &received.fault {
            spoil(fault, &mut answer);
        }
        match &received.call {
            Call::Upay(_) => {
                let body = answer.to_json().into_bytes();
                Answer { content_type: "application/json;charset=UTF-8", body }
            }
            Call::Sosopay(format, _) => sosopay::encode(self, format, &answer),
        }
    }

    /// Appends a line to the log.
    pub fn record(&mut self, received: &Received, outcome: String) {
        if self.log.len() >= MAX_LOG {
            self.log.pop_front();
        }
        self.log.push_back(RequestLog {
            operation: received.operation,
            order: received.order.clone(),
            at_ms: received.at_ms,
            outcome,
            fault: received.fault.clone(),
        });
    }

    /// The notifications that are due, and when to look again if nothing changes before.
    pub fn notices(&mut self, now_ms: u64) -> (Vec<Notice>, Option<u64>) {
        let mut notices = self.notifications.take_again();
        let (paid, next_due_ms) = self.ledger.take_notifiable(now_ms);
        let (ended, recharge_due_ms) = self.recharges.take_notifiable(now_ms);
        if self.settings.kind != Kind::Shouqianba {
            for order in &paid {
                let names = [order.merchant_no.as_str(), order.gateway_no.as_str()];
                let fault = self.faults.choose(Operation::Notify, &names);
                notices.extend(sosopay::notice(self, order, fault, now_ms));
            }
            for ended in &ended {
                let date = clock::beijing_date(self.wall_ms(ended.at_ms));
                let fault = self.faults.choose(Operation::Notify, &[&ended.order_id(&date)]);
                notices.extend(sosopay::recharge_notice(self, ended, fault, now_ms));
            }
        }
        (notices, next_due_ms.into_iter().chain(recharge_due_ms).min())
    }

    /// An order of the books, brought up to date.
    pub fn order(&mut self, seq: Seq, now_ms: u64) -> Option<Order> {
        self.ledger.settled(seq, now_ms).cloned()
    }
}

/// The code that decides an answer, for the log: the business one if there is one.
fn outcome_of(answer: &Value) -> String {
    let business = answer.find("biz_response").unwrap_or(answer);
    let codes = ["CODE", "error_code", "result_code", "success"];
    let code_of = |tree: &Value| {
        let found = codes.iter().find_map(|name| tree.find(name).and_then(Value::as_text));
        found.map(str::to_owned)
    };
    code_of(business).or_else(|| code_of(answer)).unwrap_or_else(|| "no code".to_owned())
}

#[cfg(test)]
mod tests;
