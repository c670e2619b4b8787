//! A shop whose gateway notifies it, through a postbox of the test; queries come far too late to be
//! the reason for anything.

use crate::common::{Options, Shop, Terminal};
use crate::postbox::{Answer, Letter, Postbox, send};
use md5::{Digest as _, Md5};
use serde_json::Value;
use simulator::{Kind, Operation};
use std::fmt::Write as _;

/// The path of the public address, which the merchant chose.
pub const PATH: &str = "/pay/told?shop=1";

/// A gateway and what was agreed with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flavour {
    pub kind: Kind,
    pub encrypt: bool,
    pub xml: bool,
}

pub const JSON: Flavour = Flavour { kind: Kind::SosopayJson, encrypt: false, xml: false };
pub const JSON_3DES: Flavour = Flavour { encrypt: true, ..JSON };
pub const JSON_IN_XML: Flavour = Flavour { xml: true, ..JSON };
pub const JSON_IN_XML_3DES: Flavour = Flavour { encrypt: true, xml: true, ..JSON };
pub const XML: Flavour = Flavour { kind: Kind::SosopayXml, encrypt: false, xml: false };

/// One test for each flavour, of each story named.
macro_rules! for_each_flavour {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            use crate::stage;

            #[tokio::test]
            async fn json() {
                super::$story(stage::JSON).await;
            }

            #[tokio::test]
            async fn json_encrypted() {
                super::$story(stage::JSON_3DES).await;
            }

            #[tokio::test]
            async fn json_answered_in_xml() {
                super::$story(stage::JSON_IN_XML).await;
            }

            #[tokio::test]
            async fn json_answered_in_xml_encrypted() {
                super::$story(stage::JSON_IN_XML_3DES).await;
            }

            #[tokio::test]
            async fn xml() {
                super::$story(stage::XML).await;
            }
        }
    )+};
}
pub(crate) use for_each_flavour;

/// The shop, and the postbox at its public address.
pub struct Stage {
    pub shop: Shop,
    pub postbox: Postbox,
}

/// Waits that no test lives to see the end of.
pub fn slow(kind: Kind) -> Options {
    Options::of(kind).wait("poll_first_ms", 60_000).wait("poll_max_ms", 60_000)
}

impl Stage {
    pub async fn open(flavour: Flavour) -> Stage {
        Stage::with(flavour, slow(flavour.kind)).await
    }

    pub async fn with(flavour: Flavour, mut options: Options) -> Stage {
        let postbox = Postbox::open().await;
        let url = format!("http://{}{PATH}", postbox.address);
        let _ =
            write!(options.more, "[notify]\nlisten = \"127.0.0.1:0\"\npublic_url = \"{url}\"\n");
        let shop = Shop::with(options).await;
        let mut lines = "allow_plaintext = true\n".to_owned();
        if flavour.encrypt {
            lines.push_str("encrypt = true\n");
        }
        if flavour.xml {
            lines.push_str("response = \"xml\"\n");
        }
        shop.reroute_to(shop.simulator().base_url(), &lines);
        Stage { shop, postbox }
    }

    /// The terminal, with the postbox before it.
    pub async fn terminal(&self) -> Terminal {
        let terminal = self.shop.terminal().await;
        self.postbox.deliver_to(Some(terminal.notifications()));
        terminal
    }

    /// How many queries the gateway was asked.
    pub fn queries(&self) -> usize {
        self.shop.calls(Operation::Query)
    }

    /// The notifications that the journal has of an order.
    pub async fn noted(&self, order: &str) -> usize {
        self.notes(order, "notification: ").await
    }

    /// The answers to queries that the journal has of an order.
    pub async fn answers_noted(&self, order: &str) -> usize {
        self.notes(order, "query: ").await
    }

    async fn notes(&self, order: &str, begins: &str) -> usize {
        let shown = self.shop.shown(order).await;
        let is_one =
            |entry: &&Value| entry["text"].as_str().is_some_and(|text| text.starts_with(begins));
        shown["history"].as_array().expect("a history").iter().filter(is_one).count()
    }

    /// A notification that says an order is paid, signed with the shop's own key.
    pub fn signed(&self, fields: &[(&str, &str)]) -> (String, Vec<u8>) {
        let fields: serde_json::Map<String, Value> =
            fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect();
        let body = serde_json::json!({ "PAY_NODIFY": fields }).to_string().into_bytes();
        (self.target(&body, self.shop.key()), body)
    }

    /// Our address for a body signed with a key.
    pub fn target(&self, body: &[u8], key: &str) -> String {
        const AT: &str = "1473431447";
        let content: Vec<u8> = body.iter().copied().filter(|byte| *byte != b' ').collect();
        let digest = Md5::new()
            .chain_update(AT)
            .chain_update(key)
            .chain_update(&content)
            .finalize()
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        format!("{PATH}&_type=json&sign={digest}:{AT}")
    }
}

/// The same letter once more, straight to the terminal.
pub async fn replay(terminal: &Terminal, letter: &Letter) -> Answer {
    send(terminal.notifications(), &letter.method, &letter.target, &letter.body).await
}
