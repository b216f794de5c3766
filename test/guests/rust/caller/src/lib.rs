wit_bindgen::generate!({
    path: ["../../../../wit/weft-runtime", "../../../../wit/wippy-runtime", "caller.wit"],
    world: "weft:caller/caller",
    generate_all,
});

use wasi::io::poll::poll;
use weft::runtime::funcs::{self, CallError};
use weft::runtime::futures::{self, PendingCall};
use wippy::runtime::funcs as wippy_funcs;

struct Caller;

fn tell(error: CallError) -> String {
    let retry = match error.retryable {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    format!("{} {} retry={} {} {}", error.code, error.kind, retry, error.message, error.details.unwrap_or_default())
}

fn told(result: Result<String, CallError>) -> String {
    result.unwrap_or_else(tell)
}

fn start(targets: &[String], arguments: &str) -> Vec<PendingCall> {
    targets.iter().map(|target| futures::start_json(target, arguments)).collect()
}

impl Guest for Caller {
    fn wippy_string(target: String, input: String) -> Result<String, String> {
        wippy_funcs::call_string(&target, &input)
    }

    fn wippy_bytes(target: String, input: Vec<u8>) -> Result<Vec<u8>, String> {
        wippy_funcs::call_bytes(&target, &input)
    }

    fn text(target: String, input: String) -> Result<String, String> {
        funcs::call_string(&target, &input).map_err(tell)
    }

    fn bytes(target: String, input: Vec<u8>) -> Result<Vec<u8>, String> {
        funcs::call_bytes(&target, &input).map_err(tell)
    }

    fn json(target: String, arguments: String) -> Result<String, String> {
        funcs::call_json(&target, &arguments).map_err(tell)
    }

    fn all(targets: Vec<String>, arguments: String) -> Vec<String> {
        let calls = start(&targets, &arguments);
        calls.iter().map(|call| told(call.wait())).collect()
    }

    fn first(targets: Vec<String>, arguments: String) -> String {
        let calls = start(&targets, &arguments);
        let pollables: Vec<_> = calls.iter().map(|call| call.subscribe()).collect();
        let ready = poll(&pollables.iter().collect::<Vec<_>>());
        told(calls[ready[0] as usize].get().expect("a ready call has a result"))
    }

    fn cancel(target: String, input: String) -> String {
        let call = futures::start_string(&target, &input);
        call.cancel();
        told(call.wait())
    }

    fn is_ready(target: String) -> bool {
        futures::start_json(&target, "[]").get().is_some()
    }

    fn leave(target: String) {
        std::mem::forget(futures::start_json(&target, "[]"));
    }
}

export!(Caller);
