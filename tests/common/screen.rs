//! What is to be seen: the picture of the screen against what the `ui` crate draws.

use super::terminal::Terminal;
use super::{GUARD, within};
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};
use ui::{Body, Light, Locale, Painter, Screen, StatusBar, Theme, Warning};

/// The status bar of a terminal that is well, over plain HTTP as the tests are.
pub fn well() -> StatusBar {
    StatusBar {
        network: Light::Good,
        scanner: Light::Good,
        printer: Light::Good,
        open: 0,
        clock: None,
        warning: Some(Warning::Plaintext),
        trouble: None,
    }
}

impl Terminal {
    /// Waits until the screen's picture is exactly this. The clock in it is of now.
    pub async fn shows(
        &mut self,
        locale: Locale,
        status: &StatusBar,
        body: impl Fn(&Value) -> Body,
    ) {
        let seen = async {
            loop {
                let before = self.state().await;
                let (_, picture) = self.picture().await;
                let minute = |back| paint(locale, status, body(&before), back);
                if [0, 1].into_iter().any(|back| minute(back) == picture) {
                    return;
                }
            }
        };
        if tokio::time::timeout(GUARD, seen).await.is_err() {
            let what = format!("{status:?} {:?}", body(&Value::Null));
            panic!("never seen: {what}; {}\n{}", self.state().await, self.log());
        }
    }

    /// Waits for the network's light to tell whether the gateway is reached.
    pub async fn online(&mut self, online: bool) {
        let what = format!("online: {online}");
        within(&what, self.until(&what, |state| state["online"] == online)).await;
    }
}

fn paint(locale: Locale, status: &StatusBar, body: Body, minutes_ago: u64) -> Vec<u8> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    let minutes = (since.as_secs() / 60 + 8 * 60 - minutes_ago) % (24 * 60);
    let clock = Some(format!("{:02}:{:02}", minutes / 60, minutes % 60));
    let screen = Screen { status: StatusBar { clock, ..status.clone() }, body };
    let size = hal::Geometry::new(480, 800).expect("a size");
    let mut frame = hal::Frame::new(size);
    let pixels = embedded_graphics::geometry::Size::new(480, 800);
    let Ok(_) = Painter::new(pixels, locale, Theme::default()).paint(&screen, &mut frame);
    frame.as_bytes().chunks(3).map(super::terminal::grey).collect()
}
