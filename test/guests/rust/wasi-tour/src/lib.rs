use std::fs;
use std::io::{BufRead, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

wit_bindgen::generate!({ path: "wasi-tour.wit", world: "test:wasi-tour/wasi-tour", generate_all });

struct Tour;

fn text<T>(outcome: std::io::Result<T>) -> Result<T, String> {
    outcome.map_err(|error| format!("{:?}: {error}", error.kind()))
}

impl Guest for Tour {
    fn list_env() -> Vec<(String, String)> {
        std::env::vars().collect()
    }

    fn get_env(name: String) -> Option<String> {
        std::env::var(name).ok()
    }

    fn list_args() -> Vec<String> {
        std::env::args().collect()
    }

    fn print_line(line: String) {
        println!("{line}");
    }

    fn print_error(line: String) {
        eprintln!("{line}");
    }

    fn read_line() -> Result<Option<String>, String> {
        let mut line = String::new();
        let length = text(std::io::stdin().lock().read_line(&mut line))?;
        Ok((length > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned()))
    }

    fn random_bytes(n: u32) -> Vec<u8> {
        wasi::random::random::get_random_bytes(n.into())
    }

    fn wall_clock() -> (u64, u32) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (since.as_secs(), since.subsec_nanos())
    }

    fn monotonic_ms() -> f64 {
        static FIRST: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        FIRST.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
    }

    fn sleep_ms(ms: u64) -> u64 {
        let start = Instant::now();
        std::thread::sleep(Duration::from_millis(ms));
        start.elapsed().as_millis() as u64
    }

    fn list_dir(path: String) -> Result<Vec<String>, String> {
        let mut names = Vec::new();
        for entry in text(fs::read_dir(path))? {
            let entry = text(entry)?;
            let end = if text(entry.file_type())?.is_dir() { "/" } else { "" };
            names.push(format!("{}{end}", entry.file_name().to_string_lossy()));
        }
        names.sort();
        Ok(names)
    }

    fn read_file(path: String) -> Result<String, String> {
        text(fs::read_to_string(path))
    }

    fn write_file(path: String, content: String) -> Result<u32, String> {
        text(fs::write(path, &content)).map(|()| content.len() as u32)
    }

    fn append_file(path: String, content: String) -> Result<u32, String> {
        let mut file = text(fs::OpenOptions::new().append(true).create(true).open(path))?;
        text(file.write_all(content.as_bytes())).map(|()| content.len() as u32)
    }

    fn remove_file(path: String) -> Result<(), String> {
        text(fs::remove_file(path))
    }

    fn make_dir(path: String) -> Result<(), String> {
        text(fs::create_dir(path))
    }

    fn file_info(path: String) -> Result<(u64, bool), String> {
        text(fs::metadata(path)).map(|data| (data.len(), data.is_dir()))
    }

    fn exit_with(code: i32) {
        std::process::exit(code)
    }

    fn panics(message: String) {
        panic!("{message}")
    }
}

export!(Tour);
