//! Tables in any encoding, with any delimiter.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, rest)) = bytes.split_first() else { return };
    let encodings = [None, Some("utf-16le"), Some("windows-1252"), Some("shift_jis")];
    let options = netral::Options {
        encoding: encodings[usize::from(first) % 4].map(str::to_owned),
        text_column: (first & 4 != 0).then(|| "text".to_owned()),
        fix_encoding: first & 8 != 0,
        ..netral::Options::default()
    };
    let start: &[u8] = if first & 16 != 0 { b"id,text,authorChannelId,isReply\n" } else { b"" };
    netral_fuzz::read(&[start, rest].concat(), &options);
});
