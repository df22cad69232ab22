//! Whom the containers of a Pod ask for names.
//!
//! Owns: the text of resolv.conf ([`resolv_conf`]), and what it makes of a name. Models
//! pkg/kubelet/network/dns/dns.go GetPodDNS and containerd's parseDNSOptions. Does not own: what
//! the cluster's DNS answers (`network`).

use crate::cluster::World;
use crate::manifest::pod::Pod;
use crate::workload::cri::Answer;

/// The address of the cluster's DNS.
pub(crate) const CLUSTER_DNS: &str = "10.96.0.10";

/// What a node's own resolv.conf names. Invented: somebody who knows nothing of the cluster.
const NODE_DNS: &str = "10.99.0.1";

/// The domain of the cluster.
const DOMAIN: &str = "cluster.local";

/// Servers, domains to search and options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Dns {
    servers: Vec<String>,
    searches: Vec<String>,
    options: Vec<String>,
}

impl Dns {
    fn of(pod: &Pod) -> Self {
        let spec = &pod.spec;
        let mut dns = match spec.dns_policy.as_str() {
            "None" => Self::default(),
            // A Pod on the host's network has the node's, unless it asks for the cluster's by the
            // long name.
            "Default" => Self::of_node(),
            "ClusterFirst" if spec.host_network => Self::of_node(),
            _ => Self {
                servers: vec![CLUSTER_DNS.to_owned()],
                searches: vec![
                    format!("{}.svc.{DOMAIN}", pod.metadata.namespace),
                    format!("svc.{DOMAIN}"),
                    DOMAIN.to_owned(),
                ],
                options: vec!["ndots:5".to_owned()],
            },
        };
        let Some(config) = &spec.dns_config else { return dns };
        add(&mut dns.servers, &config.nameservers);
        add(&mut dns.searches, &config.searches);
        for option in &config.options {
            // An option that is there already is replaced where it stands.
            let text = match option.value.as_deref() {
                Some(value) if !value.is_empty() => format!("{}:{value}", option.name),
                Some(_) | None => option.name.clone(),
            };
            let same = |known: &&mut String| known.split(':').next() == Some(&*option.name);
            match dns.options.iter_mut().find(same) {
                Some(known) => *known = text,
                None => dns.options.push(text),
            }
        }
        dns
    }

    fn of_node() -> Self {
        Self { servers: vec![NODE_DNS.to_owned()], ..Self::default() }
    }
}

fn add(list: &mut Vec<String>, more: &[String]) {
    for one in more {
        if !list.contains(one) {
            list.push(one.clone());
        }
    }
}

/// The text of a Pod's /etc/resolv.conf.
pub fn resolv_conf(pod: &Pod) -> String {
    let dns = Dns::of(pod);
    let mut text = String::new();
    if !dns.searches.is_empty() {
        text.push_str(&format!("search {}\n", dns.searches.join(" ")));
    }
    for server in &dns.servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    if !dns.options.is_empty() {
        text.push_str(&format!("options {}\n", dns.options.join(" ")));
    }
    text
}

impl World<'_> {
    /// What the cluster's DNS is asked for when a container wants a host; nothing when it is not
    /// asked, or knows none of the names.
    pub(crate) fn name_asked_for(&self, pod: &Pod, host: &str) -> Option<String> {
        let dns = Dns::of(pod);
        let namespace = &pod.metadata.namespace;
        let own = format!("{namespace}.svc.{DOMAIN}");
        // The first server that answers is believed, also when it says that there is no such name.
        let asked = dns.servers.first().is_some_and(|server| server == CLUSTER_DNS);
        let address = host.parse::<std::net::IpAddr>().is_ok() || host == "localhost";
        if address || (asked && dns.searches.contains(&own)) {
            return Some(host.to_owned());
        }
        if !asked {
            return None;
        }
        let searched = dns.searches.iter().map(|search| format!("{host}.{search}"));
        searched.chain(std::iter::once(host.to_owned())).find(|name| {
            let absolute = name.trim_end_matches('.').ends_with(&format!(".{DOMAIN}"));
            absolute && !matches!(self.look_up(name, namespace), Answer::UnknownHost)
        })
    }
}
