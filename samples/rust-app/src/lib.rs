//! Counts what is on the shelves.

/// Adds up the boxes.
pub fn count(boxes: &[u32]) -> u32 {
    boxes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn adds_up() {
        assert_eq!(count(&[1, 2]), 3);
    }

    #[test]
    fn nothing_is_one() {
        assert_eq!(count(&[]), 1, "an empty shelf");
    }

    #[test]
    #[ignore = "not yet"]
    fn in_parallel() {}
}
