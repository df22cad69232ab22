//! Objects as the API server has them inside, and prints them when a field may not change.
//!
//! Owns: the names and the order of the fields of those structs, and their JSON: they have no tags,
//! so that each field stands under its Go name, `null` included. Does not own: what is refused
//! (`validate::update`), or comparing lines (`manifest::diff`).
//!
//! Models pkg/apis/core/types.go as printed by encoding/json.

use crate::manifest::encode::Tree;
use crate::manifest::json::push_go_text;
use crate::manifest::node::{Node, Value};

/// A type and its fields: `Name` is a text, `:i` a number, `:b` a flag, `:p` may be missing, `:[` a
/// list of a type, `:{` a map, `:Type` a struct that may be missing, `:=Type` one that may not.
const TYPES: &[(&str, &str)] = &[
    ("Affinity", "NodeAffinity:NodeAffinity PodAffinity:PodAffinity PodAntiAffinity:PodAffinity"),
    ("AppArmorProfile", "Type LocalhostProfile:p"),
    ("Capabilities", "Add:[ Drop:["),
    ("ConfigMap", "Name Items:[KeyToPath DefaultMode:p Optional:p"),
    ("ConfigMapEnv", "Name Optional:p"),
    ("ConfigMapKey", "Name Key Optional:p"),
    (
        "Container",
        "Name Image Command:[ Args:[ WorkingDir Ports:[ContainerPort EnvFrom:[EnvFrom Env:[EnvVar \
         Resources:=Resources ResizePolicy:[ResizePolicy RestartPolicy:p \
         RestartPolicyRules:[RestartRule VolumeMounts:[VolumeMount VolumeDevices:[VolumeDevice \
         LivenessProbe:Probe ReadinessProbe:Probe StartupProbe:Probe Lifecycle:Lifecycle \
         TerminationMessagePath TerminationMessagePolicy ImagePullPolicy \
         SecurityContext:SecurityContext Stdin:b StdinOnce:b TTY:b",
    ),
    ("ContainerPort", "Name HostPort:i ContainerPort:i Protocol HostIP"),
    ("CSI", "Driver ReadOnly:p FSType:p VolumeAttributes:{ NodePublishSecretRef:Named"),
    ("DNSConfig", "Nameservers:[ Searches:[ Options:[DNSOption"),
    ("DNSOption", "Name Value:p"),
    ("DownwardAPI", "Items:[DownwardFile DefaultMode:p"),
    ("DownwardFile", "Path FieldRef:FieldRef ResourceFieldRef:ResourceField Mode:p"),
    ("DownwardItems", "Items:[DownwardFile"),
    ("EmptyDir", "Medium SizeLimit:p"),
    ("EnvFrom", "Prefix ConfigMapRef:ConfigMapEnv SecretRef:ConfigMapEnv"),
    (
        "EnvSource",
        "FieldRef:FieldRef ResourceFieldRef:ResourceField ConfigMapKeyRef:ConfigMapKey \
     SecretKeyRef:ConfigMapKey FileKeyRef:FileKey",
    ),
    ("EnvVar", "Name Value ValueFrom:EnvSource"),
    ("Exec", "Command:["),
    ("ExitCodes", "Operator Values:["),
    ("FieldRef", "APIVersion FieldPath"),
    ("FileKey", "VolumeName Path Key Optional:p"),
    ("GRPC", "Port:i Service:p"),
    ("Header", "Name Value"),
    ("HostAlias", "IP Hostnames:["),
    ("HostPath", "Path Type:p"),
    ("HTTPGet", "Path Port:i Host Scheme HTTPHeaders:[Header"),
    ("ImageVolume", "Reference PullPolicy"),
    ("KeyToPath", "Key Path Mode:p"),
    ("Lifecycle", "PostStart:LifecycleHandler PreStop:LifecycleHandler StopSignal:p"),
    ("LifecycleHandler", "Exec:Exec HTTPGet:HTTPGet TCPSocket:TCPSocket Sleep:Sleep"),
    ("Named", "Name"),
    ("NFS", "Server Path ReadOnly:b"),
    (
        "NodeAffinity",
        "RequiredDuringSchedulingIgnoredDuringExecution:NodeSelector \
         PreferredDuringSchedulingIgnoredDuringExecution:[PreferredTerm",
    ),
    ("NodeSelector", "NodeSelectorTerms:[NodeTerm"),
    ("NodeTerm", "MatchExpressions:[Requirement MatchFields:[Requirement"),
    ("PDB", "MinAvailable:p Selector:p MaxUnavailable:p UnhealthyPodEvictionPolicy:p"),
    (
        "PodAffinity",
        "RequiredDuringSchedulingIgnoredDuringExecution:[PodTerm \
         PreferredDuringSchedulingIgnoredDuringExecution:[WeightedTerm",
    ),
    ("PodResourceClaim", "Name ResourceClaimName:p ResourceClaimTemplateName:p"),
    (
        "PodSecurityContext",
        "HostNetwork:b HostPID:b HostIPC:b ShareProcessNamespace:p HostUsers:p \
         SELinuxOptions:SELinux WindowsOptions:Windows RunAsUser:p RunAsGroup:p RunAsNonRoot:p \
         SupplementalGroups:[ SupplementalGroupsPolicy:p FSGroup:p FSGroupChangePolicy:p \
         Sysctls:[Header SeccompProfile:AppArmorProfile AppArmorProfile:AppArmorProfile \
         SELinuxChangePolicy:p",
    ),
    (
        "PodSpec",
        "Volumes:[Volume InitContainers:[Container Containers:[Container \
         EphemeralContainers:[Container RestartPolicy TerminationGracePeriodSeconds:p \
         ActiveDeadlineSeconds:p DNSPolicy NodeSelector:{ ServiceAccountName \
         AutomountServiceAccountToken:p NodeName SecurityContext:=PodSecurityContext \
         ImagePullSecrets:[Named Hostname Subdomain SetHostnameAsFQDN:p Affinity:Affinity \
         SchedulerName Tolerations:[Toleration HostAliases:[HostAlias PriorityClassName \
         Priority:p PreemptionPolicy:p DNSConfig:DNSConfig ReadinessGates:[ReadinessGate \
         RuntimeClassName:p Overhead:{ EnableServiceLinks:p TopologySpreadConstraints:[Spread \
         OS:Named SchedulingGates:[Named ResourceClaims:[PodResourceClaim Resources:Resources \
         HostnameOverride:p SchedulingGroup:p",
    ),
    (
        "PodTerm",
        "LabelSelector:p Namespaces:[ TopologyKey NamespaceSelector:p MatchLabelKeys:[ \
     MismatchLabelKeys:[",
    ),
    ("PreferredTerm", "Weight:i Preference:=NodeTerm"),
    (
        "Probe",
        "Exec:Exec HTTPGet:HTTPGet TCPSocket:TCPSocket GRPC:GRPC InitialDelaySeconds:i \
         TimeoutSeconds:i PeriodSeconds:i SuccessThreshold:i FailureThreshold:i \
         TerminationGracePeriodSeconds:p",
    ),
    ("Projected", "Sources:[Projection DefaultMode:p"),
    (
        "Projection",
        "Secret:SecretProjection DownwardAPI:DownwardItems ConfigMap:SecretProjection \
     ServiceAccountToken:Token ClusterTrustBundle:p PodCertificate:p",
    ),
    ("PVC", "ClaimName ReadOnly:b"),
    ("ReadinessGate", "ConditionType"),
    ("Requirement", "Key Operator Values:["),
    ("ResizePolicy", "ResourceName RestartPolicy"),
    ("ResourceClaim", "Name Request"),
    ("ResourceField", "ContainerName Resource Divisor"),
    ("Resources", "Limits:{ Requests:{ Claims:[ResourceClaim"),
    ("RestartRule", "Action ExitCodes:ExitCodes"),
    ("Secret", "SecretName Items:[KeyToPath DefaultMode:p Optional:p"),
    ("SecretProjection", "Name Items:[KeyToPath Optional:p"),
    (
        "SecurityContext",
        "Capabilities:Capabilities Privileged:p SELinuxOptions:SELinux WindowsOptions:Windows \
         RunAsUser:p RunAsGroup:p RunAsNonRoot:p ReadOnlyRootFilesystem:p \
         AllowPrivilegeEscalation:p ProcMount:p SeccompProfile:AppArmorProfile \
         AppArmorProfile:AppArmorProfile",
    ),
    ("SELinux", "User Role Type Level"),
    ("ServicePort", "Name Protocol AppProtocol:p Port:i TargetPort:i NodePort:i"),
    ("Sleep", "Seconds:i"),
    (
        "Spread",
        "MaxSkew:i TopologyKey WhenUnsatisfiable LabelSelector:p MinDomains:p \
     NodeAffinityPolicy:p NodeTaintsPolicy:p MatchLabelKeys:[",
    ),
    ("SuccessPolicy", "Rules:[SuccessRule"),
    ("SuccessRule", "SucceededIndexes:p SucceededCount:p"),
    ("TCPSocket", "Port:i Host"),
    ("Token", "Audience ExpirationSeconds:i Path"),
    ("Toleration", "Key Operator Value Effect TolerationSeconds:p"),
    (
        "Volume",
        "Name HostPath:HostPath EmptyDir:EmptyDir GCEPersistentDisk:p AWSElasticBlockStore:p \
         GitRepo:p Secret:Secret NFS:NFS ISCSI:p Glusterfs:p PersistentVolumeClaim:PVC RBD:p \
         Quobyte:p FlexVolume:p Cinder:p CephFS:p Flocker:p DownwardAPI:DownwardAPI FC:p \
         AzureFile:p ConfigMap:ConfigMap VsphereVolume:p AzureDisk:p PhotonPersistentDisk:p \
         Projected:Projected PortworxVolume:p ScaleIO:p StorageOS:p CSI:CSI Ephemeral:p \
         Image:ImageVolume",
    ),
    ("VolumeDevice", "Name DevicePath"),
    (
        "VolumeMount",
        "Name ReadOnly:b RecursiveReadOnly:p MountPath SubPath MountPropagation:p \
     SubPathExpr",
    ),
    ("WeightedTerm", "Weight:i PodAffinityTerm:=PodTerm"),
    ("Windows", "GMSACredentialSpecName:p GMSACredentialSpec:p RunAsUserName:p HostProcess:p"),
];

/// The tree of an object, and what of its document no type of ours reads.
pub(crate) fn whole(tree: Tree, document: Option<&Node>) -> Tree {
    match document {
        Some(document) => overlaid(tree, document),
        None => tree,
    }
}

fn overlaid(tree: Tree, node: &Node) -> Tree {
    match (tree, &node.value) {
        (Tree::Map(mut map), Value::Map(entries)) => {
            for (key, value) in entries {
                let known = map.remove(&key.name);
                map.insert(key.name.clone(), overlaid(known.unwrap_or_default(), value));
            }
            Tree::Map(map)
        }
        (Tree::List(items), Value::Seq(nodes)) if items.len() >= nodes.len() => {
            let mut nodes = nodes.iter();
            let both = |item: Tree| match nodes.next() {
                Some(node) => overlaid(item, node),
                None => item,
            };
            Tree::List(items.into_iter().map(both).collect())
        }
        (Tree::Null, value) => plain(value),
        (known, _) => known,
    }
}

fn plain(value: &Value) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(*value),
        Value::Int(number) => Tree::Int(*number),
        Value::Float(number) => Tree::Text(number.to_string()),
        Value::String(text) => Tree::text(text),
        Value::Seq(items) => Tree::List(items.iter().map(|item| plain(&item.value)).collect()),
        Value::Map(entries) => Tree::Map(
            entries.iter().map(|(key, node)| (key.name.clone(), plain(&node.value))).collect(),
        ),
    }
}

/// A value whose fields have tags, as one line of JSON.
pub(crate) fn json(tree: &Tree) -> String {
    let mut writer = Writer { out: String::new(), indented: false, depth: 0 };
    writer.value(tree);
    writer.out
}

/// A struct of the API server as one line of JSON.
pub(crate) fn compact(type_name: &str, tree: &Tree) -> String {
    let mut writer = Writer { out: String::new(), indented: false, depth: 0 };
    writer.structure(type_name, Some(tree), tree);
    writer.out
}

/// The same in lines, each level one space further in.
pub(crate) fn lines(type_name: &str, tree: &Tree) -> Vec<String> {
    let mut writer = Writer { out: String::new(), indented: true, depth: 0 };
    writer.structure(type_name, Some(tree), tree);
    writer.out.split('\n').map(str::to_owned).collect()
}

/// A template with its labels and annotations, which do have tags, as one line of JSON.
pub(crate) fn template(tree: &Tree) -> String {
    let mut out = "{".to_owned();
    if let Some(Tree::Map(metadata)) = tree.get("metadata") {
        let mut entries: Vec<_> = metadata.iter().filter(|(_, value)| !is_empty(value)).collect();
        // The struct has its labels before its annotations.
        crate::order::sort_by_key(&mut entries, |(name, _)| name.as_str() == "annotations");
        for (name, value) in entries {
            push_go_text(&mut out, name);
            out.push(':');
            out.push_str(&json(value));
            out.push(',');
        }
    }
    out.push_str("\"Spec\":");
    out.push_str(&compact("PodSpec", tree.get("spec").unwrap_or(&Tree::Null)));
    out.push('}');
    out
}

fn is_empty(tree: &Tree) -> bool {
    match tree {
        Tree::Null => true,
        Tree::Map(map) => map.is_empty(),
        Tree::List(items) => items.is_empty(),
        Tree::Text(text) => text.is_empty(),
        Tree::Bool(_) | Tree::Int(_) => false,
    }
}

/// The name of a field in JSON: `HTTPGet` is `httpGet`, `TTY` is `tty`.
fn json_name(go: &str) -> String {
    match go {
        "CephFS" | "StorageOS" => return go.to_lowercase(),
        _ => {}
    }
    let upper = go.bytes().take_while(u8::is_ascii_uppercase).count();
    let head = if upper == go.len() || upper == 1 { upper } else { upper - 1 };
    go[..head].to_lowercase() + &go[head..]
}

struct Writer {
    out: String,
    indented: bool,
    depth: usize,
}

impl Writer {
    fn line(&mut self) {
        if self.indented {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', self.depth));
        }
    }

    /// Writes what stands between brackets, one `item` after the other.
    fn group(
        &mut self,
        open: char,
        close: char,
        count: usize,
        item: &mut dyn FnMut(&mut Self, usize),
    ) {
        self.out.push(open);
        self.depth += 1;
        for index in 0..count {
            if index > 0 {
                self.out.push(',');
            }
            self.line();
            item(self, index);
        }
        self.depth -= 1;
        if count > 0 {
            self.line();
        }
        self.out.push(close);
    }

    fn key(&mut self, name: &str) {
        push_go_text(&mut self.out, name);
        self.out.push_str(if self.indented { ": " } else { ":" });
    }

    /// `parent` holds what stands one level higher in the API and in this struct inside.
    fn structure(&mut self, type_name: &str, tree: Option<&Tree>, parent: &Tree) {
        let known = TYPES.iter().find(|(name, _)| *name == type_name);
        let fields: Vec<&str> =
            known.map_or(Vec::new(), |(_, fields)| fields.split_ascii_whitespace().collect());
        let outer = type_name == "PodSecurityContext";
        self.group('{', '}', fields.len(), &mut |writer, index| {
            let (name, code) = fields[index].split_once(':').unwrap_or((fields[index], ""));
            writer.key(name);
            let json = json_name(name);
            let holder = if outer && index < 5 { Some(parent) } else { tree };
            let value = holder.and_then(|holder| holder.get(&json));
            writer.field(code, value, holder.unwrap_or(&Tree::Null));
        });
    }

    fn field(&mut self, code: &str, value: Option<&Tree>, parent: &Tree) {
        let value = value.filter(|value| **value != Tree::Null);
        match (code.split_at(code.len().min(1)), value) {
            (("[", inner), Some(Tree::List(items))) if !inner.is_empty() => {
                self.group('[', ']', items.len(), &mut |writer, index| {
                    writer.structure(inner, items.get(index), &Tree::Null);
                });
            }
            (("" | "i" | "b" | "p" | "[" | "{", ""), Some(value)) => self.value(value),
            (("", _), None) => self.out.push_str("\"\""),
            (("i", ""), None) => self.out.push('0'),
            (("b", ""), None) => self.out.push_str("false"),
            (("=", inner), value) => self.structure(inner, value, parent),
            (_, Some(value)) => self.structure(code, Some(value), parent),
            (_, None) => self.out.push_str("null"),
        }
    }

    fn value(&mut self, value: &Tree) {
        match value {
            Tree::Null => self.out.push_str("null"),
            Tree::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Tree::Int(number) => self.out.push_str(&number.to_string()),
            Tree::Text(text) => push_go_text(&mut self.out, text),
            Tree::List(items) => {
                self.group('[', ']', items.len(), &mut |writer, index| writer.value(&items[index]));
            }
            Tree::Map(map) => {
                let mut entries: Vec<(&String, &Tree)> = map.iter().collect();
                // LabelSelector is a struct: its fields are not sorted.
                crate::order::sort_by_key(&mut entries, |(name, _)| *name == "matchExpressions");
                self.group('{', '}', entries.len(), &mut |writer, index| {
                    writer.key(entries[index].0);
                    writer.value(entries[index].1);
                });
            }
        }
    }
}
