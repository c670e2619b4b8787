//! The merchant's or terminal's key: from a file that nobody else can read (I17).

use super::error::{ConfigError, Place};
use super::file::GatewayFile;
use crate::app::key_files::{KEY_LEN_MAX, terminal_sn_file};
use crate::secret::Secret;
use rustix::fs::OFlags;
use std::fs::File;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use zeroize::Zeroizing;

pub(super) fn read(
    place: &Place<'_>,
    base: &Path,
    from: &GatewayFile,
) -> Result<Secret, ConfigError> {
    match (&from.key_file, &from.key) {
        (Some(_), Some(_)) => {
            Err(place.key("gateway.key", "beside gateway.key_file: only one of them can be right"))
        }
        (None, Some(key)) if key.is_empty() => Err(place.key("gateway.key", "is empty")),
        (None, Some(key)) => Ok(Secret::new(key.clone())),
        (Some(file), None) => read_file(place, &base.join(file)),
        (None, None) => {
            Err(place.key("gateway.key_file", "is missing: the file that holds the key"))
        }
    }
}

/// The terminal's number: the configuration's, or else the one that the activation kept.
pub(super) fn terminal_sn(
    place: &Place<'_>,
    base: &Path,
    from: &GatewayFile,
) -> Result<Option<String>, ConfigError> {
    let (None, Some(file)) = (&from.terminal_sn, &from.key_file) else {
        return Ok(from.terminal_sn.clone());
    };
    let path = terminal_sn_file(&base.join(file));
    match super::read_bounded(&path, KEY_LEN_MAX) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim_end().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let problem = format!("cannot read {}: {error}", path.display());
            Err(place.key("gateway.terminal_sn", &problem))
        }
    }
}

fn read_file(place: &Place<'_>, path: &Path) -> Result<Secret, ConfigError> {
    let fail = |problem: String| place.key("gateway.key_file", &problem);
    let cannot = |error: std::io::Error| fail(format!("cannot read {}: {error}", path.display()));
    // Opening a pipe would wait for whoever writes into it.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path).map_err(cannot)?;
    let about = file.metadata().map_err(cannot)?;
    if !about.is_file() || about.len() > KEY_LEN_MAX {
        return Err(fail(format!("{} is no key file", path.display())));
    }
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(fail(format!(
            "others can read {} (mode {mode:03o}); run: chmod 600 {}",
            path.display(),
            path.display()
        )));
    }
    let text = Zeroizing::new(std::io::read_to_string(file).map_err(cannot)?);
    let key = text.trim_end_matches(['\r', '\n']);
    if key.is_empty() {
        return Err(fail(format!("{} is empty", path.display())));
    }
    Ok(Secret::new(key.to_owned()))
}
