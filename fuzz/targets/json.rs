//! JSON lines, arrays, documents and scripts.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let starts: [&[u8]; 4] = [b"", b"{", b"[{", b"window.YTD.tweets.part0 = [{"];
    let Some((&first, rest)) = bytes.split_first() else { return };
    netral_fuzz::read(&[starts[usize::from(first) % 4], rest].concat(), &netral::Options::default());
});
