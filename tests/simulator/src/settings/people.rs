//! Operators, their company, and where the operations without a documented URL are.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the operations are that the SDK edition documents without a URL: matched against the end
/// of a request's path, as every path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The orders of some days.
    pub batch_query: String,
    /// The payment channels.
    pub channels: String,
    /// An operator's login.
    pub login: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            batch_query: "batchQuery".to_owned(),
            channels: "channels".to_owned(),
            login: "login".to_owned(),
        }
    }
}

/// An operator who may log in (SDK table 9.2 `user`).
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// loginName.
    pub login_name: String,
    /// The password.
    pub password: String,
    /// name.
    pub name: String,
    /// userType: 2 with refund permission, 1 without.
    pub may_refund: bool,
    /// loginFlag: whether logging in is allowed.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// delFlag: whether the operator is deleted.
    #[serde(default)]
    pub deleted: bool,
}

fn yes() -> bool {
    true
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // I17: no password in logs.
        f.debug_struct("Operator")
            .field("login_name", &self.login_name)
            .field("may_refund", &self.may_refund)
            .field("enabled", &self.enabled)
            .field("deleted", &self.deleted)
            .finish_non_exhaustive()
    }
}

/// The merchant of a login (SDK table 9.2 `company`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// name.
    pub name: String,
    /// useable: 0 under audit, 1 passed, 2 failed.
    pub useable: u8,
    /// delFlag: whether the merchant is deleted.
    pub deleted: bool,
    /// amountLimit, as it is sent: yuan; empty for none.
    pub amount_limit: String,
    /// refundAtScene: whether refunds are made on the spot only ("0").
    pub refund_at_scene: bool,
    /// chargeMode: 1 offline payments, 2 cashier.
    pub charge_mode: u8,
    /// timeLimit, minutes.
    pub time_limit_minutes: u32,
    /// isUploadGoods.
    pub upload_goods: bool,
}

/// What the demo merchant's people are: one who may refund, one who may not, and one whose login is
/// disabled.
pub(super) fn demo() -> (Vec<Operator>, Company) {
    let operator = |login_name: &str, may_refund, enabled| Operator {
        login_name: login_name.to_owned(),
        password: "123456".to_owned(),
        name: format!("收银员 {login_name}"),
        may_refund,
        enabled,
        deleted: false,
    };
    let operators = vec![
        operator("oper01", true, true),
        operator("oper02", false, true),
        operator("oper03", false, false),
    ];
    let company = Company {
        name: "达美乐披萨".to_owned(),
        useable: 1,
        deleted: false,
        amount_limit: "50000.00".to_owned(),
        refund_at_scene: true,
        charge_mode: 2,
        time_limit_minutes: 30,
        upload_goods: true,
    };
    (operators, company)
}
