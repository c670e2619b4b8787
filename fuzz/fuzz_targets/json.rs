//! SOSOPAY JSON's answers, in JSON or XML.
#![no_main]

use cashier::gateway::{Gateway, Kind};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static GATEWAY: LazyLock<Gateway> = LazyLock::new(|| cashier_fuzz::gateway(Kind::SosopayJson));

fuzz_target!(|body: &[u8]| cashier_fuzz::decode_everything(&GATEWAY, body));
