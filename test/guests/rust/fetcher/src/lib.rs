wit_bindgen::generate!({ path: "fetcher.wit", world: "test:fetcher/fetcher", generate_all });

use wasi::http::outgoing_handler::handle;
use wasi::http::types::*;
use wasi::io::streams::StreamError;
use wasi::logging::logging::{Level, log};

struct Fetcher;

const NANOS_PER_MS: u64 = 1_000_000;

impl Guest for Fetcher {
    fn get(authority: String, path: String) -> Result<(u16, String, Option<String>), String> {
        let future = handle(request(Method::Get, &authority, &path)?, None).map_err(shown)?;
        let response = arrived(future)?;
        let answer = first(&response.headers(), "x-answer");
        let mut text = Vec::new();
        read(&response, |piece| text.extend_from_slice(piece))?;
        Ok((response.status(), String::from_utf8(text).map_err(shown)?, answer))
    }

    fn post(authority: String, path: String, count: u32, size: u32) -> Result<(u16, u64, Option<String>), String> {
        let request = request(Method::Post, &authority, &path)?;
        let body = request.body().map_err(|()| "the body was taken")?;
        let stream = body.write().map_err(|()| "the stream was taken")?;
        let future = handle(request, None).map_err(shown)?;
        let piece = vec![b'x'; size as usize];
        for _ in 0..count {
            stream.blocking_write_and_flush(&piece).map_err(stream_error)?;
        }
        drop(stream);
        let trailers = Fields::from_list(&[("x-count".into(), count.to_string().into_bytes())]).map_err(shown)?;
        OutgoingBody::finish(body, Some(trailers)).map_err(shown)?;
        let response = arrived(future)?;
        let mut received = 0;
        let trailers = read(&response, |piece| received += piece.len() as u64)?;
        Ok((response.status(), received, trailers.and_then(|fields| first(&fields, "x-echo"))))
    }

    fn impatient(authority: String, ms: u64) -> String {
        let options = RequestOptions::new();
        options.set_first_byte_timeout(Some(ms * NANOS_PER_MS)).unwrap();
        let request = request(Method::Get, &authority, "/").unwrap();
        match handle(request, Some(options)).map_err(shown).and_then(arrived) {
            Ok(response) => format!("status {}", response.status()),
            Err(error) => error,
        }
    }

    fn say(level: u8, context: String, message: String) {
        let levels = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Critical];
        log(levels[usize::from(level)], &context, &message);
    }
}

fn request(method: Method, authority: &str, path: &str) -> Result<OutgoingRequest, String> {
    let headers = Fields::from_list(&[("X-Guest".into(), b"rust".to_vec())]).map_err(shown)?;
    let request = OutgoingRequest::new(headers);
    request.set_method(&method).map_err(|()| "method")?;
    request.set_scheme(Some(&Scheme::Http)).map_err(|()| "scheme")?;
    request.set_authority(Some(authority)).map_err(|()| "authority")?;
    request.set_path_with_query(Some(path)).map_err(|()| "path")?;
    Ok(request)
}

fn arrived(future: FutureIncomingResponse) -> Result<IncomingResponse, String> {
    future.subscribe().block();
    future.get().ok_or("not there")?.map_err(|()| "taken")?.map_err(shown)
}

/// Reads the body to its end and gives what comes after it.
fn read(response: &IncomingResponse, mut piece: impl FnMut(&[u8])) -> Result<Option<Fields>, String> {
    let body = response.consume().map_err(|()| "consumed")?;
    let stream = body.stream().map_err(|()| "streamed")?;
    loop {
        match stream.blocking_read(65_536) {
            Ok(bytes) => piece(&bytes),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(stream_error(error)),
        }
    }
    drop(stream);
    let trailers = IncomingBody::finish(body);
    trailers.subscribe().block();
    trailers.get().ok_or("no trailers yet")?.map_err(|()| "taken")?.map_err(shown)
}

fn first(fields: &Fields, name: &str) -> Option<String> {
    let value = fields.get(name).into_iter().next()?;
    String::from_utf8(value).ok()
}

fn stream_error(error: StreamError) -> String {
    match error {
        StreamError::Closed => "closed".into(),
        StreamError::LastOperationFailed(error) => match http_error_code(&error) {
            Some(code) => shown(code),
            None => error.to_debug_string(),
        },
    }
}

fn shown(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

export!(Fetcher);
