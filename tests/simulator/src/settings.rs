//! What a simulator is started with.

use std::{fmt, net::SocketAddr, str::FromStr};

mod people;

pub use people::{Company, Operator, Paths};

use crate::{
    customer::Behaviour,
    fault::FaultRule,
    ledger::RefundEnd,
    sosopay::cipher::{Cipher, CipherError},
};

/// The protocol a simulator speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 收钱吧's Upay v2.
    Shouqianba,
    /// SOSOPAY, JSON edition.
    SosopayJson,
    /// SOSOPAY, XML edition (first version).
    SosopayXml,
}

/// A word that names no protocol.
#[derive(Debug, thiserror::Error)]
#[error("unknown gateway kind `{0}`: say shouqianba, sosopay-json or sosopay-xml")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        match text {
            "shouqianba" => Ok(Self::Shouqianba),
            "sosopay-json" => Ok(Self::SosopayJson),
            "sosopay-xml" => Ok(Self::SosopayXml),
            other => Err(UnknownKind(other.to_owned())),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shouqianba => "shouqianba",
            Self::SosopayJson => "sosopay-json",
            Self::SosopayXml => "sosopay-xml",
        })
    }
}

/// A merchant (SOSOPAY's BUSI_ID) or a terminal (Upay's terminal_sn), and the key it signs with.
#[derive(Clone, PartialEq, Eq)]
pub struct Merchant {
    /// BUSI_ID or terminal_sn.
    pub id: String,
    /// The key; of 24 or 16 bytes where `encrypt=3DES` is to work without a separate cipher key.
    pub key: String,
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // I17: no key in logs.
        f.debug_struct("Merchant").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A vendor of Upay terminals: who signs `/terminal/activate`, and with which codes.
#[derive(Clone, PartialEq, Eq)]
pub struct Vendor {
    /// vendor_sn.
    pub sn: String,
    /// vendor_key.
    pub key: String,
    /// Activation codes; each makes one terminal, for one device.
    pub activation_codes: Vec<String>,
}

impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // I17: no key in logs.
        f.debug_struct("Vendor")
            .field("sn", &self.sn)
            .field("activation_codes", &self.activation_codes)
            .finish_non_exhaustive()
    }
}

/// How `encrypt=3DES` is done where the documents leave it open (README "SOSOPAY: signing").
#[derive(Clone)]
pub struct CipherSettings {
    /// The key's bytes, 24 or 16; `None` takes the merchant's key.
    pub key: Option<Vec<u8>>,
    /// CBC with this vector; `None` is ECB.
    pub iv: Option<[u8; 8]>,
}

impl fmt::Debug for CipherSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CipherSettings").field("cbc", &self.iv.is_some()).finish_non_exhaustive()
    }
}

impl CipherSettings {
    pub(crate) fn cipher(&self, merchant_key: &str) -> Result<Cipher, CipherError> {
        Cipher::new(self.key.as_deref().unwrap_or(merchant_key.as_bytes()), self.iv)
    }
}

/// Everything a simulator is started with. `Settings::demo` fills it in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The protocol.
    pub kind: Kind,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Decides chances, and the texts of QRs.
    pub seed: u64,
    /// The wall clock at the start, in unix seconds; `None` takes the host's.
    pub epoch_unix_s: Option<i64>,
    /// Who may call.
    pub merchants: Vec<Merchant>,
    /// Who may make further Upay terminals; `None`: nobody.
    pub vendor: Option<Vendor>,
    /// Faults in force from the start.
    pub faults: Vec<FaultRule>,
    /// Whether the last two digits of a payment code say what its customer does, so that an
    /// integrator can try every case without scripting:
    ///
    /// | ending | the customer |
    /// |---|---|
    /// | 01 | has insufficient funds |
    /// | 02 | shows an expired code |
    /// | 03 | shows an invalid code |
    /// | 04 | is over the daily limit |
    /// | 05 | is over the limit for one payment |
    /// | 06 | declines on the phone after 3 s |
    /// | 07 | pays after 3 s |
    /// | 08 | types a password, and waits for `approve` or `decline` |
    /// | 09 | never answers |
    /// | 10 | pays in the instant in which the terminal cancels |
    /// | 11 | pays 3 s after the cancel was answered: the wallet's own fault |
    pub magic_codes: bool,
    /// What the customer behind a code does unless scripted.
    pub customer: Behaviour,
    /// What the customer before a QR does unless scripted; `None`: nobody scans it.
    pub qr_customer: Option<Behaviour>,
    /// How `encrypt=3DES` is done; `None` is ECB with the merchant's key.
    pub cipher: Option<CipherSettings>,
    /// A SOSOPAY preOrder that waits for the customer answers FAIL at once (a query then says
    /// STATE 0) instead of holding the call.
    pub answer_at_once: bool,
    /// A WeChat QR that nobody scanned is "not found" to a query (README "In the field").
    pub unscanned_wechat_not_found: bool,
    /// How far the timestamp of a SOSOPAY sign may lie from the simulator's wall clock, seconds.
    pub sign_tolerance_s: u32,
    /// SOSOPAY revokes a scanned payment that is not made in this time (JSON zh §2.2).
    pub pay_life_ms: u64,
    /// The life of a QR without TIME_EXPIRE.
    pub qr_life_ms: u64,
    /// The life of a code that `Control::show_code` made.
    pub code_life_ms: u64,
    /// Whether a code that was used is refused from then on.
    pub single_use_codes: bool,
    /// How long a refund is on its way; SOSOPAY tells STATE 8 until then.
    pub refund_ms: u64,
    /// How a refund ends.
    pub refund_end: RefundEnd,
    /// How long an applied-for cancel (opType=ACO) takes.
    pub cancel_application_ms: u64,
    /// Where the operations without a documented URL are.
    pub paths: Paths,
    /// The channels of SOSOPAY's channel list, by CHANNEL_TYPE.
    pub channels: Vec<u8>,
    /// Who may log in.
    pub operators: Vec<Operator>,
    /// The merchant that a login tells of.
    pub company: Company,
    /// How long a flow recharge is new (status 0) before it is under way (1).
    pub recharge_start_ms: u64,
    /// How long it takes from its start to its end (2, or 3).
    pub recharge_ms: u64,
    /// Whether flow recharges fail (3).
    pub recharges_fail: bool,
    /// Orders kept; the next one is answered as an overloaded gateway would.
    pub max_orders: usize,
    /// Connections served at a time; the next one waits.
    pub max_connections: usize,
    /// How long a request may take to arrive; `None` waits for ever. Tests on paused time want
    /// `None`, since an idle runtime jumps to the next timer, and this would be one.
    pub read_timeout_ms: Option<u64>,
    /// Keep connections open between calls. The documents' gateways do not (短链接).
    pub keep_alive: bool,
}

/// The key of the demo merchant: 24 bytes, so that 3DES works with it.
const DEMO_KEY: &str = "demo-key-for-simulations";

impl Settings {
    /// One merchant, a free port on the loopback, no faults, customers that pay.
    pub fn demo(kind: Kind) -> Self {
        let id = match kind {
            Kind::Shouqianba => "1122234-dewls02s2",
            Kind::SosopayJson | Kind::SosopayXml => "0010000001",
        };
        let (operators, company) = people::demo();
        Self {
            kind,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            seed: 0,
            epoch_unix_s: None,
            merchants: vec![Merchant { id: id.to_owned(), key: DEMO_KEY.to_owned() }],
            vendor: Some(Vendor {
                sn: "91800129".to_owned(),
                key: "demo-key-of-the-vendor".to_owned(),
                activation_codes: vec!["52186362".to_owned(), "52186363".to_owned()],
            }),
            faults: Vec::new(),
            magic_codes: false,
            customer: Behaviour::Approve,
            qr_customer: None,
            cipher: None,
            answer_at_once: false,
            unscanned_wechat_not_found: false,
            sign_tolerance_s: 600,
            pay_life_ms: 80_000,
            qr_life_ms: 240_000,
            code_life_ms: 60_000,
            single_use_codes: true,
            refund_ms: 0,
            refund_end: RefundEnd::Refunded,
            cancel_application_ms: 5_000,
            paths: Paths::default(),
            channels: vec![1, 2, 24, 27, 31, 32],
            operators,
            company,
            recharge_start_ms: 0,
            recharge_ms: 5_000,
            recharges_fail: false,
            max_orders: 100_000,
            max_connections: 1_024,
            read_timeout_ms: Some(30_000),
            keep_alive: false,
        }
    }

    pub(crate) fn cipher_of(&self, merchant: &Merchant) -> Result<Cipher, CipherError> {
        match &self.cipher {
            Some(settings) => settings.cipher(&merchant.key),
            None => Cipher::new(merchant.key.as_bytes(), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_as_the_configuration_names_them() {
        for kind in [Kind::Shouqianba, Kind::SosopayJson, Kind::SosopayXml] {
            assert_eq!(kind.to_string().parse::<Kind>().unwrap(), kind);
        }
        assert!("sosopay".parse::<Kind>().unwrap_err().to_string().contains("sosopay-json"));
    }

    #[test]
    fn no_key_is_shown_and_the_demo_key_fits_3des() {
        let settings = Settings::demo(Kind::SosopayJson);
        assert!(!format!("{settings:?}").contains(DEMO_KEY));
        assert!(settings.cipher_of(&settings.merchants[0]).is_ok());
    }
}
