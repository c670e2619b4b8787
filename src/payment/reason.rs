//! Why a sale ended without money, and why it cannot be known yet.

/// A final negative: no money moved, or it has been returned. Only whitelisted answers become one
/// (I4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The customer's code is too old.
    CodeExpired,
    /// The gateway does not take the code for a payment code.
    CodeInvalid,
    /// Not enough money in the customer's account.
    InsufficientFunds,
    /// The customer is over a limit of a day or of a payment.
    BuyerLimit,
    /// The merchant is over a limit.
    SellerLimit,
    /// The wallet declined: wrong password, customer refused.
    PaymentDeclined,
    /// The trade failed, for no nearer reason.
    TradeFailed,
    /// The order is closed without a payment.
    TradeClosed,
    /// Refused before any money: the sign is wrong (key or clock).
    BadSignature,
    /// Refused before any money: a field is wrong.
    BadParameter,
    /// Refused before any money: the gateway does not know the terminal.
    UnknownTerminal,
    /// Refused before any money: the gateway does not know the merchant.
    UnknownMerchant,
    /// Refused before any money: the merchant's contract does not allow it.
    InvalidContract,
    /// Refused before any money: the amount is not accepted.
    AmountRejected,
    /// Refused before any money: the channel is not available.
    ChannelUnavailable,
    /// Refused before any money, for another reason that the gateway gives in its own words.
    GatewayRefused,
    /// Nothing left the device.
    NeverSent,
    /// The gateway never had the order (I5).
    NeverArrived,
    /// The cashier cancelled.
    CancelledByCashier,
    /// No code was scanned in time.
    AwaitTimeout,
    /// The customer did not finish in time; the charge was reversed.
    CancelledOnTimeout,
    /// Nobody paid the shown QR in time; the order was closed.
    QrExpired,
    /// The journal could not be written, so nothing was sent (I1, I10).
    JournalFailed,
    /// A refund: the order's state allows none.
    RefundNotAllowed,
    /// A refund: the merchant's balance is too small for it.
    RefundNoBalance,
    /// A refund: it failed, or was cancelled, and nothing was given back.
    RefundFailed,
    /// A login: no such user, a wrong password, or a disabled account.
    LoginRefused,
}

impl Why {
    /// All of them, for tables and tests.
    pub const ALL: [Why; 27] = [
        Why::CodeExpired,
        Why::CodeInvalid,
        Why::InsufficientFunds,
        Why::BuyerLimit,
        Why::SellerLimit,
        Why::PaymentDeclined,
        Why::TradeFailed,
        Why::TradeClosed,
        Why::BadSignature,
        Why::BadParameter,
        Why::UnknownTerminal,
        Why::UnknownMerchant,
        Why::InvalidContract,
        Why::AmountRejected,
        Why::ChannelUnavailable,
        Why::GatewayRefused,
        Why::NeverSent,
        Why::NeverArrived,
        Why::CancelledByCashier,
        Why::AwaitTimeout,
        Why::CancelledOnTimeout,
        Why::QrExpired,
        Why::JournalFailed,
        Why::RefundNotAllowed,
        Why::RefundNoBalance,
        Why::RefundFailed,
        Why::LoginRefused,
    ];

    /// The name in the journal and in JSON. Kept for ever.
    pub fn name(self) -> &'static str {
        match self {
            Why::CodeExpired => "code_expired",
            Why::CodeInvalid => "code_invalid",
            Why::InsufficientFunds => "insufficient_funds",
            Why::BuyerLimit => "buyer_limit",
            Why::SellerLimit => "seller_limit",
            Why::PaymentDeclined => "payment_declined",
            Why::TradeFailed => "trade_failed",
            Why::TradeClosed => "trade_closed",
            Why::BadSignature => "bad_signature",
            Why::BadParameter => "bad_parameter",
            Why::UnknownTerminal => "unknown_terminal",
            Why::UnknownMerchant => "unknown_merchant",
            Why::InvalidContract => "invalid_contract",
            Why::AmountRejected => "amount_rejected",
            Why::ChannelUnavailable => "channel_unavailable",
            Why::GatewayRefused => "gateway_refused",
            Why::NeverSent => "never_sent",
            Why::NeverArrived => "never_arrived",
            Why::CancelledByCashier => "cancelled_by_cashier",
            Why::AwaitTimeout => "await_timeout",
            Why::CancelledOnTimeout => "cancelled_on_timeout",
            Why::QrExpired => "qr_expired",
            Why::JournalFailed => "journal_failed",
            Why::RefundNotAllowed => "refund_not_allowed",
            Why::RefundNoBalance => "refund_no_balance",
            Why::RefundFailed => "refund_failed",
            Why::LoginRefused => "login_refused",
        }
    }

    /// The reason of a [`Why::name`].
    pub fn parse(name: &str) -> Option<Why> {
        Why::ALL.into_iter().find(|why| why.name() == name)
    }
}

/// A final negative with the gateway's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    /// What it means.
    pub why: Why,
    /// The gateway's code and message as it gave them, for the detail line and the journal.
    pub said: Option<String>,
}

impl Decline {
    /// A negative of our own making, with nothing said by a gateway.
    pub fn ours(why: Why) -> Decline {
        Decline { why, said: None }
    }
}

/// Why it is not known whether money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DoubtKind {
    /// The request may have left, and no whole answer came back.
    NoAnswer,
    /// The gateway reports a fault of its own: HTTP 5xx, result_code 500, EXCEPTION and kin.
    GatewayFault,
    /// The answer cannot be read: truncated, too large, of the wrong type.
    Unreadable,
    /// The answer is for another order, merchant or amount.
    Mismatch,
    /// A code or state that no dictionary has.
    UnknownCode,
    /// The answer proves nothing, and a query has to decide (FAIL on preOrder, SERIAL_REPEAT,
    /// CLIENT_SN_CONFLICT, TRADE_HAS_SUCCESS).
    AskAgain,
    /// The wallet's side is uncertain (PAY_ERROR, CANCEL_ERROR and kin); the gateway undertakes to
    /// reverse it, a person has to call support.
    WalletUncertain,
    /// The gateway says that the payment is still going on.
    StillPending,
    /// The gateway does not know the order, too early to believe it (I5).
    NotFoundYet,
    /// Power or the process was cut while the charge was open.
    Interrupted,
    /// What the gateway said could not be made durable (I10).
    JournalFailed,
}

impl DoubtKind {
    /// All of them, for tables and tests.
    pub const ALL: [DoubtKind; 11] = [
        DoubtKind::NoAnswer,
        DoubtKind::GatewayFault,
        DoubtKind::Unreadable,
        DoubtKind::Mismatch,
        DoubtKind::UnknownCode,
        DoubtKind::AskAgain,
        DoubtKind::WalletUncertain,
        DoubtKind::StillPending,
        DoubtKind::NotFoundYet,
        DoubtKind::Interrupted,
        DoubtKind::JournalFailed,
    ];

    /// The name in the journal and in JSON. Kept for ever.
    pub fn name(self) -> &'static str {
        match self {
            DoubtKind::NoAnswer => "no_answer",
            DoubtKind::GatewayFault => "gateway_fault",
            DoubtKind::Unreadable => "unreadable",
            DoubtKind::Mismatch => "mismatch",
            DoubtKind::UnknownCode => "unknown_code",
            DoubtKind::AskAgain => "ask_again",
            DoubtKind::WalletUncertain => "wallet_uncertain",
            DoubtKind::StillPending => "still_pending",
            DoubtKind::NotFoundYet => "not_found_yet",
            DoubtKind::Interrupted => "interrupted",
            DoubtKind::JournalFailed => "journal_failed",
        }
    }

    /// The doubt of a [`DoubtKind::name`].
    pub fn parse(name: &str) -> Option<DoubtKind> {
        DoubtKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A doubt with the gateway's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What it means.
    pub kind: DoubtKind,
    /// The gateway's code and message as it gave them, or what was wrong with the answer.
    pub said: Option<String>,
}

impl Doubt {
    /// A doubt with nothing said.
    pub fn of(kind: DoubtKind) -> Doubt {
        Doubt { kind, said: None }
    }
}
