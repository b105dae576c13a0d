// main.rs — tokio's and rayon's side of the rows: each call measures one row some times over.
// Usage: peers PEER ROW THREADS REPEATS; prints one figure per line: nanoseconds per operation, or
// (row `for`) the speed-up over the plain loop. `../run` tells the rows.

use std::future::Future;
use std::hint::{black_box, spin_loop};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{unconstrained, JoinHandle};
use tokio::time::{sleep_until, Instant as TimerInstant, Sleep};

const TASK_COUNT: u64 = 1_000_000;
const FIB: u64 = 27;
const FIB_JOIN_COUNT: u64 = 317_810;
const FLAT_JOIN_COUNT: u64 = 200_000;
const ITEM_COUNT: u64 = 100_000;
const STEP_COUNT: u64 = 200;
const WAKE_COUNT: usize = 200;
const TIMER_COUNT: u64 = 100_000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [peer, row, threads, repeats] = words.as_slice() else {
        panic!("usage: peers PEER ROW THREADS REPEATS");
    };
    let threads: usize = threads.parse().expect("THREADS is a number");
    let repeats: usize = repeats.parse().expect("REPEATS is a number");
    let tokio = |workers| {
        Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_time()
            .build()
            .unwrap()
    };
    let rayon = || {
        ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    match (peer.as_str(), row.as_str()) {
        ("tokio", "spawn") => report(repeats, tokio(threads), spawn_and_join),
        // The thread that submits is one of the two.
        ("tokio", "wake") => report(repeats, tokio(threads - 1), wake),
        ("tokio", "timers") => report(repeats, tokio(threads), timer_tasks),
        ("tokio-bare", "timers") => report(repeats, tokio(threads), timer_futures),
        ("rayon", "fib") => report(repeats, rayon(), |pool| {
            timed(FIB_JOIN_COUNT, || {
                assert_eq!(pool.install(|| fib(FIB)), 196_418)
            })
        }),
        ("rayon", "flat") => report(repeats, rayon(), |pool| pool.install(flat_joins)),
        ("rayon", "for") => report(repeats, rayon(), speed_up),
        ("threads", "for") => report(repeats, threads, thread_speed_up),
        _ => panic!("there is no row {row} of {peer}"),
    }
}

/// Runs a row once to warm up and `repeats` times to be reported.
fn report<State>(repeats: usize, state: State, row: impl Fn(&State) -> f64) {
    row(&state);
    for _ in 0..repeats {
        println!("{:.3}", row(&state));
    }
}

/// Nanoseconds of `body`, divided by `count`.
fn timed(count: u64, body: impl FnOnce()) -> f64 {
    let start = Instant::now();
    body();
    start.elapsed().as_nanos() as f64 / count as f64
}

/// A task is a multiplication of two captured numbers, which its handle returns.
fn spawn_and_join(runtime: &Runtime) -> f64 {
    timed(TASK_COUNT, || {
        let root = runtime.spawn(async {
            let factor = black_box(3);
            let handles: Vec<JoinHandle<u64>> = (0..TASK_COUNT)
                .map(|number| tokio::spawn(async move { number * factor }))
                .collect();
            let mut sum = 0;
            for handle in handles {
                sum += handle.await.unwrap();
            }
            sum
        });
        let sum = runtime.block_on(root).unwrap();
        assert_eq!(sum, 3 * TASK_COUNT * (TASK_COUNT - 1) / 2);
    })
}

fn fib(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let (a, b) = rayon::join(|| fib(n - 1), || fib(n - 2));
    a + b
}

/// One join after the other, of two additions each.
fn flat_joins() -> f64 {
    timed(FLAT_JOIN_COUNT, || {
        let mut sum = 0;
        for number in 0..FLAT_JOIN_COUNT {
            let (a, b) = rayon::join(|| black_box(number) + 1, || black_box(number) + 2);
            sum += a + b;
        }
        assert_eq!(
            sum,
            FLAT_JOIN_COUNT * (FLAT_JOIN_COUNT - 1) + 3 * FLAT_JOIN_COUNT
        );
    })
}

/// Work that touches no memory: `STEP_COUNT` steps of a xorshift generator.
fn work(number: u64) -> u64 {
    let mut state = number + 1;
    for _ in 0..STEP_COUNT {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    state & 0xff
}

fn plain_loop(numbers: std::ops::Range<u64>) -> u64 {
    numbers.map(work).sum()
}

fn speed_up(pool: &ThreadPool) -> f64 {
    let mut sums = [0, 0];
    let plain = timed(1, || sums[0] = plain_loop(black_box(0..ITEM_COUNT)));
    let parallel = pool.install(|| {
        timed(1, || {
            sums[1] = black_box(0..ITEM_COUNT).into_par_iter().map(work).sum()
        })
    });
    assert_eq!(sums[0], sums[1]);
    plain / parallel
}

/// What the machine can do: the range in equal parts, one to a thread that runs already.
fn thread_speed_up(threads: &usize) -> f64 {
    let threads = *threads as u64;
    let mut sums = [0, 0];
    let plain = timed(1, || sums[0] = plain_loop(black_box(0..ITEM_COUNT)));
    let (waiting, begun) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let part = |index: u64| {
        plain_loop(black_box(
            index * ITEM_COUNT / threads..(index + 1) * ITEM_COUNT / threads,
        ))
    };
    let mut parallel = 0.0;
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|index| {
                let (waiting, begun, part) = (&waiting, &begun, &part);
                scope.spawn(move || {
                    waiting.fetch_add(1, Ordering::SeqCst);
                    while begun.load(Ordering::SeqCst) == 0 {
                        spin_loop();
                    }
                    part(index)
                })
            })
            .collect();
        while waiting.load(Ordering::SeqCst) + 1 < threads as usize {
            spin_loop();
        }
        parallel = timed(1, || {
            begun.store(1, Ordering::SeqCst);
            sums[1] = part(0)
                + others
                    .into_iter()
                    .map(|each| each.join().unwrap())
                    .sum::<u64>();
        });
    });
    assert_eq!(sums[0], sums[1]);
    plain / parallel
}

/// From before the spawn to the first instruction of the task, while every worker sleeps; the
/// median of `WAKE_COUNT`.
fn wake(runtime: &Runtime) -> f64 {
    let origin = Instant::now();
    let mut latencies: Vec<u64> = (0..WAKE_COUNT)
        .map(|_| {
            thread::sleep(Duration::from_millis(1));
            let begun = Arc::new(AtomicU64::new(0));
            let written = begun.clone();
            let submitted = origin.elapsed().as_nanos() as u64;
            runtime.spawn(async move {
                written.store(origin.elapsed().as_nanos() as u64, Ordering::Release);
            });
            loop {
                match begun.load(Ordering::Acquire) {
                    0 => spin_loop(),
                    moment => break moment - submitted,
                }
            }
        })
        .collect();
    latencies.sort_unstable();
    latencies[WAKE_COUNT / 2] as f64
}

/// A deadline within a tenth of a second after `start`, in no order.
fn deadline(start: TimerInstant, number: u64) -> TimerInstant {
    start + Duration::from_micros(200_000 + number * 7_919 % TIMER_COUNT)
}

/// Sleeps until every deadline has passed: the waiting is not timed.
fn pass_deadlines(start: TimerInstant) {
    let end = start + Duration::from_millis(310);
    thread::sleep(end.saturating_duration_since(TimerInstant::now()));
}

/// As users write it: a task per timer. Set until each has been polled, then (all are due) fired.
fn timer_tasks(runtime: &Runtime) -> f64 {
    let root = runtime.spawn(async {
        let start = TimerInstant::now();
        let set_count = Arc::new(AtomicU64::new(0));
        let begun = Instant::now();
        let handles: Vec<JoinHandle<()>> = (0..TIMER_COUNT)
            .map(|number| {
                let set_count = set_count.clone();
                tokio::spawn(async move {
                    let sleep = sleep_until(deadline(start, number));
                    set_count.fetch_add(1, Ordering::Relaxed);
                    sleep.await
                })
            })
            .collect();
        while set_count.load(Ordering::Relaxed) < TIMER_COUNT {
            tokio::task::yield_now().await;
        }
        let set = begun.elapsed();
        pass_deadlines(start);
        let due = Instant::now();
        for handle in handles {
            handle.await.unwrap();
        }
        set + due.elapsed()
    });
    runtime.block_on(root).unwrap().as_nanos() as f64 / TIMER_COUNT as f64
}

/// The least that tokio's timers cost: one task polls every timer when any has fired.
struct AllTimers(Vec<Pin<Box<Sleep>>>);

impl Future for AllTimers {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0
            .retain_mut(|sleep| sleep.as_mut().poll(context).is_pending());
        if self.0.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

fn timer_futures(runtime: &Runtime) -> f64 {
    let root = runtime.spawn(async {
        let start = TimerInstant::now();
        let begun = Instant::now();
        let mut timers = AllTimers(
            (0..TIMER_COUNT)
                .map(|number| Box::pin(sleep_until(deadline(start, number))))
                .collect(),
        );
        unconstrained(std::future::poll_fn(|context| {
            assert!(Pin::new(&mut timers).poll(context).is_pending());
            Poll::Ready(())
        }))
        .await;
        let set = begun.elapsed();
        pass_deadlines(start);
        let due = Instant::now();
        unconstrained(timers).await;
        set + due.elapsed()
    });
    runtime.block_on(root).unwrap().as_nanos() as f64 / TIMER_COUNT as f64
}
