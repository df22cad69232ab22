//! Commands out of chance: sensible ones, ones at the wrong time, and garbage.
//!
//! Does not own: when they are run (`generate`).

use crate::chance::Chance;
use crate::generate::Known;

/// A command line, and the node on which it is run.
pub fn command(chance: &mut Chance, known: &Known) -> (String, Option<String>) {
    let (kind, namespace, name) = known.objects[chance.below(known.objects.len())].clone();
    let of = format!("{kind} {name} -n {namespace}");
    let pod = match kind {
        "pod" => name.clone(),
        "statefulset" => format!("{name}-{}", chance.below(3)),
        _ => format!("{kind}/{name}"),
    };
    let container = known.containers[chance.below(known.containers.len())].clone();
    let image = chance.pick(&["nginx:1.27", "busybox:1.37", "nowhere/x:1", "''"]);
    let node = known.nodes[chance.below(known.nodes.len())].clone();
    let line = match chance.below(30) {
        0..=3 => format!("kubectl delete {of}{}", flags(chance)),
        4 => format!("kubectl delete pods --all -n {namespace}{}", flags(chance)),
        5 => format!("kubectl delete pod {pod} -n {namespace}{}", flags(chance)),
        6 => format!("kubectl delete pods -l app=a{}{}", chance.below(2), flags(chance)),
        7..=8 => format!("kubectl scale {of} --replicas={}", chance.below(7)),
        9..=10 => format!("kubectl set image {kind}/{name} -n {namespace} {container}={image}"),
        11 => format!("kubectl rollout restart {kind}/{name} -n {namespace}"),
        12 => format!("kubectl rollout undo {kind}/{name} -n {namespace}"),
        13 => format!("kubectl rollout {} {kind}/{name}", chance.pick(&["pause", "resume"])),
        14 => {
            let list = chance.pick(&["[]", "null", "[\"example.com/hold\"]", "[\"x/y\",\"z/w\"]"]);
            format!(
                "kubectl patch {of} -p '{{\"metadata\":{{\"finalizers\":{list}}}}}' --type=merge"
            )
        }
        15 => format!("kubectl {} {node}", chance.pick(&["cordon", "uncordon", "drain"])),
        16..=17 => {
            let line = chance.pick(&[
                "kill 1",
                "kill -9 1",
                "touch /tmp/ok",
                "rm /tmp/ok",
                "sh -c 'sleep 5; kill 1'",
                "nowhere",
                "cat /etc/hostname",
            ]);
            format!("kubectl exec {pod} -n {namespace} -c {container} -- {line}")
        }
        18 => format!("kubectl delete {} {namespace}", chance.pick(&["ns", "namespace"])),
        19 => {
            let value = chance.pick(&["app=other", "app-", "app=a0 --overwrite", "=", "x=y"]);
            format!("kubectl label {of} {value}")
        }
        20 => format!("kubectl delete svc svc{}", chance.below(2)),
        21 => format!("kubectl run extra --image={image} --restart=Never -- sleep 5"),
        22 => format!("kubectl expose {of} --port=80"),
        23 => {
            let file = "/etc/kubernetes/manifests/web.yaml";
            let line = chance.pick(&[
                "rm FILE",
                "mv FILE /tmp/",
                "mv /tmp/web.yaml FILE",
                "touch FILE",
                "reboot",
                "poweroff",
                "systemctl stop kubelet",
                "systemctl stop kubelet",
                "systemctl start kubelet",
                "systemctl start kubelet",
                "systemctl restart kubelet",
            ]);
            return (line.replace("FILE", file), Some(node));
        }
        25 => format!(
            "kubectl drain {node} {}",
            chance.pick(&[
                "--force",
                "--force --ignore-daemonsets --delete-emptydir-data",
                "--force --ignore-daemonsets --delete-emptydir-data --timeout=20s",
                "--force --ignore-daemonsets --delete-emptydir-data --disable-eviction",
            ])
        ),
        26 => format!(
            "kubectl taint nodes {node} {}",
            chance.pick(&["k=v:NoExecute", "k:NoExecute-", "k=v:NoSchedule --overwrite", "x=y"])
        ),
        27 => {
            let line = chance.pick(&["systemctl stop kubelet", "systemctl start kubelet"]);
            return (line.to_owned(), Some(node));
        }
        28 => format!("kubectl delete {} --all", chance.pick(&["pdb", "quota", "limits", "pc"])),
        24 => format!("kubectl autoscale {of} --min=1 --max=4 --cpu-percent=50"),
        _ => garbage(chance),
    };
    (line, None)
}

fn flags(chance: &mut Chance) -> String {
    let flag = chance.pick(&[
        "",
        "",
        "",
        " --force",
        " --force --grace-period=0",
        " --now",
        " --grace-period=1",
        " --grace-period=35",
        " --grace-period=-7",
        " --grace-period=x",
        " --wait=false",
        " --cascade=orphan",
        " --cascade=foreground",
        " --ignore-not-found",
    ]);
    flag.to_owned()
}

fn garbage(chance: &mut Chance) -> String {
    let words = [
        "kubectl",
        "delete",
        "-",
        "--",
        "---",
        "\"",
        "''",
        "get",
        "-n",
        "patch",
        "{",
        "中文",
        "-p",
        "$(x)",
        "--replicas=-3",
        "scale",
        "rollout",
        "exec",
        "pod/",
        "/",
        "=",
        "--force=maybe",
    ];
    let mut line = if chance.percent(70) { "kubectl".to_owned() } else { String::new() };
    for _ in 0..chance.below(6) {
        line.push(' ');
        line.push_str(chance.pick(&words));
    }
    line
}
