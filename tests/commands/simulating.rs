//! `cashier simulator`: a gateway of its own process, faults and all.

use crate::common::{Ran, Shop, command, for_each_gateway, within, write_private};
use serde_json::Value;
use simulator::Kind;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

for_each_gateway!(a_sale_against_a_simulator_of_its_own);

/// A simulator in a process of its own. Dropped, it is killed.
struct Simulating {
    child: Child,
    told: Value,
}

impl Simulating {
    async fn start(args: Vec<String>) -> Simulating {
        let mut child = command(&args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("a pipe");
        let line = tokio::task::spawn_blocking(move || {
            BufReader::new(stdout).lines().next().expect("a line").expect("text")
        });
        let line = within("the simulator listens", line).await.expect("read");
        Simulating { child, told: serde_json::from_str(&line).expect("JSON") }
    }
}

impl Drop for Simulating {
    fn drop(&mut self) {
        // Gone already, if it was stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn a_sale_against_a_simulator_of_its_own(kind: Kind) {
    let shop = Shop::open(kind).await;
    let faults = shop.folder().join("faults.json");
    let rule = r#"[{"operation":"pay","nth":1,"fault":"drop_answer"}]"#;
    std::fs::write(&faults, rule).expect("a file");
    let args = ["simulator", "--kind", &kind.to_string(), "--json", "--faults"];
    let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    args.push(faults.display().to_string());
    let simulating = Simulating::start(args).await;
    let merchant = &simulating.told["merchants"][0];
    let key = merchant["key"].as_str().expect("a key");
    write_private(&shop.folder().join("key"), key);
    let base_url = simulating.told["base_url"].as_str().expect("an address").to_owned();
    shop.reroute_to(base_url, "allow_plaintext = true\n");
    let text = shop.config_text();
    assert!(text.contains(merchant["id"].as_str().expect("a number")), "{text}");
    let ran = shop.run(&["sale", "--amount", "1", "--code", "284214903060794755"]).await;
    assert_eq!(ran.exits(0).json()["outcome"], "paid", "found out by a query");
    let shown = shop.last().await;
    assert_eq!(shown["outcome"], "paid");
    assert!(shop.control().requests().is_empty(), "the other simulator was not asked");
}

#[tokio::test]
async fn a_faults_file_with_a_mistake_is_refused() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let faults = shop.folder().join("faults.json");
    std::fs::write(&faults, "[\n{\"operation\":\"qery\",\"fault\":\"huge\"}]").expect("a file");
    let path = faults.display().to_string();
    let args = ["simulator", "--kind", "shouqianba", "--faults", &path];
    let ran = Ran::cashier(args.iter().map(|arg| (*arg).to_owned()).collect()).await;
    ran.exits(2);
    assert!(ran.stderr.contains("line 2") && ran.stderr.contains("`query`"), "{ran:#?}");
    let args = ["simulator", "--kind", "paypal"];
    Ran::cashier(args.iter().map(|arg| (*arg).to_owned()).collect()).await.exits(2);
}
