// collections.rs — maps, heaps, sorting and formatting of Rust's standard library.

use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::fmt::Write;

struct Numbers(u32);

impl Iterator for Numbers {
    type Item = u32;
    fn next(&mut self) -> Option<u32> {
        self.0 = self.0.wrapping_mul(1664525).wrapping_add(1013904223);
        Some(self.0 >> 8)
    }
}

fn round(seed: u32) -> u32 {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for number in Numbers(seed).take(3000) {
        *counts.entry(format!("item-{:03}", number % 700)).or_default() += 1;
    }
    let ordered: BTreeMap<&str, u32> = counts.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    let mut heap: BinaryHeap<(u32, &str)> = ordered.iter().map(|(name, n)| (*n, *name)).collect();
    let mut text = String::new();
    while let Some((count, name)) = heap.pop() {
        writeln!(text, "{name:>10} {count:<5} {:8.3}%", f64::from(count) / 30.0).unwrap();
    }
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_by_key(|line| (line.len(), line.as_bytes()[6], std::cmp::Reverse(*line)));
    lines.iter().flat_map(|line| line.bytes()).fold(seed, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(16777619)
    })
}

#[no_mangle]
pub extern "C" fn run(rounds: i32) -> i32 {
    (0..rounds).fold(0u32, |hash, seed| hash.rotate_left(5) ^ round(seed as u32)) as i32
}
