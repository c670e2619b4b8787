//! The stage of the whole-program tests: a shop with a simulated gateway, a terminal in a process
//! of its own, and the hands, eyes and books of the people around it.
//!
//! Everything goes the ways that a person, a script or a browser has: the command line, the panel's
//! HTTP, signals. Nothing here sleeps; each wait is for a change of state, with a guard that only a
//! failing test reaches.

#![allow(dead_code, unused_imports, reason = "each test program uses its part")]

mod books;
mod command;
mod gate;
mod screen;
mod shop;
mod terminal;
mod wire;

pub use command::{Ran, command};
pub use gate::{Call, Gate, Step};
pub use screen::well;
pub use shop::{Options, Shop, write_private};
pub use terminal::Terminal;
pub use wire::{Reply, ask};

use std::future::Future;
use std::time::Duration;

/// Longer than anything here takes; only a failing test waits for it.
pub const GUARD: Duration = Duration::from_secs(40);

/// A customer's Alipay code.
pub const ALIPAY: &str = "284214903060794755";
/// A customer's WeChat code.
pub const WECHAT: &str = "130730865806264036";

/// Waits, but not for ever.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(GUARD, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {GUARD:?} in vain: {what}"),
    }
}

/// One test for each gateway, of each story named.
#[allow(unused_macros, reason = "each test program uses its part")]
macro_rules! for_each_gateway {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            use simulator::Kind;

            #[tokio::test]
            async fn shouqianba() {
                super::$story(Kind::Shouqianba).await;
            }

            #[tokio::test]
            async fn sosopay_json() {
                super::$story(Kind::SosopayJson).await;
            }

            #[tokio::test]
            async fn sosopay_xml() {
                super::$story(Kind::SosopayXml).await;
            }
        }
    )+};
}
pub(crate) use for_each_gateway;
