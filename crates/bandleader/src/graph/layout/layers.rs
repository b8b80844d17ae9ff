//! Which layer each item stands in: one to the right of the last thing that it comes after.

/// The layer of each of `size` items, given who comes before whom. Items that wait for each other in a ring (groups
/// whose tasks interleave) are taken in their given order; the arrow that closes the ring then runs backwards.
pub(super) fn layers(size: usize, before: &[(usize, usize)]) -> Vec<usize> {
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); size];
    let mut waits = vec![0_usize; size];
    for (from, to) in before {
        if let (Some(list), Some(number)) = (followers.get_mut(*from), waits.get_mut(*to)) {
            list.push(*to);
            *number += 1;
        }
    }
    let mut layer = vec![0_usize; size];
    let mut done = vec![false; size];
    let mut free: Vec<usize> = (0..size).rev().filter(|item| waits.get(*item) == Some(&0)).collect();
    let mut next = 0;
    loop {
        let Some(item) = free.pop().or_else(|| (next..size).find(|item| done.get(*item) == Some(&false))) else {
            return layer;
        };
        if free.is_empty() {
            next = (next..size).find(|item| done.get(*item) == Some(&false)).unwrap_or(size);
        }
        match done.get_mut(item) {
            Some(done) if !*done => *done = true,
            _ => continue,
        }
        let here = layer.get(item).copied().unwrap_or_default();
        for follower in followers.get(item).into_iter().flatten() {
            if done.get(*follower) == Some(&true) {
                continue;
            }
            if let (Some(theirs), Some(number)) = (layer.get_mut(*follower), waits.get_mut(*follower)) {
                *theirs = (*theirs).max(here + 1);
                *number -= 1;
                if *number == 0 {
                    free.push(*follower);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_one_right_of_the_last_need() {
        assert_eq!(layers(4, &[(0, 1), (1, 2), (0, 2), (3, 2)]), [0, 1, 2, 0]);
    }

    #[test]
    fn a_ring_is_cut_at_its_first_item() {
        assert_eq!(layers(3, &[(0, 1), (1, 0), (1, 2)]), [0, 1, 2]);
        assert_eq!(layers(2, &[(1, 0), (0, 1)]), [0, 1]);
    }
}
