wit_bindgen::generate!({ path: "web.wit", world: "test:web/web", generate_all });

use exports::wasi::http::incoming_handler::Guest;
use wasi::clocks::monotonic_clock::subscribe_duration;
use wasi::http::outgoing_handler::handle as ask;
use wasi::http::types::*;
use wasi::io::streams::StreamError;

struct Web;

const NANOS_PER_MS: u64 = 1_000_000;

impl Guest for Web {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let number = || query.parse::<u64>().unwrap_or(0);
        match path {
            "/web/hello" => answer(out, 200, "hello from Rust\n"),
            "/web/head" => answer(out, 200, &head(&request)),
            "/web/echo" => echo(&request, out),
            "/web/count" => count(&request, out),
            "/web/parts" => parts(out, number()),
            "/web/flood" => flood(out, number()),
            "/web/sleep" => {
                subscribe_duration(number() * NANOS_PER_MS).block();
                answer(out, 200, "slept\n");
            }
            "/web/ask" => match fetched(query) {
                Ok(text) => answer(out, 200, &format!("it says: {text}")),
                Err(code) => ResponseOutparam::set(out, Err(code)),
            },
            "/web/status" => answer(out, number() as u16, ""),
            "/web/nothing" => drop(out),
            "/web/never" => std::mem::forget(out),
            "/web/twice" => {
                let same = out.handle();
                answer(out, 200, "first");
                // The handle went with the first answer: a guest that is not written in Rust may still have it.
                answer(unsafe { ResponseOutparam::from_handle(same) }, 200, "second");
            }
            "/web/after-error" => {
                let same = out.handle();
                ResponseOutparam::set(out, Err(ErrorCode::HttpRequestDenied));
                answer(unsafe { ResponseOutparam::from_handle(same) }, 200, "after");
            }
            "/web/late" => {
                let (body, stream) = begin(out, 200, &[]);
                drop(stream);
                OutgoingBody::finish(body, None).unwrap();
                subscribe_duration(number() * NANOS_PER_MS).block();
            }
            "/web/headers" => answer(out, 200, &injected()),
            "/web/statuses" => answer(out, 200, &statuses()),
            "/web/too-large" => ResponseOutparam::set(out, Err(ErrorCode::HttpRequestBodySize(Some(7)))),
            "/web/denied" => ResponseOutparam::set(out, Err(ErrorCode::HttpRequestDenied)),
            "/web/slow-upstream" => ResponseOutparam::set(out, Err(ErrorCode::ConnectionReadTimeout)),
            "/web/trap" => panic!("on purpose"),
            "/web/trap-late" => {
                let (body, stream) = begin(out, 200, &[]);
                stream.blocking_write_and_flush(b"the first half").unwrap();
                subscribe_duration(50 * NANOS_PER_MS).block();
                let _held = (body, stream);
                panic!("half-way");
            }
            "/web/unfinished" => {
                let (_body, stream) = begin(out, 200, &[]);
                stream.blocking_write_and_flush(b"no end").unwrap();
            }
            "/web/spin" => loop {
                std::hint::spin_loop();
            },
            "/web/hungry" => {
                let mut all: Vec<Vec<u8>> = Vec::new();
                loop {
                    all.push(vec![1; 1 << 20]);
                }
            }
            _ => answer(out, 404, "nothing here\n"),
        }
    }
}

fn head(request: &IncomingRequest) -> String {
    let mut lines = vec![
        format!("{:?}", request.method()),
        request.path_with_query().unwrap_or_default(),
        format!("{:?}", request.scheme()),
        request.authority().unwrap_or_default(),
    ];
    for (name, value) in request.headers().entries() {
        lines.push(format!("{}: {}", name.to_lowercase(), String::from_utf8_lossy(&value)));
    }
    lines.join("\n")
}

/// What becomes of headers that would bring others along, one word for each.
fn injected() -> String {
    let fields = Fields::new();
    let tries: [(&str, &[u8]); 8] = [
        ("x-one", b"a\r\nx-evil: 1"),
        ("x-one", b"a\nb"),
        ("x-one", b"a\rb"),
        ("x-one", b"a\0b"),
        ("x-one\r\nx-evil", b"1"),
        ("x one", b"1"),
        ("", b"1"),
        ("transfer-encoding", b"chunked"),
    ];
    let words = tries.map(|(name, value)| match fields.append(&name.to_string(), &value.to_vec()) {
        Ok(()) => "taken",
        Err(HeaderError::InvalidSyntax) => "invalid",
        Err(HeaderError::Forbidden) => "forbidden",
        Err(HeaderError::Immutable) => "immutable",
    });
    words.join(" ")
}

/// Whether a response may have each of these statuses.
fn statuses() -> String {
    let tries = [0, 99, 100, 101, 199, 200, 418, 599, 600, 999, 1000, 65535];
    let response = OutgoingResponse::new(Fields::new());
    let words = tries.map(|status| format!("{status}:{}", response.set_status_code(status).is_ok()));
    words.join(" ")
}

/// Sends the body back as it comes, and its trailers after it.
fn echo(request: &IncomingRequest, out: ResponseOutparam) {
    let kind = request.headers().get("content-type").into_iter().next().unwrap_or_default();
    let (body, stream) = begin(out, 200, &[("Content-Type", &kind)]);
    let incoming = request.consume().unwrap();
    let source = incoming.stream().unwrap();
    loop {
        match source.blocking_read(65_536) {
            Ok(bytes) => {
                for piece in bytes.chunks(4096) {
                    stream.blocking_write_and_flush(piece).unwrap();
                }
            }
            Err(StreamError::Closed) => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    drop(source);
    drop(stream);
    let future = IncomingBody::finish(incoming);
    future.subscribe().block();
    let trailers = future.get().unwrap().unwrap().unwrap();
    let answer = Fields::from_list(&[("x-echoed".into(), b"all".to_vec())]).unwrap();
    for (name, value) in trailers.map(|fields| fields.entries()).unwrap_or_default() {
        answer.append(&name, &value).unwrap();
    }
    OutgoingBody::finish(body, Some(answer)).unwrap();
}

/// Reads all of the body, and says how long it was.
fn count(request: &IncomingRequest, out: ResponseOutparam) {
    let body = request.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut length = 0;
    while let Ok(bytes) = stream.blocking_read(65_536) {
        length += bytes.len();
    }
    answer(out, 200, &length.to_string());
}

/// Parts that come some time apart.
fn parts(out: ResponseOutparam, ms: u64) {
    let (body, stream) = begin(out, 200, &[("Content-Type", b"text/plain")]);
    for part in ["one ", "two ", "three"] {
        stream.blocking_write_and_flush(part.as_bytes()).unwrap();
        subscribe_duration(ms * NANOS_PER_MS).block();
    }
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
}

/// So many mebibytes, as fast as they are taken.
fn flood(out: ResponseOutparam, mebibytes: u64) {
    let (body, stream) = begin(out, 200, &[]);
    let piece = [b'x'; 4096];
    for _ in 0..mebibytes * 256 {
        stream.blocking_write_and_flush(&piece).unwrap();
    }
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
}

fn fetched(authority: &str) -> Result<String, ErrorCode> {
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some(authority)).unwrap();
    request.set_path_with_query(Some("/")).unwrap();
    let future = ask(request, None)?;
    future.subscribe().block();
    let response = future.get().unwrap().unwrap()?;
    let body = response.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut text = Vec::new();
    while let Ok(bytes) = stream.blocking_read(65_536) {
        text.extend_from_slice(&bytes);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn begin(out: ResponseOutparam, status: u16, headers: &[(&str, &[u8])]) -> (OutgoingBody, wasi::io::streams::OutputStream) {
    let fields: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), value.to_vec())).collect();
    let response = OutgoingResponse::new(Fields::from_list(&fields).unwrap());
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    let stream = body.write().unwrap();
    ResponseOutparam::set(out, Ok(response));
    (body, stream)
}

fn answer(out: ResponseOutparam, status: u16, text: &str) {
    let (body, stream) = begin(out, status, &[("X-Guest", b"rust")]);
    if !text.is_empty() {
        stream.blocking_write_and_flush(text.as_bytes()).unwrap();
    }
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
}

export!(Web);
