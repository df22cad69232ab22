//! `kubectl rollout status`: how far a Deployment is, in one sentence.
//!
//! Owns: [`deployment_status`]. Does not own: the rollout (`cluster`).

use crate::manifest::Object;
use crate::manifest::workloads::Deployment;
use crate::trace::State;
use crate::view::kubectl::Output;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::get;

/// What `kubectl rollout status` says about a Deployment, and whether it stops watching then.
///
/// Models kubectl/pkg/polymorphichelpers/rollout_status.go; the error is printed instead.
pub fn deployment_status(deployment: &Deployment) -> Result<(String, bool), String> {
    let name = &deployment.metadata.name;
    let status = &deployment.status;
    let desired = deployment.spec.replicas.unwrap_or(1);
    if deployment.metadata.generation > status.observed_generation {
        return Ok(("Waiting for deployment spec update to be observed...".to_owned(), false));
    }
    let late = status
        .conditions
        .iter()
        .any(|c| c.kind == "Progressing" && c.reason == "ProgressDeadlineExceeded");
    if late {
        return Err(format!("error: deployment \"{name}\" exceeded its progress deadline"));
    }
    let waiting = |what: String| {
        Ok((format!("Waiting for deployment \"{name}\" rollout to finish: {what}..."), false))
    };
    let updated = status.updated_replicas;
    if updated < desired {
        waiting(format!("{updated} out of {desired} new replicas have been updated"))
    } else if status.replicas > updated {
        waiting(format!("{} old replicas are pending termination", status.replicas - updated))
    } else if status.available_replicas < updated {
        waiting(format!(
            "{} of {updated} updated replicas are available",
            status.available_replicas
        ))
    } else {
        Ok((format!("deployment \"{name}\" successfully rolled out"), true))
    }
}

/// Runs `kubectl rollout status` as far as one moment shows it.
pub fn run(state: &State<'_>, flags: &Flags) -> Output {
    let mut flags = flags.clone();
    if !flags.words.is_empty() {
        // The first word is `status`.
        flags.words.remove(0);
    }
    if flags.words.is_empty() {
        return Output::error(
            "error: required resource not specified\nSee 'kubectl rollout status -h' for help and \
             examples"
                .to_owned(),
        );
    }
    let found = match get::find(state, &flags) {
        Ok(found) => found,
        Err(error) => return Output::error(error),
    };
    let mut output = Output::default();
    for object in found.groups.iter().flat_map(|group| &group.objects) {
        match object {
            Object::Deployment(deployment) => match deployment_status(deployment) {
                Ok((line, _)) => output.stdout.push_str(&(line + "\n")),
                Err(error) => output.complain(&error),
            },
            other => output.complain(&format!(
                "error: no status viewer has been implemented for {}",
                other.kind()
            )),
        }
    }
    for missing in &found.missing {
        output.complain(missing);
    }
    output
}
