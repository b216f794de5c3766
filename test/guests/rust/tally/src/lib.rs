wit_bindgen::generate!({
    path: ["../../../../wit/weft-runtime", "tally.wit"],
    world: "test:tally/tally",
    generate_all,
});

use std::collections::BTreeMap;
use weft::runtime::process::{self, Incoming, Message, ProcessError};

struct Tally;

/// What has been counted since the service started: it lives in the guest's memory.
type Counts = BTreeMap<String, u32>;

impl Guest for Tally {
    fn run(name: String) -> Result<String, String> {
        process::register(&name).map_err(shown)?;
        let mut counts = Counts::new();
        loop {
            // Waits without holding its thread, for a letter or an event.
            match process::receive(None) {
                Some(Incoming::Message(message)) => answer(&mut counts, message)?,
                Some(Incoming::Cancel(_)) => {
                    let words: u32 = counts.values().sum();
                    return Ok(format!("counted {words} words"));
                }
                Some(Incoming::Exit(_)) | Some(Incoming::LinkDown(_)) | None => {}
            }
        }
    }
}

/// Does what a letter asks for. Payloads are JSON texts.
fn answer(counts: &mut Counts, Message { topic, sender, payloads }: Message) -> Result<(), String> {
    let payload = payloads.first().map(String::as_str).unwrap_or("null");
    match topic.as_str() {
        "count" => {
            for word in words(payload) {
                *counts.entry(word).or_default() += 1;
            }
        }
        "top" => {
            let wanted = payload.parse().unwrap_or(3);
            // Whoever asked may be gone by now, which is no fault of the service.
            let _ = process::send(&sender, "top", &[top(counts, wanted)]);
        }
        "break" => panic!("a letter told the service to break"),
        _ => return Err(format!("no letter of the topic {topic} is known")),
    }
    Ok(())
}

/// The words of a JSON text, in lower case.
fn words(json: &str) -> Vec<String> {
    let plain = json.replace("\\n", " ").replace("\\t", " ").replace("\\\"", " ");
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// The most frequent words as JSON; of equally frequent ones, the first in the alphabet.
fn top(counts: &Counts, wanted: usize) -> String {
    let mut list: Vec<_> = counts.iter().collect();
    list.sort_by(|a, b| b.1.cmp(a.1));
    let items: Vec<_> =
        list.iter().take(wanted).map(|(word, count)| format!(r#"{{"word":"{word}","count":{count}}}"#)).collect();
    format!("[{}]", items.join(","))
}

fn shown(error: ProcessError) -> String {
    format!("{} ({}): {}", error.code, error.kind, error.message)
}

export!(Tally);
