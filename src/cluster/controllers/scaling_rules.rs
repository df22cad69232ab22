//! From a recommendation to a number of replicas: windows, limits, policies.
//!
//! Models the normalization in pkg/controller/podautoscaler/horizontal.go. Owns: what an
//! autoscaler remembers about its past, and how that holds it back. Does not own: recommendations
//! (`replica_calculator`).

use std::cmp::Ordering;

use crate::cluster::controllers::replica_calculator::Settings;
use crate::manifest::autoscaling::{
    DOWNSCALE_STABILIZATION_SECONDS, HPAScalingRules, HorizontalPodAutoscalerBehavior,
    scale_down_defaults, scale_up_defaults,
};
use crate::time::{Duration, Instant};

/// Replicas that one pass may always ask for (`scaleUpLimitMinimum`).
const SCALE_UP_LIMIT_MINIMUM: f64 = 4.0;

/// A recommendation, before anything held it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// Replicas.
    pub replicas: i32,
    /// When.
    pub at: Instant,
}

/// A change of replicas that the autoscaler made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScaleEvent {
    /// How many more, or fewer.
    pub change: i32,
    /// When.
    pub at: Instant,
    /// No policy looks back so far any more.
    pub outdated: bool,
}

/// What an autoscaler remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// It has looked at its target before.
    pub known: bool,
    /// Recommendations; old ones are overwritten in place.
    pub recommendations: Vec<Recommendation>,
    /// Changes upwards.
    pub up: Vec<ScaleEvent>,
    /// Changes downwards.
    pub down: Vec<ScaleEvent>,
}

/// Words of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// CamelCase word.
    pub word: &'static str,
    /// The sentence.
    pub message: &'static str,
}

/// The condition that nothing held back.
pub const READY_FOR_NEW_SCALE: Reason =
    Reason { word: "ReadyForNewScale", message: "recommended size matches current size" };
const SCALE_DOWN_STABILIZED: Reason = Reason {
    word: "ScaleDownStabilized",
    message: "recent recommendations were higher than current one, applying the highest recent \
              recommendation",
};
const SCALE_UP_STABILIZED: Reason = Reason {
    word: "ScaleUpStabilized",
    message: "recent recommendations were lower than current one, applying the lowest recent \
              recommendation",
};
const DESIRED_WITHIN_RANGE: Reason = Reason {
    word: "DesiredWithinRange",
    message: "the desired count is within the acceptable range",
};
const TOO_FEW_REPLICAS: Reason = Reason {
    word: "TooFewReplicas",
    message: "the desired replica count is less than the minimum replica count",
};
const TOO_MANY_REPLICAS: Reason = Reason {
    word: "TooManyReplicas",
    message: "the desired replica count is more than the maximum replica count",
};
const SCALE_UP_LIMIT: Reason = Reason {
    word: "ScaleUpLimit",
    message: "the desired replica count is increasing faster than the maximum scale rate",
};
const SCALE_DOWN_LIMIT: Reason = Reason {
    word: "ScaleDownLimit",
    message: "the desired replica count is decreasing faster than the maximum scale rate",
};

/// A recommendation after the windows and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Normalized {
    /// After the windows.
    pub stabilized: i32,
    /// When the recommendation was made that holds instead of the new one.
    pub held_by: Option<Instant>,
    /// How long recommendations hold back a step down.
    pub window: Duration,
    /// The fewest and the most replicas that limits and rates allow.
    pub room: (i32, i32),
    /// The condition AbleToScale.
    pub able: Reason,
    /// After the limits too: the replicas that are wanted.
    pub desired: i32,
    /// The condition ScalingLimited; true where desired is not stabilized.
    pub limited: Reason,
}

/// Least and most replicas, and those there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Those of the target now.
    pub current: i32,
    /// `minReplicas`.
    pub least: i32,
    /// `maxReplicas`.
    pub most: i32,
}

impl Memory {
    /// The replicas at first sight count as a recommendation.
    ///
    /// Models recordInitialRecommendation.
    pub fn first_sight(&mut self, current: i32, now: Instant) {
        if !std::mem::replace(&mut self.known, true) {
            self.recommendations.push(Recommendation { replicas: current, at: now });
        }
    }

    /// Holds a recommendation back as far as windows and limits say, and remembers it.
    pub fn normalize(
        &mut self,
        recommended: i32,
        bounds: Bounds,
        behavior: Option<&HorizontalPodAutoscalerBehavior>,
        settings: &Settings,
        now: Instant,
    ) -> Normalized {
        let Some(behavior) = behavior else {
            let window = settings.downscale_stabilization;
            let stabilized = self.stabilize(recommended, window, now);
            let held_by = self.holder(recommended, stabilized);
            let able =
                if stabilized == recommended { READY_FOR_NEW_SCALE } else { SCALE_DOWN_STABILIZED };
            let (desired, limited) = limits(bounds, stabilized, settings.scale_up_limit_factor);
            let room =
                (bounds.least, bounds.most.min(rate(bounds, settings.scale_up_limit_factor)));
            return Normalized { stabilized, held_by, window, room, able, desired, limited };
        };
        let (up, down) = rules(behavior);
        let window = window(&down);
        let stabilized = self.stabilize_both(recommended, bounds.current, &up, &down, now);
        let held_by = self.holder(recommended, stabilized);
        let able = if stabilized == recommended {
            READY_FOR_NEW_SCALE
        } else if recommended >= bounds.current {
            SCALE_UP_STABILIZED
        } else {
            SCALE_DOWN_STABILIZED
        };
        let (desired, limited) = self.rate_limits(bounds, stabilized, &up, &down, now);
        let current = bounds.current;
        let room = (
            bounds.least.max(self.down_limit(current, &down, now).min(current)),
            bounds.most.min(self.up_limit(current, &up, now).max(current)),
        );
        Normalized { stabilized, held_by, window, room, able, desired, limited }
    }

    /// The latest recommendation that keeps a newer one from taking effect.
    ///
    /// The newest one is known already, so it is never its own holder.
    fn holder(&self, recommended: i32, stabilized: i32) -> Option<Instant> {
        let holds = |known: &&Recommendation| match stabilized.cmp(&recommended) {
            Ordering::Greater => known.replicas >= stabilized,
            Ordering::Less => known.replicas <= stabilized,
            Ordering::Equal => false,
        };
        self.recommendations.iter().filter(holds).map(|known| known.at).max()
    }

    /// The highest recommendation of the window.
    ///
    /// Models stabilizeRecommendation.
    pub fn stabilize(&mut self, recommended: i32, window: Duration, now: Instant) -> i32 {
        let cutoff = now - window;
        let mut highest = recommended;
        let mut old = None;
        for (index, known) in self.recommendations.iter().enumerate() {
            if known.at < cutoff {
                old = Some(index);
            } else {
                highest = highest.max(known.replicas);
            }
        }
        self.remember(old, Recommendation { replicas: recommended, at: now });
        highest
    }

    /// The nearest number to the current one that both windows allow.
    ///
    /// Models stabilizeRecommendationWithBehaviors.
    pub fn stabilize_both(
        &mut self,
        recommended: i32,
        current: i32,
        up: &HPAScalingRules,
        down: &HPAScalingRules,
        now: Instant,
    ) -> i32 {
        let cutoff = |rules: &HPAScalingRules| now - window(rules);
        let (up_cutoff, down_cutoff) = (cutoff(up), cutoff(down));
        let (mut lowest, mut highest) = (recommended, recommended);
        let mut old = None;
        for (index, known) in self.recommendations.iter().enumerate() {
            if known.at > up_cutoff {
                lowest = lowest.min(known.replicas);
            }
            if known.at > down_cutoff {
                highest = highest.max(known.replicas);
            }
            if known.at < up_cutoff && known.at < down_cutoff {
                old = Some(index);
            }
        }
        self.remember(old, Recommendation { replicas: recommended, at: now });
        current.max(lowest).min(highest)
    }

    fn remember(&mut self, old: Option<usize>, new: Recommendation) {
        match old.and_then(|index| self.recommendations.get_mut(index)) {
            Some(slot) => *slot = new,
            None => self.recommendations.push(new),
        }
    }

    /// Models convertDesiredReplicasWithBehaviorRate.
    pub fn rate_limits(
        &self,
        bounds: Bounds,
        desired: i32,
        up: &HPAScalingRules,
        down: &HPAScalingRules,
        now: Instant,
    ) -> (i32, Reason) {
        let current = bounds.current;
        if desired > current {
            let rate = self.up_limit(current, up, now).max(current);
            let (most, reason) = if bounds.most > rate {
                (rate, SCALE_UP_LIMIT)
            } else {
                (bounds.most, TOO_MANY_REPLICAS)
            };
            if desired > most {
                return (most, reason);
            }
        } else if desired < current {
            let rate = self.down_limit(current, down, now).min(current);
            let (least, reason) = if bounds.least < rate {
                (rate, SCALE_DOWN_LIMIT)
            } else {
                (bounds.least, TOO_FEW_REPLICAS)
            };
            if desired < least {
                return (least, reason);
            }
        }
        (desired, DESIRED_WITHIN_RANGE)
    }

    /// The replicas there were before the changes of a policy's period.
    fn at_period_start(&self, current: i32, seconds: i32, now: Instant) -> i32 {
        let added = change_in(&self.up, seconds, now);
        let removed = change_in(&self.down, seconds, now);
        current.saturating_sub(added).saturating_add(removed)
    }

    /// Models calculateScaleUpLimitWithScalingRules.
    fn up_limit(&self, current: i32, rules: &HPAScalingRules, now: Instant) -> i32 {
        let select = rules.select_policy.as_deref();
        if select == Some("Disabled") {
            return current;
        }
        let proposals = rules.policies.iter().map(|policy| {
            let start = self.at_period_start(current, policy.period_seconds, now);
            if policy.kind == "Percent" {
                let factor = 1.0 + f64::from(policy.value) / 100.0;
                (f64::from(start) * factor).ceil() as i32
            } else {
                start.saturating_add(policy.value)
            }
        });
        let limit = if select == Some("Min") { proposals.min() } else { proposals.max() };
        limit.unwrap_or(current)
    }

    /// Models calculateScaleDownLimitWithBehaviors.
    fn down_limit(&self, current: i32, rules: &HPAScalingRules, now: Instant) -> i32 {
        let select = rules.select_policy.as_deref();
        if select == Some("Disabled") {
            return current;
        }
        let proposals = rules.policies.iter().map(|policy| {
            let start = self.at_period_start(current, policy.period_seconds, now);
            if policy.kind == "Percent" {
                let factor = 1.0 - f64::from(policy.value) / 100.0;
                (f64::from(start) * factor) as i32
            } else {
                start.saturating_sub(policy.value)
            }
        });
        // The smallest change is the highest number here.
        let limit = if select == Some("Min") { proposals.max() } else { proposals.min() };
        limit.unwrap_or(current)
    }

    /// Remembers a change of replicas; without `behavior` nobody would look at it.
    ///
    /// Models storeScaleEvent.
    pub fn store_scale_event(
        &mut self,
        behavior: Option<&HorizontalPodAutoscalerBehavior>,
        before: i32,
        after: i32,
        now: Instant,
    ) {
        let Some(behavior) = behavior else { return };
        let (up, down) = rules(behavior);
        let (events, rules) =
            if after > before { (&mut self.up, up) } else { (&mut self.down, down) };
        let longest = rules.policies.iter().map(|policy| policy.period_seconds).max().unwrap_or(0);
        let cutoff = now - Duration::from_secs(i64::from(longest));
        for event in events.iter_mut() {
            event.outdated |= event.at < cutoff;
        }
        let change = (after - before).abs();
        let new = ScaleEvent { change, at: now, outdated: false };
        match events.iter_mut().rfind(|event| event.outdated) {
            Some(slot) => *slot = new,
            None => events.push(new),
        }
    }
}

/// The rules of both directions; what is absent has its default.
fn rules(behavior: &HorizontalPodAutoscalerBehavior) -> (HPAScalingRules, HPAScalingRules) {
    (
        behavior.scale_up.clone().unwrap_or_else(scale_up_defaults),
        behavior.scale_down.clone().unwrap_or_else(scale_down_defaults),
    )
}

fn window(rules: &HPAScalingRules) -> Duration {
    let seconds = rules.stabilization_window_seconds.unwrap_or(DOWNSCALE_STABILIZATION_SECONDS);
    Duration::from_secs(i64::from(seconds))
}

/// Models getReplicasChangePerPeriod.
pub fn change_in(events: &[ScaleEvent], seconds: i32, now: Instant) -> i32 {
    let cutoff = now - Duration::from_secs(i64::from(seconds));
    events.iter().filter(|event| event.at > cutoff).map(|event| event.change).sum()
}

/// As many replicas as one look may ask for without `behavior`.
///
/// Models calculateScaleUpLimit.
fn rate(bounds: Bounds, factor: f64) -> i32 {
    (factor * f64::from(bounds.current)).max(SCALE_UP_LIMIT_MINIMUM) as i32
}

/// The limits without `behavior`: least, most, and at most twice as many (or 4) at once.
///
/// Models convertDesiredReplicasWithRules.
pub fn limits(bounds: Bounds, desired: i32, factor: f64) -> (i32, Reason) {
    let rate = rate(bounds, factor);
    let (most, reason) =
        if bounds.most > rate { (rate, SCALE_UP_LIMIT) } else { (bounds.most, TOO_MANY_REPLICAS) };
    if desired < bounds.least {
        (bounds.least, TOO_FEW_REPLICAS)
    } else if desired > most {
        (most, reason)
    } else {
        (desired, DESIRED_WITHIN_RANGE)
    }
}
