//! A demo inside the test: the terminal, its gateway and its panel on free ports.

use crate::client::NEVER;
use cashier::app::demo::{self, DemoError, Options};
use simulator::Kind;
use std::net::SocketAddr;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running demo.
pub struct Demo {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), DemoError>>,
}

/// A demo on a free port.
pub fn options(gateway: Kind) -> Options {
    Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        gateway,
        size: hal::Geometry::new(480, 800).unwrap(),
        data: None,
    }
}

impl Demo {
    pub async fn start(options: Options) -> Demo {
        let (page, pages) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::task::spawn_local(demo::run_with(
            options,
            |url| page.send(url.to_owned()).unwrap(),
            async { drop(stopped.await) },
        ));
        let page = tokio::time::timeout(NEVER, pages).await.unwrap().unwrap();
        let address = page.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        Demo { address, stop, ended }
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(NEVER, self.ended).await.unwrap().unwrap().unwrap();
    }
}
