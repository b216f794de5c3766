wit_bindgen::generate!({
    path: ["../../../../wit/weft-runtime", "peer.wit"],
    world: "test:peer/peer",
    generate_all,
});

use weft::runtime::process::{self, ProcessError, Ties};

struct Peer;

fn done(outcome: Result<(), ProcessError>) -> Result<String, ProcessError> {
    outcome.map(|()| "done".into())
}

impl Guest for Peer {
    fn act(what: String, on: String, more: String) -> Result<String, String> {
        let outcome = match what.as_str() {
            "spawn" => process::spawn(&on, &more, "[]", Ties::empty()),
            "spawn-monitored" => process::spawn(&on, &more, "[]", Ties::MONITOR),
            "spawn-linked" => process::spawn(&on, &more, "[]", Ties::LINK),
            "send" => done(process::send(&on, &more, &[])),
            "monitor" => done(process::monitor(&on)),
            "unmonitor" => done(process::unmonitor(&on)),
            "link" => done(process::link(&on)),
            "unlink" => done(process::unlink(&on)),
            "cancel" => done(process::cancel(&on, None, None)),
            "terminate" => done(process::terminate(&on)),
            "register" => done(process::register(&on)),
            "unregister" => process::unregister(&on).map(|was| was.to_string()),
            _ => return Err(format!("nothing is called {what}")),
        };
        outcome.map_err(|error| format!("{}: {}", error.code, error.message))
    }
}

export!(Peer);
