//! The hand on the simulator: scripts customers, plays the phone, injects faults, reads the books.
//!
//! A `Control` is a handle; every clone acts on the same simulator, from any thread.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    clock::beijing_date,
    customer::{Behaviour, Decline, Wallet},
    fault::{ArmedRule, FaultRule},
    gateway::RequestLog,
    ledger::{RefundScript, Seq},
    notify::NotificationLog,
    recharge::RechargeView,
    server::Shared,
    settings::{Company, Operator},
    terminals::TerminalView,
};

mod view;

use view::view;
pub use view::{HistoryLine, OrderView, PhoneError, PhoneView, RefundState, RefundView, State};

/// How the gateway's network behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connectivity {
    /// Calls are served.
    Online,
    /// Calls are read and their connections reset; nothing is processed. Control calls are served.
    Cut,
    /// Nothing listens: connections are refused, those of the control router under `/_control/`
    /// too.
    Refusing,
    /// Calls are read and never answered; nothing is processed. Control calls are served.
    Silent,
}

/// A handle on a running simulator.
#[derive(Clone, Debug)]
pub struct Control {
    shared: Arc<Shared>,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// What the customer behind a code does, unless that code is scripted.
    pub fn default_customer(&self, behaviour: Behaviour) {
        self.shared.gateway().0.settings.customer = behaviour;
        self.shared.touch();
    }

    /// What the customer before a QR does; `None`: nobody scans it.
    pub fn default_qr_customer(&self, behaviour: Option<Behaviour>) {
        self.shared.gateway().0.settings.qr_customer = behaviour;
        self.shared.touch();
    }

    /// Scripts the customer behind a code, for the next order that uses it. False if 100,000 codes
    /// are scripted already.
    pub fn customer(&self, code: &str, behaviour: Behaviour) -> bool {
        let scripted = self.shared.gateway().0.script(code, behaviour);
        self.shared.touch();
        scripted
    }

    /// A phone shows a fresh payment code, good for about a minute. `None` for a wallet whose codes
    /// have no known shape.
    pub fn show_code(&self, wallet: Wallet) -> Option<String> {
        let (mut gateway, now_ms) = self.shared.gateway();
        gateway.show_code(wallet, now_ms)
    }

    /// The customer approves a waiting order, by either number.
    ///
    /// # Errors
    /// The order is unknown, or waits for nothing.
    pub fn approve(&self, order: &str) -> Result<OrderView, PhoneError> {
        self.decide(order, None)
    }

    /// The customer declines a waiting order, by either number.
    ///
    /// # Errors
    /// The order is unknown, or waits for nothing.
    pub fn decline(&self, order: &str) -> Result<OrderView, PhoneError> {
        self.decline_with(order, Decline::Refused)
    }

    /// Declines a waiting order with a reason.
    ///
    /// # Errors
    /// The order is unknown, or waits for nothing.
    pub fn decline_with(&self, order: &str, reason: Decline) -> Result<OrderView, PhoneError> {
        self.decide(order, Some(reason))
    }

    fn decide(&self, name: &str, reason: Option<Decline>) -> Result<OrderView, PhoneError> {
        let decided = {
            let (mut gateway, now_ms) = self.shared.gateway();
            let found = gateway.ledger.find_any(name, now_ms);
            let seq = found.ok_or_else(|| PhoneError::Unknown(name.to_owned()))?;
            let done = match reason {
                None => gateway.ledger.approve(seq, now_ms),
                Some(reason) => gateway.ledger.decline(seq, reason, now_ms),
            };
            let order = gateway.order(seq, now_ms);
            let order = order.ok_or_else(|| PhoneError::Unknown(name.to_owned()))?;
            let view = view(&order);
            if done {
                Ok(view)
            } else {
                Err(PhoneError::NotPending { order: view.order, state: view.state })
            }
        };
        self.shared.touch();
        decided
    }

    /// The gateway carries out a cancel that was applied for, however long it would have taken.
    /// False if none was applied for.
    pub fn carry_out_cancel(&self, order: &str) -> bool {
        let done = {
            let (mut gateway, now_ms) = self.shared.gateway();
            let found = gateway.ledger.find_any(order, now_ms);
            found.is_some_and(|seq| gateway.ledger.carry_out(seq, now_ms))
        };
        self.shared.touch();
        done
    }

    /// The phone scans a QR and shows what is to be paid.
    ///
    /// # Errors
    /// No order has that QR.
    pub fn scan_qr(&self, qr: &str) -> Result<PhoneView, PhoneError> {
        let shown = {
            let (mut gateway, now_ms) = self.shared.gateway();
            let found = gateway.ledger.find_qr(qr, now_ms);
            let seq = found.ok_or_else(|| PhoneError::Unknown(qr.to_owned()))?;
            gateway.ledger.scanned(seq, now_ms);
            let order = gateway.order(seq, now_ms);
            view(&order.ok_or_else(|| PhoneError::Unknown(qr.to_owned()))?)
        };
        self.shared.touch();
        Ok(PhoneView {
            order: shown.order,
            merchant: shown.merchant,
            subject: shown.subject,
            amount_fen: shown.amount_fen,
            wallet: shown.wallet,
            state: shown.state,
        })
    }

    /// The phone scans a QR and pays it.
    ///
    /// # Errors
    /// No order has that QR, or it waits for no payment.
    pub fn phone_pay(&self, qr: &str) -> Result<OrderView, PhoneError> {
        let gateway_no = {
            let (mut gateway, now_ms) = self.shared.gateway();
            let found = gateway.ledger.find_qr(qr, now_ms);
            let seq = found.ok_or_else(|| PhoneError::Unknown(qr.to_owned()))?;
            gateway.ledger.scanned(seq, now_ms);
            // The gateway's number is unique; the merchant's may be another merchant's too.
            gateway.order(seq, now_ms).map(|order| order.gateway_no)
        };
        let unknown = || PhoneError::Unknown(qr.to_owned());
        self.approve(&gateway_no.ok_or_else(unknown)?)
    }

    /// Puts a fault rule in force.
    pub fn inject(&self, rule: FaultRule) {
        self.shared.gateway().0.faults.inject(rule);
        self.shared.touch();
    }

    /// The fault rules in force, oldest first, with how often each was met and fired.
    pub fn faults(&self) -> Vec<ArmedRule> {
        self.shared.gateway().0.faults.armed().to_vec()
    }

    /// Ends every fault rule.
    pub fn clear_faults(&self) {
        self.shared.gateway().0.faults.clear();
        self.shared.touch();
    }

    /// Cuts the network (`Connectivity::Cut`), or mends it.
    pub fn set_online(&self, online: bool) {
        self.set_connectivity(if online { Connectivity::Online } else { Connectivity::Cut });
    }

    /// Sets how the network behaves. `Refusing` takes a moment: the listener is closed by its task.
    pub fn set_connectivity(&self, connectivity: Connectivity) {
        self.shared.connectivity.send_replace(connectivity);
        self.shared.touch();
    }

    /// How the network behaves.
    pub fn connectivity(&self) -> Connectivity {
        *self.shared.connectivity.borrow()
    }

    /// Sets the wall clock this many seconds off; nothing but dates and signs follows it.
    pub fn skew_clock(&self, seconds: i64) {
        self.shared.gateway().0.skew_s = seconds;
        self.shared.touch();
    }

    /// How long a refund is on its way from now on.
    pub fn refunds_take(&self, ms: u64) {
        self.shared.gateway().0.ledger.rules_mut().refund.ms = ms;
    }

    /// What becomes of refunds from now on, unless one is scripted.
    pub fn default_refund(&self, script: RefundScript) {
        self.shared.gateway().0.ledger.rules_mut().refund = script;
        self.shared.touch();
    }

    /// Scripts the refund of that number (OUT_REFUND_NO, refund_request_no). False if too many are
    /// scripted already.
    pub fn refund(&self, refund: &str, script: RefundScript) -> bool {
        let scripted = self.shared.gateway().0.ledger.script_refund(refund, script);
        self.shared.touch();
        scripted
    }

    /// Whether a waiting preOrder answers FAIL at once from now on (`Settings::answer_at_once`).
    pub fn answer_at_once(&self, at_once: bool) {
        self.shared.gateway().0.settings.answer_at_once = at_once;
        self.shared.touch();
    }

    /// The order of that number, the merchant's or the gateway's.
    pub fn order(&self, order: &str) -> Option<OrderView> {
        let (mut gateway, now_ms) = self.shared.gateway();
        let seq: Seq = gateway.ledger.find_any(order, now_ms)?;
        gateway.order(seq, now_ms).map(|order| view(&order))
    }

    /// Every order, oldest first.
    pub fn orders(&self) -> Vec<OrderView> {
        let (mut gateway, now_ms) = self.shared.gateway();
        gateway.ledger.all(now_ms).iter().map(view).collect()
    }

    /// The money that the merchants hold: paid, less reversed, less refunded.
    pub fn ledger_total_fen(&self) -> i64 {
        let (mut gateway, now_ms) = self.shared.gateway();
        gateway.ledger.total_fen(now_ms)
    }

    /// Whether flow recharges fail from now on.
    pub fn recharges_fail(&self, fail: bool) {
        self.shared.gateway().0.settings.recharges_fail = fail;
        self.shared.touch();
    }

    /// Every flow recharge, oldest first.
    pub fn recharges(&self) -> Vec<RechargeView> {
        let (gateway, now_ms) = self.shared.gateway();
        let date = |at_ms| beijing_date(gateway.wall_ms(at_ms));
        let all = gateway.recharges.all().iter();
        all.map(|recharge| recharge.view(&date(recharge.at_ms), now_ms)).collect()
    }

    /// Scripts who may log in.
    pub fn operators(&self, operators: Vec<Operator>) {
        self.shared.gateway().0.settings.operators = operators;
        self.shared.touch();
    }

    /// The merchant that a login tells of.
    pub fn company_told(&self) -> Company {
        self.shared.gateway().0.settings.company.clone()
    }

    /// Scripts the merchant that a login tells of.
    pub fn company(&self, company: Company) {
        self.shared.gateway().0.settings.company = company;
        self.shared.touch();
    }

    /// Upay's terminals, with the keys they may sign with.
    pub fn terminals(&self) -> Vec<TerminalView> {
        self.shared.gateway().0.terminals.views()
    }

    /// The latest calls, oldest first; at most 4,096.
    pub fn requests(&self) -> Vec<RequestLog> {
        self.shared.gateway().0.log.iter().cloned().collect()
    }

    /// The latest attempts at notifications, oldest first; at most 512.
    pub fn notifications(&self) -> Vec<NotificationLog> {
        self.shared.gateway().0.notifications.lines().cloned().collect()
    }

    /// Sends the latest notification of an order once more, byte for byte: a replay.
    ///
    /// # Errors
    /// No notification of that order was sent.
    pub fn renotify(&self, order: &str) -> Result<(), PhoneError> {
        let sent = self.shared.gateway().0.notifications.send_again(order);
        self.shared.touch();
        if sent { Ok(()) } else { Err(PhoneError::Unknown(order.to_owned())) }
    }

    /// Tells of changes: a count that grows with each.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.changed.subscribe()
    }
}
