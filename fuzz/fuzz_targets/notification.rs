//! Notifications of both editions: unsigned bytes are never taken, signed ones never panic.
#![no_main]

use cashier::gateway::{Gateway, Kind};
use libfuzzer_sys::fuzz_target;
use md5::{Digest, Md5};
use std::sync::LazyLock;

static GATEWAYS: LazyLock<[Gateway; 2]> =
    LazyLock::new(|| [Kind::SosopayJson, Kind::SosopayXml].map(cashier_fuzz::gateway));

fuzz_target!(|body: &[u8]| {
    let digest = Md5::new().chain_update("1473431447").chain_update(cashier_fuzz::KEY);
    let digest = digest.chain_update(body).finalize();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let signed = format!("_type=json&sign={hex}:1473431447");
    for gateway in &*GATEWAYS {
        if let Ok(notification) = gateway.decode_notification(&signed, body) {
            assert!(notification.order.as_str().len() <= 32);
        }
        let query = String::from_utf8_lossy(body);
        assert!(gateway.decode_notification(&query, body).is_err());
        let forged = format!("sign={}:1473431447", "0".repeat(32));
        assert!(gateway.decode_notification(&forged, body).is_err());
    }
});
