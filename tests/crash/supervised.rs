//! What an init system hears of the terminal: a socket of the test's own in the place of systemd's.

use crate::common::{ALIPAY, Shop, Terminal, command, within};
use simulator::{Behaviour, Kind};
use std::path::PathBuf;
use tokio::net::UnixDatagram;

/// An init system.
struct Init {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Init {
    fn of(shop: &Shop) -> Init {
        let path = shop.folder().join("notify");
        Init { socket: UnixDatagram::bind(&path).expect("a socket"), path }
    }

    /// Starts the terminal as a service whose watchdog bites after this long, if ever.
    async fn start(&self, shop: &Shop, watchdog_usec: Option<u64>) -> Terminal {
        let mut command = command(&shop.args(&["run"]));
        command.env("NOTIFY_SOCKET", &self.path).env_remove("WATCHDOG_PID");
        match watchdog_usec {
            Some(usec) => command.env("WATCHDOG_USEC", usec.to_string()),
            None => command.env_remove("WATCHDOG_USEC"),
        };
        Terminal::run(command).await
    }

    async fn hears(&self) -> String {
        let mut buffer = [0; 1024];
        let length = within("the init system hears", self.socket.recv(&mut buffer)).await;
        let length = length.expect("received");
        String::from_utf8(buffer[..length].to_vec()).expect("UTF-8")
    }

    async fn hears_line(&self, line: &str) -> String {
        loop {
            let message = self.hears().await;
            if message.lines().any(|one| one == line) {
                return message;
            }
        }
    }
}

#[tokio::test]
async fn a_service_says_that_it_is_ready_alive_and_stopping() {
    let shop = Shop::open(Kind::SosopayJson).await;
    let init = Init::of(&shop);
    let terminal = init.start(&shop, Some(400_000)).await;
    assert_eq!(init.hears().await, "READY=1\nSTATUS=selling\nWATCHDOG=1");
    for _ in 0..4 {
        assert_eq!(init.hears().await, "WATCHDOG=1");
    }
    terminal.signal("TERM");
    let last = init.hears_line("STOPPING=1").await;
    assert_eq!(last, "STOPPING=1\nSTATUS=stopping");
    assert!(terminal.gone().await.success());
    let more = init.socket.try_recv(&mut [0; 16]);
    assert!(more.is_err(), "nothing is said after that");
}

/// Ready means that what a cut left open is taken up, not only that a window is there.
#[tokio::test]
async fn ready_comes_after_what_was_open_is_taken_up() {
    let shop = Shop::open(Kind::Shouqianba).await;
    shop.control().customer(ALIPAY, Behaviour::Password);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.screen("confirming").await;
    terminal.kill().await;
    let init = Init::of(&shop);
    let mut terminal = init.start(&shop, None).await;
    assert_eq!(init.hears().await, "READY=1\nSTATUS=selling; 1 unresolved");
    terminal.until("it is settled", |state| state["open"] == 0).await;
    assert_eq!(init.hears().await, "STATUS=selling", "and no sign of life that nobody asked for");
    assert!(terminal.stop().await.success());
    assert_eq!(init.hears().await, "STOPPING=1\nSTATUS=stopping");
}

/// An empty name is no socket, and a span without a socket is nobody's.
#[tokio::test]
async fn a_terminal_that_nobody_supervises_tells_nobody() {
    let shop = Shop::open(Kind::SosopayXml).await;
    let mut command = command(&shop.args(&["run"]));
    command.env("NOTIFY_SOCKET", "").env("WATCHDOG_USEC", "400000").env_remove("WATCHDOG_PID");
    let mut terminal = Terminal::run(command).await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
    let log = terminal.log();
    assert!(!log.contains("init system"), "{log}");
    shop.settled(Some(&terminal), &["paid"]).await;
}
