//! Circles among the needs of tasks.
//!
//! Called by `lower`; orders and longest paths of plans without circles are in `estimate`. Nothing here recurses: a chain of
//! 10,000 tasks costs heap, not stack.

/// Circles in a graph given by what each node needs: each as a list in which every node needs the next and the last needs
/// the first. No two share a node; empty if and only if there is none. At most twenty: nobody reads more.
pub(crate) fn cycles(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut is_left = vec![true; needs.len()];
    let mut found = Vec::new();
    loop {
        peel(needs, &mut is_left);
        let Some(start) = is_left.iter().position(|left| *left) else { return found };
        let circle = walk(needs, &is_left, start);
        for node in &circle {
            if let Some(left) = is_left.get_mut(*node) {
                *left = false;
            }
        }
        found.push(circle);
        if found.len() == 20 {
            return found;
        }
    }
}

/// Takes away every node that needs nothing that is left, again and again.
fn peel(needs: &[Vec<usize>], is_left: &mut [bool]) {
    let stands = |is_left: &[bool], node: &usize| is_left.get(*node).copied().unwrap_or(false);
    let mut dependents = vec![Vec::new(); needs.len()];
    let mut missing = vec![0_usize; needs.len()];
    let mut free = Vec::new();
    for (node, own) in needs.iter().enumerate().filter(|(node, _)| stands(is_left, node)) {
        let own: Vec<_> = own.iter().filter(|need| stands(is_left, need)).collect();
        if own.is_empty() {
            free.push(node);
        }
        if let Some(count) = missing.get_mut(node) {
            *count = own.len();
        }
        for need in own {
            if let Some(list) = dependents.get_mut(*need) {
                list.push(node);
            }
        }
    }
    while let Some(node) = free.pop() {
        if let Some(left) = is_left.get_mut(node) {
            *left = false;
        }
        for dependent in dependents.get(node).into_iter().flatten() {
            if let Some(count) = missing.get_mut(*dependent) {
                *count -= 1;
                if *count == 0 {
                    free.push(*dependent);
                }
            }
        }
    }
}

/// Every node left needs one that is left, so following needs must come back to a node seen before.
fn walk(needs: &[Vec<usize>], is_left: &[bool], start: usize) -> Vec<usize> {
    let mut step_of = vec![usize::MAX; needs.len()];
    let mut path = Vec::new();
    let mut at = start;
    loop {
        match step_of.get_mut(at) {
            Some(step) if *step == usize::MAX => *step = path.len(),
            Some(step) => return path.split_off(*step),
            None => return path,
        }
        path.push(at);
        let next = needs.get(at).into_iter().flatten().find(|need| is_left.get(**need).copied().unwrap_or(false));
        match next {
            Some(next) => at = *next,
            None => return path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_chains_and_rings_do_not_recurse() {
        let chain: Vec<_> = (0..10_000_usize).map(|node| node.checked_sub(1).into_iter().collect()).collect();
        assert!(cycles(&chain).is_empty());
        let ring: Vec<_> = (0..10_000_usize).map(|node| vec![(node + 1) % 10_000]).collect();
        assert_eq!(cycles(&ring)[0].len(), 10_000);
    }

    #[test]
    fn circles_are_found_each_once() {
        let check = |needs: &[&[usize]], expected: &str| {
            let needs: Vec<_> = needs.iter().map(|own| own.to_vec()).collect();
            assert_eq!(format!("{:?}", cycles(&needs)), expected);
        };
        check(&[&[], &[0], &[1, 0]], "[]");
        check(&[&[0]], "[[0]]");
        check(&[&[1], &[2], &[0], &[0]], "[[0, 1, 2]]");
        check(&[&[1], &[0], &[3, 1], &[2]], "[[0, 1], [2, 3]]");
    }
}
