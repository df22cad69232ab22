//! Links: what was written is read back, damage is noticed, and links that exist live for ever.
#![cfg(not(target_arch = "wasm32"))]

use podarium::gallery;
use podarium::share::{Damage, SharedState, TEXT_LIMIT, decode, encode, encode_text};
use podarium::time::Instant;
use proptest::prelude::*;

/// One link of `tests/links.txt`: the fragment and what it says.
#[derive(Debug, Default)]
struct Frozen {
    link: String,
    state: SharedState,
}

/// Reads `tests/links.txt`: blocks of `name: value` lines, a text as lines that begin with `|`.
fn frozen() -> Vec<Frozen> {
    let mut found: Vec<Frozen> = Vec::new();
    for line in include_str!("links.txt").lines() {
        if let Some(link) = line.strip_prefix("link: ") {
            found.push(Frozen { link: link.to_owned(), state: SharedState::default() });
            continue;
        }
        let Some(last) = found.last_mut() else { continue };
        let state = &mut last.state;
        match line.split_once(": ").unwrap_or((line, "")) {
            ("gallery", value) => {
                let (id, revision) = value.split_once('@').expect("id@revision");
                state.gallery = Some((id.to_owned(), revision.parse().expect("a number")));
            }
            ("micros", value) => {
                state.cursor = Some(Instant::from_micros(value.parse().expect("micros")));
            }
            ("view", value) => state.view = Some(value.to_owned()),
            ("focus", value) => state.focus = Some(value.to_owned()),
            ("digest", value) => state.digest = Some(u16::from_str_radix(value, 16).expect("hex")),
            ("release", value) => state.release = Some(value.to_owned()),
            ("read-only", _) => state.read_only = true,
            _ => {
                if let Some(text) = line.strip_prefix('|') {
                    let whole = state.text.get_or_insert_default();
                    whole.push_str(text.strip_prefix(' ').unwrap_or(text));
                    whole.push('\n');
                }
            }
        }
    }
    found
}

fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn links_that_exist_decode_for_ever() {
    let links = frozen();
    assert!(links.len() >= 8, "only {} links", links.len());
    for Frozen { link, state } in links {
        assert_eq!(decode(&link).as_ref(), Ok(&state), "{link}");
    }
}

#[test]
fn gallery_texts_that_were_published_never_change() {
    let known = include_str!("data/links-gallery.txt");
    let now: String = gallery::revisions()
        .map(|(id, revision, text)| format!("{id}@{revision} {:016x}\n", fnv(text)))
        .collect();
    for line in known.lines() {
        let kept = now.lines().any(|other| other == line);
        assert!(kept, "{line} was changed; keep its text and raise the revision (src/gallery.rs)");
    }
    for line in now.lines() {
        assert!(
            known.lines().any(|other| other == line),
            "add to tests/data/links-gallery.txt: {line}"
        );
    }
}

#[test]
fn an_edited_scenario_makes_a_short_link() {
    for entry in gallery::all() {
        let gallery = Some((entry.id.to_owned(), entry.revision));
        let same = SharedState {
            gallery: gallery.clone(),
            text: Some(entry.text.to_owned()),
            ..SharedState::default()
        };
        assert_eq!(encode(&same), format!("g={}@{}", entry.id, entry.revision));
        assert_eq!(decode(&encode(&same)).unwrap().full_text(), Some(entry.text));

        let edited = entry.text.replacen("duration: ", "duration: 1h", 1);
        assert_ne!(edited, entry.text);
        let state = SharedState { gallery, text: Some(edited), ..SharedState::default() };
        let link = encode(&state);
        assert!(link.len() < 60, "{} characters: {link}", link.len());
        assert_eq!(decode(&link), Ok(state));
    }
}

#[test]
fn every_cut_and_every_changed_character_is_noticed() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: unlike-any-other\n# 一个注释\n";
    let link = encode_text(text);
    for end in 3..link.len() {
        let cut = decode(&link[..end]);
        assert!(
            cut.is_err_and(|damaged| text
                .starts_with(damaged.readable.trim_end_matches('\u{fffd}'))
                || damaged.damage == Damage::Corrupt),
            "{}",
            &link[..end]
        );
    }
    for place in 2..link.len() {
        for other in "AQgw09-_.%".chars() {
            let mut changed = link.clone();
            changed.replace_range(place..=place, &other.to_string());
            match decode(&changed) {
                Ok(state) => assert_eq!(state.text.as_deref(), Some(text), "{changed}"),
                Err(damaged) => assert_eq!(damaged.state.text, None),
            }
        }
    }
}

#[test]
fn a_damaged_link_keeps_what_could_be_read() {
    let mut text = String::from("kind: Pod\n");
    for line in 0..200 {
        text.push_str(&format!("# line {line} of {}\n", line * 7_919));
    }
    let link = encode_text(&text);
    let damaged = decode(&format!("#{}&t=42.5&v=story", &link[..link.len() / 2])).unwrap_err();
    assert_eq!(damaged.damage, Damage::Truncated);
    assert!(damaged.readable.len() > text.len() / 4, "{}", damaged.readable.len());
    assert!(text.starts_with(&damaged.readable));
    assert_eq!(damaged.state.cursor, Some(Instant::from_micros(42_500_000)));
    assert_eq!(damaged.state.view.as_deref(), Some("story"));

    assert_eq!(damaged.damage.explain(podarium::i18n::Lang::En), "Its end is missing");

    let unknown = decode("#g=never-was@7&d=1AAAA").unwrap_err();
    assert_eq!(unknown.damage, Damage::UnknownScenario("never-was@7".to_owned()));
    assert_eq!(decode("#d=9AAAA").unwrap_err().damage, Damage::UnknownVersion);
    assert_eq!(decode("#d=1AA!A").unwrap_err().damage, Damage::NotBase64);
    assert_eq!(decode("#d=").unwrap_err().damage, Damage::Truncated);
    let bomb = encode_text(&" ".repeat(TEXT_LIMIT + 1));
    assert_eq!(decode(&bomb).unwrap_err().damage, Damage::TooLarge);
}

#[test]
fn unknown_parameters_and_odd_values_are_ignored() {
    for fragment in ["", "#", "#&&", "#=", "#later=1&t=soon&x=12&x=zzzz&v=", "#💥"] {
        assert!(decode(fragment).unwrap().is_empty(), "{fragment}");
    }
    let newest = decode("#g=exit-1&t=3&new=%00").unwrap();
    assert_eq!(newest.gallery.as_ref().map(|(id, _)| id.as_str()), Some("exit-1"));
    assert!(newest.full_text().is_some());
    assert_eq!(decode("#x=00ff").unwrap().digest, Some(255));
}

prop_compose! {
    fn states()(
        base in prop::option::of(0..gallery::all().len()),
        text in prop::option::of("(?s).{0,600}"),
        against in prop::option::of("(?s).{0,300}"),
        micros in prop::option::of(0..86_400_000_000_i64),
        view in prop::option::of("[^\\x00]{1,20}"),
        focus in prop::option::of(".{1,20}"),
        digest in prop::option::of(any::<u16>()),
        read_only in any::<bool>(),
    ) -> SharedState {
        SharedState {
            gallery: base.map(|index| {
                let entry = &gallery::all()[index];
                (entry.id.to_owned(), entry.revision)
            }),
            text,
            against,
            cursor: micros.map(Instant::from_micros),
            view,
            focus,
            digest,
            release: digest.map(|_| "0.3.0-rc.1".to_owned()),
            read_only,
        }
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(state in states()) {
        let link = encode(&state);
        prop_assert!(link.is_ascii());
        prop_assert!(!link.contains(['#', ' ', '"', '<', '>', '\'', '(', ')']), "{link}");
        prop_assert_eq!(decode(&link), Ok(state.clone()));
        prop_assert_eq!(decode(&format!("#{link}")), Ok(state));
    }

    #[test]
    fn nothing_that_can_be_typed_panics(fragment in ".{0,200}", payload in "[A-Za-z0-9_-]{0,300}") {
        let _ = decode(&fragment);
        let _ = decode(&format!("#d=1{payload}"));
        let _ = decode(&format!("#g=exit-1@1&d=1{payload}&t={fragment}"));
    }

    #[test]
    fn text_beside_the_gallery_survives(
        base in 0..gallery::all().len(),
        cut in 0..400_usize,
        new in "\\PC{0,40}",
    ) {
        let entry = &gallery::all()[base];
        let mut text = entry.text.to_owned();
        let at = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.insert_str(at, &new);
        let state = SharedState {
            gallery: Some((entry.id.to_owned(), entry.revision)),
            text: Some(text.clone()),
            ..SharedState::default()
        };
        let read = decode(&encode(&state)).unwrap();
        prop_assert_eq!(read.full_text(), Some(text.as_str()));
    }
}
