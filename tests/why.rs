//! Why: every field that it names stands in the text where it says.

use podarium::cluster::Cluster;
use podarium::manifest::place::place;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::view::why::fields::fields;
use podarium::view::why::why;

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
