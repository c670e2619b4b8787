//! Upay v2's answers.
#![no_main]

use cashier::gateway::{Gateway, Kind};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static GATEWAY: LazyLock<Gateway> = LazyLock::new(|| cashier_fuzz::gateway(Kind::Shouqianba));

fuzz_target!(|body: &[u8]| cashier_fuzz::decode_everything(&GATEWAY, body));
