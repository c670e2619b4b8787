//! What the ways to pay an order add to its fields: TRADE_TYPE and subOpenid (JSON zh table 4.2),
//! the buyer's Alipay account (en table 5.3), the scene of a mobile page (en table 6.2); and the
//! optional parameters that all of them share.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value as Json;

use crate::customer::Wallet;

use super::{Edition, Fields, Refused, Way, wallet_of_channel};

/// The three shapes of SCENE_INFO's `h5_info`: its `type`, and the fields that go with it.
const SCENES: [(&str, [&str; 2]); 3] = [
    ("IOS", ["app_name", "bundle_id"]),
    ("Android", ["app_name", "package_name"]),
    ("Wap", ["wap_url", "wap_name"]),
];

impl Fields {
    /// Whether an `order` is an official account's.
    pub fn is_jsapi(&self, edition: Edition) -> bool {
        edition == Edition::Json && self.text("TRADE_TYPE") == Some("JSAPI")
    }

    /// TIME_EXPIRE, seconds: at least 120 (JSON zh table 2.3), of a wapOrder 300 (en table 6.2).
    pub(super) fn expire_s(&self, way: Way) -> Result<Option<u64>, Refused> {
        let least = match way {
            Way::Scanned | Way::Native | Way::Jsapi | Way::AlipayAccount => 120,
            Way::Wap => 300,
        };
        let Some(text) = self.text("TIME_EXPIRE") else { return Ok(None) };
        match text.parse::<u32>() {
            Ok(seconds) if seconds >= least => Ok(Some(u64::from(seconds))),
            Ok(_) | Err(_) => Err(Refused::parameter(format!("TIME_EXPIRE不小于{least}"))),
        }
    }

    /// The wallet of an order that is not scanned by the merchant.
    pub(super) fn wallet_of_way(&self, way: Way, channel: &str) -> Result<Wallet, Refused> {
        let wallet = wallet_of_channel(channel)?;
        match (way, wallet) {
            (Way::Jsapi, Wallet::Wechat) => Ok(wallet),
            (Way::Jsapi, _) => Err(Refused::parameter("TRADE_TYPE=JSAPI只适用于微信渠道")),
            // en §5.3's sample says 2 (WeChat) of an Alipay order; the account decides.
            (Way::AlipayAccount, Wallet::Alipay | Wallet::Wechat) => Ok(Wallet::Alipay),
            (Way::AlipayAccount, _) => Err(Refused::parameter("creatOrder只适用于支付宝渠道")),
            (Way::Scanned | Way::Native | Way::Wap, wallet) => Ok(wallet),
        }
    }

    /// What this way requires beside the fields of every order.
    pub(super) fn check_way(&self, way: Way) -> Result<(), Refused> {
        match (way, self.text("TRADE_TYPE")) {
            (Way::Scanned, Some("JSAPI" | "APP")) => {
                return Err(Refused::parameter("被扫支付的TRADE_TYPE无效"));
            }
            // Named by table 4.2, but no document says what is answered.
            (_, Some("APP")) => {
                return Err(Refused::parameter("TRADE_TYPE=APP: 该商户未开通APP支付"));
            }
            (_, None | Some("NATIVE" | "JSAPI")) => {}
            (_, Some(_)) => return Err(Refused::parameter("TRADE_TYPE无效")),
        }
        match way {
            Way::Scanned | Way::Native => Ok(()),
            Way::Jsapi => self.required("subOpenid").map(|_| ()),
            Way::AlipayAccount => self.check_buyer(),
            Way::Wap => self.check_wap(),
        }
    }

    /// en table 5.3: one of the two; buyerId starts with 2088 and has 16 digits.
    fn check_buyer(&self) -> Result<(), Refused> {
        match (self.text("buyerLogonId"), self.text("buyerId")) {
            (None, None) => Err(Refused::parameter("buyerLogonId与buyerId不能同时为空")),
            (_, Some(id)) => {
                let digits = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_digit());
                if digits && id.starts_with("2088") {
                    Ok(())
                } else {
                    Err(Refused::parameter("buyerId应为2088开头的16位数字"))
                }
            }
            (Some(_), None) => Ok(()),
        }
    }

    /// en table 6.2. RETURN_URL is "NoYes" there; it may be missing.
    fn check_wap(&self) -> Result<(), Refused> {
        if self.required("SPBILL_CREATE_IP")?.parse::<IpAddr>().is_err() {
            return Err(Refused::parameter("SPBILL_CREATE_IP不是IP地址"));
        }
        let web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        if self.text("RETURN_URL").is_some_and(|url| !web(url)) {
            return Err(Refused::parameter("RETURN_URL不是网址"));
        }
        check_scene(self.required("SCENE_INFO")?)
    }

    /// MERCHANTPARA is BASE64, a verification code is one (JSON zh table 2.3: 当前支持单核销码).
    pub(super) fn check_parameters(&self) -> Result<(), Refused> {
        if self.text("MERCHANTPARA").is_some_and(|text| STANDARD.decode(text).is_err()) {
            return Err(Refused::parameter("MERCHANTPARA应采用base64编码"));
        }
        if self.text("verifyCodes").is_some_and(|codes| codes.contains([',', ';', '|', ' '])) {
            return Err(Refused::parameter("verifyCodes当前支持单核销码"));
        }
        Ok(())
    }
}

fn check_scene(text: &str) -> Result<(), Refused> {
    let wrong = |why: &str| Refused::parameter(format!("SCENE_INFO无效: {why}"));
    let scene: Json = serde_json::from_str(text).map_err(|_| wrong("不是JSON"))?;
    let info =
        scene.get("h5_info").and_then(Json::as_object).ok_or_else(|| wrong("缺少h5_info"))?;
    let field = |name: &str| info.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    let kind = field("type").ok_or_else(|| wrong("缺少type"))?;
    let known = SCENES.iter().find(|(scene, _)| *scene == kind);
    let (_, names) = known.ok_or_else(|| wrong("type应为IOS, Android或Wap"))?;
    match names.iter().find(|name| field(name).is_none()) {
        Some(name) => Err(wrong(&format!("缺少{name}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_scenes_of_the_document_are_scenes_and_others_are_not() {
        for scene in [
            r#"{"h5_info": {"type":"IOS","app_name":"King of God","bundle_id":"com.wzryIOS"}}"#,
            r#"{"h5_info": {"type":"Android","app_name":"King","package_name":"com.sgame"}}"#,
            r#"{"h5_info": {"type":"Wap","wap_url":"https://pay.qq.com","wap_name":"Top up"}}"#,
        ] {
            assert!(check_scene(scene).is_ok(), "{scene}");
        }
        for odd in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"h5_info":"Wap"}"#,
            r#"{"h5_info":{"wap_url":"u","wap_name":"n"}}"#,
            r#"{"h5_info":{"type":"Wap","wap_url":"u"}}"#,
            r#"{"h5_info":{"type":"Wap","wap_url":"u","wap_name":""}}"#,
            r#"{"h5_info":{"type":"IOS","app_name":"a","package_name":"p"}}"#,
            r#"{"h5_info":{"type":"Kiosk","wap_url":"u","wap_name":"n"}}"#,
        ] {
            assert_eq!(check_scene(odd).unwrap_err().code, "ILLEGAL_PARAMETER", "{odd}");
        }
    }
}
