//! The order of the rooms: a room uses only rooms declared above it in `lib.rs`. And the names of
//! their types: each stands for one thing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms that hold tensors.
const TENSOR_ROOMS: [&str; 2] = ["models", "training"];
/// Rooms that do not know each other, whatever their order.
const SIBLINGS: [(&str, &str); 2] = [("cli", "app"), ("app", "cli")];

/// What is wrong in one file of `src/`, a sentence each.
///
/// `path` is relative to `src/`; `rooms` are in the order of their declaration.
fn violations(path: &str, source: &str, rooms: &[String]) -> Vec<String> {
    let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    let Some(own) = rooms.iter().position(|room| room == parts[0]) else {
        return vec![format!("{path} is in no room that lib.rs declares")];
    };
    let code = without_comments(source);
    let mut found = Vec::new();
    for used in used_rooms(&code) {
        let forbidden = SIBLINGS.contains(&(parts[0], used.as_str()));
        match rooms.iter().position(|room| *room == used) {
            Some(other) if other > own || forbidden => {
                found.push(format!("{path} ({}) uses {used}", parts[0]));
            }
            Some(_) => {}
            None => found.push(format!("{path} uses crate::{used}, which is no room")),
        }
    }
    if !TENSOR_ROOMS.contains(&parts[0]) && mentions(&code, "burn::") {
        found.push(format!("{path} uses burn outside {TENSOR_ROOMS:?}"));
    }
    if escapes(&parts, &code) {
        found.push(format!("{path} leaves its room by `super`"));
    }
    found
}

fn without_comments(source: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    source.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// The first name after every `crate::`, groups in braces included.
fn used_rooms(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(first_names(group)),
            None => rooms.push(identifier(rest)),
        }
    }
    rooms
}

/// The first name of each entry of a group, up to its closing brace.
fn first_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut entry = String::new();
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => names.push(std::mem::take(&mut entry)),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                entry.push(c);
            }
        }
    }
    names.push(entry);
    let names = names.iter().map(|entry| identifier(entry.trim()));
    names.filter(|name| !name.is_empty()).collect()
}

fn identifier(text: &str) -> String {
    let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
    text.chars().take_while(is_part).collect()
}

/// Whether `path` stands in the code as the start of a path.
fn mentions(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Whether a chain of `super::` is long enough to reach the crate's root.
fn escapes(parts: &[&str], code: &str) -> bool {
    let depth = parts.iter().filter(|part| **part != "mod").count();
    let (outside, inside) = code.split_once("mod tests {").unwrap_or((code, ""));
    longest_chain(outside) >= depth || longest_chain(inside) > depth
}

fn longest_chain(code: &str) -> usize {
    (1..8)
        .take_while(|&n| code.contains(&"super::".repeat(n)))
        .count()
}

/// The rooms as `lib.rs` declares them.
fn declared_rooms() -> Vec<String> {
    let lib = fs::read_to_string(source_folder().join("lib.rs")).unwrap();
    let declared = lib.lines().filter_map(|line| line.strip_prefix("pub mod "));
    declared
        .map(|name| name.trim_end_matches(';').to_owned())
        .collect()
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn every_room_uses_only_rooms_above_it() {
    let rooms = declared_rooms();
    let mut found = Vec::new();
    for file in rust_files(&source_folder()) {
        let path = file.strip_prefix(source_folder()).unwrap();
        let path = path.to_string_lossy().replace('\\', "/");
        if !["lib.rs", "main.rs"].contains(&path.as_str()) {
            found.extend(violations(
                &path,
                &fs::read_to_string(&file).unwrap(),
                &rooms,
            ));
        }
    }
    assert!(
        found.is_empty(),
        "against the order of rooms:\n{}",
        found.join("\n")
    );
}

#[test]
fn rooms_stand_in_the_order_data_flows() {
    let expected = [
        "progress",
        "files",
        "melody",
        "audio",
        "dsp",
        "kernels",
        "models",
        "analysis",
        "annotation",
        "formats",
        "datasets",
        "evaluation",
        "training",
        "cli",
        "app",
    ];
    assert_eq!(declared_rooms(), expected);
}

/// The types that a file declares at its top level: structs, enums, unions, traits and aliases.
fn declared_types(source: &str) -> Vec<String> {
    let declared = source.lines().filter_map(|line| {
        let line = match line.strip_prefix("pub") {
            Some(rest) => rest.trim_start_matches(|c: char| c != ' ').trim_start(),
            None => line,
        };
        let line = line.strip_prefix("unsafe ").unwrap_or(line);
        let kinds = ["struct ", "enum ", "union ", "trait ", "type "];
        kinds.iter().find_map(|kind| line.strip_prefix(kind))
    });
    declared.map(identifier).collect()
}

/// Types of one name in several places, a sentence each; `files` are paths with their text.
fn shared_names(files: &[(String, String)]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, source) in files {
        for name in declared_types(source) {
            places.entry(name).or_default().push(path);
        }
    }
    let shared = places.iter().filter(|(_, paths)| paths.len() > 1);
    shared
        .map(|(name, paths)| format!("{name} is declared in {}", paths.join(" and ")))
        .collect()
}

#[test]
fn no_two_types_share_a_name() {
    let files = rust_files(&source_folder()).into_iter().map(|file| {
        let source = fs::read_to_string(&file).unwrap();
        (file.display().to_string(), source)
    });
    let found = shared_names(&files.collect::<Vec<_>>());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_checker_sees_types_of_one_name() {
    let file = |path: &str, source: &str| (path.to_owned(), source.to_owned());
    let one = file("dsp/a.rs", "pub(crate) struct Block<T> {\n    x: T,\n}");
    for other in [
        "enum Block {",
        "pub trait Block: Sync {",
        "pub type Block = u8;",
    ] {
        let found = shared_names(&[one.clone(), file("audio/b.rs", other)]);
        assert_eq!(found, ["Block is declared in dsp/a.rs and audio/b.rs"]);
    }
    let inner = "fn f() {\n    struct Block;\n}\nimpl Block for X {\nstruct Blocks;";
    assert!(shared_names(&[one, file("audio/b.rs", inner)]).is_empty());
}

/// What the checker says of one line in a file.
fn verdict(path: &str, line: &str) -> usize {
    violations(path, line, &declared_rooms()).len()
}

#[test]
fn the_checker_sees_an_import_against_the_order() {
    assert_eq!(verdict("dsp/cfp.rs", "use crate::models::Msnet;"), 1);
    assert_eq!(
        verdict(
            "dsp/cfp.rs",
            "use crate::{\n    melody::{Note, PitchAxis},\n    app,\n};"
        ),
        1
    );
    assert_eq!(
        verdict("audio/reader.rs", "fn f() { crate::dsp::cfp() }"),
        1
    );
    assert_eq!(verdict("cli/mod.rs", "use crate::app::run;"), 1);
    assert_eq!(verdict("app/mod.rs", "use crate::cli::inputs;"), 1);
    assert_eq!(verdict("stray/mod.rs", ""), 1);
}

#[test]
fn the_checker_lets_imports_in_order_pass() {
    assert_eq!(
        verdict(
            "analysis/pipeline.rs",
            "use crate::{dsp::Cfp, melody::{Note, F0Track}};"
        ),
        0
    );
    assert_eq!(
        verdict(
            "dsp/cfp.rs",
            "// use crate::models::Msnet; would be against the order"
        ),
        0
    );
    assert_eq!(verdict("dsp/cfp.rs", "pub(crate) fn f() {}"), 0);
}

#[test]
fn the_checker_sees_tensors_outside_their_rooms() {
    assert_eq!(
        verdict("analysis/pipeline.rs", "use burn::tensor::Tensor;"),
        1
    );
    assert_eq!(verdict("models/msnet.rs", "use burn::tensor::Tensor;"), 0);
    assert_eq!(verdict("analysis/pipeline.rs", "slow_burn::go();"), 0);
}

#[test]
fn the_checker_sees_ways_around_by_super() {
    assert_eq!(verdict("dsp/cfp.rs", "use super::super::models::Msnet;"), 1);
    assert_eq!(verdict("dsp/mod.rs", "use super::models::Msnet;"), 1);
    assert_eq!(
        verdict("formats/figure/page.rs", "use super::super::svl;"),
        0
    );
    assert_eq!(
        verdict(
            "dsp/cfp.rs",
            "mod tests {\n    use super::super::Layers;\n}"
        ),
        0
    );
}
