//! Results that nobody gets: a full disk behind standard output.

use crate::common::{ALIPAY, Ran, Shop, command, within};
use simulator::Kind;
use std::fs::File;

async fn run_into_a_full_disk(shop: &Shop, args: &[&str]) -> Ran {
    let args = shop.args(args);
    let ran = tokio::task::spawn_blocking(move || {
        let full = File::options().write(true).open("/dev/full").expect("a full disk");
        let output = command(&args).stdout(full).output().expect("it runs");
        Ran::new(args, &output)
    });
    within("a command ends", ran).await.expect("the command was waited for")
}

#[tokio::test]
async fn what_was_read_and_not_told_is_a_failure_and_a_sale_is_none() {
    let shop = Shop::open(Kind::Shouqianba).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    run_into_a_full_disk(&shop, &["sale", "--amount", "1", "--code", ALIPAY]).await.exits(0);
    let order = shop.listed().await[0]["order"].as_str().expect("a number").to_owned();
    for args in [
        &["journal", "list"][..],
        &["journal", "show", &order],
        &["journal", "export"],
        &["journal", "verify"],
        &["report", "day"],
        &["report", "shift"],
    ] {
        let ran = run_into_a_full_disk(&shop, args).await;
        assert!(ran.exits(4).stderr.contains("standard output did not take it"), "{ran:#?}");
    }
    // The shift whose report nobody got goes on.
    let reported = shop.run(&["report", "shift"]).await.exits(0).json();
    assert_eq!(reported["paid"]["count"], 1, "{reported}");
    let next = shop.run(&["report", "shift"]).await.exits(0).json();
    assert_eq!(next["paid"]["count"], 0, "{next}");
    shop.settled(None, &["paid"]).await;
}
