// hello.rs — the peers' Rust program, linked statically.
fn main() {
    println!("hello");
}
