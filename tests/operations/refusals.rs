//! What cannot be sent: other gateways' operations, missing paths, fields. Nothing is journalled,
//! nothing is sent.

use crate::common::{Shop, write_private};
use simulator::Kind;

async fn refused(shop: &Shop, args: &[&str], says: &[&str]) {
    let ran = shop.run(args).await;
    let error = ran.exits(2).json()["error"].as_str().expect("an error").to_owned();
    assert!(says.iter().all(|said| error.contains(said)), "{says:?}: {ran:#?}");
    assert!(shop.control().requests().is_empty(), "nothing was sent: {ran:#?}");
}

const JSAPI: &[&str] = &["gateway", "jsapi-order", "--amount", "1", "--openid", "o1"];
const WAP: &[&str] = &["gateway", "wap-order", "--amount", "1", "--customer-ip", "203.0.113.9"];
const RECHARGE: &[&str] = &["gateway", "recharge", "--phone", "13800138000", "--megabytes", "1"];

#[tokio::test]
async fn an_operation_that_the_gateway_does_not_have_is_named() {
    for kind in [Kind::Shouqianba, Kind::SosopayJson, Kind::SosopayXml] {
        let shop = Shop::open(kind).await;
        let name = kind.to_string();
        let password = shop.folder().join("key").display().to_string();
        let login = ["gateway", "login", "--username", "oper01", "--password-file", &password];
        if kind != Kind::SosopayJson {
            refused(&shop, JSAPI, &["jsapi-order", &name]).await;
            let alipay = ["gateway", "alipay-order", "--amount", "1", "--buyer-logon-id", "a@b.c"];
            refused(&shop, &alipay, &["alipay-order", &name]).await;
            let wap = [WAP, &["--wap-url", "https://a.example/", "--wap-name", "a"]].concat();
            refused(&shop, &wap, &["wap-order", &name]).await;
            refused(&shop, RECHARGE, &["recharge", &name]).await;
            refused(&shop, &["gateway", "batch-query"], &["batch-query", &name]).await;
            refused(&shop, &["gateway", "channels"], &["channels", &name]).await;
            refused(&shop, &["gateway", "refund-list", "ORDER1"], &["refund-list", &name]).await;
            refused(&shop, &login, &["login", &name]).await;
            refused(&shop, &["cancel", "ORDER1", "--apply"], &["cancel-apply", &name]).await;
        }
        if kind != Kind::Shouqianba {
            refused(&shop, &["gateway", "checkin"], &["checkin", &name]).await;
            refused(&shop, &["gateway", "revoke", "ORDER1"], &["revoke", &name]).await;
            let activate = [
                "gateway",
                "activate",
                "--vendor-sn",
                "v",
                "--app-id",
                "a",
                "--code",
                "1",
                "--vendor-key-file",
                &password,
            ];
            refused(&shop, &activate, &["activate", &name]).await;
        }
        assert!(!shop.journal().exists(), "nothing was journalled");
    }
}

#[tokio::test]
async fn a_missing_path_is_named_as_the_setting_that_the_acquirer_supplies() {
    let shop = Shop::open(Kind::SosopayJson).await;
    let password = shop.folder().join("password");
    write_private(&password, "123456");
    let password = password.display().to_string();
    let login = ["gateway", "login", "--username", "oper01", "--password-file", &password];
    for (args, key) in [
        (&["gateway", "batch-query"][..], "gateway.paths.batch_query"),
        (&["gateway", "channels"], "gateway.paths.channels"),
        (&login, "gateway.paths.login"),
    ] {
        refused(&shop, args, &[key, "acquirer"]).await;
    }
}

#[tokio::test]
async fn a_field_that_cannot_be_sent_is_named_with_its_limit_and_what_was_given() {
    let shop = Shop::open(Kind::SosopayJson).await;
    let long = "x".repeat(129);
    let wap = |scene: &'static [&'static str]| [WAP, scene].concat();
    for (args, says) in [
        (
            ["gateway", "jsapi-order", "--amount", "1", "--openid", &long].to_vec(),
            &["subOpenid", "128", "129"][..],
        ),
        ([JSAPI, &["--time-expire", "119"]].concat(), &["TIME_EXPIRE", "120", "119"]),
        ([JSAPI, &["--channel-type", "0"]].concat(), &["CHANNEL_TYPE"]),
        ([JSAPI, &["--channel-type", "gold"]].concat(), &["--channel-type", "wechat"]),
        ([JSAPI, &["--reflect", "x"]].concat(), &["reflect", "sosopay-json"]),
        (vec!["gateway", "jsapi-order", "--amount", "0", "--openid", "o"], &["--amount"]),
        (vec!["gateway", "jsapi-order", "--amount", "1"], &["--openid"]),
        (vec!["gateway", "alipay-order", "--amount", "1"], &["--buyer-id"]),
        (
            vec!["gateway", "alipay-order", "--amount", "1", "--buyer-id", "208"],
            &["buyerId", "2088"],
        ),
        (wap(&[]), &["--wap-url"]),
        (wap(&["--wap-url", "ftp://x", "--wap-name", "x"]), &["wap_url", "https://"]),
        (wap(&["--app-name", "x"]), &["--bundle-id"]),
        (wap(&["--wap-url", "https://x"]), &["--wap-name"]),
        (wap(&["--bundle-id", "x"]), &["--app-name"]),
        (wap(&["--bundle-id", "x", "--package-name", "x", "--app-name", "x"]), &["--bundle-id"]),
        (
            wap(&["--wap-url", "https://x", "--wap-name", "x", "--time-expire", "299"]),
            &["TIME_EXPIRE", "300", "299"],
        ),
        (vec!["gateway", "recharge", "--phone", "1380", "--megabytes", "1"], &["phoneNo"]),
        (vec!["gateway", "recharge", "--phone", "13800138000", "--megabytes", "0"], &["flowVal"]),
        (vec!["gateway", "batch-query", "--begin", "2015-02-29"], &["--begin", "YYYY-MM-DD"]),
        (vec!["gateway", "batch-query", "--state", "77"], &["--state", "paid"]),
        (vec!["gateway", "gold"], &["gold"]),
        (vec!["query", "no such order!"], &["ORDER"]),
        (
            vec!["gateway", "login", "--username", "a", "--password-file", "/no/such/file"],
            &["--password-file"],
        ),
    ] {
        refused(&shop, &args, says).await;
    }
    assert!(!shop.journal().exists(), "nothing was journalled");
}
