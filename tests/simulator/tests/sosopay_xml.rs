//! SOSOPAY XML v1 against its document.

mod wire;

use simulator::{Behaviour, Kind, Simulator};
use wire::*;

async fn gateway() -> Simulator {
    start(settings(Kind::SosopayXml)).await
}

/// XML v1 §2's sample with the merchant, amount and code of this simulator, and its goods.
const SAMPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ORDER_REQ>
	<BUSI_ID>0010000001</BUSI_ID><!-- 商户编码 必填-->
	<OPER_INFO>test1</OPER_INFO><!-- 操作员编码 必填-->
	<DEV_ID>qwewe</DEV_ID><!-- 设备编码 -->
	<AMT>1.2</AMT><!-- 交易金额 单位:元  最多保留2位小数 -->
	<CHANNEL_TYPE>1</CHANNEL_TYPE>
	<DYNAMIC_ID>qweqw</DYNAMIC_ID>
	<CHARGE_CODE>a</CHARGE_CODE>
	<PAY_SUBJECT>qwewe</PAY_SUBJECT>
	<GOODS_DETAIL>
			<GOOD_ID>1</GOOD_ID>
			<GOOD_NAME>qweqwe</GOOD_NAME>
			<GOOD_PRICE>10.2</GOOD_PRICE>
	</GOODS_DETAIL>
	<GOODS_DETAIL>
			<GOOD_ID>2</GOOD_ID>
			<GOOD_NAME>qweqwe</GOOD_NAME>
			<GOOD_PRICE>10.2</GOOD_PRICE>
	</GOODS_DETAIL>
</ORDER_REQ>"#;

/// XML v1's sign is over the body as it is.
async fn call(gateway: &Simulator, operation: &str, body: &str) -> String {
    let sign = sosopay_sign(body, EPOCH);
    let target = format!("/openService/{operation}?sign={sign}");
    post(gateway.address(), &target, body).await.text()
}

async fn query(gateway: &Simulator, order: &str) -> String {
    let target = format!("/openService/query/{order}/?BUSI_ID={MERCHANT}&CHARGE_CODE={order}");
    get(gateway.address(), &target).await.text()
}

async fn cancel(gateway: &Simulator, order: &str) -> String {
    let sign = sosopay_sign(&format!("chargeCode={order}&busiCode={MERCHANT}"), EPOCH);
    let target = format!("/openService/cancelTrade/{order}/{MERCHANT}?sign={sign}");
    get(gateway.address(), &target).await.text()
}

#[tokio::test(start_paused = true)]
async fn the_sample_payment_is_paid_and_queried_in_yuan() {
    let gateway = gateway().await;
    let answer = call(&gateway, "preOrder", SAMPLE).await;
    assert_eq!(
        answer,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ORDER_RESP><RESULT><CODE>SUCCESS</CODE>\
         <INFO>请求并支付成功!</INFO></RESULT><CHARGE_DOWN_CODE>20160909100000000000</CHARGE_DOWN_CODE>\
         <FUND_BILL_LIST><TRADEFUNDBILL><AMOUNT>1.20</AMOUNT><FUND_CHANNEL>10</FUND_CHANNEL>\
         </TRADEFUNDBILL></FUND_BILL_LIST><ali><buyer_logon_id>236***@qq.com</buyer_logon_id>\
         <buyer_user_id>2088202598353517</buyer_user_id><partner>2088201565141845</partner>\
         <trade_no>1006101016201609090000000000</trade_no></ali></ORDER_RESP>"
    );
    let told = query(&gateway, "a").await;
    assert!(told.contains("<CHARGE_STATE>1</CHARGE_STATE>"), "{told}");
    assert!(told.contains("<AMT>1.20</AMT>"), "{told}");
    assert!(told.contains("<CHARGE_CODE>a</CHARGE_CODE>"), "{told}");
    assert_eq!(told.matches("<GOODS_DETAIL>").count(), 2, "{told}");
    assert_eq!(gateway.control().ledger_total_fen(), 120);
}

#[tokio::test(start_paused = true)]
async fn a_qr_waits_and_its_order_can_be_cancelled() {
    let gateway = gateway().await;
    let body =
        SAMPLE.replace("<DYNAMIC_ID>qweqw</DYNAMIC_ID>", "<NODIFY_URL/>http://x<NODIFY_URL/>");
    let answer = call(&gateway, "order", &body).await;
    assert!(answer.contains("<BAR_CODE>https://qr.alipay.com/bax"), "{answer}");
    assert!(!answer.contains("FUND_BILL_LIST"), "{answer}");
    assert!(query(&gateway, "a").await.contains("<CHARGE_STATE>0</CHARGE_STATE>"));
    assert!(cancel(&gateway, "a").await.contains("<CODE>SUCCESS</CODE>"));
    assert!(cancel(&gateway, "a").await.contains("<CODE>AREADY_REVOKED</CODE>"));
    assert!(query(&gateway, "a").await.contains("<CHARGE_STATE>2</CHARGE_STATE>"));
    assert!(cancel(&gateway, "x").await.contains("<CODE>CHARGE_NONEXISTENT</CODE>"));
    assert!(query(&gateway, "x").await.contains("<CODE>CHARGE_NONEXISTENT</CODE>"));
}

#[tokio::test(start_paused = true)]
async fn refunds_are_yuan_and_sum_to_the_payment() {
    let gateway = gateway().await;
    call(&gateway, "preOrder", SAMPLE).await;
    let refund = |no: &str, yuan: &str| {
        format!(
            "<REFUND_REQ><BUSI_ID>{MERCHANT}</BUSI_ID><OPER_ID>o</OPER_ID><DEV_ID>d</DEV_ID>\
             <CHARGE_CODE>a</CHARGE_CODE><OUT_REFUND_NO>{no}</OUT_REFUND_NO>\
             <CHARGE_REFUND_FEE>{yuan}</CHARGE_REFUND_FEE></REFUND_REQ>"
        )
    };
    let answer = call(&gateway, "refund", &refund("r1", "0.20")).await;
    assert!(answer.contains("<REFUND_RESP><RESULT><CODE>SUCCESS</CODE>"), "{answer}");
    assert!(call(&gateway, "refund", &refund("r2", "1.01")).await.contains("AMT_ERROR"));
    assert!(query(&gateway, "a").await.contains("<CHARGE_STATE>4</CHARGE_STATE>"));
    assert_eq!(gateway.control().ledger_total_fen(), 100);
}

#[tokio::test(start_paused = true)]
async fn what_the_document_does_not_allow_is_refused() {
    let gateway = gateway().await;
    let without = |field: &str| {
        let start = SAMPLE.find(&format!("<{field}>")).unwrap();
        let end = SAMPLE.find(&format!("</{field}>")).unwrap() + field.len() + 3;
        format!("{}{}", &SAMPLE[..start], &SAMPLE[end..])
    };
    for field in ["BUSI_ID", "OPER_INFO", "AMT", "CHANNEL_TYPE", "DYNAMIC_ID", "GOOD_NAME"] {
        let answer = call(&gateway, "preOrder", &without(field)).await;
        let expected = ["ILLEGAL_PARAMETER"];
        assert!(expected.iter().any(|code| answer.contains(code)), "{field}: {answer}");
    }
    let dear = SAMPLE.replace("<AMT>1.2<", "<AMT>1.234<");
    assert!(call(&gateway, "preOrder", &dear).await.contains("AMT_ERROR"));
    for body in ["", "{}", "<ORDER_REQ>", "<REFUND_REQ></REFUND_REQ>"] {
        assert!(call(&gateway, "preOrder", body).await.contains("ILLEGAL_PARAMETER"), "{body}");
    }
    let goods = "<GOODS_DETAIL><GOOD_ID>1</GOOD_ID><GOOD_NAME>n</GOOD_NAME>\
                 <GOOD_PRICE>1</GOOD_PRICE></GOODS_DETAIL>";
    let many = SAMPLE.replace("</ORDER_REQ>", &format!("{}</ORDER_REQ>", goods.repeat(49)));
    assert!(call(&gateway, "preOrder", &many).await.contains("ILLEGAL_PARAMETER"));
    // The sign is over the body as it is: without its blanks it is another body.
    let stripped = sosopay_sign(&without_blanks(SAMPLE), EPOCH);
    let target = format!("/openService/preOrder?sign={stripped}");
    let answer = post(gateway.address(), &target, SAMPLE).await.text();
    assert!(answer.contains("INVALID_SIGN"), "{answer}");
    assert!(gateway.control().orders().is_empty());
    let mismatch = format!("/openService/query/a/?BUSI_ID={MERCHANT}&CHARGE_CODE=b");
    assert!(get(gateway.address(), &mismatch).await.text().contains("ILLEGAL_PARAMETER"));
    let nobody = get(gateway.address(), "/openService/query/a/?CHARGE_CODE=a").await.text();
    assert!(nobody.contains("ILLEGAL_PARAMETER"), "{nobody}");
}

#[tokio::test(start_paused = true)]
async fn an_order_without_a_number_is_known_by_the_gateways() {
    let gateway = gateway().await;
    let body = SAMPLE.replace("<CHARGE_CODE>a</CHARGE_CODE>", "");
    assert!(call(&gateway, "preOrder", &body).await.contains("<CODE>SUCCESS</CODE>"));
    let told = query(&gateway, "20160909100000000000").await;
    assert!(told.contains("<CHARGE_STATE>1</CHARGE_STATE>"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_payment_fails_after_eighty_seconds() {
    let gateway = gateway().await;
    gateway.control().default_customer(Behaviour::Never);
    let before = tokio::time::Instant::now();
    assert!(call(&gateway, "preOrder", SAMPLE).await.contains("<CODE>FAIL</CODE>"));
    assert_eq!(before.elapsed().as_secs(), 80);
    assert!(query(&gateway, "a").await.contains("<CHARGE_STATE>2</CHARGE_STATE>"));
}
