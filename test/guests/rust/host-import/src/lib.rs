wit_bindgen::generate!({ path: "host-import.wit", world: "test:minimal/minimal" });

use test::minimal::host;

struct Minimal;

impl Guest for Minimal {
    fn compute(a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    fn call_host(a: i32, b: i32) -> i32 {
        host::compute(a, b)
    }

    fn ask_host(what: String) -> Result<String, String> {
        host::describe(&what)
    }
}

export!(Minimal);
