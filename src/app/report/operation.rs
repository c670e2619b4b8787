//! What came of a one-shot operation, as `cashier gateway` tells it (`contract.md`, "Commands").
//!
//! JSON: `{"operation", "outcome", "reason", "advice", "reason_code", "detail"}` and what the
//! operation is asked for. An order's outcome is a sale's; another operation's is `done`,
//! `pending`, `refused`, `not_found`, `unresolved` or `not_sent`. Amounts are `*_fen`.

use super::Exit;
use crate::app::exec::Came;
use crate::app::words::dictionary::{InWords, explained};
use crate::app::words::{self, Words};
use crate::gateway::Failed;
use crate::gateway::operation::{
    Answer, Bill, ChannelInfo, Company, JsapiOrdered, LoggedIn, OrderInfo, OrderPage,
    RechargeStatus, Recharged, RefundList, User,
};
use crate::money::Fen;
use crate::payment::{AskError, Doubt, DoubtKind, Outcome};
use serde_json::{Map, Value, json};
use ui::{Locale, Text};

/// An operation's result, for programs and for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    object: Map<String, Value>,
    lines: Vec<String>,
    /// The exit status.
    pub exit: Exit,
}

impl Told {
    /// What came of an operation of this name.
    pub fn new(operation: &str, came: &Came, merchant: &str, locale: Locale) -> Told {
        let mut told = Told { object: Map::new(), lines: Vec::new(), exit: Exit::Done };
        told.set("operation", json!(operation));
        match came {
            Came::Answered(answer) => told.answered(answer, merchant, locale),
            Came::Failed(failed) => told.failed(failed, locale),
            Came::Unanswered(AskError::NotSent) => {
                let reason = Some(Text::NeverSent);
                let words = Words { reason, advice: Some(Text::CheckNetwork) };
                told.explain("not_sent", words, "never_sent", None, locale);
                told.exit = Exit::Failed;
            }
            Came::Unanswered(AskError::MaybeSent) => {
                told.failed(&Failed::Unknown(Doubt::of(DoubtKind::NoAnswer)), locale);
            }
            Came::Unanswered(AskError::Garbled) => {
                told.failed(&Failed::Unknown(Doubt::of(DoubtKind::Unreadable)), locale);
            }
        }
        told
    }

    /// For programs.
    pub fn object(&self) -> &Map<String, Value> {
        &self.object
    }

    /// For people.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// One more field.
    pub fn set(&mut self, name: &str, value: Value) {
        self.object.insert(name.to_owned(), value);
    }

    /// One more line for people.
    pub fn line(&mut self, line: String) {
        self.lines.push(line);
    }

    /// In the words of a sale that is not certain, which the terminal goes on asking about.
    pub fn explain_sale(&mut self, outcome: &Outcome, locale: Locale) {
        self.lines.clear();
        let detail = words::detail(outcome);
        let code = words::reason_code(outcome).unwrap_or_default();
        self.explain(outcome.name(), words::outcome(outcome), code, detail.as_deref(), locale);
    }

    fn failed(&mut self, failed: &Failed, locale: Locale) {
        let (outcome, exit) = match failed {
            Failed::Refused(_) => ("refused", Exit::Negative),
            Failed::NotFound => ("not_found", Exit::Negative),
            Failed::Unknown(_) => ("unresolved", Exit::Open),
        };
        self.explain(outcome, words::failed(failed), failed.name(), failed.said(), locale);
        self.exit = exit;
    }

    fn explain(
        &mut self,
        outcome: &str,
        words: Words,
        code: &str,
        said: Option<&str>,
        locale: Locale,
    ) {
        let reason = words.reason.map(|text| text.text(locale));
        let advice = words.advice.map(|text| text.text(locale));
        self.set("outcome", json!(outcome));
        self.set("reason", json!(reason));
        self.set("advice", json!(advice));
        self.set("reason_code", json!(code));
        self.set("detail", json!(said));
        self.lines.extend([reason, advice, said].into_iter().flatten().map(str::to_owned));
    }

    fn answered(&mut self, answer: &Answer, merchant: &str, locale: Locale) {
        for name in ["reason", "advice", "reason_code", "detail"] {
            self.set(name, Value::Null);
        }
        self.set("outcome", json!("done"));
        match answer {
            Answer::JsapiOrder(ordered) => self.jsapi(ordered),
            Answer::AlipayOrder(ordered) => {
                self.set("gateway_order", json!(ordered.gateway_order));
                self.set("trade_no", json!(ordered.trade_no));
                self.line(format!("tradeNO: {}", ordered.trade_no));
            }
            Answer::WapOrder(ordered) => {
                self.set("gateway_order", json!(ordered.gateway_order));
                self.set("link", json!(ordered.link));
                self.line(ordered.link.clone());
            }
            Answer::Order(info) => {
                self.object.extend(order(info, locale));
                self.line(order_line(info, locale));
            }
            Answer::Refunds(list) => self.refunds(list, locale),
            Answer::CancelApplied { already } => {
                self.set("outcome", json!(if *already { "done" } else { "pending" }));
                self.exit = if *already { Exit::Done } else { Exit::Open };
                let text = if *already { Text::Reversed } else { Text::Cancelling };
                self.line(text.text(locale).to_owned());
            }
            Answer::Recharge(recharged) => self.recharge(recharged, locale),
            Answer::Orders(page) => self.orders(page, locale),
            Answer::Channels(channels) => self.channels(channels, locale),
            Answer::Login(login) => self.login(login, merchant, locale),
            Answer::Terminal(terminal) => {
                self.set("terminal_sn", json!(terminal.terminal_sn));
                self.line(format!("terminal_sn: {}", terminal.terminal_sn));
                for (name, text) in &terminal.labels {
                    self.set(name, json!(text));
                    self.line(format!("{name}: {text}"));
                }
            }
            Answer::Revoked(_) => self.line(Text::Reversed.text(locale).to_owned()),
        }
    }

    fn jsapi(&mut self, ordered: &JsapiOrdered) {
        self.set("gateway_order", json!(ordered.gateway_order));
        self.set("trade_no", json!(ordered.trade_no));
        let parameters = [
            ("appId", &ordered.app_id),
            ("timeStamp", &ordered.time_stamp),
            ("nonceStr", &ordered.nonce_str),
            ("packageData", &ordered.package_data),
            ("signType", &ordered.sign_type),
            ("sign", &ordered.sign),
        ];
        let object: Map<String, Value> =
            parameters.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
        self.set("parameters", Value::Object(object));
        self.lines.extend(parameters.iter().map(|(name, text)| format!("{name}: {text}")));
    }

    fn refunds(&mut self, list: &RefundList, locale: Locale) {
        self.object.extend(order(&list.order, locale));
        self.set("refunded_fen", fen(list.refunded));
        self.line(order_line(&list.order, locale));
        let refunds: Vec<Value> = list
            .refunds
            .iter()
            .map(|refund| {
                let state = refund.state.as_ref();
                json!({
                    "refund": refund.refund,
                    "gateway_refund": refund.gateway_refund,
                    "amount_fen": fen(refund.amount),
                    "state": state.map(crate::gateway::sosopay::dictionary::State::name),
                    "state_text": in_words(state, locale),
                    "operator": refund.operator,
                    "begin_time": refund.begin_time,
                    "end_time": refund.end_time,
                    "bills": bills(&refund.bills, locale),
                })
            })
            .collect();
        for refund in &list.refunds {
            let number = refund.refund.as_deref().unwrap_or("-");
            let state = refund.state.as_ref();
            let state = state.map(|state| explained(state.text(), state, locale));
            let line = format!("{number}  {}  {}", yuan(refund.amount), state.unwrap_or_default());
            self.line(line.trim_end().to_owned());
        }
        self.set("refunds", Value::Array(refunds));
    }

    /// "Accepted" is not "recharged": the gateway tells the end to `notifyURL` alone.
    fn recharge(&mut self, recharged: &Recharged, locale: Locale) {
        let (outcome, exit, text) = match &recharged.status {
            RechargeStatus::Done => ("done", Exit::Done, Text::Good),
            RechargeStatus::Failed => ("refused", Exit::Negative, Text::TradeFailed),
            RechargeStatus::Begun | RechargeStatus::Recharging => {
                ("pending", Exit::Open, Text::WaitAndSee)
            }
            RechargeStatus::Unknown(_) => ("unresolved", Exit::Open, Text::NoClearAnswer),
        };
        self.set("outcome", json!(outcome));
        if exit != Exit::Done {
            self.set("reason", json!(text.text(locale)));
        }
        self.exit = exit;
        self.set("status", json!(recharged.status.name()));
        self.set("status_text", json!(recharged.status.words(locale)));
        self.set("gateway_order", json!(recharged.gateway_order));
        self.set("platform_order", json!(recharged.platform_order));
        self.set("created_at", json!(recharged.create_time));
        self.line(text.text(locale).to_owned());
        self.line(recharged.status.words(locale).to_owned());
        self.lines.extend(recharged.gateway_order.clone());
    }

    fn orders(&mut self, page: &OrderPage, locale: Locale) {
        self.set("count", json!(page.count));
        let orders: Vec<Value> =
            page.orders.iter().map(|info| Value::Object(order(info, locale))).collect();
        self.set("orders", Value::Array(orders));
        self.lines.extend(page.orders.iter().map(|info| order_line(info, locale)));
        if page.orders.is_empty() {
            self.line(Text::ListEmpty.text(locale).to_owned());
        }
    }

    fn channels(&mut self, channels: &[ChannelInfo], locale: Locale) {
        let list = channels.iter().map(|info| {
            json!({
                "channel_type": info.channel.text(),
                "kind": info.channel.name(),
                "kind_text": info.channel.words(locale),
                "channel": info.channel.clone().channel().name(),
                "name": info.name,
            })
        });
        self.set("channels", list.collect());
        self.lines.extend(channels.iter().map(|info| {
            let told = explained(info.channel.text(), &info.channel, locale);
            format!("{told}  {}", info.name.as_deref().unwrap_or_default()).trim_end().to_owned()
        }));
    }

    fn login(&mut self, login: &LoggedIn, merchant: &str, locale: Locale) {
        let may_refund = login.may_refund(merchant);
        self.set("may_refund", json!(may_refund));
        self.set("user", user(&login.user, locale));
        self.set("company", company(&login.company, locale));
        let person = [&login.user.login_name, &login.user.name, &login.company.name];
        let person: Vec<&str> = person.into_iter().flatten().map(String::as_str).collect();
        self.line(person.join("  "));
        let words = [
            in_words(login.user.user_type.as_ref(), locale),
            in_words(login.company.status.as_ref(), locale),
            in_words(login.company.charge_mode.as_ref(), locale),
        ];
        self.lines.extend(words.into_iter().flatten().map(str::to_owned));
        self.line(format!("may refund: {may_refund}"));
        if let Some(limit) = login.company.amount_limit {
            self.line(format!("amount limit: {}", yuan(Some(limit))));
        }
    }
}

fn fen(amount: Option<Fen>) -> Value {
    json!(amount.map(Fen::get))
}

fn yuan(amount: Option<Fen>) -> String {
    amount.map(|amount| format!("¥{}", amount.yuan())).unwrap_or_default()
}

fn in_words<T: InWords>(value: Option<&T>, locale: Locale) -> Option<&str> {
    value.map(|value| value.words(locale))
}

fn bills(bills: &[Bill], locale: Locale) -> Vec<Value> {
    let bill = |bill: &Bill| {
        let channel = &bill.channel;
        json!({
            "fund_channel": channel.text(),
            "kind": channel.name(),
            "kind_text": channel.words(locale),
            "amount_fen": fen(bill.amount),
        })
    };
    bills.iter().map(bill).collect()
}

fn order(info: &OrderInfo, locale: Locale) -> Map<String, Value> {
    let channel = info.channel.as_ref().map_or("unknown", |channel| channel.name());
    let fields = json!({
        "order": info.order,
        "gateway_order": info.gateway_order,
        "trade_no": info.trade_no,
        "state": info.state.as_ref().map(|state| state.text()),
        "state_name": info.state.as_ref().map(|state| state.name()),
        "state_text": in_words(info.state.as_ref(), locale),
        "amount_fen": fen(info.amount),
        "received_fen": fen(info.received),
        "channel": channel,
        "operator": info.operator,
        "device": info.device,
        "store": info.store,
        "subject": info.subject,
        "echo": info.echo,
        "begin_time": info.begin_time,
        "end_time": info.end_time,
        "bills": bills(&info.bills, locale),
        "goods": info.goods,
    });
    if let Value::Object(fields) = fields { fields } else { Map::new() }
}

fn order_line(info: &OrderInfo, locale: Locale) -> String {
    let number = info.order.as_ref().or(info.gateway_order.as_ref());
    let state = info.state.as_ref().map(|state| explained(state.text(), state, locale));
    let state = state.unwrap_or_default();
    let number = number.map_or("-", String::as_str);
    format!("{number}  {}  {state}", yuan(info.amount))
}

fn user(user: &User, locale: Locale) -> Value {
    json!({
        "id": user.id,
        "company_id": user.company_id,
        "login_name": user.login_name,
        "name": user.name,
        "user_type": user.user_type.as_ref().map(|kind| kind.name()),
        "user_type_text": in_words(user.user_type.as_ref(), locale),
        "login_date": user.login_date,
        "is_enabled": user.is_enabled,
        "is_deleted": user.is_deleted,
        "imei": user.imei,
        "terminal_type": user.terminal_type,
        "app_version": user.app_version,
        "is_online": user.is_online,
    })
}

fn company(company: &Company, locale: Locale) -> Value {
    json!({
        "id": company.id,
        "name": company.name,
        "code": company.code,
        "status": company.status.as_ref().map(|status| status.name()),
        "status_text": in_words(company.status.as_ref(), locale),
        "is_deleted": company.is_deleted,
        "amount_limit_fen": fen(company.amount_limit),
        "refund_at_scene": company.refund_at_scene,
        "charge_mode": company.charge_mode.as_ref().map(|mode| mode.name()),
        "charge_mode_text": in_words(company.charge_mode.as_ref(), locale),
        "profit_rate": company.profit_rate,
        "time_limit_seconds": company.time_limit.map(|limit| limit.as_secs()),
        "uploads_goods": company.uploads_goods,
        "private_url": company.private_url,
    })
}
