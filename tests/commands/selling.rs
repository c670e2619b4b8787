//! `cashier sale` and `cashier present`.

use crate::common::{ALIPAY, Options, Shop, WECHAT, for_each_gateway};
use simulator::{Behaviour, Connectivity, Decline, Fault, FaultRule, Kind, Operation};

for_each_gateway!(
    a_sale_is_paid,
    a_sale_is_declined,
    a_sale_times_out_and_is_cancelled,
    a_sale_is_not_sent,
    a_sale_is_left_in_doubt,
    a_qr_is_paid,
    a_qr_is_handed_out_and_asked_about_later,
    people_are_told_in_their_language,
);

async fn a_sale_is_paid(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    let ran = shop.run(&["sale", "--amount", "12.34", "--code", ALIPAY]).await;
    let sold = ran.exits(0).json();
    assert_eq!(sold["outcome"], "paid");
    assert_eq!(sold["amount_fen"], 1234);
    assert_eq!(sold["channel"], "alipay");
    for nothing in ["reason", "qr"] {
        assert!(sold[nothing].is_null(), "{sold}");
    }
    let at_gateway = shop.control().order(sold["order"].as_str().unwrap()).expect("the order");
    assert_eq!(sold["gateway_order"], at_gateway.gateway_order.as_str());
    shop.settled(None, &["paid"]).await;
}

async fn a_sale_is_declined(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    shop.control().customer(ALIPAY, Behaviour::Decline(Decline::InsufficientFunds));
    let ran = shop.run(&["sale", "--amount", "12.34", "--code", ALIPAY]).await;
    let sold = ran.exits(1).json();
    assert_eq!(sold["outcome"], "not_charged");
    assert!(sold["reason"].is_string() && sold["advice"].is_string(), "{sold}");
    shop.settled(None, &["not_charged"]).await;
}

async fn a_sale_times_out_and_is_cancelled(kind: Kind) {
    let shop = Shop::with(Options::of(kind).wait("confirm_budget_ms", 100)).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    shop.control().customer(ALIPAY, Behaviour::Never);
    let ran = shop.run(&["sale", "--amount", "12.34", "--code", ALIPAY]).await;
    let sold = ran.exits(1).json();
    assert_eq!(sold["reason_code"], "cancelled_on_timeout");
    shop.settled(None, &["not_charged"]).await;
}

async fn a_sale_is_not_sent(kind: Kind) {
    let shop = Shop::open(kind).await;
    let _nobody = shop.reroute_to_nobody();
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    let ran = shop.run(&["sale", "--amount", "12.34", "--code", ALIPAY]).await;
    let sold = ran.exits(4).json();
    assert_eq!(
        (&sold["outcome"], &sold["reason_code"]),
        (&"not_charged".into(), &"never_sent".into())
    );
    let advice = ui::Text::CheckNetwork.text(ui::Locale::ZhCn);
    assert_eq!(sold["advice"], advice, "the network, and not the gateway, is what fails");
    shop.settled(None, &["not_charged"]).await;
}

async fn a_sale_is_left_in_doubt(kind: Kind) {
    let options = Options::of(kind)
        .wait("query_timeout_ms", 1_000)
        .wait("charge_timeout_ms", 1_500)
        .wait("confirm_budget_ms", 50)
        .wait("reverse_budget_ms", 100);
    let mut shop = Shop::with(options).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    shop.control().set_connectivity(Connectivity::Silent);
    let ran = shop.run(&["sale", "--amount", "12.34", "--code", ALIPAY]).await;
    let sold = ran.exits(3).json();
    assert_eq!(sold["outcome"], "unresolved");
    assert!(sold["advice"].is_string(), "{sold}");
    let resolve = shop.run(&["resolve"]).await;
    let told = resolve.exits(3).json();
    assert_eq!((&told["settled"], &told["open"]), (&0.into(), &1.into()));
    shop.control().set_connectivity(Connectivity::Online);
    shop.wait("query_timeout_ms", 10_000);
    let resolve = shop.run(&["resolve"]).await;
    let told = resolve.exits(0).json();
    assert_eq!((&told["settled"], &told["open"]), (&1.into(), &0.into()));
    shop.settled(None, &["not_charged"]).await;
}

async fn a_qr_is_paid(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.control().default_qr_customer(Some(Behaviour::ApproveAfter { ms: 50 }));
    let picture = shop.folder().join("qr.png");
    let path = picture.display().to_string();
    let args = ["present", "--amount", "0.01", "--channel", "alipay", "--qr", &path];
    let sold = shop.run(&args).await.exits(0).json();
    assert_eq!((&sold["outcome"], &sold["channel"]), (&"paid".into(), &"alipay".into()));
    assert_eq!(sold["qr"], read_qr(&picture).as_str());
    shop.settled(None, &["paid"]).await;
}

async fn a_qr_is_handed_out_and_asked_about_later(kind: Kind) {
    let shop = Shop::open(kind).await;
    let picture = shop.folder().join("qr.png");
    let path = picture.display().to_string();
    let ran = shop.run(&["present", "--amount", "5", "--qr", &path, "--no-wait"]).await;
    let pending = ran.exits(3).json();
    assert_eq!((&pending["outcome"], &pending["channel"]), (&"pending".into(), &"wechat".into()));
    let order = pending["order"].as_str().unwrap();

    // Asking does not take the QR away from a customer who may yet pay.
    let asked = shop.run(&["query", order]).await;
    assert_eq!(asked.exits(3).json()["outcome"], "pending");
    assert_eq!(shop.calls(Operation::Cancel), 0);

    let qr = read_qr(&picture);
    assert_eq!(pending["qr"], qr.as_str());
    shop.control().phone_pay(&qr).expect("the phone knows it");
    let found = shop.run(&["query", order]).await;
    let found = found.exits(0).json();
    assert_eq!((&found["outcome"], &found["refunded_fen"]), (&"paid".into(), &0.into()));
    let (state, words) = match kind {
        Kind::Shouqianba => ("PAID", "订单支付成功"),
        Kind::SosopayJson | Kind::SosopayXml => ("1", "已付款"),
    };
    assert_eq!((&found["state"], &found["state_text"]), (&state.into(), &words.into()));
    let people = shop.run_for_people(&["query", order]).await;
    assert!(people.exits(0).stdout.contains(&format!("{state} {words}")), "{people:#?}");
    shop.settled(None, &["paid"]).await;
}

#[tokio::test]
async fn an_amount_that_cannot_be_charged_is_told_of_as_one_and_nothing_is_sent() {
    let shop = Shop::open(Kind::Shouqianba).await;
    for amount in ["0", "0.00", "-1", "-0.01", "12.345", "1e3", "１２", "1,000", "100000000", ""]
    {
        for command in [&["sale", "--code", ALIPAY][..], &["present"]] {
            let ran = shop.run(&[command, &["--amount", amount]].concat()).await;
            let told = ran.exits(2).json()["error"].as_str().expect("an error").to_owned();
            assert!(told.contains("invalid value") && told.contains(" amount "), "{told}");
        }
    }
    assert!(!shop.journal().exists() && shop.control().requests().is_empty());
}

fn read_qr(png: &std::path::Path) -> String {
    let file = std::io::BufReader::new(std::fs::File::open(png).expect("a picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
    let mut grey = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut grey).expect("a picture");
    assert_eq!(info.color_type, png::ColorType::Grayscale);
    let (width, height) = (info.width as usize, info.height as usize);
    let mut picture =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
    picture.detect_grids()[0].decode().expect("a QR that can be read").1
}

async fn people_are_told_in_their_language(kind: Kind) {
    for (name, locale) in [("zh-CN", ui::Locale::ZhCn), ("en", ui::Locale::En)] {
        let mut options = Options::of(kind);
        options.locale = name;
        let shop = Shop::with(options).await;
        shop.codes.lock().unwrap().push(ALIPAY.to_owned());
        let code = match kind {
            Kind::Shouqianba => "ILLEGAL_SIGN",
            Kind::SosopayJson | Kind::SosopayXml => "INVALID_SIGN",
        };
        let refused = Fault::ErrorCode { code: code.to_owned(), processed: false };
        shop.control().inject(FaultRule::on(Operation::Pay, refused));
        let args = ["sale", "--amount", "12.34", "--code", ALIPAY];
        let ran = shop.run_for_people(&args).await;
        ran.exits(1);
        for text in [ui::Text::NotCharged, ui::Text::BadSignature, ui::Text::CheckClockAndKey] {
            assert!(ran.stdout.contains(text.text(locale)), "{text:?}: {ran:#?}");
        }
        let sold = shop.run(&args).await.exits(1).json();
        assert_eq!(sold["reason"], ui::Text::BadSignature.text(locale));
        assert_eq!(sold["reason_code"], "bad_signature");
    }
}

#[tokio::test]
async fn what_cannot_be_sold_is_refused_and_nothing_is_sent() {
    let shop = Shop::open(Kind::Shouqianba).await;
    for amount in ["0", "0.00", "-1", "1.234", "1e3", "", "12,34", "999999999999", "¥5", "NaN"] {
        let amount = format!("--amount={amount}");
        let ran = shop.run(&["sale", &amount, "--code", ALIPAY]).await;
        assert!(ran.exits(2).json()["error"].is_string(), "{ran:?}");
        shop.run(&["present", &amount]).await.exits(2);
    }
    for code in ["", "6901234567892", "https://example.com/", "12", "28421490306079475x"] {
        let ran = shop.run(&["sale", "--amount", "1", "--code", code]).await;
        assert!(ran.exits(2).json()["error"].is_string(), "{ran:?}");
    }
    shop.run(&["present", "--amount", "1", "--channel", "gold"]).await.exits(2);
    shop.run(&["present", "--amount", "1", "--qr", "/no/such/folder/qr.png"]).await.exits(2);
    shop.run(&["sale", "--amount", "1", "--code", WECHAT, "--code-type", "smell"]).await.exits(2);
    shop.run(&["sale", "--amount", "1"]).await.exits(2);
    assert!(shop.control().requests().is_empty());
    shop.settled(None, &[]).await;
}

#[tokio::test]
async fn a_tapped_phone_is_charged_by_its_token() {
    let shop = Shop::open(Kind::SosopayJson).await;
    let args = ["sale", "--amount", "1", "--code", ALIPAY, "--code-type", "nfc"];
    assert_eq!(shop.run(&args).await.exits(0).json()["outcome"], "paid");
    shop.settled(None, &["paid"]).await;
}
