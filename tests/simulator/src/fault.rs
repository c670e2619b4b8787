//! Faults: which call is spoilt, and how.
//!
//! A rule names calls by operation, order, count or chance; chance comes from the seed, so the same
//! seed and the same calls give the same faults. What a fault does to a typed answer is in
//! `fault/spoil.rs`; what it does to bytes and sockets is in `server/deliver.rs`. The list is
//! invariants "Faults to survive: Network, Gateway".

pub(crate) mod file;
pub(crate) mod spoil;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The gateway operations a rule can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// The merchant scans the customer: preOrder, pay.
    Pay,
    /// The customer scans the terminal: order, precreate.
    Precreate,
    /// An official-account order: order with TRADE_TYPE=JSAPI.
    JsapiOrder,
    /// An order for an Alipay account: creatOrder.
    AlipayOrder,
    /// An order from a web page on the phone: wapOrder.
    WapOrder,
    /// The state of an order.
    Query,
    /// Cancels an order: cancelTrade, cancel.
    Cancel,
    /// Refunds a part.
    Refund,
    /// The refunds of an order.
    RefundQuery,
    /// Upay's reversal by hand.
    Revoke,
    /// A flow (data) recharge: flowRecharge.
    Recharge,
    /// The orders of some days.
    BatchQuery,
    /// The payment channels of a merchant.
    Channels,
    /// An operator's login.
    Login,
    /// A new terminal: /terminal/activate.
    Activate,
    /// A terminal's new key: /terminal/checkin.
    Checkin,
    /// A notification, from the gateway to the merchant. Only rules that name it mean it.
    Notify,
}

/// How an answer breaks off within its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakOff {
    /// The connection is closed in order.
    Closed,
    /// The connection is reset as soon as the head is out, without any of the body.
    Reset,
    /// The body is chunked, and the next chunk has no length.
    BadChunk,
    /// Nothing more comes; the connection stays open.
    Stalled,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Processes the call, then closes the connection without an answer.
    DropAnswer,
    /// Closes the connection without processing the call.
    DropRequest,
    /// Processes, then resets the connection after so many bytes of the response.
    Reset {
        /// Bytes of the response (head included) that are sent.
        bytes: usize,
    },
    /// Waits before the call is processed.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Waits between processing and the answer.
    DelayAnswer {
        /// Milliseconds.
        ms: u64,
    },
    /// Sends the response a byte at a time.
    Drip {
        /// Milliseconds between two bytes.
        ms: u64,
    },
    /// Answers HTTP 500.
    Http500 {
        /// Whether the call is processed first.
        #[serde(default)]
        processed: bool,
    },
    /// Processes, then sends half of the body as if it were whole.
    Truncated,
    /// Processes, then sends half of the body that it announced, and breaks off.
    BrokenOff {
        /// How.
        how: BreakOff,
    },
    /// Processes, then streams more than 10 MB.
    Huge,
    /// Processes, then sends bytes that are no text.
    Garbage,
    /// Processes, then sends a body nested beyond any depth.
    DeeplyNested,
    /// Processes; the answer names another order.
    WrongOrder,
    /// Processes; the answer names another amount.
    WrongAmount,
    /// Processes; the answer names another merchant.
    WrongMerchant,
    /// Processes; numbers become strings, short digits numbers, and a list of one its element.
    WrongType,
    /// Processes; the fields that decide stand twice, and disagree.
    DuplicateKeys,
    /// Answers with that documented code.
    ErrorCode {
        /// A code of JSON zh appendix 5, or of Upay v2 §4-1, §4-2 or §4-5.
        code: String,
        /// Whether the call is processed first.
        #[serde(default)]
        processed: bool,
    },
    /// Answers 302 to a host that is not the gateway's.
    Redirect,
    /// Answers that the order does not exist, whether it does or not.
    StaleNotFound,
    /// Processes; one part of the answer contradicts another.
    ContradictingAnswers,
    /// Neither processes nor answers; the connection stays open.
    Offline,
    /// Processes, and never answers; the connection stays open.
    Silence,
    /// Answers that the service is being maintained.
    Maintenance,
    /// Processes; the answer has fields that no document knows.
    ExtraFields,
    /// Processes; the fields of the answer come in another order.
    Reordered,
    /// Of an order: its customer pays at once, and the notification comes before the answer.
    EarlyNotice,
    /// Of a notification: sent so many times in all, although it is accepted.
    Repeat {
        /// How many times.
        times: u32,
        /// Milliseconds between two.
        ms: u64,
    },
    /// Of a notification: signed with another key.
    WrongSign,
    /// Of a notification: encrypted where its address asks for plain text, plain where it asks for
    /// `encrypt=3DES`.
    WrongEncryption,
    /// Of a notification: the merchant's own order request comes back instead of it, with its sign.
    PlayedBack,
}

/// A chance in parts per million; `0.25` in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probability(u32);

impl Probability {
    /// A chance of so many in a million; more than a million is always.
    pub fn per_million(parts: u32) -> Self {
        Self(parts.min(1_000_000))
    }
}

impl Serialize for Probability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1e6)
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let chance = f64::deserialize(deserializer)?;
        if !(0.0..=1.0).contains(&chance) {
            return Err(serde::de::Error::custom("a probability lies between 0 and 1"));
        }
        // In range, so the cast neither truncates nor changes the sign.
        Ok(Self((chance * 1e6).round() as u32))
    }
}

/// Which calls a fault spoils. Every condition given must hold; none given means every call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Only this operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// Only calls that name this order, by the merchant's or the gateway's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Only the nth matching call since the rule was given, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Only with this chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Probability>,
    /// At most so many times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// What goes wrong.
    pub fault: Fault,
}

impl FaultRule {
    /// Spoils every call.
    pub fn always(fault: Fault) -> Self {
        Self { operation: None, order: None, nth: None, probability: None, times: None, fault }
    }

    /// Spoils every call of an operation.
    pub fn on(operation: Operation, fault: Fault) -> Self {
        Self { operation: Some(operation), ..Self::always(fault) }
    }

    /// Spoils the nth call of an operation, counted from 1.
    pub fn nth(operation: Operation, nth: u64, fault: Fault) -> Self {
        Self { nth: Some(nth), ..Self::on(operation, fault) }
    }

    /// Limits the rule to so many calls.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Limits the rule to one order.
    #[must_use]
    pub fn order(self, order: &str) -> Self {
        Self { order: Some(order.to_owned()), ..self }
    }

    /// Limits the rule to a chance.
    #[must_use]
    pub fn with_probability(self, probability: Probability) -> Self {
        Self { probability: Some(probability), ..self }
    }
}

/// Most rules kept at a time; a further one replaces the oldest.
const MAX_RULES: usize = 1_000;

/// A rule in force, and what became of it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArmedRule {
    /// The rule.
    pub rule: FaultRule,
    /// Calls that it could have meant since it was given.
    pub seen: u64,
    /// Calls that it spoilt.
    pub fired: u64,
}

/// The rules in force, and the dice.
#[derive(Debug)]
pub(crate) struct Faults {
    armed: Vec<ArmedRule>,
    dice: Dice,
}

impl Faults {
    pub fn new(rules: &[FaultRule], seed: u64) -> Self {
        let mut faults = Self { armed: Vec::new(), dice: Dice::new(seed) };
        for rule in rules {
            faults.inject(rule.clone());
        }
        faults
    }

    pub fn inject(&mut self, rule: FaultRule) {
        if self.armed.len() >= MAX_RULES {
            self.armed.remove(0);
        }
        self.armed.push(ArmedRule { rule, seen: 0, fired: 0 });
    }

    /// The rules in force, oldest first.
    pub fn armed(&self) -> &[ArmedRule] {
        &self.armed
    }

    pub fn clear(&mut self) {
        self.armed.clear();
    }

    /// The fault of this call: the first rule that fires. Every matching rule counts the call and
    /// throws its dice all the same, so that one rule does not move another.
    pub fn choose(&mut self, operation: Operation, names: &[&str]) -> Option<Fault> {
        let mut chosen = None;
        for armed in &mut self.armed {
            let rule = &armed.rule;
            // A rule for every call means calls; a notification is none.
            let of_operation = match rule.operation {
                Some(wanted) => wanted == operation,
                None => operation != Operation::Notify,
            };
            let of_order = rule.order.as_deref().is_none_or(|wanted| names.contains(&wanted));
            if !of_operation || !of_order {
                continue;
            }
            armed.seen = armed.seen.saturating_add(1);
            let by_chance = rule
                .probability
                .is_none_or(|chance| self.dice.next() % 1_000_000 < u64::from(chance.0));
            let by_count = rule.nth.is_none_or(|nth| nth == armed.seen);
            let by_times = rule.times.is_none_or(|times| armed.fired < times);
            if chosen.is_none() && by_chance && by_count && by_times {
                armed.fired = armed.fired.saturating_add(1);
                chosen = Some(rule.fault.clone());
            }
        }
        chosen
    }
}

/// SplitMix64: small, seedable, and the same on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_call_of_an_operation_is_spoilt_and_no_other() {
        let mut faults = Faults::new(&[FaultRule::nth(Operation::Query, 2, Fault::DropAnswer)], 1);
        let calls = [Operation::Query, Operation::Pay, Operation::Query, Operation::Query];
        let chosen: Vec<_> =
            calls.iter().map(|call| faults.choose(*call, &["o"]).is_some()).collect();
        assert_eq!(chosen, [false, false, true, false]);
    }

    #[test]
    fn chance_comes_from_the_seed_alone() {
        let rule =
            FaultRule::always(Fault::Garbage).with_probability(Probability::per_million(300_000));
        let run = |seed| -> Vec<bool> {
            let mut faults = Faults::new(std::slice::from_ref(&rule), seed);
            (0..200).map(|_| faults.choose(Operation::Pay, &[]).is_some()).collect()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let hits = run(7).into_iter().filter(|hit| *hit).count();
        assert!((30..=90).contains(&hits), "{hits} of 200 at 30 %");
    }

    #[test]
    fn a_rule_for_one_order_a_few_times() {
        let rule = FaultRule::always(Fault::Garbage).order("a").times(2);
        let mut faults = Faults::new(&[rule], 0);
        let hits: Vec<_> = ["a", "b", "a", "a"]
            .iter()
            .map(|order| faults.choose(Operation::Query, &[order]).is_some())
            .collect();
        assert_eq!(hits, [true, false, true, false]);
    }
}
