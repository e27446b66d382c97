//! Reading from a pseudo-terminal.

use std::io::Read;
use std::sync::mpsc::{Receiver, channel};

/// What a program writes, piece by piece as it comes; the end of the channel is the end of the output.
pub(crate) fn output_of(mut reader: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut piece = [0; 65536];
        while let Ok(count @ 1..) = reader.read(&mut piece) {
            if sender.send(piece[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}
