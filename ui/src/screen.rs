//! What is to be seen, as plain values.
//!
//! The caller says what is the case; how it looks is decided in `screens`. Amounts come as decimal
//! text ("12.34") that the caller made from whole fen: nothing here computes with money. Strings
//! that come from outside may hold anything: they are cut and cleaned before they are drawn (I15).

use crate::locale::Text;

/// All that is on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The line at the top.
    pub status: StatusBar,
    /// The rest.
    pub body: Body,
}

/// The line at the top: is the terminal well, and what has been left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusBar {
    /// The way to the gateway.
    pub network: Light,
    /// The code scanner.
    pub scanner: Light,
    /// The receipt printer.
    pub printer: Light,
    /// How many charges and refunds have no certain end yet.
    pub open: u32,
    /// The time of day, "12:34"; none while the clock is not trusted.
    pub clock: Option<String>,
    /// Something that whoever uses this terminal must know.
    pub warning: Option<Warning>,
    /// The device that most needs to be seen to, and what is the matter with it.
    pub trouble: Option<Text>,
}

/// The state of one part of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// It works.
    Good,
    /// It does not: its symbol is red and struck through.
    Bad,
    /// The terminal has no such part: no symbol.
    Absent,
}

/// Shown in the status bar in words, all the time (I18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Requests travel unencrypted.
    Plaintext,
    /// Payments are not real.
    TestGateway,
    /// The journal cannot be relied on.
    Journal,
}

/// What is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The firmware starts and looks through its journal.
    Starting,
    /// Ready for the next sale.
    Idle {
        /// The merchant's name.
        merchant: String,
    },
    /// The cashier types.
    Amount {
        /// As typed, "12.3".
        amount: String,
        /// Whose code the QR key will show.
        wallet: Wallet,
        /// Why the amount cannot be taken.
        problem: Option<Text>,
    },
    /// A scan or a tap is awaited.
    AwaitCode {
        /// Yuan, "12.34".
        amount: String,
        /// Until the sale is given up.
        seconds_left: u32,
        /// There is a reader that a phone can be held to.
        tap: bool,
        /// What was wrong with the last scan.
        caution: Option<Text>,
    },
    /// The gateway was asked to charge and has not answered.
    Charging {
        /// Yuan, "12.34".
        amount: String,
        /// As far as the code tells.
        wallet: Option<Wallet>,
        /// Waited so far.
        seconds: u32,
        /// What the cashier should know of the code.
        caution: Option<Text>,
    },
    /// A QR code for the customer to scan.
    Present {
        /// Yuan, "12.34".
        amount: String,
        /// Whose code it is.
        wallet: Wallet,
        /// The payload of the code; none while it is being fetched.
        qr: Option<String>,
        /// Until the code is withdrawn.
        seconds_left: u32,
    },
    /// It is not known yet whether money moved; the gateway is being asked.
    Confirming {
        /// Yuan, "12.34".
        amount: String,
        /// Until the charge is reversed.
        seconds_left: u32,
    },
    /// The charge is being cancelled.
    Reversing {
        /// Yuan, "12.34".
        amount: String,
        /// Waited so far.
        seconds: u32,
    },
    /// How a sale ended, or that it has not.
    Outcome(Outcome),
    /// Things to do.
    Menu {
        /// From top to bottom.
        items: Vec<MenuItem>,
        /// Counted from 0.
        selected: usize,
    },
    /// Open charges or last sales; scrolls round the selection.
    List {
        /// What is listed.
        title: Text,
        /// From top to bottom.
        rows: Vec<Row>,
        /// Counted from 0.
        selected: usize,
    },
    /// Something to read.
    Notice {
        /// What it is about.
        title: Text,
        /// In any words.
        lines: Vec<String>,
        /// What to do.
        advice: Option<Text>,
        /// Whether something is wrong.
        severity: Severity,
    },
}

/// How a sale ended, or that it has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which way it went.
    pub kind: OutcomeKind,
    /// Yuan, "12.34".
    pub amount: String,
    /// Whose money.
    pub wallet: Option<Wallet>,
    /// Why.
    pub reason: Option<Text>,
    /// The gateway's own words or code, for support.
    pub detail: Option<String>,
    /// What to do.
    pub advice: Option<Text>,
    /// The order's number.
    pub order: String,
}

/// Which way a sale went. Each has a colour, a shape and a word of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutcomeKind {
    /// The money moved (I3).
    Paid,
    /// No money moved (I4).
    NotCharged,
    /// The charge was taken back.
    Reversed,
    /// Nobody knows yet.
    Unresolved,
    /// A settled outcome was contradicted later (I6).
    Discrepancy,
}

/// A line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// Its words.
    pub text: Text,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Time, number: may be cut short.
    pub left: String,
    /// The amount: never cut before the left is.
    pub right: String,
    /// How it stands.
    pub mark: Mark,
}

/// How a listed sale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Paid: a tick.
    Paid,
    /// Not charged: a cross.
    NotCharged,
    /// Not certain: a triangle.
    Open,
    /// Paid and given back: a returning arrow.
    Refunded,
    /// No sign.
    None,
}

/// How bad a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// To know.
    Info,
    /// To act on.
    Bad,
}

/// Whose app the customer pays with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wallet {
    /// Alipay.
    Alipay,
    /// WeChat Pay.
    Wechat,
    /// UnionPay's app and the banks' apps in its scheme.
    UnionPay,
    /// Baidu Wallet.
    Baidu,
    /// China Telecom's BestPay.
    BestPay,
    /// QQ Wallet.
    Qq,
    /// JD Pay.
    Jd,
    /// A bank's own app.
    Bank,
    /// Not known.
    Unknown,
}
