//! Bytes as signs that a person reads out at the telephone or types: Crockford's base 32, of which no sign
//! looks like another. What the bytes stand for is not known here.

/// Signs by their value.
pub(crate) const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Groups of four signs with a line between; five bytes are two groups, fewer at the end are left out.
pub(crate) fn in_fours(bytes: &[u8]) -> String {
    let (fives, _) = bytes.as_chunks::<5>();
    let signs = fives.iter().flat_map(|five| {
        let bits = five
            .iter()
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).map(move |nth| {
            let sign = SIGNS.get((bits >> (35 - 5 * nth) & 31) as usize);
            char::from(sign.copied().unwrap_or(b'0'))
        })
    });
    let mut text = String::new();
    for (nth, sign) in signs.enumerate() {
        if nth > 0 && nth % 4 == 0 {
            text.push('-');
        }
        text.push(sign);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_bytes_are_two_groups() {
        let check = |bytes: &[u8], expected| assert_eq!(in_fours(bytes), expected, "{bytes:?}");
        check(&[], "");
        check(&[0; 5], "0000-0000");
        check(&[0xff; 5], "ZZZZ-ZZZZ");
        check(
            &[1, 9, 17, 25, 33, 41, 49, 57, 65, 73],
            "044H-2691-54RK-JGA9",
        );
    }
}
