//! What every device has in common: a name to call it by, and how it is doing.

use std::fmt;

/// How a device is doing, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Health {
    /// Works.
    Ready,
    /// Being opened or set up; becomes one of the others by itself.
    Starting,
    /// Not plugged in, or gone; the driver keeps looking for it.
    Absent,
    /// There, but does not work; the detail says why.
    Failed,
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Health::Ready => "ready",
            Health::Starting => "starting",
            Health::Absent => "absent",
            Health::Failed => "failed",
        })
    }
}

/// A [`Health`] with the words that explain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthReport {
    /// How the device is doing.
    pub health: Health,
    /// What is known about it, for a person: the path, the fault, what to do. May be empty.
    pub detail: String,
}

impl HealthReport {
    /// A report of `health`, explained by `detail`.
    pub fn new(health: Health, detail: impl Into<String>) -> Self {
        Self { health, detail: detail.into() }
    }

    /// [`Health::Ready`] with nothing to add.
    pub fn ready() -> Self {
        Self::new(Health::Ready, "")
    }

    /// Whether the device works.
    pub fn is_ready(&self) -> bool {
        self.health == Health::Ready
    }
}

impl fmt::Display for HealthReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.detail.is_empty() {
            write!(f, "{}", self.health)
        } else {
            write!(f, "{}: {}", self.health, self.detail)
        }
    }
}

/// What every device can say about itself.
pub trait Device: Send {
    /// The name this device goes by in the log and in a probe's answer.
    fn name(&self) -> &str;

    /// How it is doing now. Cheap, touches no hardware, and never blocks.
    fn health(&self) -> HealthReport;
}
