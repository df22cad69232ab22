//! As whom a container runs: what its programs say, whose its files are, what the API shows.

#![cfg(not(target_arch = "wasm32"))]

use std::rc::Rc;

use podarium::cluster::Cluster;
use podarium::console::{At, ask};
use podarium::map::Map;
use podarium::scenario::Scenario;
use podarium::time::Instant;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  securityContext: {runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000]}
  volumes: [{name: d, emptyDir: {}}]
  containers:
  - name: c
    image: busybox:1.36
    command: [sleep, '3600']
    resources: {requests: {cpu: 100m}}
    securityContext: {readOnlyRootFilesystem: true}
    volumeMounts: [{name: d, mountPath: /d}]
";

/// What a line prints, ten seconds after the Pod was made.
fn printed(line: &str) -> String {
    let (scenario, diagnostics) = Scenario::from_text(POD);
    assert_eq!(diagnostics, []);
    let trace = Rc::new(Cluster::run(&scenario));
    let at = Instant::from_secs(10);
    let reply = ask(&At { scenario: &scenario, trace: &trace, at }, line, None, &mut Map::new());
    reply.output.stdout + &reply.output.stderr
}

#[test]
fn programs_know_their_user_and_groups() {
    // The kernel keeps groups in order.
    assert_eq!(printed("kubectl exec p -- id"), "uid=1000 gid=3000 groups=2000,3000,4000\n");
    assert!(printed("kubectl exec p -- whoami").starts_with("whoami: unknown uid 1000\n"));
    assert!(printed("kubectl exec p -- touch /x").starts_with("touch: /x: Read-only file system"));
}

#[test]
fn files_in_a_volume_belong_to_its_group() {
    let text =
        printed("kubectl exec p -- sh -c 'mkdir /d/a; echo > /d/a/b; ls -ld /d /d/a /d/a/b'");
    let whose: Vec<String> = text
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            format!("{} {} {}", words[0], words[2], words[3])
        })
        .collect();
    assert_eq!(
        whose,
        ["drwxrwsrwx root 2000", "drwxr-sr-x 1000 2000", "-rw-r--r-- 1000 2000"],
        "{text}"
    );
}

#[test]
fn the_status_says_what_the_runtime_made() {
    let text = printed("kubectl get pod p -o yaml");
    let status = text.split_once("\nstatus:\n").expect("it has a status").1;
    for part in [
        "  - allocatedResources:\n      cpu: 100m\n    containerID: containerd://",
        "    image: docker.io/library/busybox:1.36\n",
        "    resources:\n      requests:\n        cpu: 100m\n    restartCount: 0\n",
        "    user:\n      linux:\n        gid: 3000\n        supplementalGroups:\n        - 2000\n        \
         - 3000\n        - 4000\n        uid: 1000\n    volumeMounts:\n    - mountPath: /d\n      \
         name: d\n",
        "      readOnly: true\n      recursiveReadOnly: Disabled\n",
        "    observedGeneration: 1\n    status: \"True\"\n    type: Ready\n",
        "  observedGeneration: 1\n  phase: Running\n",
        "  qosClass: Burstable\n  resources: {}\n",
    ] {
        assert!(status.contains(part), "{part}\n{status}");
    }
}
