use std::io::{Read, Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};

wit_bindgen::generate!({ path: "net.wit", world: "test:net/net" });

struct Net;

fn text<T>(outcome: Result<T>) -> std::result::Result<T, String> {
    outcome.map_err(|error| format!("{:?}: {error}", error.kind()))
}

fn announce_to(server: &str, address: std::net::SocketAddr) -> Result<()> {
    TcpStream::connect(server)?.write_all(format!("{address}\n").as_bytes())
}

fn ask(address: &str, words: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(words.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn bulk(address: &str, size: u32) -> Result<u32> {
    let mut stream = TcpStream::connect(address)?;
    let pattern = |at: usize| (at % 251) as u8;
    let (mut sent, mut right) = (0usize, 0usize);
    let mut buffer = vec![0u8; 8192];
    while right < size as usize {
        if sent < size as usize {
            let end = (sent + 8192).min(size as usize);
            let piece: Vec<u8> = (sent..end).map(pattern).collect();
            stream.write_all(&piece)?;
            sent = end;
        }
        let read = stream.read(&mut buffer)?;
        if read == 0 || (0..read).any(|at| buffer[at] != pattern(right + at)) {
            break;
        }
        right += read;
    }
    Ok(right as u32)
}

fn echo(announce: &str, connections: u32) -> Result<u64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    announce_to(announce, listener.local_addr()?)?;
    let mut total = 0;
    let mut buffer = vec![0u8; 16384];
    for _ in 0..connections {
        let (mut stream, _) = listener.accept()?;
        loop {
            let read = stream.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            stream.write_all(&buffer[..read])?;
            total += read as u64;
        }
    }
    Ok(total)
}

fn leave_open() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::mem::forget(listener);
    Ok(port)
}

fn wait(announce: &str) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    announce_to(announce, listener.local_addr()?)?;
    listener.accept().map(|_| ())
}

fn ask_by_datagram(address: &str, words: &str) -> Result<(String, String)> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.send_to(words.as_bytes(), address)?;
    let mut buffer = vec![0u8; 2048];
    let (length, from) = socket.recv_from(&mut buffer)?;
    Ok((String::from_utf8_lossy(&buffer[..length]).into_owned(), from.to_string()))
}

fn echo_datagrams(announce: &str, datagrams: u32) -> Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    announce_to(announce, socket.local_addr()?)?;
    let mut buffer = vec![0u8; 2048];
    for _ in 0..datagrams {
        let (length, from) = socket.recv_from(&mut buffer)?;
        socket.send_to(&buffer[..length], from)?;
    }
    Ok(())
}

impl Guest for Net {
    fn tcp_ask(address: String, words: String) -> std::result::Result<String, String> {
        text(ask(&address, &words))
    }

    fn tcp_bulk(address: String, size: u32) -> std::result::Result<u32, String> {
        text(bulk(&address, size))
    }

    fn tcp_echo(announce: String, connections: u32) -> std::result::Result<u64, String> {
        text(echo(&announce, connections))
    }

    fn tcp_leave_open() -> std::result::Result<u16, String> {
        text(leave_open())
    }

    fn tcp_wait(announce: String) -> std::result::Result<(), String> {
        text(wait(&announce))
    }

    fn udp_ask(address: String, words: String) -> std::result::Result<(String, String), String> {
        text(ask_by_datagram(&address, &words))
    }

    fn udp_echo(announce: String, datagrams: u32) -> std::result::Result<(), String> {
        text(echo_datagrams(&announce, datagrams))
    }

    fn look_up(name: String) -> std::result::Result<Vec<String>, String> {
        let found = text((name.as_str(), 80).to_socket_addrs())?;
        Ok(found.map(|address| address.ip().to_string()).collect())
    }
}

export!(Net);
