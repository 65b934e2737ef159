//! Writes the packs of `corpus/packs/` down as JSON with their hashes, in the form in which [`Packs::national`] reads them.
//! What a pack may hold is checked by the library and its tests, not here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn main() {
    println!("cargo::rerun-if-changed=corpus/packs");
    let listed = std::fs::read_dir("corpus/packs").expect("corpus/packs is part of the crate");
    let mut files: Vec<PathBuf> = listed.map(|entry| entry.expect("a readable folder").path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "toml"));
    files.sort();
    let packs: Vec<(String, toml::Value)> = files.iter().map(|file| pack(file)).collect();
    let json = serde_json::to_string(&packs).expect("what TOML can say, JSON can");
    let folder = std::env::var_os("OUT_DIR").expect("cargo names a folder");
    std::fs::write(Path::new(&folder).join("packs.json"), json).expect("a folder to write to");
}

fn pack(file: &Path) -> (String, toml::Value) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let pack = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut hash = String::new();
    Sha256::digest(&text).iter().take(6).for_each(|byte| write!(hash, "{byte:02x}").expect("memory"));
    (hash, pack)
}
