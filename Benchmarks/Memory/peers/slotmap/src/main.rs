// main.rs — the rows of handles-results.md over slotmap.
// Usage: PROGRAM ROW; prints nanoseconds per operation, the median of CHUNK_COUNT stretches.

use slotmap::{DefaultKey, SlotMap};
use std::hint::black_box;
use std::time::Instant;

const LIVE_COUNT: usize = 1024;
const CHUNK_COUNT: usize = 101;
const PAIRS_PER_CHUNK: usize = 20_000;
const HELD_COUNT: usize = 1 << 20;

type Map = SlotMap<DefaultKey, [u64; 8]>;

/// Numerical Recipes' generator; its high bits choose.
fn next(state: &mut u32) -> usize {
    *state = state.wrapping_mul(1664525).wrapping_add(1013904223);
    (*state >> 22) as usize
}

fn time(mut chunk: impl FnMut(usize)) {
    chunk(PAIRS_PER_CHUNK);
    let mut times: Vec<f64> = (0..CHUNK_COUNT)
        .map(|_| {
            let begin = Instant::now();
            chunk(PAIRS_PER_CHUNK);
            begin.elapsed().as_nanos() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{:.3}", times[CHUNK_COUNT / 2] / PAIRS_PER_CHUNK as f64);
}

fn main() {
    let row = std::env::args().nth(1).unwrap_or_default();
    if row.ends_with("-threads") {
        std::thread::spawn(|| std::thread::park());
    }
    let mut map: Map = SlotMap::new();
    let mut keys: Vec<DefaultKey> = (0..LIVE_COUNT).map(|_| map.insert([0; 8])).collect();
    let mut state = 12345u32;
    match row.trim_end_matches("-threads") {
        "handle" => time(|count| {
            for i in 0..count {
                let index = next(&mut state);
                map.remove(keys[index]);
                keys[index] = map.insert([i as u64; 8]);
            }
            black_box(&map);
        }),
        "access" => {
            for key in keys.iter() {
                map[*key] = [next(&mut state) as u64; 8];
            }
            time(|count| {
                let mut sum = 0u64;
                for _ in 0..count {
                    if let Some(value) = map.get(keys[next(&mut state)]) {
                        sum = sum.wrapping_add(value[0]);
                    }
                }
                black_box(sum);
            })
        }
        "hold" | "hold-none" => {
            let mut held = vec![keys[0]; HELD_COUNT];
            if row == "hold" {
                for key in held.iter_mut() {
                    *key = map.insert([1; 8]);
                }
            }
            black_box((&map, &held));
            println!("0");
        }
        _ => {
            eprintln!("usage: slotmap-rows handle|access|hold|hold-none");
            std::process::exit(2);
        }
    }
}
