//! A command that is still running, and can be killed.

use crate::common::{Ran, Shop, command, within};
use std::process::{Child, Stdio};

/// `cashier sale` or another command, under way.
pub struct Running {
    args: Vec<String>,
    child: Option<Child>,
}

impl Running {
    pub fn start(shop: &Shop, args: &[&str]) -> Running {
        let args = shop.args(&[args, &["--json"]].concat());
        let mut command = command(&args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program starts");
        Running { args, child: Some(child) }
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.as_ref().expect("a child").id().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ends it as a power cut would, and returns what it had said.
    pub async fn kill(self, shop: &Shop) -> Ran {
        self.signal("KILL");
        let ran = self.ended(shop).await;
        assert_eq!(ran.status, -1, "killed: {ran:#?}");
        ran
    }

    /// Waits until it ends.
    pub async fn ended(mut self, shop: &Shop) -> Ran {
        let child = self.child.take().expect("a child");
        let waited = tokio::task::spawn_blocking(move || child.wait_with_output());
        let output = within("the command ends", waited).await.expect("waited").expect("output");
        let ran = Ran::new(self.args.clone(), &output);
        shop.keep(&ran);
        ran
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Gone already, perhaps.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
