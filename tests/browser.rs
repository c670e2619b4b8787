//! The page in a real browser: headless Chromium, driven through ChromeDriver as a visitor would.
//!
//! Runs where `chromium` and `chromedriver` are installed (Debian: `chromium`, `chromium-driver`)
//! or `CASHIER_CHROMIUM` and `CASHIER_CHROMEDRIVER` name them; elsewhere it says loudly that it
//! was skipped. With `UPDATE_PICTURES=1` it keeps a picture of the page as `docs/demo.png`.
#![cfg(feature = "demo")]

#[expect(dead_code, reason = "the panel's own tests use the rest")]
#[path = "panel/client.rs"]
mod client;
#[path = "panel/demo.rs"]
mod demo;
#[path = "browser/page.rs"]
mod page;
#[path = "browser/webdriver.rs"]
mod webdriver;
