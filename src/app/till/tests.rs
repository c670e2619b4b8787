use super::*;
use crate::payment::Decline;
use crate::payment::Why;
use crate::payment::outcome::Outcome;
use crate::payment::view::Stage;

fn till() -> Till {
    Till::new(vec![Channel::Wechat, Channel::Alipay])
}

fn press(till: &mut Till, keys: &str) -> Option<Act> {
    let now = Moment::from_ms(0);
    keys.split(' ').filter_map(|key| till.key(key.parse().expect("a key"), now)).last()
}

fn typed(keys: &str) -> String {
    let mut till = till();
    press(&mut till, keys);
    match till.page() {
        Page::Amount { entry, .. } => entry.text().to_owned(),
        page => panic!("{page:?}"),
    }
}

fn order() -> OrderId {
    OrderId::parse("A1").expect("an id")
}

fn ended() -> View {
    let outcome = Outcome::NotCharged(Decline::ours(Why::CodeExpired));
    View { order: order(), amount: Fen::new(1), stage: Stage::Ended(outcome), voids: false }
}

#[test]
fn digits_make_an_amount() {
    for (keys, text) in [
        ("1 2 . 3 4", "12.34"),
        ("1 2 . 3 4 5", "12.34"),
        ("5 00", "500"),
        ("0 0 7", "7"),
        (". 5", "0.5"),
        ("1 . 5 . 5", "1.55"),
        ("1 2 3 back", "12"),
        ("1 2 3 clear", ""),
        ("1 2 3 4 5 6 7 8 9", "12345678"),
        ("1 2 3 4 5 6 7 8 . 9 9", "12345678.99"),
    ] {
        assert_eq!(typed(keys), text, "{keys}");
    }
}

#[test]
fn enter_scans_and_qr_shows() {
    assert_eq!(press(&mut till(), "1 2 . 3 4 enter"), Some(Act::Scan(Fen::new(1234))));
    assert_eq!(press(&mut till(), "1 . scan"), Some(Act::Scan(Fen::new(100))));
    assert_eq!(press(&mut till(), "1 qr"), Some(Act::Present(Fen::new(100), Channel::Wechat)));
    let down = press(&mut till(), "1 down qr");
    assert_eq!(down, Some(Act::Present(Fen::new(100), Channel::Alipay)));
    let around = press(&mut till(), "1 up up qr");
    assert_eq!(around, Some(Act::Present(Fen::new(100), Channel::Wechat)));
}

#[test]
fn nothing_is_charged_for_an_amount_of_zero() {
    let mut till = till();
    assert_eq!(press(&mut till, "0 . 0 0 enter"), Some(Act::Prepare));
    assert!(matches!(till.page(), Page::Amount { problem: Some(Text::AmountIsZero), .. }));
}

#[test]
fn the_last_customers_amount_does_not_stay_armed() {
    let mut till = till();
    press(&mut till, "9 9");
    till.sale_begun(order());
    till.sale_ended(ended(), false, Moment::from_ms(0));
    assert_eq!(till.key(Key::Enter, Moment::from_ms(1)), None);
    assert_eq!(till.page(), &Page::Idle);
    press(&mut till, "enter");
    assert_eq!(typed("enter"), "");
    assert!(matches!(till.page(), Page::Amount { entry, .. } if entry.text().is_empty()));
}

#[test]
fn a_cancel_meant_for_the_sale_does_not_wipe_its_result() {
    let mut till = till();
    till.sale_ended(ended(), false, Moment::from_ms(1_000));
    till.key(Key::Cancel, Moment::from_ms(1_100));
    assert!(matches!(till.page(), Page::Result { .. }));
    till.key(Key::Cancel, Moment::from_ms(1_700));
    assert_eq!(till.page(), &Page::Idle);
}

#[test]
fn a_sale_can_only_be_cancelled_or_shown_as_a_qr() {
    let mut till = till();
    till.sale_begun(order());
    assert_eq!(press(&mut till, "1 2 enter menu up down back clear 00 . scan"), None);
    assert_eq!(till.sale(), Some(&order()));
    assert_eq!(press(&mut till, "cancel"), Some(Act::CancelSale));
}

#[test]
fn a_late_outcome_waits_until_the_till_is_free() {
    let mut till = till();
    let notice =
        Notice { title: Text::PaidLate, lines: vec![], advice: None, severity: Severity::Info };
    till.sale_begun(order());
    let other = View { order: OrderId::parse("B2").expect("an id"), ..ended() };
    till.parked_ended(other, Moment::from_ms(0), notice.clone());
    assert_eq!(till.sale(), Some(&order()));
    till.sale_ended(ended(), false, Moment::from_ms(0));
    till.key(Key::Enter, Moment::from_ms(1));
    let since = Moment::from_ms(1);
    assert_eq!(till.page(), &Page::Reading { notice, since });
    till.key("5".parse().expect("a key"), Moment::from_ms(100));
    assert!(matches!(till.page(), Page::Reading { .. }), "a key that was not meant for it");
    till.key("5".parse().expect("a key"), Moment::from_ms(1_000));
    assert!(matches!(till.page(), Page::Amount { entry, .. } if entry.text() == "5"));
}

#[test]
fn the_menu_leads_to_the_open_charges() {
    assert_eq!(press(&mut till(), "menu enter"), Some(Act::FillList(ListKind::Open)));
    assert_eq!(press(&mut till(), "menu down enter"), Some(Act::FillList(ListKind::Last)));
    let reprint = press(&mut till(), "menu down down down enter");
    assert_eq!(reprint, Some(Act::FillList(ListKind::Reprint)));
    assert_eq!(press(&mut till(), "menu up enter"), Some(Act::ChangeLanguage));
}

#[test]
fn no_notice_is_lost_unread() {
    let mut till = till();
    let notice = |title| Notice { title, lines: vec![], advice: None, severity: Severity::Info };
    till.tell(notice(Text::PaidLate), Moment::from_ms(0));
    till.tell(notice(Text::Discrepancy), Moment::from_ms(0));
    // A digit begins the next sale; the second notice comes up after it.
    till.key("5".parse().expect("a key"), Moment::from_ms(1_000));
    till.key(Key::Cancel, Moment::from_ms(2_000));
    assert!(
        matches!(till.page(), Page::Reading { notice, .. } if notice.title == Text::Discrepancy)
    );
}
