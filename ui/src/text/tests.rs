use super::*;
use crate::locale::{Locale, Text};

const BODY: Face = Face { px: 16, weight: Weight::Regular };
const LOCALES: [Locale; 2] = [Locale::ZhCn, Locale::En];

#[test]
fn every_string_has_all_its_glyphs_in_both_weights() {
    for &text in Text::all() {
        for locale in LOCALES {
            for character in text.text(locale).chars() {
                for weight in [Weight::Regular, Weight::Bold] {
                    assert!(
                        has_glyph(character, weight),
                        "{text:?} needs {character:?} in {weight:?}: run assets/make-fonts.sh"
                    );
                }
            }
        }
    }
}

#[test]
fn the_regular_font_has_gb2312_and_the_signs() {
    for character in
        ('\u{20}'..='\u{7E}').chain("¥￥·…—“”（），。：；！？、×一啊齄达美乐披萨□".chars())
    {
        assert!(has_glyph(character, Weight::Regular), "{character:?} is missing");
    }
}

#[test]
fn digits_are_tabular() {
    for weight in [Weight::Regular, Weight::Bold] {
        let face = Face { px: 100, weight };
        let widths: Vec<f32> = ('0'..='9').map(|digit| advance(digit, face)).collect();
        assert!(widths.iter().all(|&one| one == widths[0]), "{weight:?}: {widths:?}");
    }
}

#[test]
fn chinese_breaks_between_characters_but_not_before_a_comma() {
    let broken = break_lines("请先不要交货，终端会继续查询", BODY, 16 * 6, 9);
    assert!(!broken.cut);
    assert_eq!(broken.lines.concat(), "请先不要交货，终端会继续查询");
    for line in &broken.lines {
        assert!(width(line, BODY) <= 16 * 6, "{line} is too wide");
        assert!(!line.starts_with('，'), "{line} starts with a comma");
    }
}

#[test]
fn english_breaks_at_spaces() {
    let text = Text::DoNotHandOver.text(Locale::En);
    let broken = break_lines(text, BODY, 150, 9);
    assert!(broken.lines.len() > 1);
    assert_eq!(broken.lines.join(" "), text);
}

#[test]
fn a_text_with_too_many_lines_is_cut_with_an_ellipsis() {
    let broken = break_lines("one two three four five six seven", BODY, 60, 2);
    assert!(broken.cut);
    assert_eq!(broken.lines.len(), 2);
    assert!(broken.lines[1].ends_with('…'), "{:?}", broken.lines);
    assert!(broken.lines.iter().all(|line| width(line, BODY) <= 60));
}

#[test]
fn a_word_longer_than_a_line_is_torn_rather_than_clipped() {
    let broken = break_lines(&"x".repeat(100), BODY, 90, 99);
    assert!(!broken.cut);
    assert_eq!(broken.lines.concat().len(), 100);
    assert!(broken.lines.iter().all(|line| width(line, BODY) <= 90));
}

#[test]
fn outside_strings_are_cut_and_cleaned() {
    assert_eq!(clean("a\r\n\tb\0c", 99), "a b c");
    assert_eq!(clean("\u{200B}\u{FEFF}", 99), "");
    // Not even a box: a variant of a character, a keycap, an emoji's flag, a soft hyphen.
    assert_eq!(clean("辻\u{E0100}1\u{20E3}\u{E0067}so\u{AD}ft\u{61C}", 99), "辻1soft");
    assert_eq!(clean(&"长".repeat(10_000), 5), "长长长长长…");
    assert_eq!(clean("five5", 5), "five5");
}

#[test]
fn a_character_that_no_font_has_is_drawn_as_a_box() {
    assert_eq!(rasterize(('😀', BODY, 0)).alpha, rasterize((MISSING, BODY, 0)).alpha);
    assert!(rasterize((MISSING, BODY, 0)).alpha.iter().any(|&alpha| alpha > 0));
}

#[test]
fn the_glyph_cache_stays_bounded() {
    let mut cache = GlyphCache::default();
    let face = Face { px: 90, weight: Weight::Regular };
    for code in 0x4E00..0x5400_u32 {
        let line: String = char::from_u32(code).into_iter().collect();
        cache.line(&line, face, |_, _| ());
        assert!(cache.bytes() <= 2 * GENERATION_BYTES + 90 * 90 * 2);
    }
}
