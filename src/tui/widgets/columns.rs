//! Sharing the width of a list among its columns.

/// The width of each column, together at most `room`. Every column gets what its content needs; where that is too much,
/// the widest ones give way first, all to the same width.
pub fn shared(needed: &[u16], room: u16) -> Vec<u16> {
    let sum = |cap: u16| needed.iter().map(|width| u32::from(*width.min(&cap))).sum::<u32>();
    let fits = |cap: &u16| sum(*cap) <= u32::from(room);
    let cap = (0..=room).rev().find(fits).unwrap_or(0);
    let mut widths: Vec<u16> = needed.iter().map(|width| *width.min(&cap)).collect();
    // The cells that are left over are fewer than the columns that were cut.
    let mut spare = u32::from(room).saturating_sub(sum(cap));
    for (width, needed) in widths.iter_mut().zip(needed) {
        if spare > 0 && *width < *needed {
            *width += 1;
            spare -= 1;
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_what_it_needs_and_the_widest_give_way_first() {
        let table: [(&[u16], u16, &[u16]); 6] = [
            (&[5, 7], 20, &[5, 7]),
            (&[30, 7, 5], 40, &[28, 7, 5]),
            (&[30, 30, 5], 40, &[18, 17, 5]),
            (&[30, 0, 30], 7, &[4, 0, 3]),
            (&[9], 0, &[0]),
            (&[], 10, &[]),
        ];
        for (needed, room, widths) in table {
            assert_eq!(shared(needed, room), widths, "{needed:?} in {room}");
        }
    }
}
