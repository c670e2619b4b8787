//! What is refused, and that nothing is asked because of it.

use crate::common::{Terminal, command};
use crate::postbox::{Postbox, send};
use crate::stage::{Flavour, JSON, JSON_3DES, Stage, XML, for_each_flavour, replay};
use rustix::process::{Pid, Resource, Rlimit, prlimit};

for_each_flavour!(forged_ones_are_refused, one_that_the_journal_cannot_take_is_to_be_repeated);

/// A genuine notification, changed in one way at a time; then the genuine one.
async fn forged_ones_are_refused(flavour: Flavour) {
    let mut stage = Stage::open(flavour).await;
    let mut terminal = stage.terminal().await;
    let qr = stage.shop.present(&mut terminal, "12.34").await;
    stage.postbox.deliver_to(None);
    let phone = stage.shop.control().phone_pay(&qr).expect("the phone knows it");
    let genuine = stage.postbox.next().await;

    let (unsigned, sign) = genuine.target.split_once("&sign=").expect("a sign");
    let (digest, time) = sign.split_once(':').expect("a digest and a time");
    let flipped: String = digest.chars().map(|c| if c == '0' { '1' } else { '0' }).collect();
    let mut other_body = genuine.body.clone();
    other_body.push(b'\n');
    other_body.extend_from_slice(b"<!-- -->");
    let zeros = "0".repeat(32);
    for (target, body) in [
        (unsigned.to_owned(), &genuine.body),
        (format!("{unsigned}&sign="), &genuine.body),
        (format!("{unsigned}&sign={digest}"), &genuine.body),
        (format!("{unsigned}&sign={flipped}:{time}"), &genuine.body),
        (format!("{unsigned}&sign={zeros}:{time}"), &genuine.body),
        (format!("{unsigned}&sign={digest}:{}", "1473431447"), &genuine.body),
        (format!("{unsigned}&sign={digest}:{}", "9".repeat(40)), &genuine.body),
        (format!("{unsigned}&sign={sign}&sign={sign}"), &genuine.body),
        (genuine.target.clone(), &other_body),
        (genuine.target.clone(), &Vec::new()),
        (genuine.target.clone(), &b"{\"PAY_NODIFY\":{}}".to_vec()),
    ] {
        let answer = send(terminal.notifications(), "POST", &target, body).await;
        assert_eq!(answer.status, 400, "{target} {}", String::from_utf8_lossy(body));
        assert!(!answer.body.contains("SUCCESS</"), "{answer:?}");
        assert!(!answer.body.contains(&phone.order), "nothing is echoed: {answer:?}");
    }
    assert_eq!(stage.queries(), 0, "nothing was asked");
    assert_eq!(stage.noted(&phone.order).await, 0, "nothing was noted");
    assert_eq!(terminal.state().await["screen"], "present");

    assert_eq!(replay(&terminal, &genuine).await.status, 200);
    terminal.result("paid").await;
    stage.shop.settled(Some(&terminal), &["paid"]).await;
}

/// Correctly signed, and still not for us, not known, or no notification.
#[tokio::test]
async fn signed_ones_are_refused_for_what_they_say() {
    let stage = Stage::open(JSON).await;
    let mut terminal = stage.terminal().await;
    stage.shop.present(&mut terminal, "12.34").await;
    let order = terminal.state().await["order"].as_str().unwrap().to_owned();
    let ours = ("BUSI_ID", "0010000001");
    let (code, amount, paid) = (("CHARGE_CODE", order.as_str()), ("AMT", "1234"), ("STATE", "1"));
    for (status, fields) in [
        (400, vec![("BUSI_ID", "0010000002"), code, amount, paid]),
        (400, vec![code, amount, paid]),
        (400, vec![ours, amount, paid]),
        (400, vec![ours, ("CHARGE_CODE", "no order of ours!"), amount, paid]),
        (400, vec![ours, code, ("AMT", "12.34"), paid]),
        (404, vec![ours, ("CHARGE_CODE", "NOSUCHORDER"), amount, paid]),
    ] {
        let (target, body) = stage.signed(&fields);
        let answer = send(terminal.notifications(), "POST", &target, &body).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, "FAIL"), "{fields:?}");
    }
    for body in ["[]", "{}", "{\"QUERY_RESP\":{}}", "PAY_NODIFY", "\u{0}", "{\"PAY_NODIFY\":1}"] {
        let target = stage.target(body.as_bytes(), stage.shop.key());
        let answer = send(terminal.notifications(), "POST", &target, body.as_bytes()).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    let (target, body) = stage.signed(&[ours, code, amount, paid]);
    for method in ["GET", "PUT", "DELETE"] {
        let answer = send(terminal.notifications(), method, &target, &body).await;
        assert_eq!(answer.status, 405, "{method}");
    }
    assert_eq!(stage.queries(), 0, "nothing was asked");
    assert_eq!(stage.noted(&order).await, 0);
    assert_eq!(terminal.state().await["screen"], "present");
}

/// Whoever listened in on our requests has bodies that are signed with the right key.
#[tokio::test]
async fn a_request_of_ours_that_is_played_back_is_refused() {
    for flavour in [JSON, JSON_3DES, XML] {
        let stage = Stage::open(flavour).await;
        let mut tap = Postbox::open().await;
        tap.deliver_to(Some(stage.shop.simulator().address()));
        let encrypt = if flavour.encrypt { "encrypt = true\n" } else { "" };
        let own = stage.shop.simulator().address().to_string();
        let url = stage.shop.simulator().base_url().replace(&own, &tap.address.to_string());
        stage.shop.reroute_to(url, &format!("allow_plaintext = true\n{encrypt}"));
        let mut terminal = stage.terminal().await;
        stage.shop.present(&mut terminal, "12.34").await;
        let order = terminal.state().await["order"].as_str().unwrap().to_owned();
        let ours = tap.next().await;
        assert!(ours.target.contains("sign="), "{ours:?}");
        let answer = replay(&terminal, &ours).await;
        assert_eq!(answer.status, 400, "{ours:?}");
        assert_eq!((stage.queries(), stage.noted(&order).await), (0, 0));
    }
}

/// I10, I13: acknowledged once it is durable, and not before.
async fn one_that_the_journal_cannot_take_is_to_be_repeated(flavour: Flavour) {
    let mut stage = Stage::open(flavour).await;
    // A full disk: nothing that the program writes may grow beyond what it has.
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#, env!("CARGO_BIN_EXE_cashier"), "run"]);
    shell.arg("--config").arg(stage.shop.config());
    shell.envs(command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut terminal = Terminal::run(shell).await;
    stage.postbox.deliver_to(None);
    let qr = stage.shop.present(&mut terminal, "12.34").await;
    stage.shop.control().phone_pay(&qr).expect("the phone knows it");
    let unheard = stage.postbox.next().await;
    let pid = Pid::from_raw(i32::try_from(terminal.pid()).expect("a pid")).expect("a pid");
    let nothing = Rlimit { current: Some(1), maximum: Some(1) };
    prlimit(Some(pid), Resource::Fsize, nothing).expect("a limit");
    for _ in 0..2 {
        assert_eq!(replay(&terminal, &unheard).await.status, 503);
    }
    assert_eq!(stage.queries(), 0, "nothing was asked");

    // With another disk, and the notification told again, it is paid.
    terminal.kill().await;
    let mut terminal = stage.terminal().await;
    assert_eq!(replay(&terminal, &unheard).await.status, 200);
    terminal.until("nothing open", |state| state["open"] == 0).await;
    stage.shop.settled(Some(&terminal), &["paid"]).await;
}
