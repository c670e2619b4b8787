//! Reading the calls that are no payment's: flow recharge (JSON zh §9), batch query, channel list
//! and login (SDK §10 to §12).
//!
//! A recharge is a POST, signed over its body as every POST. The SDK documents neither URL nor
//! method for the others: batch query and channel list are taken as GET with their fields in the
//! query string, unsigned as a query is, or as a signed POST; a login is a POST, because a password
//! has no place in a URL, and is signed where it names a merchant.

use crate::{
    fault::Operation,
    gateway::{Gateway, Request},
    sosopay::{
        Call, Refused,
        office::{Batch, Login},
        recharge,
        request::Fields,
        sign,
    },
};

use super::{Read, check_sign, encrypted, registered};

pub(super) fn read_office(
    gateway: &Gateway,
    request: &Request,
    by_path: Option<&str>,
    read: &mut Read,
    now_ms: u64,
) -> Result<Call, Refused> {
    let by_get = request.method == "GET";
    let edition = read.format.edition;
    let named = by_path.or_else(|| request.parameter("busiCode")).filter(|id| !id.is_empty());
    let mut body = request.body.clone();
    if encrypted(request, edition)? {
        let id = named.ok_or_else(|| Refused::parameter("busiCode不可为空"))?;
        let (place, merchant) = registered(gateway, id)?;
        let cipher = gateway.settings.cipher_of(merchant);
        let cipher = cipher.map_err(|_| Refused::parameter("商户Key不能用于3DES"))?;
        read.format.encrypt_for = Some(place);
        if !by_get {
            body = cipher.open(&body).ok_or_else(|| Refused::parameter("报文解密失败"))?;
        }
    }
    let fields = if by_get {
        Fields::of_pairs(request.query.clone())
    } else {
        Fields::read(edition, read.operation, &body)?
    };
    read.order = fields.text("ChargeCode").unwrap_or_default().to_owned();
    let merchant = match (named.or_else(|| fields.text("busiCode")), read.operation) {
        (Some(id), _) => Some(registered(gateway, id)?.1),
        (None, Operation::Login) => None,
        (None, _) => return Err(Refused::parameter("busiCode不可为空")),
    };
    if let Some(merchant) = merchant.filter(|_| !by_get) {
        check_sign(gateway, request, merchant, &sign::without_blanks(&body), now_ms)?;
    }
    // SDK §10.2: _type may not be empty.
    if read.operation == Operation::BatchQuery
        && !matches!(request.parameter("_type"), Some("json" | "xml"))
    {
        return Err(Refused::parameter("_type应为json或xml"));
    }
    let id = merchant.map(|merchant| merchant.id.as_str());
    match (read.operation, id) {
        (Operation::Recharge, Some(id)) => recharge::read(&fields, id).map(Call::Recharge),
        (Operation::BatchQuery, Some(id)) => {
            Batch::read(&fields, id).map(|batch| Call::BatchQuery(Box::new(batch)))
        }
        (Operation::Login, id) => Login::read(&fields, id).map(Call::Login),
        (_, _) => Ok(Call::Channels),
    }
}
