use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

wit_bindgen::generate!({ path: "counter.wit", world: "weft:counter/counter-world" });

use exports::weft::counter::counters;

struct Component;

struct Count(Cell<i32>);

static LIVE: AtomicU32 = AtomicU32::new(0);

impl Drop for Count {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

impl counters::GuestCounter for Count {
    fn new(start: i32) -> Self {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Count(Cell::new(start))
    }

    fn increment(&self, by: i32) -> i32 {
        self.0.set(self.0.get().wrapping_add(by));
        self.0.get()
    }

    fn value(&self) -> i32 {
        self.0.get()
    }

    fn zero() -> counters::Counter {
        counters::Counter::new(<Count as counters::GuestCounter>::new(0))
    }
}

impl counters::Guest for Component {
    type Counter = Count;

    fn merge(a: counters::Counter, b: counters::CounterBorrow<'_>) -> counters::Counter {
        let sum = a.get::<Count>().0.get().wrapping_add(b.get::<Count>().0.get());
        counters::Counter::new(<Count as counters::GuestCounter>::new(sum))
    }

    fn many(n: u32) -> Vec<counters::Counter> {
        (0..n).map(|i| counters::Counter::new(<Count as counters::GuestCounter>::new(i as i32))).collect()
    }

    fn live() -> u32 {
        LIVE.load(Ordering::Relaxed)
    }
}

export!(Component);
