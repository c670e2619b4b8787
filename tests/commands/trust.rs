//! Money over https: the authority of `ca_file` is trusted, and no other (I18).

use crate::common::{ALIPAY, Shop, WECHAT, for_each_gateway};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use simulator::Kind;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig};
use ui::{Locale, Text};
#[cfg(feature = "panel")]
use {
    crate::common::well,
    serde_json::Value,
    ui::{Body, Light, Outcome, OutcomeKind, StatusBar},
};

for_each_gateway!(only_the_authority_of_the_ca_file_is_trusted);

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("signed")
}

fn server(authority: &Authority) -> ServerConfig {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, authority).expect("signed");
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(certificate)],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .expect("a key that fits")
}

/// Speaks TLS before the gateway. Dropped, it stops.
struct Front {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Front {
    async fn before(gateway: SocketAddr, config: ServerConfig) -> Front {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let tls = TlsAcceptor::from(Arc::new(config));
        let serving = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let tls = tls.clone();
                tokio::spawn(async move {
                    let Ok(mut client) = tls.accept(client).await else { return };
                    let mut gateway = TcpStream::connect(gateway).await.expect("the gateway");
                    // Either end may leave when it likes.
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut gateway).await;
                });
            }
        });
        Front { address, serving }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn only_the_authority_of_the_ca_file_is_trusted(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.codes.lock().unwrap().extend([ALIPAY.to_owned(), WECHAT.to_owned()]);
    let known = authority();
    let front = Front::before(shop.simulator().address(), server(&known)).await;
    let own = shop.simulator().address().to_string();
    let url = shop.simulator().base_url().replace(&own, &front.address.to_string());
    let url = url.replace("http://", "https://");
    let write = |name: &str, authority: &Authority| {
        let pem = authority.as_ref().pem();
        std::fs::write(shop.folder().join(name), pem).expect("a file");
    };
    write("other.pem", &authority());
    write("roots.pem", &known);

    for lines in ["ca_file = \"other.pem\"\n", ""] {
        shop.reroute_to(url.clone(), lines);
        let ran = shop.run(&["sale", "--amount", "12.34", "--code", WECHAT]).await;
        let sold = ran.exits(4).json();
        assert_eq!(sold["reason_code"], "never_sent", "{lines}");
        // Looking after the network would not help.
        let words = [Text::GatewayNotTrusted, Text::CallIntegrator];
        let [reason, advice] = words.map(|text| text.text(Locale::ZhCn));
        assert_eq!((&sold["reason"], &sold["advice"]), (&reason.into(), &advice.into()));
        let check = shop.run(&["check"]).await;
        let gateway = check.exits(4).json()["checks"].as_array().expect("checks").last().cloned();
        let told = gateway.expect("the gateway")["detail"].as_str().unwrap_or_default().to_owned();
        // Words of what is wrong and what to do, wherever a person looks.
        for told in [ran.json()["detail"].as_str().unwrap_or_default(), &ran.stderr, &told] {
            assert!(told.contains("an authority that this terminal does not know"), "{told}");
            assert!(told.contains("gateway.ca_file"), "{told}");
        }
    }
    #[cfg(feature = "panel")]
    the_screen_says_so(&shop).await;
    assert!(shop.control().requests().is_empty(), "nothing was sent");

    shop.reroute_to(url.clone(), "ca_file = \"roots.pem\"\n");
    shop.run(&["check"]).await.exits(0);
    let ran = shop.run(&["sale", "--amount", "12.34", "--code", ALIPAY]).await;
    let sold = ran.exits(0).json();
    assert_eq!(sold["outcome"], "paid");
    shop.reroute_to(url, "");
    let order = sold["order"].as_str().expect("a number");
    let refund = shop.run(&["refund", order, "--amount", "1"]).await.exits(4).json();
    let advice = Text::CallIntegrator.text(Locale::ZhCn);
    assert_eq!((&refund["reason_code"], &refund["advice"]), (&"never_sent".into(), &advice.into()));
    let detail = refund["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("an authority that this terminal does not know"), "{detail}");
    let mut sold = vec!["refused", "paid", "not_charged", "not_charged"];
    sold.extend(cfg!(feature = "panel").then_some("not_charged"));
    shop.settled(None, &sold).await;
}

#[cfg(feature = "panel")]
async fn the_screen_says_so(shop: &Shop) {
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", "284214903060794766").await;
    terminal.result("not_charged").await;
    let status = StatusBar { network: Light::Bad, warning: None, ..well() };
    let told = |state: &Value| {
        Body::Outcome(Outcome {
            kind: OutcomeKind::NotCharged,
            amount: "12.34".to_owned(),
            wallet: None,
            reason: Some(Text::GatewayNotTrusted),
            detail: None,
            advice: Some(Text::CallIntegrator),
            order: state["order"].as_str().unwrap_or_default().to_owned(),
        })
    };
    terminal.shows(Locale::ZhCn, &status, told).await;
}
