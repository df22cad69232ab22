//! Service and EndpointSlice: a name for Pods, and who answers to it.

use crate::manifest::decode::{always_present, api_object};
use crate::manifest::meta::{Labels, ObjectMeta};
use crate::manifest::quantity::IntOrString;

api_object! {
    /// Service: one name and address for many Pods.
    Service {
        "metadata" metadata: ObjectMeta,
        "spec" spec: ServiceSpec,
    }
}

api_object! {
    /// ServiceSpec: which Pods, which ports.
    ServiceSpec {
        "type" kind: String,
        "selector" selector: Labels,
        "ports" ports: Vec<ServicePort>,
        "clusterIP" cluster_ip: String,
        "externalName" external_name: String,
        "externalIPs" external_ips: Vec<String>,
        "sessionAffinity" session_affinity: String,
        "internalTrafficPolicy" internal_traffic_policy: Option<String>,
        "trafficDistribution" traffic_distribution: Option<String>,
        "externalTrafficPolicy" external_traffic_policy: Option<String>,
        "publishNotReadyAddresses" publish_not_ready_addresses: bool,
        "ipFamilyPolicy" ip_family_policy: Option<String>,
        "ipFamilies" ip_families: Vec<String>,
    }
}

api_object! {
    /// ServicePort: a port of the Service and the port behind it.
    ServicePort {
        "name" name: String,
        "protocol" protocol: String,
        "appProtocol" app_protocol: Option<String>,
        "port" port: i32,
        "targetPort" target_port: Option<IntOrString>,
        "nodePort" node_port: i32,
    }
}

api_object! {
    /// EndpointSlice: the Pods behind a Service at this moment.
    EndpointSlice {
        "metadata" metadata: ObjectMeta,
        "addressType" address_type: String,
        "endpoints" endpoints: Vec<Endpoint>,
        "ports" ports: Vec<EndpointPort>,
    }
}

api_object! {
    /// Endpoint: one Pod behind a Service.
    Endpoint {
        "addresses" addresses: Vec<String>,
        "conditions" conditions: EndpointConditions,
        "nodeName" node_name: String,
        "targetRef" target_ref: String,
    }
}

api_object! {
    /// EndpointConditions: whether it gets requests.
    EndpointConditions {
        "ready" ready: bool,
        "serving" serving: bool,
        "terminating" terminating: bool,
    }
}

api_object! {
    /// EndpointPort: a port of the Pods.
    EndpointPort { "name" name: String, "port" port: i32, "protocol" protocol: String }
}

always_present!(ServiceSpec, EndpointConditions);
