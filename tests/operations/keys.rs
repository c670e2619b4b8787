//! Upay's terminals: activation, check-in, and keys that no lost reply and no cut can lose.

use crate::common::{ALIPAY, Shop, write_private};
use simulator::{Connectivity, Fault, FaultRule, Kind, Operation};
use std::os::unix::fs::PermissionsExt as _;

const VENDOR_KEY: &str = "demo-key-of-the-vendor";

async fn vendor() -> Shop {
    let shop = Shop::open(Kind::Shouqianba).await;
    write_private(&shop.folder().join("vendor"), &format!("{VENDOR_KEY}\n"));
    shop
}

/// A shop whose terminal has no number and no key.
async fn unboxed() -> Shop {
    let shop = vendor().await;
    let text = shop.config_text();
    let line = text.lines().find(|line| line.starts_with("terminal_sn")).expect("a number");
    std::fs::write(shop.config(), text.replace(line, "")).expect("a configuration");
    std::fs::remove_file(shop.folder().join("key")).expect("removed");
    shop
}

async fn activate(shop: &Shop, code: &str) -> crate::common::Ran {
    let vendor = shop.folder().join("vendor").display().to_string();
    let args = ["gateway", "activate", "--vendor-sn", "91800129", "--vendor-key-file", &vendor];
    shop.run(&[&args[..], &["--app-id", "2015061800000001", "--code", code]].concat()).await
}

fn file(shop: &Shop, name: &str) -> Option<String> {
    let path = shop.folder().join(name);
    let text = std::fs::read_to_string(&path).ok()?;
    let mode = std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{name}");
    Some(text.trim_end().to_owned())
}

/// I17: no key that a gateway ever had was printed or logged.
fn keeps_keys(shop: &Shop) {
    let said = shop.said.lock().unwrap().join("\n");
    let mut keys = vec![VENDOR_KEY.to_owned(), shop.key().to_owned()];
    for terminal in shop.control().terminals() {
        keys.push(terminal.key);
        keys.extend(terminal.next_key);
    }
    for key in keys {
        assert!(!said.contains(&key), "a key was told");
    }
}

#[tokio::test]
async fn a_terminal_is_activated_and_sells() {
    let shop = unboxed().await;
    let ran = shop.run(&["sale", "--amount", "1", "--code", ALIPAY]).await;
    assert!(ran.exits(2).json()["error"].as_str().unwrap().contains("key_file"), "{ran:?}");
    let refused = activate(&shop, "00000000").await;
    refused.exits(1);
    assert_eq!((file(&shop, "key"), file(&shop, "key.terminal_sn")), (None, None));
    let told = activate(&shop, "52186362").await.exits(0).json();
    let made = shop.control().terminals().pop().expect("a terminal");
    assert_eq!(told["terminal_sn"], made.terminal_sn.as_str());
    assert_eq!(told["in_use"], true);
    assert_eq!(file(&shop, "key").as_ref(), Some(&made.key));
    assert_eq!(file(&shop, "key.terminal_sn").as_ref(), Some(&made.terminal_sn));
    shop.run(&["sale", "--amount", "1", "--code", ALIPAY]).await.exits(0);
    keeps_keys(&shop);
}

#[tokio::test]
async fn an_activation_whose_answer_is_lost_is_repeated_with_the_same_code() {
    let shop = unboxed().await;
    shop.control().inject(FaultRule::on(Operation::Activate, Fault::DropAnswer));
    activate(&shop, "52186362").await.exits(3);
    assert_eq!(file(&shop, "key"), None);
    shop.control().clear_faults();
    let told = activate(&shop, "52186362").await.exits(0).json();
    assert_eq!(shop.control().terminals().len(), 2, "the same terminal: {told}");
    shop.run(&["sale", "--amount", "1", "--code", ALIPAY]).await.exits(0);
    keeps_keys(&shop);
}

#[tokio::test]
async fn i9_a_check_in_rotates_the_key_and_the_old_one_is_kept() {
    let shop = vendor().await;
    let mut before = shop.key().to_owned();
    for _ in 0..3 {
        let told = shop.run(&["gateway", "checkin"]).await.exits(0).json();
        assert_eq!(told["outcome"], "done");
        let terminal = shop.control().terminals().remove(0);
        assert_eq!(file(&shop, "key").as_ref(), Some(&terminal.key), "it was used, so it counts");
        assert_eq!(terminal.next_key, None);
        assert_eq!(file(&shop, "key.old").as_ref(), Some(&before));
        assert_ne!(terminal.key, before);
        before = terminal.key;
    }
    shop.run(&["sale", "--amount", "1", "--code", ALIPAY]).await.exits(0);
    keeps_keys(&shop);
}

#[tokio::test]
async fn a_lost_reply_asks_again_with_the_old_key() {
    let shop = vendor().await;
    // Once: the command itself asks again.
    let mut once = FaultRule::on(Operation::Checkin, Fault::DropAnswer);
    once.times = Some(1);
    shop.control().inject(once);
    shop.run(&["gateway", "checkin"]).await.exits(0);
    assert_eq!(shop.calls(Operation::Checkin), 2);
    let key = file(&shop, "key");
    // Always: nothing changed here, and the key that is here goes on working.
    shop.control().inject(FaultRule::on(Operation::Checkin, Fault::DropAnswer));
    let told = shop.run(&["gateway", "checkin"]).await.exits(3).json();
    assert_eq!(
        (&told["outcome"], &told["reason_code"]),
        (&"unresolved".into(), &"no_answer".into())
    );
    assert_eq!(file(&shop, "key"), key);
    shop.run(&["sale", "--amount", "1", "--code", ALIPAY]).await.exits(0);
    shop.control().clear_faults();
    shop.run(&["gateway", "checkin"]).await.exits(0);
    keeps_keys(&shop);
}

/// I9: the files as a cut between two steps leaves them, with the gateway on either side of the
/// change: what is configured sells, or a check-in finds the key that does.
#[tokio::test]
async fn i9_after_a_cut_between_any_two_steps_a_check_in_finds_the_key() {
    let shop = vendor().await;
    let old = shop.key().to_owned();
    shop.run(&["gateway", "checkin"]).await.exits(0);
    let new = file(&shop, "key").expect("a key");
    // The gateway takes `new` alone now.
    for (key, others) in [
        (&old, vec![("key.new", &new)]),
        (&old, vec![("key.new", &new), ("key.old", &old)]),
        (&new, vec![("key.old", &old)]),
        (&new, vec![("key.new", &old), ("key.old", &old)]),
    ] {
        let current = shop.control().terminals().remove(0).key;
        let now = |text: &String| if *text == new { current.clone() } else { text.clone() };
        for name in ["key", "key.new", "key.old"] {
            let _ = std::fs::remove_file(shop.folder().join(name));
        }
        write_private(&shop.folder().join("key"), &now(key));
        for (name, text) in others {
            write_private(&shop.folder().join(name), &now(text));
        }
        shop.run(&["gateway", "checkin"]).await.exits(0);
        assert_eq!(file(&shop, "key.old"), Some(current), "the key that was taken");
    }
    write_private(&shop.folder().join("key"), "no key at all");
    for name in ["key.new", "key.old"] {
        let _ = std::fs::remove_file(shop.folder().join(name));
    }
    let told = shop.run(&["gateway", "checkin"]).await.exits(1).json();
    assert_eq!(told["reason_code"], "bad_signature");
    assert_eq!(file(&shop, "key").as_deref(), Some("no key at all"));
}

#[tokio::test]
async fn a_check_in_that_cannot_be_sent_changes_nothing() {
    let shop = vendor().await;
    shop.control().set_connectivity(Connectivity::Cut);
    let _nobody = shop.reroute_to_nobody();
    let told = shop.run(&["gateway", "checkin"]).await.exits(4).json();
    assert_eq!(told["outcome"], "not_sent");
    assert_eq!(file(&shop, "key").as_deref(), Some(shop.key()));
    assert_eq!(file(&shop, "key.old"), None);
}

#[tokio::test]
async fn a_key_that_could_not_be_kept_is_not_asked_for() {
    let shop = vendor().await;
    // Where the new key would be written, a folder stands in the way.
    std::fs::create_dir(shop.folder().join("key.part")).expect("a folder");
    let told = shop.run(&["gateway", "checkin"]).await.exits(4).json();
    assert!(told["error"].as_str().unwrap().contains("nothing was sent"), "{told}");
    activate(&shop, "52186362").await.exits(4);
    assert!(shop.control().requests().is_empty(), "nothing was sent");
    assert_eq!(file(&shop, "key").as_deref(), Some(shop.key()));
}

/// A running terminal has its key in memory; a check-in beside it would end that one.
#[cfg(feature = "panel")]
#[tokio::test]
async fn no_key_changes_under_a_running_terminal() {
    let shop = Shop::with(crate::common::Options::of(Kind::Shouqianba)).await;
    let mut terminal = shop.terminal().await;
    shop.run(&["gateway", "checkin"]).await.exits(4);
    assert_eq!(shop.calls(Operation::Checkin), 0);
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
}
