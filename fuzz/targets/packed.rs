//! What must be unpacked first: gzip, Zstandard, ZIP archives and workbooks.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"PK") {
        netral_fuzz::read_file(bytes);
    } else {
        netral_fuzz::read(bytes, &netral::Options::default());
    }
});
