//! A configuration with a mistake starts nothing, and the error tells file, line, key and what was
//! expected.

use crate::common::{Options, Ran, Shop, command, write_private};
use simulator::Kind;
use std::os::unix::fs::PermissionsExt as _;

/// What `check` says to a configuration where one text is another.
async fn refused(shop: &Shop, from: &str, to: &str, says: &[&str]) {
    let text = shop.config_text();
    assert!(text.contains(from), "{from} is not in {text}");
    let changed = text.replacen(from, to, 1);
    std::fs::write(shop.config(), &changed).expect("a configuration");
    for args in [&["check"][..], &["run"], &["sale", "--amount", "1", "--code", "1"]] {
        let ran = shop.run_for_people(args).await;
        ran.exits(2);
        for said in says {
            assert!(ran.stderr.contains(said), "{said} is not in {ran:#?}");
        }
        assert!(!ran.stderr.contains(shop.key()), "the key was told: {ran:#?}");
    }
    let ran = shop.run(&["check"]).await;
    assert!(ran.exits(2).json()["error"].is_string(), "{ran:?}");
    assert!(!shop.journal().exists(), "nothing was started");
    assert!(shop.control().requests().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_mistake_is_told_with_its_line_and_what_was_expected() {
    let shop = Shop::open(Kind::Shouqianba).await;
    for (from, to, says) in [
        ("key_file", "key_flie", &["cashier.toml:10:", "key_flie", "did you mean `key_file`"][..]),
        ("[policy]", "[polcy]", &["polcy", "did you mean `policy`"]),
        ("poll_max_ms = 100", "poll_max_ms = \"slow\"", &["poll_max_ms", "cashier.toml:"]),
        ("poll_max_ms = 100", "poll_max_ms = 0", &["policy.poll_max_ms", "expected 1 to"]),
        ("poll_max_ms = 100", "poll_max_ms = 1", &["policy.poll_max_ms", "policy.poll_first_ms"]),
        ("locale = \"zh-CN\"", "locale = \"fr\"", &["cashier.toml:5:", "merchant.locale", "zh-CN"]),
        ("kind = \"shouqianba\"", "kind = \"paypal\"", &["gateway.kind", "sosopay-xml"]),
        ("kind = \"shouqianba\"\n", "", &["missing field `kind`"]),
        ("terminal_sn", "# terminal_sn", &["terminal_sn"]),
        ("key_file = \"key\"\n", "", &["gateway.key_file", "is missing"]),
        ("key_file = \"key\"", "key_file = \"nokey\"", &["gateway.key_file", "cannot read"]),
        ("allow_plaintext = true", "allow_plaintext = false", &["cashier.toml:9:", "https://"]),
        (
            "allow_plaintext = true",
            "ca_file = \"noroots.pem\"\nallow_plaintext = true",
            &["gateway.ca_file", "cannot read"],
        ),
        (
            "allow_plaintext = true",
            "ca_file = \"key\"\nallow_plaintext = true",
            &["gateway.ca_file"],
        ),
        ("http://", "ftp://", &["gateway.base_url"]),
        ("driver = \"virtual\"", "driver = \"serail\"", &["scanner.driver", "\"serial\""]),
        ("127.0.0.1:0\"", "0.0.0.0:0\"", &["panel.listen", "panel.token"]),
        ("[merchant]", "[merchant", &["cashier.toml:1:"]),
    ] {
        refused(&shop, from, to, says).await;
    }
    std::fs::remove_file(shop.config()).expect("removed");
    shop.run(&["check"]).await.exits(2);
    let args = vec!["check".to_owned(), "--json".to_owned()];
    assert!(Ran::cashier(args).await.exits(2).stdout.contains("--config"));
}

#[tokio::test]
async fn a_merchant_without_a_number_cannot_sell_at_sosopay() {
    for kind in [Kind::SosopayJson, Kind::SosopayXml] {
        let shop = Shop::open(kind).await;
        let told = "merchant.id: is needed for a sosopay gateway: the merchant's number";
        let id = "id = \"0010000001\"\n";
        refused(&shop, id, "", &[":1: ", told]).await;
        refused(&shop, id, "id = \"\"\n", &[":2: ", told]).await;
        refused(&shop, id, "id = \"  \"\n", &[":2: ", told]).await;
    }
}

#[tokio::test]
async fn a_key_file_that_others_can_read_is_refused() {
    let shop = Shop::open(Kind::SosopayJson).await;
    let key = shop.folder().join("key");
    for mode in [0o640, 0o604, 0o644, 0o660, 0o620] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).expect("set");
        let ran = shop.run_for_people(&["check"]).await;
        ran.exits(2);
        let wanted = ["gateway.key_file", "others can read", "chmod 600"];
        assert!(wanted.iter().all(|said| ran.stderr.contains(said)), "{mode:o}: {ran:#?}");
        assert!(!ran.stderr.contains(shop.key()));
    }
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o400)).expect("set");
    shop.run(&["check"]).await.exits(0);
    std::fs::remove_file(&key).expect("removed");
    write_private(&key, "\n");
    shop.run(&["check"]).await.exits(2);
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_starts_no_sale() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let text = shop.config_text();
    for path in ["/proc/cashier/journal.db", "key", "."] {
        let changed = text.replace("path = \"journal.db\"", &format!("path = \"{path}\""));
        std::fs::write(shop.config(), changed).expect("a configuration");
        let sale = ["sale", "--amount", "1", "--code", "284214903060794755"];
        let ran = shop.run(&sale).await;
        assert!(ran.exits(4).json()["error"].is_string(), "{ran:?}");
        if cfg!(feature = "panel") {
            shop.run_for_people(&["run"]).await.exits(4);
        }
    }
    assert!(shop.control().requests().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_wallet_may_be_added_to_the_table_of_codes() {
    let mut options = Options::of(Kind::SosopayJson);
    options.more = "[[code]]\nchannel = \"bestpay\"\nprefix = [51, 51]\ndigits = [18, 18]\n".into();
    let shop = Shop::with(options).await;
    let ran = shop.run(&["sale", "--amount", "1", "--code", "512345678901234567"]).await;
    assert_eq!(ran.json()["channel"], "bestpay", "{ran:?}");
}

#[tokio::test]
async fn help_is_no_mistake() {
    for args in [&["--help"][..], &["sale", "--help"], &["--version"]] {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let output = command(&args).output().expect("it runs");
        assert!(output.status.success(), "{args:?}");
    }
}
