wit_bindgen::generate!({
    path: ["../../../../wit/weft-runtime", "worker.wit"],
    world: "test:worker/worker",
    generate_all,
});

use weft::runtime::process::{self, Incoming, Message, ProcessError, Ties};

struct Worker;

fn shown(error: ProcessError) -> String {
    format!("{} ({}): {}", error.code, error.kind, error.message)
}

fn next_message() -> Result<Message, String> {
    match process::receive(Some(10_000)) {
        Some(Incoming::Message(message)) => Ok(message),
        Some(_) => Err("an event came where a message was expected".into()),
        None => Err("nothing came in ten seconds".into()),
    }
}

impl Guest for Worker {
    fn serve(name: String) -> Result<String, String> {
        process::register(&name).map_err(shown)?;
        let mut answered = 0;
        loop {
            match process::receive(None) {
                Some(Incoming::Message(Message { topic, sender, payloads })) => match topic.as_str() {
                    "stop" => return Ok(format!("stopped after {answered}")),
                    "pause" => {
                        // Nothing comes meanwhile, so this is a timeout.
                        let early = process::receive(Some(5)).is_some();
                        process::send(&sender, "paused", &[format!("{}", !early)]).map_err(shown)?;
                    }
                    _ => {
                        answered += 1;
                        process::send(&sender, "echo", &payloads).map_err(shown)?;
                    }
                },
                Some(Incoming::Cancel(reason)) => return Ok(format!("cancelled: {}", reason.unwrap_or_default())),
                Some(Incoming::Exit(_)) | Some(Incoming::LinkDown(_)) | None => return Err("unexpected".into()),
            }
        }
    }

    fn fail(how: String) -> Result<String, String> {
        match how.as_str() {
            "trap" => core::arch::wasm32::unreachable(),
            "spin" => loop {
                std::hint::black_box(0);
            },
            "wait" => {
                process::receive(None);
                Ok("asked to end".into())
            }
            _ => Err(how),
        }
    }

    fn lead(host: String) -> Result<Vec<String>, String> {
        let mut seen = Vec::new();
        process::trap_links(true).map_err(shown)?;

        let server = process::spawn("w:serve", &host, r#"["echo server"]"#, Ties::MONITOR).map_err(shown)?;
        process::send(&server, "question", &["[1, 2]".into(), r#""two""#.into()]).map_err(shown)?;
        let answer = next_message()?;
        seen.push(format!("{} from the server: {}, {}", answer.topic, answer.sender == server, answer.payloads.join(" ")));
        process::send("echo server", "pause", &[]).map_err(shown)?;
        seen.push(format!("paused {}", next_message()?.payloads.join("")));
        seen.push(format!("found by name: {}", process::lookup("echo server").map_err(shown)? == server));
        process::cancel(&server, Some("enough"), None).map_err(shown)?;
        match process::receive(Some(10_000)) {
            Some(Incoming::Exit(ending)) if ending.pid == server => {
                seen.push(format!("server ended: {}", ending.outcome.map_err(shown)?))
            }
            _ => return Err("the server's end was not told".into()),
        }

        let linked = process::spawn("w:fail", &host, r#"["trap"]"#, Ties::LINK).map_err(shown)?;
        match process::receive(Some(10_000)) {
            Some(Incoming::LinkDown(ending)) if ending.pid == linked => {
                seen.push(format!("link down: {}", ending.outcome.err().map(|error| error.code).unwrap_or_default()))
            }
            _ => return Err("the linked process's end was not told".into()),
        }

        let spinner = process::spawn("w:fail", &host, r#"["spin"]"#, Ties::MONITOR).map_err(shown)?;
        process::terminate(&spinner).map_err(shown)?;
        match process::receive(Some(10_000)) {
            Some(Incoming::Exit(ending)) if ending.pid == spinner => {
                seen.push(format!("spinner ended: {}", ending.outcome.err().map(|error| error.message).unwrap_or_default()))
            }
            _ => return Err("the spinner's end was not told".into()),
        }

        let gone = process::send(&spinner, "question", &[]).err().map(|error| error.kind).unwrap_or_default();
        let unknown = process::lookup("nobody").err().map(|error| error.kind).unwrap_or_default();
        let bad = process::send(&process::pid(), "@events", &[]).err().map(|error| error.kind).unwrap_or_default();
        seen.push(format!("refused: {gone} {unknown} {bad}"));
        seen.push(format!("nothing waits: {}", process::receive(Some(0)).is_none()));
        Ok(seen)
    }
}

export!(Worker);
