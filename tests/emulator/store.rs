//! The shop around the device: the simulated gateway on this host, the configuration that leads the
//! device to it, and the books of both.

use super::common::{Options, Shop, write_private};
use super::console::PATIENCE;
use super::device::{Bench, Device, root};
use super::disk::Disk;
use serde_json::Value;
use simulator::{Control, Kind, OrderView, State};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A shop with a device.
pub struct Store {
    pub shop: Shop,
    pub bench: Bench,
}

impl Store {
    /// A new shop, with a new disk.
    pub async fn open(name: &str) -> Store {
        Store::with(name, &devices()).await
    }

    /// One whose screen is driven by DRM, as on kernels without framebuffer devices.
    pub async fn with_drm(name: &str) -> Store {
        let devices = devices();
        let fbdev = "driver = \"fbdev\"\npath = \"/dev/fb0\"";
        assert!(devices.contains(fbdev), "{devices}");
        let drm = "driver = \"drm\"\npath = \"/dev/dri/card0\"";
        Store::with(name, &devices.replace(fbdev, drm)).await
    }

    async fn with(name: &str, devices: &str) -> Store {
        let shop = Shop::with(Options::of(Kind::Shouqianba)).await;
        let folder = target().join("emulator").join(name);
        // What an earlier run left.
        let _ = std::fs::remove_dir_all(&folder);
        let config = folder.join("etc");
        std::fs::create_dir_all(&config).expect("a folder");
        let gateway = shop.simulator();
        let text = format!(
            "[merchant]\nname = \"{MERCHANT}\"\nstore = \"02016\"\n\n[gateway]\nkind = \"{}\"\n\
             base_url = \"{}\"\nterminal_sn = \"{}\"\nkey_file = \"key\"\nallow_plaintext = true\n\n\
             {devices}",
            shop.kind,
            gateway.base_url().replace("127.0.0.1", "10.0.2.2"),
            simulator::Settings::demo(shop.kind).merchants[0].id,
        );
        std::fs::write(config.join("cashier.toml"), text).expect("a configuration");
        write_private(&config.join("key"), &format!("{}\n", shop.key()));
        let firmware = firmware().to_owned();
        Store { shop, bench: Bench { folder, config, firmware, steady: false } }
    }

    pub fn control(&self) -> Control {
        self.shop.control()
    }

    /// Waits until the order of that place in the gateway's books is in this state.
    pub async fn ordered(&self, device: &mut Device, place: usize, state: State) -> OrderView {
        let control = self.control();
        let mut changes = control.subscribe();
        let wait = async {
            loop {
                let orders = control.orders();
                if let Some(order) = orders.get(place).filter(|order| order.state == state) {
                    return order.clone();
                }
                changes.changed().await.expect("the simulator lives");
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(order) => order,
            Err(_) => {
                let orders = control.orders();
                device.fail(&format!("order {place} never was {state:?}: {orders:#?}")).await
            }
        }
    }

    /// The customer's code, which must be found nowhere afterwards (I17).
    pub fn code(&self, code: &str) -> String {
        self.shop.codes.lock().unwrap().push(code.to_owned());
        code.to_owned()
    }

    /// The device is off: its journal is sound and says this, newest first, and nothing that the
    /// gateway's books do not say too (I3, I4, I8, I9).
    pub async fn settled(&self, disk: &Disk, log: String, outcomes: &[&str]) {
        self.shop.said.lock().unwrap().push(log);
        self.take_journal(disk);
        self.shop.settled(None, outcomes).await;
    }

    /// Wherever between two flushes the power had been cut in the boot of this disk, its journal is
    /// sound, and holds each order that an earlier cut had left in it (I9, I11). Returns how many
    /// cuts there were, and the orders that the last one left.
    pub async fn survives_each_cut(&self, disk: &Disk) -> (usize, Vec<String>) {
        let (mut cuts, mut known) = (0, Vec::new());
        for left in disk.each_cut() {
            cuts += 1;
            if !left.has("journal.db") {
                assert!(known.is_empty(), "cut {cuts} left no journal, an earlier one did");
                continue;
            }
            self.take_journal(&left);
            let verified = self.shop.run(&["journal", "verify"]).await;
            assert_eq!(verified.exits(0).json()["sound"], true, "cut {cuts}: {verified:?}");
            let listed = self.shop.listed().await;
            let order = |it: &Value| it["order"].as_str().expect("a number").to_owned();
            let orders: Vec<String> = listed.iter().map(order).collect();
            assert!(known.iter().all(|it| orders.contains(it)), "cut {cuts}: {known:?} {orders:?}");
            known = orders;
        }
        (cuts, known)
    }

    /// Puts the disk's journal in the place of the shop's.
    fn take_journal(&self, disk: &Disk) {
        for suffix in ["", "-wal", "-shm", ".lock"] {
            let mut to = self.shop.journal().into_os_string();
            to.push(suffix);
            // The one of before, if there was one.
            let _ = std::fs::remove_file(&to);
            let name = format!("journal.db{suffix}");
            // The others are made anew from these two.
            if matches!(suffix, "" | "-wal") && disk.has(&name) {
                disk.copy_out(&name, Path::new(&to));
            }
        }
    }
}

/// What the shop is called, on the screen too.
pub const MERCHANT: &str = "达美乐披萨";

/// The devices of the emulated terminal, as `run.sh` configures them.
fn devices() -> String {
    let path = root().join("deploy/emulator/guest/devices.toml");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The armv7 binary: the one that `CASHIER_ARM_FIRMWARE` names, or what is built now.
fn firmware() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let Some(named) = std::env::var_os("CASHIER_ARM_FIRMWARE") {
            return PathBuf::from(named);
        }
        let built = Command::new(root().join("deploy/arm/build.sh")).arg("armv7").output();
        let built = built.expect("bash runs");
        let log = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "the firmware for ARM was not built:\n{log}");
        PathBuf::from(String::from_utf8_lossy(&built.stdout).trim())
    })
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder")
}
