//! Which of several devices that all have something to say is heard.

use super::*;
use crate::app::config::Config;
use std::future::poll_fn;
use std::path::Path;

const CONFIG: &str = "[merchant]\nid = \"1\"\n[gateway]\nkind = \"sosopay-json\"\n\
                      base_url = \"https://gateway.example/\"\nkey = \"0123456789abcdef\"\n\
                      [nfc]\ndriver = \"virtual\"\n[[scanner]]\ndriver = \"virtual\"\n";

#[tokio::test]
async fn a_scanner_that_sends_without_end_leaves_the_others_their_turn_and_keys_go_first() {
    let config = Config::parse(Path::new("/etc/cashier/cashier.toml"), CONFIG);
    let (mut devices, handles) = Devices::open(&config.expect("a configuration").devices);
    devices.await_code(true);
    handles.scanner.scan_bytes(&b"\x01\r".repeat(50));
    handles.nfc.tap("token");
    let mut next = async || poll_fn(|cx| devices.poll_event(cx)).await;
    let noise = DeviceEvent::Dropped(DropReason::NotText);
    assert_eq!(next().await, noise);
    assert_eq!(next().await, DeviceEvent::Tapped("token".into()));
    assert_eq!(next().await, noise);
    let key = "enter".parse().expect("a key");
    handles.keypad.press(key);
    assert_eq!(next().await, DeviceEvent::Key(key));
    assert_eq!(next().await, noise);
}
