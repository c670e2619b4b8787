//! `/terminal/activate` and `/terminal/checkin`.
//!
//! Not in the document; README "In the field" names them, 收钱吧's public manual gives fields and
//! answer: `biz_response` holds `terminal_sn` and `terminal_key` themselves, without `data`.

use crate::{gateway::Gateway, terminals::NoTerminal, value::Value};

use super::{
    answer,
    fields::{Fields, Problem},
};

/// A terminal's own call, its fields in order.
#[derive(Clone, Debug)]
pub(super) enum TerminalCall {
    Activate { code: String, device: String },
    Checkin { device: String },
}

impl TerminalCall {
    pub fn activate(fields: &Fields) -> Result<Self, Problem> {
        fields.require(&["code", "device_id"])?;
        Ok(Self::Activate { code: text(fields, "code"), device: text(fields, "device_id") })
    }

    pub fn checkin(fields: &Fields) -> Result<Self, Problem> {
        fields.require(&["terminal_sn", "device_id"])?;
        Ok(Self::Checkin { device: text(fields, "device_id") })
    }
}

fn text(fields: &Fields, name: &str) -> String {
    fields.get(name).unwrap_or_default().to_owned()
}

/// Carries it out; `signer` is the terminal, or the vendor.
pub(super) fn perform(gateway: &mut Gateway, signer: &str, call: &TerminalCall) -> Value {
    let made = match call {
        TerminalCall::Activate { code, device } => gateway.terminals.activate(code, device),
        TerminalCall::Checkin { device } => gateway.terminals.checkin(signer, device),
    };
    match made {
        Ok((terminal_sn, key)) => answer::terminal(&terminal_sn, &key),
        Err(NoTerminal::Code) => answer::refusal("INVALID_PARAMS", "激活码不存在或已经被使用"),
        Err(NoTerminal::Device) => answer::refusal("INVALID_TERMINAL", "device_id与终端不符"),
        Err(NoTerminal::Full) => answer::refusal("UNKNOWN_SYSTEM_ERROR", "系统错误"),
    }
}
