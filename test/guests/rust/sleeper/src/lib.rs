wit_bindgen::generate!({ path: "sleeper.wit", world: "test:sleeper/sleeper", generate_all });

use exports::test_sleep;
use wasi::clocks::monotonic_clock::{now, subscribe_duration};
use wasi::io::poll::poll;

const NANOS_PER_MS: u64 = 1_000_000;
const FAR_AWAY: u64 = 3_600_000 * NANOS_PER_MS;

struct Sleeper;

impl Guest for Sleeper {
    fn add(a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }
}

impl test_sleep::Guest for Sleeper {
    fn sleep_ms(ms: u64) -> u64 {
        let start = now();
        subscribe_duration(ms * NANOS_PER_MS).block();
        (now() - start) / NANOS_PER_MS
    }

    fn work(rounds: u32, ms: u64) {
        let never = subscribe_duration(FAR_AWAY);
        for round in 0..rounds {
            let timer = subscribe_duration(ms * NANOS_PER_MS);
            let ready = poll(&[&never, &timer]);
            assert_eq!(ready, [1], "round {round}: the far timer came first");
            std::hint::black_box((0..10_000u64).fold(u64::from(round), |sum, i| sum.wrapping_mul(31).wrapping_add(i)));
        }
    }

    fn sum_later(n: u32, ms: u64) -> Result<Vec<u64>, String> {
        if n == 0 {
            return Err("nothing to sum".into());
        }
        let sums = (1..=u64::from(n)).scan(0, |sum, i| { *sum += i; Some(*sum) }).collect();
        subscribe_duration(ms * NANOS_PER_MS).block();
        Ok(sums)
    }
}

export!(Sleeper);
