//! How wide text will be, before anybody sets it.

/// In half-width characters of the printed form's font, in which a kanji is as wide as two letters.
pub(crate) fn half_widths(text: &str) -> f64 {
    sum(text, 1.0, 2.0)
}

/// In multiples of the letter size where the reader's font is not known: Latin letters are taken as
/// rather wide, so that text gets too much room, not too little.
pub(crate) fn loose_ems(text: &str) -> f64 {
    sum(text, 0.6, 1.0)
}

/// A text that is not wider than it may be; what does not fit is left out behind `…`.
pub(crate) fn fitting(text: &str, width_max: f64, width_of: fn(&str) -> f64) -> String {
    if width_of(text) <= width_max {
        return text.to_owned();
    }
    let mut width = width_of("…");
    let fits = |c: &char| {
        width += width_of(c.encode_utf8(&mut [0; 4]));
        width <= width_max
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

fn sum(text: &str, half: f64, full: f64) -> f64 {
    let is_half = |c: char| c.is_ascii() || matches!(c, '\u{ff61}'..='\u{ff9f}');
    text.chars()
        .map(|c| if is_half(c) { half } else { full })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_where_the_room_ends() {
        for (text, width_max, expected) in [
            ("二要素認証", 10.0, "二要素認証"),
            ("二要素認証", 9.0, "二要素…"),
            ("PC-ｱｲｳ", 6.0, "PC-ｱｲｳ"),
            ("PC-ｱｲｳ", 5.0, "PC-…"),
            ("二要素認証", 1.0, "…"),
            ("", 0.0, ""),
        ] {
            assert_eq!(
                fitting(text, width_max, half_widths),
                expected,
                "{text}, {width_max}"
            );
        }
        assert_eq!((loose_ems("備PC"), half_widths("備PC")), (2.2, 4.0));
    }
}
