//! The tree over a history, as RFC 6962 builds it.
//!
//! Hashes of leaves and nodes, the right edge that is enough to append, roots and proofs. What an entry says is not known here.

use std::ops::RangeInclusive;

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// Before an entry, so that no entry can pass for a node.
const LEAF: u8 = 0;

/// Before two hashes, so that no node can pass for an entry.
const NODE: u8 = 1;

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let hash = Sha256::new().chain_update([LEAF]).chain_update(entry);
    hash.finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let hash = Sha256::new().chain_update([NODE]).chain_update(left);
    hash.chain_update(right).finalize().into()
}

/// The right edge of a tree: the roots of its complete subtrees, the largest first. There is one for
/// each bit that is set in the size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Edge {
    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf behind the last.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each set bit at the low end is a subtree that the new leaf completes to a larger one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.subtrees.push(node);
        self.size += 1;
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Hash {
        let mut nodes = self.subtrees.iter().rev();
        let Some(last) = nodes.next() else {
            return Sha256::digest([]).into();
        };
        nodes.fold(*last, |right, left| node_hash(left, &right))
    }

    /// The subtrees in a row, for [`Edge::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        self.subtrees.concat()
    }

    /// The edge of a tree of this size; none if the bytes are not those of one.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (subtrees, rest) = bytes.as_chunks();
        let fits = rest.is_empty() && subtrees.len() == size.count_ones() as usize;
        fits.then(|| Self {
            size,
            subtrees: subtrees.to_vec(),
        })
    }

    /// The numbers of leaves, counted from 1, among which is the first that is another one than in a
    /// tree which should be the same; none if they are the same.
    pub fn first_difference(&self, other: &Self) -> Option<RangeInclusive<u64>> {
        let mut first = 1_u64;
        for bit in (0..u64::BITS).rev().map(|at| 1_u64 << at) {
            let nth = (first - 1).count_ones() as usize;
            match (self.size & bit != 0, other.size & bit != 0) {
                (true, true) if self.subtrees.get(nth) == other.subtrees.get(nth) => first += bit,
                (true, true) => return Some(first..=first + bit - 1),
                (false, false) => {}
                // Only one of them goes on: what it holds more begins behind what the other holds.
                _ => return Some(first.max(self.size.min(other.size) + 1)..=u64::MAX),
            }
        }
        None
    }
}

/// The root of a tree of these leaves.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    for leaf in leaves {
        edge.push(*leaf);
    }
    edge.root()
}

/// A whole tree, for many proofs of one size: its nodes level by level, the leaves first.
///
/// The last node of a level that has no neighbour moves up as it is, which gives the same tree as the RFC's
/// splitting.
#[derive(Debug, Clone)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over these leaves.
    pub fn of(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(nodes) = levels.last().filter(|nodes| nodes.len() > 1) {
            let parents = nodes.chunks(2).map(|pair| match pair {
                [left, right] => node_hash(left, right),
                others => others.first().copied().unwrap_or_default(),
            });
            levels.push(parents.collect());
        }
        Self { levels }
    }

    /// What shows, beside the root, that the leaf at a place counted from 0 is in the tree.
    pub fn inclusion_proof(&self, at: usize) -> Vec<Hash> {
        let levels = self.levels.iter().enumerate();
        let siblings = levels.filter_map(|(height, nodes)| nodes.get((at >> height) ^ 1));
        siblings.copied().collect()
    }
}

/// What shows, beside two roots, that the first leaves of a tree are all leaves of an earlier one.
pub fn consistency_proof(leaves: &[Hash], earlier_size: usize) -> Vec<Hash> {
    if earlier_size == 0 {
        return Vec::new();
    }
    subproof(leaves, earlier_size, true)
}

/// As the RFC says it; `whole` as long as the subtree is the whole earlier tree, whose root is known.
fn subproof(leaves: &[Hash], earlier_size: usize, whole: bool) -> Vec<Hash> {
    if earlier_size >= leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![root(leaves)]
        };
    }
    let (left, right) = leaves.split_at(left_size(leaves.len()));
    let (mut proof, sibling) = match earlier_size.checked_sub(left.len()) {
        None | Some(0) => (subproof(left, earlier_size, whole), root(right)),
        Some(rest) => (subproof(right, rest, false), root(left)),
    };
    proof.push(sibling);
    proof
}

/// The largest power of two below `size`, which is 2 at least.
fn left_size(size: usize) -> usize {
    1 << (size - 1).ilog2()
}

/// Whether a proof shows that a leaf stands at a place, counted from 0, in a tree.
pub fn is_included(proof: &[Hash], leaf: Hash, at: u64, size: u64, root: Hash) -> bool {
    if at >= size {
        return false;
    }
    let (mut at, mut last, mut node) = (at, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            node = node_hash(sibling, &node);
            let skipped = if at & 1 == 1 { 0 } else { at.trailing_zeros() };
            (at, last) = (at >> skipped, last >> skipped);
        } else {
            node = node_hash(&node, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && node == root
}

/// Whether a proof shows that a tree, given as size and root, grew out of an earlier one.
pub fn is_consistent(proof: &[Hash], earlier: (u64, Hash), later: (u64, Hash)) -> bool {
    let ((earlier_size, earlier_root), (later_size, later_root)) = (earlier, later);
    if earlier_size == 0 {
        return proof.is_empty() && earlier_root == root(&[]);
    }
    if earlier_size >= later_size {
        return proof.is_empty() && earlier == later;
    }
    // The root of an earlier tree that is complete need not be proven.
    let own = earlier_size.is_power_of_two().then_some(earlier_root);
    let mut nodes = own.into_iter().chain(proof.iter().copied());
    let Some(first) = nodes.next() else {
        return false;
    };
    let skipped = (earlier_size - 1).trailing_ones();
    let (mut at, mut last) = ((earlier_size - 1) >> skipped, (later_size - 1) >> skipped);
    let (mut before, mut now) = (first, first);
    for node in nodes {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (before, now) = (node_hash(&node, &before), node_hash(&node, &now));
            let skipped = if at & 1 == 1 { 0 } else { at.trailing_zeros() };
            (at, last) = (at >> skipped, last >> skipped);
        } else {
            now = node_hash(&now, &node);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && (before, now) == (earlier_root, later_root)
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;

    use super::*;

    fn leaves(size: usize) -> Vec<Hash> {
        (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    /// The same tree by a crate that others use.
    fn others(size: usize) -> MemoryBackedTree<Sha256, Vec<u8>> {
        let mut tree = MemoryBackedTree::new();
        for n in 0..size {
            tree.push(n.to_be_bytes().to_vec());
        }
        tree
    }

    #[test]
    fn roots_and_proofs_are_those_of_another_implementation() {
        for size in 0..70 {
            let (ours, others) = (leaves(size), others(size));
            assert_eq!(root(&ours), others.root().as_bytes()[..], "root of {size}");
            let tree = Tree::of(ours.clone());
            for at in 0..size {
                let proof = tree.inclusion_proof(at);
                let expected = others.prove_inclusion(at);
                assert_eq!(proof.concat(), expected.as_bytes(), "{at} of {size}");
            }
            for earlier in 1..size {
                let proof = consistency_proof(&ours, earlier);
                let expected = others.prove_consistency(size - earlier);
                assert_eq!(proof.concat(), expected.as_bytes(), "{earlier} to {size}");
            }
        }
    }

    #[test]
    fn a_proof_shows_its_leaf_and_no_other() {
        for size in 1..40_usize {
            let (ours, root) = (leaves(size), root(&leaves(size)));
            let tree = Tree::of(ours.clone());
            for at in 0..size {
                let proof = tree.inclusion_proof(at);
                let shows = |proof: &[Hash], leaf: usize, at: usize, size: usize| {
                    is_included(proof, ours[leaf], at as u64, size as u64, root)
                };
                assert!(shows(&proof, at, at, size), "{at} of {size}");
                assert!(!shows(&proof, at, size, size), "behind the end");
                let longer: Vec<_> = proof.iter().copied().chain([root]).collect();
                assert!(!shows(&longer, at, at, size), "too long");
                if size > 1 {
                    assert!(!shows(&proof, (at + 1) % size, at, size), "another leaf");
                    assert!(!shows(&proof, at, (at + 1) % size, size), "another place");
                    assert!(!shows(&proof[1..], at, at, size), "too short");
                }
            }
        }
    }

    #[test]
    fn a_tree_grew_out_of_its_beginnings_only() {
        for size in 1..40_usize {
            let all = leaves(size);
            let now = (size as u64, root(&all));
            for earlier in 0..=size {
                let then = (earlier as u64, root(&all[..earlier]));
                let proof = consistency_proof(&all, earlier);
                assert!(is_consistent(&proof, then, now), "{earlier} to {size}");
                let forked = (earlier as u64, leaf_hash(b"forked"));
                assert!(!is_consistent(&proof, forked, now), "{earlier} to {size}");
                if earlier > 0 && earlier < size {
                    let forked = (size as u64, leaf_hash(b"forked"));
                    assert!(!is_consistent(&proof, then, forked), "{earlier} to {size}");
                    assert!(!is_consistent(&[], then, now), "{earlier} to {size}");
                }
            }
        }
    }

    #[test]
    fn an_edge_is_kept_as_bytes() {
        let mut edge = Edge::default();
        for leaf in leaves(13) {
            assert_eq!(
                Edge::from_bytes(edge.size(), &edge.to_bytes()),
                Some(edge.clone())
            );
            edge.push(leaf);
        }
        let bytes = edge.to_bytes();
        assert_eq!(bytes.len(), 3 * 32);
        assert_eq!(Edge::from_bytes(12, &bytes), None);
        assert_eq!(Edge::from_bytes(13, &bytes[1..]), None);
    }

    #[test]
    fn the_first_difference_lies_in_the_first_subtree_that_differs() {
        let edge = |leaves: &[Hash]| {
            let mut edge = Edge::default();
            leaves.iter().for_each(|leaf| edge.push(*leaf));
            edge
        };
        let check = |changed: usize, n_left: usize, expected: RangeInclusive<u64>| {
            let expected = Some(expected);
            let all = leaves(13);
            let mut others = all.clone();
            others[changed] = [0; 32];
            others.truncate(n_left);
            let found = edge(&all).first_difference(&edge(&others));
            assert_eq!(found, expected, "{changed} of {n_left}");
            assert_eq!(edge(&others).first_difference(&edge(&all)), expected);
        };
        check(0, 13, 1..=8);
        check(7, 13, 1..=8);
        check(8, 13, 9..=12);
        check(12, 13, 13..=13);
        check(12, 12, 13..=u64::MAX);
        check(12, 9, 10..=u64::MAX);
        check(0, 12, 1..=8);
        assert_eq!(edge(&leaves(9)).first_difference(&edge(&leaves(9))), None);
    }
}
