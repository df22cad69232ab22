//! Probes and lifecycle hooks.

use crate::manifest::decode::api_object;
use crate::manifest::quantity::IntOrString;

api_object! {
    /// Probe: how the kubelet asks a container how it is.
    Probe {
        "exec" exec: Option<ExecAction>,
        "httpGet" http_get: Option<HTTPGetAction>,
        "tcpSocket" tcp_socket: Option<TCPSocketAction>,
        "grpc" grpc: Option<GRPCAction>,
        "initialDelaySeconds" initial_delay_seconds: i32,
        "timeoutSeconds" timeout_seconds: i32,
        "periodSeconds" period_seconds: i32,
        "successThreshold" success_threshold: i32,
        "failureThreshold" failure_threshold: i32,
        "terminationGracePeriodSeconds" termination_grace_period_seconds: Option<i64>,
    }
}

api_object! {
    /// ExecAction: run a command in the container.
    ExecAction { "command" command: Vec<String> }
}

api_object! {
    /// HTTPGetAction: send a GET request.
    HTTPGetAction {
        "path" path: String,
        "port" port: IntOrString,
        "host" host: String,
        "scheme" scheme: String,
        "httpHeaders" http_headers: Vec<HTTPHeader>,
    }
}

api_object! {
    /// HTTPHeader: one header of a request.
    HTTPHeader { "name" name: String, "value" value: String }
}

api_object! {
    /// TCPSocketAction: open a connection.
    TCPSocketAction { "port" port: IntOrString, "host" host: String }
}

api_object! {
    /// GRPCAction: call the gRPC health service.
    GRPCAction { "port" port: i32, "service" service: Option<String> }
}

api_object! {
    /// SleepAction: do nothing for a while.
    SleepAction { "seconds" seconds: i64 }
}

api_object! {
    /// LifecycleHandler: one action of a hook.
    LifecycleHandler {
        "exec" exec: Option<ExecAction>,
        "httpGet" http_get: Option<HTTPGetAction>,
        "tcpSocket" tcp_socket: Option<TCPSocketAction>,
        "sleep" sleep: Option<SleepAction>,
    }
}

api_object! {
    /// Lifecycle: hooks after the start and before the stop of a container.
    Lifecycle {
        "postStart" post_start: Option<LifecycleHandler>,
        "preStop" pre_stop: Option<LifecycleHandler>,
        "stopSignal" stop_signal: Option<String>,
    }
}
