//! The SDK edition's operations without a documented URL: batch query, channel list, login.
//!
//! SDK §10 to §12. Fields and answers are documented, roots and sub-nodes are not (the samples were
//! pictures): BATCH_QUERY_RESP and CHANNEL_RESP are named as the documented roots are, `tradeInfos`
//! holds what a query tells, a PAY_CHANNEL has CHANNEL_TYPE and CHANNEL_NAME. A login's answer is a
//! plain object (README).

use crate::{
    clock::{beijing_date, beijing_time},
    fault::Operation,
    gateway::Gateway,
    ledger::Order,
    settings::Operator,
    value::Value,
};

use super::{
    Format, Refused,
    answer::{channel_of, enclosed, query_fields, result, state},
    request::Fields,
};

/// Orders of one page at most; nothing larger is documented than the sample's 10.
const MAX_PAGE: usize = 1_000;

/// A batch query's filters (SDK §10.2).
#[derive(Debug)]
pub(crate) struct Batch {
    merchant: String,
    state: Option<i64>,
    /// `YYYYMMDD`.
    begin: Option<String>,
    end: Option<String>,
    operator: Option<String>,
    channel: Option<i64>,
    number: Option<String>,
    page: usize,
    page_size: usize,
}

/// A login (SDK table 9.1).
#[derive(Debug)]
pub(crate) struct Login {
    username: String,
    password: String,
    merchant: Option<String>,
}

fn whole<T: std::str::FromStr>(fields: &Fields, name: &str) -> Result<Option<T>, Refused> {
    match fields.text(name) {
        None => Ok(None),
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            let number = text.parse().map_err(|_| Refused::parameter(format!("{name}过大")))?;
            Ok(Some(number))
        }
        Some(_) => Err(Refused::parameter(format!("{name}应为整数"))),
    }
}

/// `YYYY-MM-DD` as `YYYYMMDD`.
fn date(fields: &Fields, name: &str) -> Result<Option<String>, Refused> {
    let Some(text) = fields.text(name) else { return Ok(None) };
    let wrong = || Refused::parameter(format!("{name}格式应为YYYY-MM-DD"));
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return Err(wrong()) };
    let digits = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let within = |part: &str, most: u8| part.parse().is_ok_and(|n: u8| (1..=most).contains(&n));
    if digits(year, 4) && digits(month, 2) && digits(day, 2) && within(month, 12) && within(day, 31)
    {
        Ok(Some(format!("{year}{month}{day}")))
    } else {
        Err(wrong())
    }
}

impl Batch {
    pub fn read(fields: &Fields, merchant: &str) -> Result<Self, Refused> {
        let at_least_one = |name: &str| -> Result<usize, Refused> {
            let number: Option<usize> = whole(fields, name)?;
            number
                .filter(|number| *number > 0)
                .ok_or_else(|| Refused::parameter(format!("{name}不可为空, 从1开始")))
        };
        let batch = Self {
            merchant: merchant.to_owned(),
            state: whole(fields, "state")?,
            begin: date(fields, "beginDate")?,
            end: date(fields, "endDate")?,
            operator: fields.text("userId").map(str::to_owned),
            channel: whole(fields, "ChannelType")?,
            number: fields.text("ChargeCode").map(str::to_owned),
            page: at_least_one("PageNum")?,
            page_size: at_least_one("pageSize")?,
        };
        if batch.page_size > MAX_PAGE {
            return Err(Refused::parameter(format!("pageSize不大于{MAX_PAGE}")));
        }
        match (&batch.begin, &batch.end) {
            (Some(begin), Some(end)) if begin > end => {
                Err(Refused::parameter("beginDate晚于endDate"))
            }
            _ => Ok(batch),
        }
    }
}

/// The orders of a merchant that the filters let through, oldest first, a page of them.
/// `chargesSize` counts those of the page ("Returned Order quantity").
pub(super) fn batch(gateway: &mut Gateway, format: Format, batch: &Batch, now_ms: u64) -> Value {
    let asked = |wanted: &Option<String>, given: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| given == Some(wanted))
    };
    let start_wall_ms = gateway.wall_ms(0);
    let day_of = |at_ms: u64| {
        beijing_date(start_wall_ms.saturating_add(i64::try_from(at_ms).unwrap_or(i64::MAX)))
    };
    let matching = gateway.ledger.all(now_ms).iter().filter(|order| {
        let day = day_of(order.created_at_ms);
        order.merchant == batch.merchant
            && batch.begin.as_ref().is_none_or(|begin| *begin <= day)
            && batch.end.as_ref().is_none_or(|end| day <= *end)
            && batch.state.is_none_or(|wanted| state(order) == wanted)
            && batch.channel.is_none_or(|wanted| channel_of(order) == wanted)
            && asked(&batch.operator, order.details.get("OPER_ID"))
            && asked(&batch.number, Some(&order.merchant_no))
    });
    let skipped = (batch.page - 1).saturating_mul(batch.page_size);
    let page: Vec<Order> = matching.skip(skipped).take(batch.page_size).cloned().collect();
    let info = |order: &Order| {
        let fields = query_fields(gateway, format, order);
        Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let infos: Vec<Value> = page.iter().map(info).collect();
    let count = i64::try_from(infos.len()).unwrap_or(i64::MAX);
    let fields = vec![
        result("SUCCESS", "查询成功"),
        ("chargesSize", Value::number(count)),
        ("tradeInfos", Value::List(infos)),
    ];
    enclosed(Operation::BatchQuery, fields)
}

/// The channels the merchant has a contract for.
pub(super) fn channels(gateway: &Gateway) -> Value {
    let nodes = gateway.settings.channels.iter().map(|channel| {
        Value::object([
            ("CHANNEL_TYPE", Value::number(i64::from(*channel))),
            ("CHANNEL_NAME", Value::text(channel_name(*channel))),
        ])
    });
    let list = Value::object([("PAY_CHANNEL", Value::List(nodes.collect()))]);
    let fields = vec![result("SUCCESS", "查询成功"), ("PAY_CHANNEL_LIST", list)];
    enclosed(Operation::Channels, fields)
}

/// JSON zh appendix 2; the rest by number.
fn channel_name(channel: u8) -> String {
    match channel {
        1 => "支付宝",
        2 => "微信",
        3 => "招商银行",
        5 => "中国建设银行",
        9 => "农行银行",
        10 => "浦发银行",
        24 => "百度钱包",
        27 => "电信翼支付",
        31 => "QQ钱包",
        32 => "银联卡支付",
        34 => "支付宝手机网页支付",
        other => return format!("渠道{other}"),
    }
    .to_owned()
}

impl Login {
    pub fn read(fields: &Fields, merchant: Option<&str>) -> Result<Self, Refused> {
        Ok(Self {
            username: fields.required("username")?.to_owned(),
            password: fields.required("password")?.to_owned(),
            merchant: merchant.map(str::to_owned),
        })
    }
}

/// A failed login, and every other refusal of one: `success` and `message` alone.
pub(super) fn login_failed(message: &str) -> Value {
    Value::object([("success", Value::text("false")), ("message", Value::text(message))])
}

/// SDK table 9.2. A disabled or deleted operator, and a merchant that may not trade, are told by
/// their flags: the account and password are right.
pub(super) fn login(gateway: &Gateway, login: &Login, now_ms: u64) -> Value {
    let operators = &gateway.settings.operators;
    let known = operators.iter().enumerate().find(|(_, operator)| {
        operator.login_name == login.username && operator.password == login.password
    });
    let Some((place, operator)) = known else { return login_failed("账号/密码错误") };
    let first = gateway.settings.merchants.first().map(|merchant| merchant.id.as_str());
    let code = login.merchant.as_deref().or(first).unwrap_or_default();
    Value::object([
        ("success", Value::text("true")),
        ("message", Value::text("")),
        ("user", user(gateway, operator, place, now_ms)),
        ("company", company(gateway, code)),
    ])
}

fn user(gateway: &Gateway, operator: &Operator, place: usize, now_ms: u64) -> Value {
    Value::object([
        ("id", Value::text((place + 1).to_string())),
        ("companyId", Value::text("1")),
        ("loginName", Value::text(operator.login_name.clone())),
        ("name", Value::text(operator.name.clone())),
        ("userType", flag(operator.may_refund, "2", "1")),
        ("loginDate", Value::text(beijing_time(gateway.wall_ms(now_ms)))),
        ("loginFlag", flag(operator.enabled, "1", "0")),
        ("delFlag", flag(operator.deleted, "1", "0")),
        ("IMEI", Value::text("")),
        ("teType", Value::text("1")),
        ("appVer", Value::text("1.0")),
        ("loginStatus", Value::text("1")),
    ])
}

fn company(gateway: &Gateway, code: &str) -> Value {
    let company = &gateway.settings.company;
    Value::object([
        ("id", Value::text("1")),
        ("name", Value::text(company.name.clone())),
        ("code", Value::text(code)),
        ("useable", Value::text(company.useable.to_string())),
        ("delFlag", flag(company.deleted, "1", "0")),
        ("amountLimit", Value::text(company.amount_limit.clone())),
        ("refundAtScene", flag(company.refund_at_scene, "0", "1")),
        ("chargeMode", Value::text(company.charge_mode.to_string())),
        ("profitrate", Value::text("")),
        ("timeLimit", Value::text(company.time_limit_minutes.to_string())),
        ("isUploadGoods", flag(company.upload_goods, "1", "0")),
        ("privateUrl", Value::text("")),
    ])
}

fn flag(set: bool, yes: &str, no: &str) -> Value {
    Value::text(if set { yes } else { no })
}
