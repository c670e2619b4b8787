//! The fields of SOSOPAY's POST bodies, and what the documents require of them.
//!
//! JSON zh tables 2.3, 3.3, 4.2, 6.2, 9.1; en tables 5.3, 6.2; XML v1 §2, §3, §5. A field of type
//! String must be a JSON string; an Integer may be either, since the samples of §2.4 and §3.4 write
//! strings. Amounts are yuan with at most two places, read as text.

use crate::{customer::Wallet, fault::Operation, ledger::Good};

use super::{Edition, RefundCall, Refused, Way};

mod parse;
mod ways;

/// GOODS_DETAIL's limit (XML v1 §2: 不得超过50条).
const MAX_GOODS: usize = 50;
/// No text of the documents' samples comes near this; a longer one is a parameter error.
const MAX_TEXT: usize = 1_024;

/// The fields of a body.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    fields: Vec<(String, String)>,
    goods: Vec<Good>,
}

/// A payment as preOrder, order, creatOrder and wapOrder ask for it.
#[derive(Debug)]
pub(crate) struct NewPayment {
    pub way: Way,
    pub merchant: String,
    pub merchant_no: Option<String>,
    pub fen: i64,
    pub wallet: Wallet,
    pub code: Option<String>,
    pub expire_s: Option<u64>,
    pub fields: Vec<(String, String)>,
    pub goods: Vec<Good>,
}

/// Yuan as text, into fen: digits, and at most two places.
fn fen(text: &str) -> Option<i64> {
    let (whole, places) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(places) || whole.len() > 10 || places.len() > 2 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let cents: i64 = places.parse().ok()?;
    let cents = if places.len() == 1 { cents * 10 } else { cents };
    Some(whole * 100 + cents)
}

/// Whether a text may stand as a number in JSON.
pub(super) fn is_plain_number(text: &str) -> bool {
    let leading_zero = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
    fen(text).is_some() && !leading_zero
}

impl Fields {
    /// Reads a body in its edition's syntax.
    pub fn read(edition: Edition, operation: Operation, body: &[u8]) -> Result<Self, Refused> {
        let fields = match edition {
            Edition::Json => parse::json(body)?,
            Edition::XmlV1 => {
                let root = if operation == Operation::Refund { "REFUND_REQ" } else { "ORDER_REQ" };
                parse::xml(body, root)?
            }
        };
        match fields.fields.iter().find(|(_, value)| value.chars().count() > MAX_TEXT) {
            Some((name, _)) => Err(Refused::parameter(format!("{name}过长"))),
            None => Ok(fields),
        }
    }

    /// The fields of a query string.
    pub fn of_pairs(fields: Vec<(String, String)>) -> Self {
        Self { fields, goods: Vec::new() }
    }

    /// A field, if it is there and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, value)| field == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// A field that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Refused> {
        self.text(name).ok_or_else(|| Refused::parameter(format!("{name}不可为空")))
    }

    fn amount(&self, name: &str) -> Result<i64, Refused> {
        fen(self.required(name)?).filter(|fen| *fen > 0).ok_or_else(|| {
            Refused::new("AMT_ERROR", format!("{name}金额错误, 以元为单位, 最多2位小数"))
        })
    }

    fn operator(&self, edition: Edition) -> Result<&str, Refused> {
        match edition {
            Edition::Json => self.required("OPER_ID"),
            // The tables say OPER_ID, the samples OPER_INFO (README).
            Edition::XmlV1 => self
                .text("OPER_ID")
                .or_else(|| self.text("OPER_INFO"))
                .ok_or_else(|| Refused::parameter("OPER_ID不可为空")),
        }
    }

    /// A preOrder, or an order of one of the other ways.
    pub fn payment(&self, edition: Edition, way: Way) -> Result<NewPayment, Refused> {
        self.operator(edition)?;
        let merchant_no = match edition {
            Edition::Json => {
                self.required("DEV_ID")?;
                self.required("PAY_SUBJECT")?;
                Some(self.required("CHARGE_CODE")?.to_owned())
            }
            Edition::XmlV1 => self.text("CHARGE_CODE").map(str::to_owned),
        };
        let fen = self.amount("AMT")?;
        let channel = self.required("CHANNEL_TYPE")?;
        let (wallet, code) = if way == Way::Scanned {
            let code = self.dynamic_id(edition)?;
            (self.wallet_of_code(channel, code)?, Some(code.to_owned()))
        } else {
            (self.wallet_of_way(way, channel)?, None)
        };
        if edition == Edition::Json {
            self.check_way(way)?;
            self.check_parameters()?;
        }
        self.check_goods(edition)?;
        Ok(NewPayment {
            way,
            merchant: self.required("BUSI_ID")?.to_owned(),
            merchant_no,
            fen,
            wallet,
            code,
            expire_s: self.expire_s(way)?,
            fields: self.fields.clone(),
            goods: self.goods.clone(),
        })
    }

    /// A refund.
    pub fn refund(&self, edition: Edition) -> Result<RefundCall, Refused> {
        let device = match edition {
            Edition::Json => {
                self.required("REFUND_SUBJECT")?;
                self.required("DEV_ID")?
            }
            Edition::XmlV1 => self.text("DEV_ID").unwrap_or_default(),
        };
        if self.text("CHARGE_DOWN_CODE").is_none() || edition == Edition::XmlV1 {
            self.required("CHARGE_CODE")?;
        }
        Ok(RefundCall {
            merchant: self.required("BUSI_ID")?.to_owned(),
            number: self.text("CHARGE_CODE").map(str::to_owned),
            gateway_no: match edition {
                Edition::Json => self.text("CHARGE_DOWN_CODE").map(str::to_owned),
                Edition::XmlV1 => None,
            },
            refund_no: self.text("OUT_REFUND_NO").map(str::to_owned),
            fen: self.amount("CHARGE_REFUND_FEE")?,
            operator: self.operator(edition)?.to_owned(),
            device: device.to_owned(),
        })
    }

    fn dynamic_id(&self, edition: Edition) -> Result<&str, Refused> {
        let code = self.required("DYNAMIC_ID")?;
        let kind = match edition {
            Edition::Json => self.required("DYNAMIC_ID_TYPE")?,
            // XML v1 §2: 不填默认条码.
            Edition::XmlV1 => self.text("DYNAMIC_ID_TYPE").unwrap_or("1"),
        };
        match kind {
            "1" | "2" | "3" => Ok(code),
            _ => Err(Refused::parameter("DYNAMIC_ID_TYPE无效: 1条码 2声波 3NFC")),
        }
    }

    /// Channel 0 asks the gateway to find the wallet from the code; any other must not contradict
    /// it.
    fn wallet_of_code(&self, channel: &str, code: &str) -> Result<Wallet, Refused> {
        let found = Wallet::of_code(code);
        if channel == "0" {
            return found.ok_or_else(|| Refused::parameter("DYNAMIC_ID无法判定支付渠道"));
        }
        let named = wallet_of_channel(channel)?;
        match found {
            Some(other) if other != named && !matches!(named, Wallet::Bank(_)) => {
                Err(Refused::parameter("DYNAMIC_ID与CHANNEL_TYPE不符"))
            }
            Some(_) | None => Ok(named),
        }
    }

    fn check_goods(&self, edition: Edition) -> Result<(), Refused> {
        if self.goods.len() > MAX_GOODS {
            return Err(Refused::parameter("GOODS_DETAIL不得超过50条"));
        }
        // JSON zh table 9.1; XML v1 §2's comments name three as required.
        let required: &[&str] = match edition {
            Edition::Json => &[
                "GOOD_ID",
                "GOOD_NAME",
                "GOOD_CLASS",
                "GOOD_PRICE",
                "GOOD_SUBJECT",
                "GOOD_QUANTITY",
            ],
            Edition::XmlV1 => &["GOOD_ID", "GOOD_NAME", "GOOD_PRICE"],
        };
        for good in &self.goods {
            let get = |name: &str| good.iter().find(|(field, _)| field == name);
            for name in required {
                if get(name).is_none_or(|(_, value)| value.is_empty()) {
                    return Err(Refused::parameter(format!("{name}不可为空")));
                }
            }
            if get("GOOD_PRICE").is_some_and(|(_, price)| fen(price).is_none()) {
                return Err(Refused::new("AMT_ERROR", "GOOD_PRICE金额错误"));
            }
        }
        Ok(())
    }
}

/// JSON zh appendix 2 and SDK table 8.2.
fn wallet_of_channel(channel: &str) -> Result<Wallet, Refused> {
    match channel.parse::<u8>() {
        Ok(1 | 34) => Ok(Wallet::Alipay),
        Ok(2) => Ok(Wallet::Wechat),
        Ok(24) => Ok(Wallet::Baidu),
        Ok(27) => Ok(Wallet::Bestpay),
        Ok(31) => Ok(Wallet::Qq),
        Ok(26 | 32) => Ok(Wallet::Unionpay),
        Ok(bank @ (3..=23 | 25 | 28..=30)) => Ok(Wallet::Bank(bank)),
        Ok(_) | Err(_) => Err(Refused::parameter("CHANNEL_TYPE无效")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_are_read_as_text_with_at_most_two_places() {
        for (text, expected) in [
            ("158.00", Some(15_800)),
            ("0.01", Some(1)),
            ("0.1", Some(10)),
            ("12", Some(1_200)),
            ("9999999999.99", Some(999_999_999_999)),
            ("0.001", None),
            ("1.", None),
            (".5", None),
            ("-1", None),
            ("1e2", None),
            ("", None),
            ("12345678901", None),
            ("１", None),
        ] {
            assert_eq!(fen(text), expected, "{text}");
        }
    }
}
