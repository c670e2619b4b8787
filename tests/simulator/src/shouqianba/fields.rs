//! The fields of Upay's requests and what §3-2.2, §3-3.2, §3-4.2, §3-5.2 and §3-6.2 require of
//! them.
//!
//! All values are strings. Every problem of a request is told at once, as the document's sample
//! does ("client_sn不可以为空; total_amount不可以为负数").

use serde_json::{Map, Value as Json};

use crate::customer::Wallet;

use super::Payment;

/// Name and `String(n)` of every documented field. `reflact` is the pay table's spelling.
const LENGTHS: [(&str, usize); 16] = [
    ("terminal_sn", 32),
    ("sn", 16),
    ("client_sn", 64),
    ("total_amount", 10),
    ("dynamic_id", 32),
    ("subject", 64),
    ("operator", 64),
    ("description", 256),
    ("device_id", 32),
    ("extended", 256),
    ("reflect", 64),
    ("reflact", 64),
    ("refund_request_no", 32),
    ("refund_amount", 10),
    ("longitude", 32),
    ("latitude", 32),
];

/// A refused request: a code of §4-1, and every reason.
#[derive(Debug)]
pub(super) struct Problem {
    pub code: &'static str,
    pub message: String,
}

impl Problem {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub fn parameters(message: impl Into<String>) -> Self {
        Self::new("INVALID_PARAMS", message)
    }
}

/// The fields of a request, all strings.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn read(object: Map<String, Json>) -> Result<Self, Problem> {
        let mut fields = Vec::new();
        let mut problems = Vec::new();
        for (name, value) in object {
            match value {
                Json::String(text) => fields.push((name, text)),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                    problems.push(format!("{name}应为字符串"));
                }
            }
        }
        let fields = Self(fields);
        for (name, length) in LENGTHS {
            if fields.get(name).is_some_and(|value| value.chars().count() > length) {
                problems.push(format!("{name}长度不超过{length}"));
            }
        }
        fields.settled(problems)
    }

    fn settled(self, problems: Vec<String>) -> Result<Self, Problem> {
        if problems.is_empty() { Ok(self) } else { Err(Problem::parameters(problems.join("; "))) }
    }

    /// A field, if it is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(field, value)| field == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    fn missing(&self, names: &[&str]) -> Vec<String> {
        let absent = names.iter().filter(|name| self.get(name).is_none());
        absent.map(|name| format!("{name}不可以为空")).collect()
    }

    /// Refuses a request without one of these.
    pub fn require(&self, names: &[&str]) -> Result<(), Problem> {
        let problems = self.missing(names);
        if problems.is_empty() { Ok(()) } else { Err(Problem::parameters(problems.join("; "))) }
    }

    /// §3-2.2: 以分为单位, 不超过10位纯数字.
    fn fen(&self, name: &str, problems: &mut Vec<String>) -> i64 {
        let Some(text) = self.get(name) else { return 0 };
        let digits = text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<i64>() {
            Ok(fen) if digits && fen > 0 => fen,
            Ok(_) | Err(_) => {
                problems.push(format!("{name}金额为整数,长度不超过10位,以分为单位"));
                0
            }
        }
    }

    /// Query, cancel, revoke: the terminal, and one of the two numbers.
    pub fn named(&self) -> Result<(), Problem> {
        let mut problems = self.missing(&["terminal_sn"]);
        if self.get("sn").is_none() && self.get("client_sn").is_none() {
            problems.push("sn与client_sn不能同时为空".to_owned());
        }
        if problems.is_empty() { Ok(()) } else { Err(Problem::parameters(problems.join("; "))) }
    }

    /// Refund: its number and its fen. The table wants sn and client_sn both; a terminal that lost
    /// the answer to its pay knows no sn, so one of them does.
    pub fn refund(&self) -> Result<(String, i64), Problem> {
        let mut problems =
            self.missing(&["terminal_sn", "refund_request_no", "operator", "refund_amount"]);
        let fen = self.fen("refund_amount", &mut problems);
        if let Err(unnamed) = self.named()
            && self.get("terminal_sn").is_some()
        {
            problems.push(unnamed.message);
        }
        match self.get("refund_request_no") {
            Some(no) if problems.is_empty() => Ok((no.to_owned(), fen)),
            Some(_) | None => Err(Problem::parameters(problems.join("; "))),
        }
    }

    /// Pay (`scanned`) and precreate.
    pub fn payment(&self, scanned: bool) -> Result<Payment, Problem> {
        let by_kind = if scanned { "dynamic_id" } else { "payway" };
        let mut problems = self.missing(&[
            "terminal_sn",
            "client_sn",
            "total_amount",
            by_kind,
            "subject",
            "operator",
        ]);
        let fen = self.fen("total_amount", &mut problems);
        if self.get("longitude").is_some() != self.get("latitude").is_some() {
            problems.push("经纬度必须同时出现".to_owned());
        }
        for (name, most) in [("longitude", 180), ("latitude", 90)] {
            if self.get(name).is_some_and(|degrees| !is_degrees(degrees, most)) {
                problems.push(format!("{name}无效"));
            }
        }
        if self.get("operator").is_some_and(|name| name.chars().count() > 32) {
            problems.push("operator长度不超过32".to_owned());
        }
        let payway = self.get("payway");
        if payway.is_some_and(|way| !way.bytes().all(|byte| byte.is_ascii_digit())) {
            problems.push("payway为纯数字字符串".to_owned());
        }
        if !problems.is_empty() {
            return Err(Problem::parameters(problems.join("; ")));
        }
        let named = payway.map(wallet_of_payway).transpose()?;
        let code = if scanned { self.get("dynamic_id") } else { None };
        let wallet = match (named, code) {
            (named, Some(code)) => match (Wallet::of_code(code), named) {
                (Some(found), Some(named)) if found != named => {
                    return Err(Problem::new("INVALID_BARCODE", "支付条码错误: 与payway不符"));
                }
                (Some(found), _) => found,
                // JD's codes have no rule of their own; with payway 5 any digits may be one.
                (None, Some(Wallet::Jd)) if code.bytes().all(|b| b.is_ascii_digit()) => Wallet::Jd,
                (None, _) => return Err(Problem::new("INVALID_BARCODE", "支付条码错误")),
            },
            (Some(named), None) => named,
            (None, None) => return Err(Problem::parameters("payway不可以为空")),
        };
        Ok(Payment { fen, wallet, code: code.map(str::to_owned) })
    }
}

/// A decimal number of degrees, of at most so many.
fn is_degrees(text: &str, most: u32) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, places) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let zero = places.bytes().all(|byte| byte == b'0');
    let within = |whole: u32| whole < most || (whole == most && zero);
    digits(whole) && digits(places) && whole.parse().is_ok_and(within)
}

/// §4-6; 17 is what the field uses for 银联.
fn wallet_of_payway(payway: &str) -> Result<Wallet, Problem> {
    match payway {
        "1" => Ok(Wallet::Alipay),
        "3" => Ok(Wallet::Wechat),
        "4" => Ok(Wallet::Baidu),
        "5" => Ok(Wallet::Jd),
        "17" => Ok(Wallet::Unionpay),
        _ => Err(Problem::new("UNEXPECTED_PROVIDER_ERROR", "不识别的支付通道")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_decimal_numbers_of_the_globe() {
        for good in ["0", "121.48352", "-31.2", "180", "180.000", "-180.0"] {
            assert!(is_degrees(good, 180), "{good}");
        }
        for odd in ["", "-", "1.", ".5", "180.1", "181", "1e2", "+1", "1,5", "东经"] {
            assert!(!is_degrees(odd, 180), "{odd}");
        }
        assert!(is_degrees("90", 90) && !is_degrees("90.5", 90));
    }
}
