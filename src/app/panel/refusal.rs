//! What is refused, and how the panel says so: a status and `{"error"}` that names what was
//! expected. What was sent is not repeated: it may be a customer's code (I17).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A request that is not served.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
}

impl Refusal {
    /// 400: the request says nothing that can be done.
    pub(super) fn bad(error: impl Into<String>) -> Refusal {
        Refusal { status: StatusCode::BAD_REQUEST, error: error.into() }
    }

    /// 401: the token is missing or wrong.
    pub(super) fn unauthorized() -> Refusal {
        let error = "expected the panel's token: open /?token=… once, or send Authorization: \
                     Bearer …";
        Refusal { status: StatusCode::UNAUTHORIZED, error: error.to_owned() }
    }

    /// 403: a page of another site asks through this browser.
    pub(super) fn foreign_host() -> Refusal {
        let error = "expected a Host of this machine, such as 127.0.0.1 or localhost; for others, \
                     set panel.token";
        Refusal { status: StatusCode::FORBIDDEN, error: error.to_owned() }
    }

    /// 404: there is no such thing.
    pub(super) fn not_found(error: String) -> Refusal {
        Refusal { status: StatusCode::NOT_FOUND, error }
    }

    /// 405: not that way.
    pub(super) fn wrong_method(error: String) -> Refusal {
        Refusal { status: StatusCode::METHOD_NOT_ALLOWED, error }
    }

    /// 408: the body does not come.
    pub(super) fn too_slow() -> Refusal {
        let error = "expected the whole body within seconds of its head";
        Refusal { status: StatusCode::REQUEST_TIMEOUT, error: error.to_owned() }
    }

    /// 409: the device cannot take it.
    pub(super) fn absent(error: &str) -> Refusal {
        Refusal { status: StatusCode::CONFLICT, error: error.to_owned() }
    }

    /// 413: the body is too large.
    pub(super) fn too_large() -> Refusal {
        let error = format!("expected a body of at most {} bytes", super::BODY_LEN_MAX);
        Refusal { status: StatusCode::PAYLOAD_TOO_LARGE, error }
    }

    /// 415: the body is not JSON.
    pub(super) fn not_json() -> Refusal {
        let error = "expected Content-Type: application/json";
        Refusal { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, error: error.to_owned() }
    }

    /// 500: our own fault.
    pub(super) fn ours(error: String) -> Refusal {
        Refusal { status: StatusCode::INTERNAL_SERVER_ERROR, error }
    }

    /// 503: later perhaps.
    pub(super) fn busy(error: &str) -> Refusal {
        Refusal { status: StatusCode::SERVICE_UNAVAILABLE, error: error.to_owned() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.error }))).into_response()
    }
}
