//! A relay of one thread by tokio's copy_bidirectional, for relay.py: tokio-relay HOST:PORT

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

async fn relay(mut client: TcpStream, target: String) -> std::io::Result<()> {
    let mut server = TcpStream::connect(target).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let target = std::env::args().nth(1).expect("usage: tokio-relay HOST:PORT");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening tcp://{}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept().await?;
        let target = target.clone();
        tokio::spawn(async move {
            if let Err(failed) = relay(client, target).await {
                eprintln!("{failed}");
            }
        });
    }
}
