//! QEMU's machine protocol: one command, one answer, events in between.
//!
//! Source: QEMU, "QMP Protocol Specification" and the QAPI schema (`ui.json`, `qdev.json`).

use super::console::PATIENCE;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// A connection that QEMU made.
pub struct Qmp {
    lines: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    commands: OwnedWriteHalf,
    events: Vec<Value>,
}

impl Qmp {
    pub async fn new(stream: UnixStream) -> Qmp {
        let (read, commands) = stream.into_split();
        let lines = BufReader::new(read).lines();
        let mut qmp = Qmp { lines, commands, events: Vec::new() };
        let greeting = qmp.line().await;
        assert!(greeting["QMP"].is_object(), "{greeting}");
        qmp.ask("qmp_capabilities", json!({})).await;
        qmp
    }

    /// Carries out a command.
    pub async fn ask(&mut self, command: &str, arguments: Value) -> Value {
        let line = format!("{}\n", json!({ "execute": command, "arguments": arguments }));
        self.commands.write_all(line.as_bytes()).await.expect("QEMU lives");
        loop {
            let mut answer = self.line().await;
            if answer["event"].is_string() {
                self.events.push(answer);
                continue;
            }
            assert!(answer["error"].is_null(), "{line}{answer}");
            return answer["return"].take();
        }
    }

    /// Waits for an event, also one that came before.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            if let Some(at) = self.events.iter().position(|event| event["event"] == name) {
                return self.events.remove(at);
            }
            let line = self.line().await;
            self.events.push(line);
        }
    }

    async fn line(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.expect("QEMU answers").expect("QEMU lives").expect("QEMU lives");
        serde_json::from_str(&line).expect("JSON from QEMU")
    }

    /// A key goes down and up again. With `display`, on the keyboard of that display; without, on
    /// one that belongs to none.
    pub async fn key(&mut self, display: Option<&str>, code: &str, shift: bool) {
        let press = |code: &str, down: bool| json!({ "type": "key", "data": { "down": down, "key": { "type": "qcode", "data": code } } });
        let mut events = vec![press(code, true), press(code, false)];
        if shift {
            events.insert(0, press("shift", true));
            events.push(press("shift", false));
        }
        let mut arguments = json!({ "events": events });
        if let Some(display) = display {
            arguments["device"] = json!(display);
        }
        self.ask("input-send-event", arguments).await;
    }
}
