//! `kubectl create` of what flags describe in a line or two: service, quota, poddisruptionbudget,
//! priorityclass, serviceaccount, role, ingress and their like.
//!
//! Owns: the manifest that the flags stand for; it is then read as any other. Models
//! kubectl/pkg/cmd/create. Does not own: workloads and data (`create`), or storing.

use crate::cluster::kubectl::args::Args;
use crate::manifest::Object;
use crate::manifest::base64;
use crate::manifest::json::push_text;

/// The object that flags describe; `None` when kubectl has no such subcommand.
pub(super) fn described(word: &str, words: &[String], args: &Args) -> Option<Result<Made, String>> {
    let (kind, rest) = match word {
        "service" | "svc" => ("service", 1),
        "secret" => ("secret", 1),
        "quota" | "resourcequota" => ("quota", 0),
        "poddisruptionbudget" | "pdb" => ("poddisruptionbudgets", 0),
        "priorityclass" | "pc" => ("priorityclass", 0),
        "serviceaccount" | "sa" => ("serviceaccount", 0),
        "role" => ("role", 0),
        "clusterrole" => ("clusterrole", 0),
        "rolebinding" => ("rolebinding", 0),
        "clusterrolebinding" => ("clusterrolebinding", 0),
        "ingress" | "ing" => ("ingress", 0),
        _ => return None,
    };
    let sub = if rest == 1 { words.first().map(String::as_str).unwrap_or_default() } else { "" };
    let Some(name) = words.get(rest) else {
        let got = words.len().saturating_sub(rest);
        return Some(Err(format!(
            "error: exactly one NAME is required, got {got}\nSee 'kubectl create {word}{}{sub} -h' \
             for help and examples",
            if sub.is_empty() { "" } else { " " }
        )));
    };
    let text = match kind {
        "service" => service(sub, args),
        "secret" => secret(sub, args),
        "quota" => quota(args),
        "poddisruptionbudgets" => budget(args),
        "priorityclass" => Ok(priority_class(args)),
        "serviceaccount" => Ok("\"apiVersion\": v1, \"kind\": ServiceAccount".to_owned()),
        "ingress" => ingress(args),
        _ => access(kind, args),
    };
    Some(text.and_then(|text| {
        let labels = if kind == "service" {
            format!(", labels: {{app: {}}}", quoted(name))
        } else {
            String::new()
        };
        let namespace = quoted(args.namespace());
        let own = format!("metadata: {{name: {}, namespace: {namespace}{labels}}}", quoted(name));
        let text = format!("{{{}, {own}}}", text.replace("$NAME", &quoted(name)));
        let loaded = crate::manifest::load(&text);
        let before = match kind {
            "service" => format!("error: failed to create {} service: ", type_of(sub)),
            "secret" => "error: failed to create secret ".to_owned(),
            "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => {
                format!("error: failed to create {kind}: ")
            }
            other => format!("error: failed to create {other}: "),
        };
        if let Some(refusal) =
            loaded.applied.iter().find_map(|own| Some(own.refusal.as_ref()?.text(own, "-")))
        {
            let words = refusal.strip_prefix("The ").map(|rest| format!("{before}{rest}"));
            return Err(words.unwrap_or(refusal));
        }
        let object = loaded.objects.into_iter().next();
        object
            .map(|object| Made { object, before })
            .ok_or_else(|| "error: no objects passed to create".to_owned())
    }))
}

/// An object, and what stands before the words of a refusal.
pub(super) struct Made {
    pub(super) object: Object,
    pub(super) before: String,
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    push_text(&mut out, text);
    out
}

fn type_of(sub: &str) -> &'static str {
    match sub {
        "nodeport" => "NodePort",
        "loadbalancer" => "LoadBalancer",
        "externalname" => "ExternalName",
        _ => "ClusterIP",
    }
}

/// Models create_service.go createService.
fn service(sub: &str, args: &Args) -> Result<String, String> {
    if !matches!(sub, "clusterip" | "nodeport" | "loadbalancer" | "externalname") {
        return Err(super::change::unknown_command("create service", sub).text);
    }
    let kind = type_of(sub);
    let headless = args.value("clusterip") == Some("None");
    let pairs: Vec<&str> = args.values("tcp").flat_map(|pairs| pairs.split(',')).collect();
    if pairs.is_empty() && !headless && kind != "ExternalName" {
        return Err("error: at least one tcp port specifier must be provided".to_owned());
    }
    let mut ports = String::new();
    for pair in &pairs {
        let (port, target) = pair.split_once(':').unwrap_or((pair, pair));
        let number = |text: &str| text.parse::<u16>().ok().filter(|number| *number > 0);
        if number(port).is_none() {
            return Err(format!("error: strconv.ParseInt: parsing \"{port}\": invalid syntax"));
        }
        let target = if number(target).is_some() { target.to_owned() } else { quoted(target) };
        let node =
            args.value("node-port").map_or(String::new(), |port| format!(", nodePort: {port}"));
        let name = quoted(&pair.replace(':', "-"));
        ports.push_str(&format!(
            "{{name: {name}, port: {port}, targetPort: {target}, protocol: TCP{node}}}, "
        ));
    }
    let mut spec = format!("type: {kind}, selector: {{app: $NAME}}, ports: [{ports}]");
    if headless {
        spec.push_str(", clusterIP: None");
    }
    if let Some(name) = args.value("external-name") {
        spec.push_str(&format!(", externalName: {}", quoted(name)));
    } else if kind == "ExternalName" {
        return Err("error: required flag(s) \"external-name\" not set".to_owned());
    }
    Ok(format!("apiVersion: v1, kind: Service, spec: {{{spec}}}"))
}

/// Models create_secret_docker.go; a file for `tls` there is none.
fn secret(sub: &str, args: &Args) -> Result<String, String> {
    let value = |flag: &str| args.value(flag).unwrap_or_default();
    match sub {
        "docker-registry" => {
            let (user, password) = (value("docker-username"), value("docker-password"));
            if user.is_empty() || password.is_empty() {
                return Err("error: either --from-file or the combination of --docker-username, \
                            --docker-password and --docker-server is required"
                    .to_owned());
            }
            let server = args.value("docker-server").unwrap_or("https://index.docker.io/v1/");
            let mut inner =
                format!("\"username\":{},\"password\":{}", quoted(user), quoted(password));
            if let Some(email) = args.value("docker-email") {
                inner.push_str(&format!(",\"email\":{}", quoted(email)));
            }
            let auth = base64::encode(&format!("{user}:{password}"));
            let config =
                format!("{{\"auths\":{{{}:{{{inner},\"auth\":\"{auth}\"}}}}}}", quoted(server));
            Ok(format!(
                "apiVersion: v1, kind: Secret, type: kubernetes.io/dockerconfigjson, data: \
                 {{.dockerconfigjson: {}}}",
                base64::encode(&config)
            ))
        }
        "tls" => Err(if args.value("cert").is_none() || args.value("key").is_none() {
            "error: key and cert must be specified".to_owned()
        } else {
            let file = value("cert");
            format!("error: Cannot read file {file}, open {file}: no such file or directory")
        }),
        other => Err(super::change::unknown_command("create secret", other).text),
    }
}

/// Models create_quota.go.
fn quota(args: &Args) -> Result<String, String> {
    let mut hard = String::new();
    for pair in args.value("hard").unwrap_or_default().split(',').filter(|pair| !pair.is_empty()) {
        let Some((name, amount)) = pair.split_once('=') else {
            return Err(format!(
                "error: Invalid argument syntax {pair}, expected <resource>=<value>"
            ));
        };
        hard.push_str(&format!("{}: {}, ", quoted(name), quoted(amount)));
    }
    let scopes = args.value("scopes").unwrap_or_default();
    let scopes: Vec<String> = scopes.split(',').filter(|one| !one.is_empty()).map(quoted).collect();
    Ok(format!(
        "apiVersion: v1, kind: ResourceQuota, spec: {{hard: {{{hard}}}, scopes: [{}]}}",
        scopes.join(", ")
    ))
}

/// Models create_pdb.go.
fn budget(args: &Args) -> Result<String, String> {
    let Some(selector) = args.selector() else {
        return Err("error: a selector must be specified".to_owned());
    };
    let amount = |text: &str| if text.ends_with('%') { quoted(text) } else { text.to_owned() };
    let amount = match (args.value("min-available"), args.value("max-unavailable")) {
        (None, None) => {
            return Err(
                "error: one of min-available or max-unavailable must be specified".to_owned()
            );
        }
        (Some(_), Some(_)) => {
            return Err(
                "error: min-available and max-unavailable cannot be both specified".to_owned()
            );
        }
        (Some(text), None) => format!("minAvailable: {}", amount(text)),
        (None, Some(text)) => format!("maxUnavailable: {}", amount(text)),
    };
    let mut labels = String::new();
    for pair in selector.split(',') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        labels.push_str(&format!("{}: {}, ", quoted(key), quoted(value.trim_start_matches('='))));
    }
    Ok(format!(
        "apiVersion: policy/v1, kind: PodDisruptionBudget, spec: {{{amount}, selector: \
         {{matchLabels: {{{labels}}}}}}}"
    ))
}

fn priority_class(args: &Args) -> String {
    let value = args.value("value").unwrap_or("0");
    format!(
        "apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, value: {value}, globalDefault: {}, \
         preemptionPolicy: {}, description: {}",
        args.has("global-default"),
        args.value("preemption-policy").unwrap_or("PreemptLowerPriority"),
        quoted(args.value("description").unwrap_or_default())
    )
}

/// Models create_ingress.go: `host/path=service:port`.
fn ingress(args: &Args) -> Result<String, String> {
    let mut rules = String::new();
    for rule in args.values("rule") {
        let parts = rule.split_once('=').and_then(|(at, to)| {
            let to = to.split(',').next().unwrap_or(to);
            Some((at.split_once('/')?, to.split_once(':')?))
        });
        let Some(((host, path), (service, port))) = parts else {
            return Err(format!(
                "error: rule {rule} is invalid and should be in format \
                 host/path=svcname:svcport[,tls[=secret]]"
            ));
        };
        let (path, kind) = match path.strip_suffix('*') {
            Some(path) => (path, "Prefix"),
            None => (path, "Exact"),
        };
        let port = match port.parse::<u16>() {
            Ok(number) => format!("number: {number}"),
            Err(_) => format!("name: {}", quoted(port)),
        };
        let host =
            if host.is_empty() { String::new() } else { format!("host: {}, ", quoted(host)) };
        rules.push_str(&format!(
            "{{{host}http: {{paths: [{{path: {}, pathType: {kind}, backend: {{service: {{name: {}, \
             port: {{{port}}}}}}}}}]}}}}, ",
            quoted(&format!("/{path}")),
            quoted(service)
        ));
    }
    if rules.is_empty() {
        return Err(
            "error: not enough information provided: every ingress has to either specify a \
                    default-backend (which catches all traffic) or a list of rules (which catch \
                    specific paths)"
                .to_owned(),
        );
    }
    Ok(format!("apiVersion: networking.k8s.io/v1, kind: Ingress, spec: {{rules: [{rules}]}}"))
}

/// Roles and who has them. Nobody is refused anything here: they are kept, and that is all.
fn access(kind: &str, args: &Args) -> Result<String, String> {
    let list = |flag: &str| {
        let words: Vec<String> =
            args.values(flag).flat_map(|words| words.split(',')).map(quoted).collect();
        words.join(", ")
    };
    let api = "apiVersion: rbac.authorization.k8s.io/v1";
    if matches!(kind, "role" | "clusterrole") {
        let (verbs, resources) = (list("verb"), list("resource"));
        if verbs.is_empty() {
            return Err("error: at least one verb must be specified".to_owned());
        }
        if resources.is_empty() {
            return Err("error: at least one resource must be specified".to_owned());
        }
        let kind = if kind == "role" { "Role" } else { "ClusterRole" };
        return Ok(format!(
            "{api}, kind: {kind}, rules: [{{apiGroups: [''], verbs: [{verbs}], resources: \
             [{resources}]}}]"
        ));
    }
    let role = match (args.value("role"), args.value("clusterrole")) {
        (Some(role), None) if kind == "rolebinding" => {
            format!("kind: Role, name: {}", quoted(role))
        }
        (None, Some(role)) => format!("kind: ClusterRole, name: {}", quoted(role)),
        (_, _) if kind == "rolebinding" => {
            return Err("error: exactly one of clusterrole or role must be specified".to_owned());
        }
        (_, _) => return Err("error: clusterrole must be specified".to_owned()),
    };
    let kind = if kind == "rolebinding" { "RoleBinding" } else { "ClusterRoleBinding" };
    Ok(format!("{api}, kind: {kind}, roleRef: {{apiGroup: rbac.authorization.k8s.io, {role}}}"))
}
