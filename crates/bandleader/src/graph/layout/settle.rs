//! Heights in one column: everybody as near as can be to where he wants to be, in the given order, without touching.

/// The tops that minimise the sum of squared distances to `wanted` tops while each stays below the one before it by its
/// height and `gap` (isotonic regression by pooling adjacent violators).
pub(super) fn settle(wanted: &[i64], heights: &[i64], gap: i64) -> Vec<i64> {
    let mut blocks: Vec<(i64, i64)> = Vec::new();
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut offset = 0;
    for (want, height) in wanted.iter().zip(heights) {
        offsets.push(offset);
        let (mut sum, mut number) = (want - offset, 1);
        while let Some((last_sum, last_number)) = blocks.last().copied() {
            if last_sum * number <= sum * last_number {
                break;
            }
            blocks.pop();
            sum += last_sum;
            number += last_number;
        }
        blocks.push((sum, number));
        offset += height + gap;
    }
    let each = blocks.into_iter().flat_map(|(sum, number)| {
        let value = sum.div_euclid(number);
        (0..number).map(move |_| value)
    });
    each.zip(offsets).map(|(value, offset)| value + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wants_the_same_place_shares_it_around() {
        assert_eq!(settle(&[100, 100], &[20, 20], 10), [85, 115]);
        assert_eq!(settle(&[0, 100], &[20, 20], 10), [0, 100]);
        assert_eq!(settle(&[50, 0], &[20, 20], 0), [15, 35]);
        assert_eq!(settle(&[], &[], 5), [] as [i64; 0]);
    }
}
