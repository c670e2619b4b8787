//! Wallets and other channels that money comes through.

/// The channel of a payment, in the words of `contract.md` ("channel").
///
/// SOSOPAY: JSON zh appendix 2 and SDK (`CHANNEL_TYPE`); Upay v2: §4-6 (`payway`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// 支付宝.
    Alipay,
    /// 微信.
    Wechat,
    /// 银联.
    UnionPay,
    /// 百度钱包 (百付宝).
    Baidu,
    /// 翼支付.
    BestPay,
    /// QQ 钱包.
    Qq,
    /// 京东.
    Jd,
    /// A bank's own wallet or gateway.
    Bank,
    /// A value that no dictionary has, kept as it came; empty when nothing was said.
    Unknown(String),
}

impl Channel {
    /// The channels that can be asked for by name.
    pub const NAMED: [Channel; 8] = [
        Channel::Alipay,
        Channel::Wechat,
        Channel::UnionPay,
        Channel::Baidu,
        Channel::BestPay,
        Channel::Qq,
        Channel::Jd,
        Channel::Bank,
    ];

    /// The channel's name in configuration, on the command line and in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Channel::Alipay => "alipay",
            Channel::Wechat => "wechat",
            Channel::UnionPay => "unionpay",
            Channel::Baidu => "baidu",
            Channel::BestPay => "bestpay",
            Channel::Qq => "qq",
            Channel::Jd => "jd",
            Channel::Bank => "bank",
            Channel::Unknown(_) => "unknown",
        }
    }

    /// The channel of a [`Channel::name`], but for "unknown".
    pub fn parse(name: &str) -> Option<Channel> {
        Channel::NAMED.into_iter().find(|channel| channel.name() == name)
    }
}
