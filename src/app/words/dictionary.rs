//! The gateways' dictionaries in words, for people: what `STATE` 8 or `PAY_ERROR` means, in both
//! languages, and for an error what the cashier is to do.
//!
//! Chinese is the documents' own where they have it, shortened where a table explains at length.
//! Pure. Every documented value has words of its own; any other is shown as it came, since nobody
//! may guess what it means (I4). Words decide nothing: verdicts do.
//! Here are the operations' dictionaries (JSON zh tables 10.2, 10.4; SDK table 9.2).

pub mod shouqianba;
pub mod sosopay;

#[cfg(test)]
mod tests;

use crate::gateway::operation::{
    ChargeMode, CompanyStatus, FlowType, OrderState, RechargeStatus, UserType,
};
use ui::Locale;

/// A value of a dictionary that people can read.
pub trait InWords {
    /// In Chinese and in English. A value that no document has is its own text in both.
    fn both(&self) -> (&str, &str);

    /// In a language.
    fn words(&self, locale: Locale) -> &str {
        let (zh, en) = self.both();
        match locale {
            Locale::ZhCn => zh,
            Locale::En => en,
        }
    }
}

/// Gives a dictionary its words. A value that is left out does not compile.
macro_rules! in_words {
    ($name:ident { $($variant:ident: $zh:literal, $en:literal;)+ }) => {
        impl $crate::app::words::dictionary::InWords for $name {
            fn both(&self) -> (&str, &str) {
                match self {
                    $($name::$variant => ($zh, $en),)+
                    $name::Unknown(text) => (text, text),
                }
            }
        }
    };
}

use in_words;

impl InWords for OrderState {
    fn both(&self) -> (&str, &str) {
        match self {
            OrderState::Sosopay(state) => state.both(),
            OrderState::Shouqianba(status) => status.both(),
        }
    }
}

/// A value as it came, and what it means: `1 已付款`; an unknown one once.
pub fn explained(text: &str, value: &impl InWords, locale: Locale) -> String {
    let words = value.words(locale);
    if words == text { text.to_owned() } else { format!("{text} {words}") }
}

in_words! {
    FlowType {
        National: "全国", "Nationwide";
        Provincial: "省内", "Within the province";
    }
}

in_words! {
    RechargeStatus {
        Begun: "初始", "Begun";
        Recharging: "充值中", "Recharging";
        Done: "充值完成", "Recharged";
        Failed: "充值失败", "Recharge failed";
    }
}

in_words! {
    UserType {
        WithoutRefund: "无退款权限", "No refund permission";
        WithRefund: "有退款权限", "With refund permission";
    }
}

in_words! {
    CompanyStatus {
        Waiting: "待审核", "Waiting for the audit";
        Passed: "审核通过", "Audit passed";
        Failed: "审核未通过", "Audit failed";
    }
}

in_words! {
    ChargeMode {
        Offline: "线下支付", "Offline payments";
        Cashier: "收银台", "Cashier";
    }
}
