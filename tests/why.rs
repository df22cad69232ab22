//! Why: every field that it names stands in the text where it says.

use podarium::cluster::Cluster;
use podarium::gallery;
use podarium::i18n::Lang;
use podarium::manifest::place::place;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::view::story::story;
use podarium::view::why::fields::fields;
use podarium::view::why::{About, why, why_of};

/// A Deployment whose liveness probe asks for what is not there.
const TEXT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 4
      containers:
      - name: side
        image: busybox
        command: [sleep, '3600']
      - name: app
        image: nginx:1.25
        livenessProbe:
          httpGet: {path: /nothing, port: 80}
          periodSeconds: 3
          failureThreshold: 2
";

#[test]
fn fields_lead_to_the_object_that_was_written() {
    let scenario = Scenario::from_text(TEXT).0;
    let trace = Cluster::run(&scenario);
    let answer = why(&trace, Instant::from_secs(400), None);
    let mut shown = Vec::new();
    for field in answer.links.iter().flat_map(|line| fields(&trace, line)) {
        assert_eq!((field.place.kind.as_str(), field.place.name.as_str()), ("Deployment", "web"));
        let span = place(TEXT, &field.place.kind, &field.place.name, &field.place.path).unwrap();
        shown.push((field.name, field.value, TEXT[span.start..span.end].to_owned()));
    }
    for (name, value) in [("failureThreshold", "2"), ("periodSeconds", "3")] {
        assert!(
            shown.contains(&(name.to_owned(), value.to_owned(), value.to_owned())),
            "{name} in {shown:?}"
        );
    }
    let places: Vec<&str> =
        answer.remedies.iter().map(|r| r.place.as_ref().unwrap().path.as_str()).collect();
    let path = "spec.template.spec.containers[name=app].livenessProbe.httpGet.path";
    assert!(places.contains(&path), "{places:?}");
    let span = place(TEXT, "Deployment", "web", path).unwrap();
    assert_eq!(&TEXT[span.start..span.end], "/nothing");
}

/// What is asked where a scenario of the gallery opens, and how the answer begins.
fn opens(id: &str, about: About) -> (String, Vec<String>) {
    let entry = gallery::entry(id).expect("a scenario of the gallery");
    opens_with(entry, &Scenario::from_text(entry.text).0, about)
}

fn opens_with(
    entry: &gallery::GalleryEntry,
    scenario: &Scenario,
    about: About,
) -> (String, Vec<String>) {
    let trace = Cluster::run(scenario);
    let at = entry.at().expect("it says when");
    let answer = why_of(&trace, &story(&trace), at, None, about);
    let texts = Lang::En.story();
    let claims = answer.links.iter().map(|line| (texts.said)(line, false).claim).collect();
    ((texts.question)(&answer.question), claims)
}

#[test]
fn it_is_about_what_the_picture_is_about() {
    let begins = |id: &str, about: About, question: &str, claims: &[&str]| {
        let (asked, said) = opens(id, about);
        assert_eq!(asked, question, "{id}");
        assert!(said.iter().map(String::as_str).eq(claims.iter().copied()), "{id}: {said:?}");
    };
    // What an autoscaler looks at, and whoever set the number last.
    let you = "You: apply -f pod.yaml";
    let up = ["Autoscaler shop: 1 → 3 replicas", you];
    begins("hpa-load", About::Replicas, "Why 3 replicas of shop?", &up);
    let keeps = ["Autoscaler shop keeps 5 replicas", you];
    begins("hpa-late", About::Replicas, "Why 5 replicas of shop?", &keeps);
    begins("apply-resets", About::Replicas, "Why 1 replica of shop?", &[you]);
    // A Job that has ended, and not one of its Pods.
    let (asked, said) = opens("job-gives-up", About::Pods);
    assert_eq!((&*asked, &*said[0]), ("Why is Job import Failed?", "Job import has failed"));
    assert_eq!(opens("sidecar-job", About::Pods).0, "Why is Job report Complete?");
    // The Pod that was made last, and what happened to it; not what you did meanwhile.
    assert_eq!(opens("stateful-order", About::Pods).0, "Why is db-2 Running, 1/1?");
    let error = ["app: CreateContainerConfigError", you];
    begins("config-missing", About::Pods, "Why is web CreateContainerConfigError, 0/1?", &error);
    let (_, said) = opens("shared-pid", About::Pods);
    assert_eq!(said[0], "together ready, 2/2");
}

#[test]
fn what_an_apply_takes_back_is_seen_whatever_the_luck() {
    let entry = gallery::entry("apply-resets").expect("a scenario of the gallery");
    let mut scenario = Scenario::from_text(entry.text).0;
    for seed in 0..24 {
        scenario.seed = seed;
        let (asked, said) = opens_with(entry, &scenario, About::Replicas);
        assert_eq!(asked, "Why 1 replica of shop?", "seed {seed}");
        assert_eq!(said, ["You: apply -f pod.yaml"], "seed {seed}");
    }
}

#[test]
fn the_silence_of_a_node_leads_to_the_end_of_its_pods() {
    let (asked, said) = opens("node-dies", About::Pods);
    assert!(asked.ends_with("Terminating, 1/1?"), "{asked}");
    assert!(said[0].ends_with("is deleted"), "{said:?}");
    assert_eq!(said[1..], ["Node node1 is NotReady", "You: poweroff"]);
}

#[test]
fn a_job_that_gave_up_leads_to_its_limit() {
    let text = gallery::entry("job-gives-up").unwrap().text;
    let trace = Cluster::run(&Scenario::from_text(text).0);
    let answer = why(&trace, Instant::from_secs(60), None);
    let [field] = &fields(&trace, &answer.links[0])[..] else { panic!("{answer}") };
    assert_eq!((&*field.name, &*field.value), ("backoffLimit", "2"));
    let span = place(text, &field.place.kind, &field.place.name, &field.place.path).unwrap();
    assert_eq!(&text[span.start..span.end], "2");
}

#[test]
fn a_command_that_cannot_be_started_is_a_try_too() {
    let (_, said) = opens("bad-command", About::Pods);
    assert_eq!(said[..2], ["Restart 2 of app held back", "app #2 cannot start, exit 128"]);
}
