//! The `netral` command: `netral COMMAND [FILE | -]`.
//!
//! Exit codes: 0 finished; 1 could not run; 2 usage; 3 finished, but some rows could not be read. A closed pipe is success.

mod cmd;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cmd::Command::parse().run() {
        Ok(code) => code,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("netral: {error}");
            ExitCode::FAILURE
        }
    }
}
