//! The virtual display as a PNG, encoded once for each picture that somebody asks for.

use super::Panelled;
use super::refusal::Refusal;
use axum::body::Bytes;
use axum::extract::State as Has;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hal::Frame;
use hal::mock::DisplayHandle;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The display, and the last picture that was made of it.
#[derive(Debug)]
pub(super) struct Picture {
    display: DisplayHandle,
    last: Mutex<Option<(u64, Bytes)>>,
    /// Tells this run's versions from those of an earlier one.
    run: u128,
}

impl Picture {
    pub(super) fn new(display: DisplayHandle) -> Picture {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Picture { display, last: Mutex::new(None), run: since.as_nanos() }
    }

    fn tag(&self, version: u64) -> String {
        format!("\"{:x}-{version}\"", self.run)
    }

    /// The picture of now and its version.
    fn png(&self) -> Result<(u64, Bytes), png::EncodingError> {
        // Read before the frame: a frame newer than its version is only encoded once more.
        let version = self.display.version();
        // A panic while it was held left an older picture at worst.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, png)) if *known == version => Ok((version, png.clone())),
            Some(_) | None => {
                let png = Bytes::from(encode(&self.display.frame())?);
                *last = Some((version, png.clone()));
                Ok((version, png))
            }
        }
    }
}

/// `GET /screen.png`. Never kept by the browser; the ETag spares a reload of the same picture.
pub(super) async fn screen(Has(shared): Panelled, headers: HeaderMap) -> Result<Response, Refusal> {
    let picture = &shared.picture;
    let (version, png) = picture
        .png()
        .map_err(|error| Refusal::ours(format!("the screen cannot be encoded: {error}")))?;
    let tag = picture.tag(version);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let about = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "no-store".to_owned())];
    if known == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, [(header::CONTENT_TYPE, "image/png")], png).into_response())
}

fn encode(frame: &Frame) -> Result<Vec<u8>, png::EncodingError> {
    let size = frame.geometry();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width(), size.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // The payment's thread encodes: quickly rather than small.
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(frame.as_bytes())?;
    writer.finish()?;
    Ok(bytes)
}
