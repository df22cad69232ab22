//! Probes and lifecycle hooks.
//!
//! Models pkg/apis/core/validation/validation.go validateProbe, validateHandler and their
//! neighbours.

use crate::manifest::pod::Container;
use crate::manifest::probe::{
    ExecAction, GRPCAction, HTTPGetAction, Probe, SleepAction, TCPSocketAction,
};
use crate::manifest::validate::Findings;
use crate::manifest::validate::number::{port, port_number};

/// Checks hooks and probes of a container that may have them; `grace` is the Pod's grace period.
pub fn all(container: &Container, grace: i64, field: &str, findings: &mut Findings) {
    if let Some(lifecycle) = &container.lifecycle {
        for (name, hook) in [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)]
        {
            if let Some(hook) = hook {
                let handler = Handler {
                    exec: hook.exec.as_ref(),
                    http_get: hook.http_get.as_ref(),
                    tcp_socket: hook.tcp_socket.as_ref(),
                    grpc: None,
                    sleep: hook.sleep.as_ref(),
                };
                handler.check(grace, &format!("{field}.lifecycle.{name}"), findings);
            }
        }
    }
    for (name, kind, probe) in [
        ("livenessProbe", Kind::Liveness, &container.liveness_probe),
        ("readinessProbe", Kind::Readiness, &container.readiness_probe),
        ("startupProbe", Kind::Startup, &container.startup_probe),
    ] {
        if let Some(probe) = probe {
            check(probe, kind, grace, &format!("{field}.{name}"), findings);
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Liveness,
    Readiness,
    Startup,
}

fn check(probe: &Probe, kind: Kind, grace: i64, field: &str, findings: &mut Findings) {
    let handler = Handler {
        exec: probe.exec.as_ref(),
        http_get: probe.http_get.as_ref(),
        tcp_socket: probe.tcp_socket.as_ref(),
        grpc: probe.grpc.as_ref(),
        sleep: None,
    };
    handler.check(grace, field, findings);
    for (name, value) in [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ] {
        if value < 0 {
            let rule = "must be greater than or equal to 0";
            findings.invalid(&format!("{field}.{name}"), &value.to_string(), rule);
        }
    }
    let grace = format!("{field}.terminationGracePeriodSeconds");
    if let Some(seconds) = probe.termination_grace_period_seconds.filter(|seconds| *seconds <= 0) {
        findings.invalid(&grace, &seconds.to_string(), "must be greater than 0");
    }
    match kind {
        Kind::Liveness | Kind::Startup => {
            if probe.success_threshold != 1 {
                let threshold = probe.success_threshold.to_string();
                findings.invalid(&format!("{field}.successThreshold"), &threshold, "must be 1");
            }
        }
        Kind::Readiness => {
            if let Some(seconds) = probe.termination_grace_period_seconds {
                let rule = "must not be set for readinessProbes";
                findings.invalid(&grace, &seconds.to_string(), rule);
            }
        }
    }
}

/// What a probe or a hook does; exactly one of these.
struct Handler<'h> {
    exec: Option<&'h ExecAction>,
    http_get: Option<&'h HTTPGetAction>,
    tcp_socket: Option<&'h TCPSocketAction>,
    grpc: Option<&'h GRPCAction>,
    sleep: Option<&'h SleepAction>,
}

impl Handler<'_> {
    fn check(&self, grace: i64, field: &str, findings: &mut Findings) {
        let mut handlers = 0;
        let mut first = |name: &str, findings: &mut Findings| {
            handlers += 1;
            if handlers > 1 {
                let rule = "may not specify more than 1 handler type";
                findings.forbidden(&format!("{field}.{name}"), rule);
            }
            handlers == 1
        };
        if let Some(exec) = self.exec
            && first("exec", findings)
            && exec.command.is_empty()
        {
            findings.required(&format!("{field}.exec.command"), "");
        }
        if let Some(get) = self.http_get
            && first("httpGet", findings)
        {
            http_get(get, &format!("{field}.httpGet"), findings);
        }
        if let Some(socket) = self.tcp_socket
            && first("tcpSocket", findings)
        {
            port(&socket.port, &format!("{field}.tcpSocket.port"), findings);
        }
        if let Some(grpc) = self.grpc
            && first("grpc", findings)
        {
            port_number(grpc.port, &format!("{field}.grpc.port"), findings);
        }
        if let Some(sleep) = self.sleep
            && first("sleep", findings)
            && !(0..=grace).contains(&sleep.seconds)
        {
            let rule = format!(
                "must be non-negative and less than terminationGracePeriodSeconds ({grace})"
            );
            findings.invalid(&format!("{field}.sleep"), &sleep.seconds.to_string(), &rule);
        }
        if handlers == 0 {
            findings.required(field, "must specify a handler type");
        }
    }
}

fn http_get(get: &HTTPGetAction, field: &str, findings: &mut Findings) {
    port(&get.port, &format!("{field}.port"), findings);
    if !["HTTP", "HTTPS"].contains(&get.scheme.as_str()) {
        findings.unsupported(&format!("{field}.scheme"), &get.scheme, &["HTTP", "HTTPS"]);
    }
    for header in &get.http_headers {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if header.name.is_empty() || !header.name.bytes().all(fits) {
            let rule = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. \
                        'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
            findings.invalid_text(&format!("{field}.httpHeaders"), &header.name, rule);
        }
    }
}
