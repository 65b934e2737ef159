//! Who may be covered: accounts with their agency, role group and jurisdiction, as far as a team may know them.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::filled::Filled;
use crate::pack::hex;
use crate::pseudonym::Pseudonyms;
use crate::text::harmless;

/// Accounts by their pseudonyms: a roster of clear names and one of pseudonyms under the same key are the same.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    members: HashMap<String, Member>,
    hash: Option<String>,
}

/// What a roster tells about an account; `None` where it leaves the cell empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) agency: Option<String>,
    pub(crate) role: Option<String>,
    /// A country by two letters, and perhaps a region of it as packs name it: `ID` or `ID/Banten`.
    pub(crate) jurisdiction: Option<String>,
}

impl Roster {
    /// Reads a CSV table with a column `account` and any of `agency`, `role` and `jurisdiction`.
    pub(crate) fn read(path: &Path, keys: &Pseudonyms) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        let hash = hex(&Sha256::digest(&bytes));
        let table = Filled::open(path, bytes)?;
        let Some(account) = table.column("account") else {
            return Err(Error::new("no column `account`").at(path).line(1).remedy("columns are account, agency, role, jurisdiction"));
        };
        let columns = ["agency", "role", "jurisdiction"].map(|name| table.column(name));
        let mut members: HashMap<String, Member> = HashMap::new();
        for row in table.rows() {
            let (line, record) = row?;
            let [agency, role, jurisdiction] = columns.map(|c| c.and_then(|c| record.get(c)).filter(|cell| !cell.is_empty()).map(harmless));
            let name = record.get(account).unwrap_or_default();
            if name.is_empty() {
                return Err(Error::new("a row without an account").at(path).line(line).remedy("fill the cell or leave the row out"));
            }
            let country = jurisdiction.as_deref().map(|place| place.split('/').next().unwrap_or_default());
            if country.is_some_and(|c| c.len() != 2 || !c.bytes().all(|b| b.is_ascii_uppercase())) {
                return Err(Error::new("a jurisdiction does not begin with a country of two capital letters")
                    .at(path)
                    .line(line)
                    .remedy("write ID, or ID/Banten for a region"));
            }
            let member = Member { agency, role, jurisdiction };
            let key = if is_pseudonym(name) { name.to_owned() } else { keys.account(name) };
            if members.get(&key).is_some_and(|other| *other != member) {
                return Err(Error::new("the account stands in two rows that differ").at(path).line(line).remedy("keep one of them"));
            }
            members.insert(key, member);
        }
        Ok(Self { members, hash: Some(hash) })
    }

    /// What is known about the account of a pseudonym.
    pub(crate) fn member(&self, pseudonym: Option<&str>) -> Member {
        pseudonym.and_then(|name| self.members.get(name)).cloned().unwrap_or_default()
    }

    /// The hash of its file, if there is one.
    pub(crate) fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }
}

/// Whether a name is a pseudonym as [`Pseudonyms::account`] makes them.
fn is_pseudonym(name: &str) -> bool {
    name.strip_prefix("u_").is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Roster, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Roster::read(file.path(), &keys()).map_err(|e| e.to_string().split_once(".tmp").map_or_else(|| e.to_string(), |(_, rest)| rest.to_owned()))
    }

    fn keys() -> Pseudonyms {
        Pseudonyms::new(b"a key that only tests have").unwrap()
    }

    #[test]
    fn a_clear_name_and_its_pseudonym_are_one_account() {
        let name = keys().account("budi_s");
        for text in ["\u{FEFF}account;agency;role\n@Budi_S;Dinas A;asn\n".to_owned(), format!("Account,agency,role\n{name},Dinas A,asn\n")] {
            let member = read(&text).unwrap().member(Some(&name));
            assert_eq!(member, Member { agency: Some("Dinas A".into()), role: Some("asn".into()), jurisdiction: None });
        }
        assert_eq!(read("account\nx\n").unwrap().member(None), Member::default());
    }

    #[test]
    fn faults_name_their_line_and_a_remedy() {
        for (text, line, words) in [
            ("name\nx\n", 1, "no column `account`"),
            ("account,role\na,asn\n,asn\n", 3, "without an account"),
            ("account,role\na,asn\nA,pppk\n", 3, "two rows that differ"),
            ("account,jurisdiction\na,Banten\n", 2, "two capital letters"),
            ("account,role\na,asn,x\n", 2, "more or fewer cells"),
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            let error = Roster::read(file.path(), &keys()).unwrap_err();
            assert_eq!(error.line_number(), Some(line), "{text}");
            assert!(error.to_string().contains(words) && error.to_string().ends_with(')'), "{error}");
        }
        assert!(read("account\nx\n").is_ok());
    }
}
