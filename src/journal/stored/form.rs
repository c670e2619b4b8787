//! The shapes of the bodies, as the header of `stored.rs` shows them. What stands here is on disks:
//! a field is never renamed, removed or given another meaning.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opened {
    pub v: u32,
    pub amount_fen: i64,
    pub operator: String,
    pub subject: String,
    pub direction: StoredDirection,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredDirection {
    Scan { code_kind: String, masked: String, channel: String },
    Present { channel: String },
    HandOut { channel: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelIntent {
    pub v: u32,
    pub attempt: u32,
    pub why: StoredDecline,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parked {
    pub v: u32,
    pub doubt: StoredDoubt,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settled {
    pub v: u32,
    pub outcome: StoredOutcome,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VoidIntent {
    pub v: u32,
    pub attempt: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Voided {
    pub v: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VoidRefused {
    pub v: u32,
    pub why: StoredDecline,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Discrepancy {
    pub v: u32,
    pub found: StoredFound,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    pub v: u32,
    pub operation: String,
    pub text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredOutcome {
    Paid(StoredPayment),
    NotCharged(StoredDecline),
    Reversed(StoredDecline),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredFound {
    Paid(StoredPayment),
    NotPaid(StoredDecline),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredPayment {
    pub amount_fen: i64,
    pub channel: String,
    pub gateway_order: Option<String>,
    pub trade_no: Option<String>,
    pub returned: StoredReturned,
    pub returned_fen: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredReturned {
    Nothing,
    Part,
    Everything,
    Unclear,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredDecline {
    pub why: String,
    pub said: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredDoubt {
    pub kind: String,
    pub said: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundIntent {
    pub v: u32,
    pub refund_no: String,
    pub amount_fen: i64,
    pub paid_fen: i64,
    pub refunded_before_fen: i64,
    pub operator: String,
    pub sale_subject: String,
    pub subject: String,
    pub gateway_order: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundParked {
    pub v: u32,
    pub refund_no: String,
    pub doubt: Option<StoredDoubt>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundSettled {
    pub v: u32,
    pub refund_no: String,
    pub outcome: StoredRefundOutcome,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredRefundOutcome {
    Refunded { gateway_refund: Option<String> },
    Refused(StoredDecline),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundDiscrepancy {
    pub v: u32,
    pub refund_no: String,
    pub found: StoredRefundFound,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredRefundFound {
    Refunded,
    NotRefunded(StoredDecline),
}
