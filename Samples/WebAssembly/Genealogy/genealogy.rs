// genealogy.rs — families by generation: the standard library's collections, closures, formatting.
// Usage: genealogy <PAIRS, where each line is `PARENT CHILD`; the first parent is the root.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::io::{self, BufRead};

#[derive(Debug)]
enum Fault {
    Words { line: usize, count: usize },
    Cycle(String),
    Empty,
    Input(io::Error),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Words { line, count } => {
                write!(out, "line {line} has {count} words, not a parent and a child")
            }
            Fault::Cycle(name) => write!(out, "{name} descends from itself"),
            Fault::Empty => write!(out, "there are no pairs"),
            Fault::Input(error) => write!(out, "the standard input: {error}"),
        }
    }
}

struct Family {
    root: String,
    children: BTreeMap<String, BTreeSet<String>>,
}

impl Family {
    fn read(input: impl BufRead) -> Result<Family, Fault> {
        let mut root = None;
        let mut children: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (index, line) in input.lines().enumerate() {
            let line = line.map_err(Fault::Input)?;
            let words: Vec<&str> = line.split_whitespace().collect();
            if words.len() != 2 {
                return Err(Fault::Words { line: index + 1, count: words.len() });
            }
            root.get_or_insert_with(|| words[0].to_string());
            children.entry(words[0].to_string()).or_default().insert(words[1].to_string());
        }
        Ok(Family { root: root.ok_or(Fault::Empty)?, children })
    }

    /// Each person's generation, counted from the root.
    fn generations(&self) -> Result<HashMap<&str, usize>, Fault> {
        let mut found = HashMap::from([(self.root.as_str(), 0)]);
        let mut queue = VecDeque::from([self.root.as_str()]);
        while let Some(person) = queue.pop_front() {
            let generation = found[person];
            for child in self.children.get(person).into_iter().flatten() {
                if found.insert(child, generation + 1).is_some() {
                    return Err(Fault::Cycle(child.clone()));
                }
                queue.push_back(child);
            }
        }
        Ok(found)
    }
}

fn print(family: &Family) -> Result<(), Fault> {
    let generations = family.generations()?;
    let mut rows: Vec<Vec<&str>> = Vec::new();
    for (person, generation) in &generations {
        rows.resize_with(rows.len().max(generation + 1), Vec::new);
        rows[*generation].push(person);
    }
    for (index, row) in rows.iter_mut().enumerate() {
        row.sort_unstable();
        println!("{index:>3} {:<7} {}", format!("({})", row.len()), row.join(", "));
    }
    let children: usize = family.children.values().map(BTreeSet::len).sum();
    let mean = children as f64 / family.children.len() as f64;
    println!("{} people, {mean:.3} children of each parent", generations.len());
    Ok(())
}

fn main() {
    let result = Family::read(io::stdin().lock()).and_then(|family| print(&family));
    if let Err(fault) = result {
        eprintln!("genealogy: {fault}");
        std::process::exit(1);
    }
}
