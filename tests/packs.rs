//! Packs are believed only where they are consistent.

use std::path::Path;

use netral::{Model, Packs, Post, Scorer};

const GOOD: &str = r#"
id = "desa"
title = "Pemilihan Kepala Desa"
country = "ID"
languages = ["id"]
cues = ["coblos"]
[[source]]
id = "panitia"
title = "Pengumuman panitia"
url = "https://desa.example/calon"
seen = 2026-01-05
[[contest]]
id = "desa-2026"
title = "Pilkades 2026"
region = "Desa Sukamaju"
date = 2026-02-01
phases = [{ name = "campaign", from = 2026-01-10, to = 2026-01-28, source = "panitia" }]
[[contest.contender]]
kind = "ticket"
name = "Wiratmo-Lestiani"
number = 1
aliases = ["WILES"]
sources = ["panitia"]
[[contest.contender]]
kind = "ticket"
name = "Guntara-Sekar"
number = 2
gated = ["Gunting"]
sources = ["panitia"]
"#;

fn read(text: &str) -> Result<Packs, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let mut packs = Packs::none();
    packs.read(file.path()).map_err(|e| e.to_string())?;
    Ok(packs)
}

#[test]
fn a_users_own_pack_marks_its_names() {
    let scorer = Scorer::new(Model::default(), read(GOOD).unwrap());
    let marked = |text: &str| scorer.explain(&Post::new(text)).marked;
    assert_eq!(marked("ayo wiles menang"), "ayo <ticket> menang");
    assert_eq!(marked("beli gunting baru"), "beli gunting baru");
    assert!(marked("coblos gunting").contains("<ticket>"));
}

#[test]
fn a_pack_that_contradicts_itself_is_refused_with_the_reason() {
    for (from, to, reason) in [
        ("number = 2", "number = 1", "two contenders have number 1"),
        ("gated = [\"Gunting\"]", "gated = [\"Gunting\"]\naliases = [\"gunting\"]", "both gated and not"),
        ("kind = \"ticket\"\nname = \"Guntara-Sekar\"", "kind = \"party\"\nname = \"WILES\"", "of different kinds"),
        ("to = 2026-01-28", "to = 2026-01-01", "ends before it begins"),
        ("source = \"panitia\"", "source = \"koran\"", "`koran` is not defined"),
        ("url = \"https://", "url = \"http://", "no https address"),
        ("aliases = [\"WILES\"]", "aliases = [\"W\"]", "too short"),
        ("number = 1\n", "numbr = 1\n", "unknown field"),
        ("id = \"desa\"", "id = desa", "not a contest pack"),
    ] {
        let error = read(&GOOD.replacen(from, to, 1)).map(|_| ()).expect_err(reason);
        assert!(error.contains(reason), "{error}");
    }
    assert!(Packs::none().read(Path::new("no/such.toml")).unwrap_err().to_string().contains("no/such.toml"));
}

#[test]
fn an_alias_of_two_packs_keeps_its_marker_if_the_kinds_agree_and_is_gated_if_not() {
    let folder = tempfile::tempdir().unwrap();
    let other = GOOD.replace("id = \"desa", "id = \"dusun").replace("WILES", "TUNAS").replace("Gunting", "Obor");
    for (name, text) in [
        ("a", GOOD.to_owned()),
        ("same", other.replace("TUNAS", "WILES")),
        (
            "party",
            other
                .replace("kind = \"ticket\"", "kind = \"party\"")
                .replace("TUNAS", "WILES")
                .replace("Wiratmo-Lestiani", "Partai Dusun")
                .replace("Guntara-Sekar", "Partai Kali"),
        ),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let marked = |second: &str| {
        let mut packs = Packs::none();
        packs.read(&folder.path().join("a")).unwrap();
        packs.read(&folder.path().join(second)).unwrap();
        Scorer::new(Model::default(), packs).explain(&Post::new("wiles datang")).marked
    };
    assert_eq!(marked("same"), "<ticket> datang");
    assert_eq!(marked("party"), "wiles datang");
}

#[test]
fn shipped_packs_are_valid_and_those_of_the_folder() {
    let mut files: Vec<_> = std::fs::read_dir("corpus/packs").unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut packs = Packs::none();
    files.iter().for_each(|file| packs.read(file).unwrap());
    let shipped = format!("{:?}", Packs::national());
    assert_eq!(format!("{packs:?}"), shipped);
    assert!(shipped.len() > 100_000);
}
