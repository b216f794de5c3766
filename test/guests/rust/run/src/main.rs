//! A small command: the same source is a preview-1 module and a `wasi:cli/run` component.
//!     run echo WORDS…      the words, then the environment variable GREETING
//!     run cat FILE         a file of a preopened directory
//!     run upper            stdin to stdout in capitals
//!     run exit CODE        ends with that code after one line on stderr
//!     run sleep MS         waits, then says how long
use std::io::Read;
use std::time::{Duration, Instant};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["echo", rest @ ..] => {
            println!("{}", rest.join(" "));
            println!("GREETING={}", std::env::var("GREETING").unwrap_or_default());
        }
        ["cat", file] => match std::fs::read_to_string(file) {
            Ok(text) => print!("{text}"),
            Err(error) => fail(&format!("{file}: {error}"), 1),
        },
        ["upper"] => {
            let mut text = String::new();
            if let Err(error) = std::io::stdin().read_to_string(&mut text) {
                fail(&error.to_string(), 1);
            }
            print!("{}", text.to_uppercase());
        }
        ["exit", code] => fail("leaving", code.parse().unwrap_or(2)),
        ["sleep", ms] => {
            let start = Instant::now();
            std::thread::sleep(Duration::from_millis(ms.parse().unwrap_or(0)));
            println!("slept {} ms", start.elapsed().as_millis());
        }
        _ => fail("usage: run echo|cat|upper|exit|sleep …", 2),
    }
}

fn fail(message: &str, code: i32) -> ! {
    eprintln!("{message}");
    std::process::exit(code)
}
