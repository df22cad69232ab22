//! The small verbs: `api-versions`, `cluster-info`, `config`, `options`.
//!
//! Owns: what they print about a cluster that is a page. Does not own: objects.

use crate::view::kubectl::Output;
use crate::view::kubectl::flags::Flags;

/// The API versions of a cluster without extensions.
const VERSIONS: &str = "\
admissionregistration.k8s.io/v1
apiextensions.k8s.io/v1
apiregistration.k8s.io/v1
apps/v1
authentication.k8s.io/v1
authorization.k8s.io/v1
autoscaling/v1
autoscaling/v2
batch/v1
certificates.k8s.io/v1
coordination.k8s.io/v1
discovery.k8s.io/v1
events.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1
networking.k8s.io/v1
node.k8s.io/v1
policy/v1
rbac.authorization.k8s.io/v1
resource.k8s.io/v1
scheduling.k8s.io/v1
storage.k8s.io/v1
v1
";

/// The name of the only context, cluster and user.
const NAME: &str = "podarium";

/// Runs `kubectl api-versions`.
pub fn api_versions() -> Output {
    Output::ok(VERSIONS.to_owned())
}

/// Runs `kubectl cluster-info`. The address is the one that Pods see.
pub fn cluster_info() -> Output {
    Output::ok(
        "Kubernetes control plane is running at https://10.96.0.1:443\n\nTo further debug and \
         diagnose cluster problems, use 'kubectl cluster-info dump'.\n"
            .to_owned(),
    )
}

/// Runs `kubectl config`: there is one context, and it cannot be changed.
pub fn config(flags: &Flags) -> Output {
    let row = |name: &str| format!("*         {name}   {name}   you        default\n");
    match flags.words.first().map(String::as_str) {
        Some("current-context") => Output::ok(format!("{NAME}\n")),
        Some("get-contexts") => Output::ok(format!(
            "CURRENT   NAME       CLUSTER    AUTHINFO   NAMESPACE\n{}",
            row(NAME)
        )),
        Some("get-clusters") => Output::ok(format!("NAME\n{NAME}\n")),
        Some("get-users") => Output::ok("NAME\nyou\n".to_owned()),
        Some("view") => Output::ok(format!(
            "apiVersion: v1\nclusters:\n- cluster:\n    server: https://10.96.0.1:443\n  name: {NAME}\n\
             contexts:\n- context:\n    cluster: {NAME}\n    namespace: default\n    user: you\n  \
             name: {NAME}\ncurrent-context: {NAME}\nkind: Config\nusers:\n- name: you\n"
        )),
        Some(other) => {
            Output::error(format!("error: `kubectl config {other}` has nothing to change here"))
        }
        None => Output::ok(
            "Usage:\n  kubectl config current-context|get-contexts|get-clusters|get-users|view\n"
                .to_owned(),
        ),
    }
}
