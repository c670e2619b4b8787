//! What a charge may carry beyond what it needs, as arguments.
//!
//! The codec refuses a field that its gateway has no place for, and every field's length, before
//! anything is journalled; only the form of a file is checked here.

use super::CliError;
use crate::gateway::{Extras, Goods, MerchantPara};
use crate::money::Fen;
use clap::Args;
use serde::Deserialize;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Fields that not every gateway has.
#[derive(Args, Default)]
pub(super) struct ExtrasArgs {
    /// The goods (SOSOPAY, GOODS_DETAIL): a JSON list of at most 50 objects with GOOD_ID,
    /// GOOD_NAME, GOOD_CLASS, GOOD_PRICE (yuan, as text), GOOD_SUBJECT, GOOD_QUANTITY and, if
    /// there is one, GOOD_SHOWURL.
    #[arg(long, value_name = "FILE")]
    goods: Option<PathBuf>,
    /// The merchant's own text (SOSOPAY JSON, MERCHANTPARA); sent in BASE64, and returned as sent.
    #[arg(long, value_name = "TEXT")]
    merchant_para: Option<String>,
    /// A voucher to redeem (SOSOPAY JSON, verifyCodes).
    #[arg(long, value_name = "CODE")]
    verify_code: Option<String>,
    /// The store (SOSOPAY JSON, REGISTER_ID), instead of merchant.store.
    #[arg(long, value_name = "STORE")]
    register: Option<String>,
    /// What is sold, at length (Upay v2).
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// What was agreed with a wallet (Upay v2): a JSON object, or a file with one.
    #[arg(long, value_name = "FILE|JSON")]
    extended: Option<String>,
    /// Returned as sent (Upay v2).
    #[arg(long, value_name = "TEXT")]
    reflect: Option<String>,
    /// Where the terminal stands, in degrees (Upay v2); with --latitude.
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    longitude: Option<String>,
    /// Where the terminal stands, in degrees (Upay v2); with --longitude.
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    latitude: Option<String>,
}

/// How long a payment may take, as an argument.
#[derive(Args, Default)]
pub(super) struct LifeArgs {
    /// How long the customer may take to pay, in seconds (SOSOPAY JSON, TIME_EXPIRE).
    #[arg(long, value_name = "SECONDS")]
    time_expire: Option<u64>,
}

impl LifeArgs {
    pub(super) fn life(&self) -> Option<Duration> {
        self.time_expire.map(Duration::from_secs)
    }
}

/// One item of a goods file. The short names are for people who write one by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    #[serde(rename = "GOOD_ID", alias = "id")]
    id: String,
    #[serde(rename = "GOOD_NAME", alias = "name")]
    name: String,
    #[serde(rename = "GOOD_CLASS", alias = "class", default)]
    class: String,
    #[serde(rename = "GOOD_PRICE", alias = "price")]
    price: String,
    #[serde(rename = "GOOD_SUBJECT", alias = "subject")]
    subject: String,
    #[serde(rename = "GOOD_QUANTITY", alias = "quantity")]
    quantity: Quantity,
    #[serde(rename = "GOOD_SHOWURL", alias = "show_url")]
    show_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Quantity {
    Number(u32),
    Text(String),
}

impl Item {
    fn goods(self, at: usize) -> Result<Goods, String> {
        let price = Fen::parse_yuan(&self.price)
            .map_err(|error| format!("item {at}, GOOD_PRICE {:?}: {error}", self.price))?;
        let quantity = match self.quantity {
            Quantity::Number(number) => Some(number),
            Quantity::Text(text) => text.parse().ok(),
        };
        let quantity = quantity
            .ok_or_else(|| format!("item {at}: GOOD_QUANTITY must be a whole number above zero"))?;
        Ok(Goods {
            id: self.id,
            name: self.name,
            class: self.class,
            price,
            subject: self.subject,
            quantity,
            show_url: self.show_url,
        })
    }
}

impl ExtrasArgs {
    /// The fields, with the files read.
    pub(super) fn extras(&self) -> Result<Extras, CliError> {
        Ok(Extras {
            goods: self.goods.as_deref().map_or(Ok(Vec::new()), goods)?,
            merchant_para: self
                .merchant_para
                .as_ref()
                .map(|para| MerchantPara::of(para.as_bytes())),
            store: self.register.clone(),
            life: None,
            verify_code: self.verify_code.clone(),
            description: self.description.clone(),
            longitude: self.longitude.clone(),
            latitude: self.latitude.clone(),
            extended: self.extended.as_deref().map(extended).transpose()?,
            reflect: self.reflect.clone(),
        })
    }
}

fn goods(path: &Path) -> Result<Vec<Goods>, CliError> {
    let fail = |problem: String| {
        CliError::Usage(format!("--goods {}: {problem}; nothing was sent", path.display()))
    };
    let text = read_bounded(path).map_err(|error| fail(error.to_string()))?;
    let items: Vec<Item> = serde_json::from_str(&text).map_err(|error| fail(error.to_string()))?;
    let goods = items.into_iter().enumerate().map(|(at, item)| item.goods(at + 1));
    goods.collect::<Result<Vec<_>, _>>().map_err(fail)
}

fn extended(argument: &str) -> Result<String, CliError> {
    let fail = |problem: &str| CliError::Usage(format!("--extended: {problem}; nothing was sent"));
    let text = if argument.trim_start().starts_with('{') {
        argument.to_owned()
    } else {
        let cannot = |error| fail(&format!("cannot read {argument}: {error}"));
        read_bounded(Path::new(argument)).map_err(cannot)?
    };
    let text = text.trim();
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text)
        .map_err(|error| fail(&format!("expected a JSON object: {error}")))?;
    Ok(text.to_owned())
}

/// No list of goods that a gateway takes is longer.
const FILE_LEN_MAX: u64 = 256 * 1024;

/// Reads a text file, but not one without an end (I15).
pub(super) fn read_bounded(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    let len = file.take(FILE_LEN_MAX + 1).read_to_string(&mut text)?;
    if len as u64 > FILE_LEN_MAX {
        return Err(std::io::Error::other(format!("is larger than {FILE_LEN_MAX} bytes")));
    }
    Ok(text)
}
