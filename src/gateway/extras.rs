//! What a charge may carry beyond what it needs: goods, the merchant's own parameter, a voucher to
//! redeem, where the terminal stands.
//!
//! A field that the gateway has no place for is refused rather than dropped: whoever set it relies
//! on it. Sources: JSON zh tables 2.3, 3.3, 9.1; XML v1 §2; Upay v2 §3-2.2, §3-6.2.

use super::field::{self, FieldError};
use super::settings::Kind;
use crate::money::Fen;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::time::Duration;

/// The most items of `GOODS_DETAIL`: XML v1 §2, "不得超过50条".
pub const GOODS_MAX: usize = 50;

/// The longest text of a SOSOPAY field that no document bounds.
pub(super) const FREE_CHARS_MAX: usize = 64;

/// The longest `MERCHANTPARA`, in BASE64 characters; no document bounds it.
pub const MERCHANT_PARA_CHARS_MAX: usize = 256;

/// The shortest `TIME_EXPIRE` of order and preOrder: JSON zh tables 2.3, 3.3, "不小于120".
pub const LIFE_MIN: Duration = Duration::from_secs(120);

/// The shortest `TIME_EXPIRE` of wapOrder: JSON en table 6.2.
pub const WAP_LIFE_MIN: Duration = Duration::from_secs(300);

/// The longest `TIME_EXPIRE` sent: a day. No document bounds it.
pub const LIFE_MAX: Duration = Duration::from_secs(86_400);

/// The optional fields of a charge or an order. The default carries none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// `GOODS_DETAIL` (SOSOPAY), at most [`GOODS_MAX`].
    pub goods: Vec<Goods>,
    /// `MERCHANTPARA` (SOSOPAY JSON), which comes back as it went.
    pub merchant_para: Option<MerchantPara>,
    /// `REGISTER_ID` (SOSOPAY JSON), instead of the settings' `merchant.store`.
    pub store: Option<String>,
    /// `TIME_EXPIRE` of a preOrder (SOSOPAY JSON); an order to be scanned has a life of its own.
    pub life: Option<Duration>,
    /// `verifyCodes` (SOSOPAY JSON): one voucher to redeem.
    pub verify_code: Option<String>,
    /// `description` (Upay v2), 256 characters.
    pub description: Option<String>,
    /// `longitude` (Upay v2) in degrees; with [`Extras::latitude`] or not at all.
    pub longitude: Option<String>,
    /// `latitude` (Upay v2) in degrees.
    pub latitude: Option<String>,
    /// `extended` (Upay v2), 256 characters: what a wallet was promised.
    pub extended: Option<String>,
    /// `reflect` (Upay v2), 64 characters, which comes back as it went.
    pub reflect: Option<String>,
}

/// One item of `GOODS_DETAIL`: JSON zh table 9.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    /// `GOOD_ID`.
    pub id: String,
    /// `GOOD_NAME`.
    pub name: String,
    /// `GOOD_CLASS`; XML v1 lets it be empty, the JSON editions do not.
    pub class: String,
    /// `GOOD_PRICE` of one.
    pub price: Fen,
    /// `GOOD_SUBJECT`.
    pub subject: String,
    /// `GOOD_QUANTITY`.
    pub quantity: u32,
    /// `GOOD_SHOWURL`.
    pub show_url: Option<String>,
}

/// `MERCHANTPARA`: BASE64 of the merchant's own bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantPara(String);

impl MerchantPara {
    /// Encodes the merchant's bytes.
    pub fn of(bytes: &[u8]) -> MerchantPara {
        MerchantPara(STANDARD.encode(bytes))
    }

    /// Takes a text that is BASE64 already.
    pub fn parse(text: &str) -> Result<MerchantPara, FieldError> {
        match STANDARD.decode(text) {
            Ok(_) => Ok(MerchantPara(text.to_owned())),
            Err(_) => Err(field::format("MERCHANTPARA", "BASE64 with its padding", text)),
        }
    }

    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The merchant's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(&self.0).unwrap_or_default()
    }
}

impl Extras {
    /// Checks that an order to be scanned, which has a life of its own, is not given another.
    pub(super) fn check_order(&self) -> Result<(), FieldError> {
        let expected = "given once: as the order's own life";
        match self.life {
            Some(life) => Err(field::format("TIME_EXPIRE", expected, &life.as_secs().to_string())),
            None => Ok(()),
        }
    }

    /// Checks every field against what the gateway takes.
    pub(super) fn check(&self, kind: Kind) -> Result<(), FieldError> {
        self.check_carried(kind)?;
        match kind {
            Kind::Shouqianba => self.check_shouqianba(),
            Kind::SosopayJson => self.check_sosopay(true),
            Kind::SosopayXml => self.check_sosopay(false),
        }
    }

    /// Refuses what the gateway has no field for.
    fn check_carried(&self, kind: Kind) -> Result<(), FieldError> {
        let (upay, json, xml) = match kind {
            Kind::Shouqianba => (true, false, false),
            Kind::SosopayJson => (false, true, false),
            Kind::SosopayXml => (false, false, true),
        };
        for (field, is_set, is_carried) in [
            ("GOODS_DETAIL", !self.goods.is_empty(), json || xml),
            ("MERCHANTPARA", self.merchant_para.is_some(), json),
            ("REGISTER_ID", self.store.is_some(), json),
            ("TIME_EXPIRE", self.life.is_some(), json),
            ("verifyCodes", self.verify_code.is_some(), json),
            ("description", self.description.is_some(), upay),
            ("longitude", self.longitude.is_some(), upay),
            ("latitude", self.latitude.is_some(), upay),
            ("extended", self.extended.is_some(), upay),
            ("reflect", self.reflect.is_some(), upay),
        ] {
            if is_set && !is_carried {
                return Err(FieldError::NotCarried { field, gateway: kind.name() });
            }
        }
        Ok(())
    }

    /// Upay v2 §3-2.2 and §3-6.2.
    fn check_shouqianba(&self) -> Result<(), FieldError> {
        for (field, text, max) in [
            ("description", &self.description, 256),
            ("extended", &self.extended, 256),
            ("reflect", &self.reflect, 64),
        ] {
            if let Some(text) = text {
                field::text(field, text, max)?;
            }
        }
        match (&self.longitude, &self.latitude) {
            (None, None) => Ok(()),
            (Some(longitude), Some(latitude)) => {
                degrees("longitude", longitude, 180)?;
                degrees("latitude", latitude, 90)
            }
            (Some(_), None) => Err(FieldError::Together { field: "longitude", other: "latitude" }),
            (None, Some(_)) => Err(FieldError::Together { field: "latitude", other: "longitude" }),
        }
    }

    fn check_sosopay(&self, needs_class: bool) -> Result<(), FieldError> {
        let given = self.goods.len();
        if given > GOODS_MAX {
            return Err(FieldError::TooMany { field: "GOODS_DETAIL", max: GOODS_MAX, given });
        }
        self.goods.iter().try_for_each(|goods| goods.check(needs_class))?;
        if let Some(para) = &self.merchant_para {
            field::text("MERCHANTPARA", para.as_str(), MERCHANT_PARA_CHARS_MAX)?;
        }
        if let Some(store) = &self.store {
            field::text("REGISTER_ID", store, FREE_CHARS_MAX)?;
        }
        if let Some(code) = &self.verify_code {
            field::text("verifyCodes", code, FREE_CHARS_MAX)?;
            field::graphic("verifyCodes", code)?;
        }
        match self.life {
            Some(life) => check_life(life, LIFE_MIN),
            None => Ok(()),
        }
    }
}

/// Checks a `TIME_EXPIRE`.
pub(super) fn check_life(life: Duration, min: Duration) -> Result<(), FieldError> {
    if life < min || life > LIFE_MAX {
        return Err(FieldError::Seconds {
            field: "TIME_EXPIRE",
            min: min.as_secs(),
            max: LIFE_MAX.as_secs(),
            given: life.as_secs(),
        });
    }
    Ok(())
}

impl Goods {
    fn check(&self, needs_class: bool) -> Result<(), FieldError> {
        field::text("GOOD_ID", &self.id, FREE_CHARS_MAX)?;
        field::text("GOOD_NAME", &self.name, FREE_CHARS_MAX)?;
        if needs_class || !self.class.is_empty() {
            field::text("GOOD_CLASS", &self.class, FREE_CHARS_MAX)?;
        }
        field::text("GOOD_SUBJECT", &self.subject, FREE_CHARS_MAX)?;
        if let Some(url) = &self.show_url {
            field::text("GOOD_SHOWURL", url, 256)?;
        }
        if self.quantity == 0 {
            let expected = "a whole number above zero";
            return Err(field::format("GOOD_QUANTITY", expected, "0"));
        }
        // Something that is given away may cost nothing, but not less.
        if self.price < Fen::ZERO || self.price > crate::money::FEN_MAX {
            let expected = "yuan between 0.00 and 99999999.99";
            return Err(field::format("GOOD_PRICE", expected, &self.price.yuan()));
        }
        Ok(())
    }

    /// The item's fields in the table's order, but for those that are empty.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("GOOD_ID", self.id.clone()), ("GOOD_NAME", self.name.clone())];
        if !self.class.is_empty() {
            fields.push(("GOOD_CLASS", self.class.clone()));
        }
        fields.push(("GOOD_PRICE", self.price.yuan()));
        fields.push(("GOOD_SUBJECT", self.subject.clone()));
        fields.push(("GOOD_QUANTITY", self.quantity.to_string()));
        if let Some(url) = &self.show_url {
            fields.push(("GOOD_SHOWURL", url.clone()));
        }
        fields
    }
}

/// Checks degrees as decimal text: a sign, up to three digits, a fraction of up to fifteen.
fn degrees(name: &'static str, text: &str, max: u32) -> Result<(), FieldError> {
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = bare.split_once('.').unwrap_or((bare, "0"));
    let is_digits = |text: &str, len: usize| {
        (1..=len).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_zero = part.bytes().all(|byte| byte == b'0');
    let fits = is_digits(whole, 3)
        && is_digits(part, 15)
        && whole.parse::<u32>().is_ok_and(|whole| whole < max || (whole == max && is_zero));
    if fits {
        return Ok(());
    }
    let expected = match max {
        90 => "degrees between -90 and 90, in decimals",
        _ => "degrees between -180 and 180, in decimals",
    };
    Err(field::format(name, expected, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_read_as_text() {
        for text in ["0", "-180", "180.000", "121.4737021", "-0.5", "90"] {
            assert_eq!(degrees("longitude", text, 180), Ok(()), "{text}");
        }
        for text in ["", "-", "+1", "180.1", "181", "1.", ".1", "1e2", " 1", "--1", "1.2.3", "０"]
        {
            assert!(degrees("longitude", text, 180).is_err(), "{text}");
        }
        assert!(degrees("latitude", "90.5", 90).is_err());
    }

    #[test]
    fn a_merchants_parameter_is_base64_and_nothing_else() {
        assert_eq!(MerchantPara::of(b"table 5").as_str(), "dGFibGUgNQ==");
        let para = MerchantPara::parse("dGFibGUgNQ==").expect("BASE64");
        assert_eq!(para.bytes(), b"table 5");
        assert!(MerchantPara::parse("table 5").is_err());
    }
}
