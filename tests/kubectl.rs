//! kubectl's output as of a moment, held against what kubectl printed.

mod kubectl_support;

use kubectl_support::{object, time};
use podarium::manifest::Object;
use podarium::time::Instant;
use podarium::trace::State;
use podarium::view::kubectl::describe::describe;

/// Descriptions recorded on Kubernetes 1.36.2, each with the object that it describes.
fn check_descriptions(file: &str, json: &serde_json::Value, wrong: &mut Vec<String>) -> usize {
    let now = time(&json["now"], Instant::ZERO).unwrap();
    let items = json["items"].as_array().unwrap();
    let mut objects: Vec<Object> = Vec::new();
    for item in items {
        objects.push(object(&item["object"], now).unwrap());
        let events = item["events"].as_array().unwrap();
        objects.extend(events.iter().map(|event| object(event, now).unwrap()));
    }
    let state = State { at: now, objects: objects.iter().collect() };
    for item in items {
        let subject = object(&item["object"], now).unwrap();
        let text = describe(&state, &subject, item["showEvents"] == true);
        let expected = item["expect"].as_str().unwrap();
        let differs = text.lines().zip(expected.lines()).find(|(ours, theirs)| ours != theirs);
        if text != expected {
            wrong.push(format!("{file}, {}: {differs:?}", subject.metadata().name));
        }
    }
    items.len()
}

#[test]
fn descriptions_are_those_of_kubectl() {
    let folder = match std::env::var("PODARIUM_DESCRIPTIONS") {
        Ok(folder) => folder,
        Err(_) => format!("{}/tests/data/describe", env!("CARGO_MANIFEST_DIR")),
    };
    let (mut checked, mut wrong) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        checked += check_descriptions(&path.display().to_string(), &json, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 20, "{checked}");
}
