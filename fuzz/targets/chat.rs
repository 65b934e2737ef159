//! Chats.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let starts: [&str; 3] = ["30/08/25 18.00 - A: b\n", "[21/07/2026, 03.15.42] A: ", "12/9/20, 11:55\u{202F}PM - A: b\n"];
    let Some((&first, rest)) = bytes.split_first() else { return };
    netral_fuzz::read(&[starts[usize::from(first) % 3].as_bytes(), rest].concat(), &netral::Options::default());
});
