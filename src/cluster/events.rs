//! Events: what components say about objects, counted and limited as their clients do.
//!
//! Owns: aggregation, counts and the rate limit of client-go's recorder, and the scheduler's
//! series. Does not own: when something is said.

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::cluster::Event;
use crate::manifest::meta::ObjectMeta;
use crate::map::index::Index;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, EntryId, Verb};

/// Different messages of one reason about one object before they are told as one.
///
/// Models client-go/tools/record/events_cache.go defaultAggregateMaxEvents.
const AGGREGATE_MAX: usize = 10;
/// Time after which messages are counted anew (defaultAggregateIntervalInSeconds).
const AGGREGATE_INTERVAL: Duration = Duration::from_secs(600);
/// Events about one object that pass at once (defaultSpamBurst).
const SPAM_BURST: i64 = 25;
/// Time until one more may pass (1 / defaultSpamQPS).
const SPAM_REFILL: Duration = Duration::from_secs(300);

/// What an Event says.
#[derive(Clone, Debug)]
pub(crate) struct Say<'a> {
    /// `Normal` or `Warning`.
    pub(crate) kind: &'a str,
    /// CamelCase word.
    pub(crate) reason: &'a str,
    /// The sentence.
    pub(crate) message: String,
    /// `spec.containers{app}`, or nothing.
    pub(crate) field_path: String,
}

/// The recorders of all components.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorders {
    /// Events that were said, by everything that makes two of them equal.
    known: Index,
    known_keys: Vec<Key>,
    /// Messages lately said, by everything but the message.
    similar: Index,
    every_similar: Vec<Similar>,
    /// Tokens left, by source, object and type.
    spam: Index,
    buckets: Vec<Bucket>,
    /// Names must differ although time may not.
    sequence: u64,
}

#[derive(Clone, Debug)]
struct Similar {
    messages: Vec<String>,
    since: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Tokens in microseconds of refill, so that parts of a token count.
    level: i64,
    at: Instant,
}

impl Recorders {
    /// Whether the client's rate limit lets one more pass.
    ///
    /// Models events_cache.go EventSourceObjectSpamFilter: a token bucket for each source, object
    /// and type.
    fn passes(&mut self, identity: &str, now: Instant) -> bool {
        let cost = SPAM_REFILL.as_micros();
        let most = cost * SPAM_BURST;
        let place = place_of(&mut self.spam, identity, self.buckets.len());
        if place == self.buckets.len() {
            self.buckets.push(Bucket { level: most, at: now });
        }
        let bucket = &mut self.buckets[place];
        bucket.level = (bucket.level + now.since(bucket.at).as_micros()).min(most);
        bucket.at = now;
        let passes = bucket.level >= cost;
        if passes {
            bucket.level -= cost;
        }
        passes
    }

    /// The Event that was said with this identity.
    fn known_key(&self, identity: &str) -> Option<&Key> {
        self.known_keys.get(self.known.get(identity)? as usize)
    }

    fn learn(&mut self, identity: &str, key: Key) {
        self.known.insert(identity, self.known_keys.len() as u32);
        self.known_keys.push(key);
    }

    /// The message to print: its own, or the combined one when too many alike were said.
    ///
    /// Models events_cache.go EventAggregator.EventAggregate.
    fn aggregate(&mut self, identity: &str, message: &str, now: Instant) -> Option<String> {
        let place = place_of(&mut self.similar, identity, self.every_similar.len());
        if place == self.every_similar.len() {
            self.every_similar.push(Similar { messages: Vec::new(), since: now });
        }
        let similar = &mut self.every_similar[place];
        if now.since(similar.since) > AGGREGATE_INTERVAL {
            similar.messages.clear();
        }
        similar.since = now;
        if !similar.messages.iter().any(|known| known == message) {
            similar.messages.push(message.to_owned());
        }
        (similar.messages.len() >= AGGREGATE_MAX).then(|| {
            // The set never grows larger; which one is dropped is anybody's guess upstream.
            similar.messages.remove(0);
            format!("(combined from similar events): {message}")
        })
    }
}

/// The place of an identity; a new one gets the next.
fn place_of(index: &mut Index, identity: &str, next: usize) -> usize {
    match index.get(identity) {
        Some(place) => place as usize,
        None => {
            index.insert(identity, next as u32);
            next
        }
    }
}

impl World<'_> {
    /// A component says something about an object.
    pub(crate) fn say(
        &mut self,
        actor: Actor,
        host: &str,
        about: &Object,
        say: Say<'_>,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let metadata = about.metadata();
        // The fields that make two Events one, the first of them being enough for less.
        let mut identity = [actor.name(), host, &metadata.uid, say.kind].join("\0");
        if !self.recorders.passes(&identity, self.now) {
            return None;
        }
        identity.push('\0');
        identity.push_str(say.reason);
        let combined = self.recorders.aggregate(&identity, &say.message, self.now);
        let is_combined = combined.is_some();
        let message = combined.unwrap_or(say.message);
        let text = if is_combined { "(combined)" } else { message.as_str() };
        for part in [say.field_path.as_str(), text] {
            identity.push('\0');
            identity.push_str(part);
        }
        let now = self.now.truncated();
        if let Some(Object::Event(known)) =
            self.recorders.known_key(&identity).and_then(|key| self.store.get(key))
        {
            let mut event = (**known).clone();
            event.count += 1;
            event.message = message;
            event.last_timestamp = Some(now);
            let object = Object::Event(Rc::new(event));
            return Some(self.put(actor, Verb::Updated, object, Rule::EventCounted, cause));
        }
        // Counting a known Event is an update; a new one is a creation like any other.
        if self.namespace_refusal(&metadata.namespace).is_some() {
            return None;
        }
        let event = self.new_event(actor, host, about, &say.field_path);
        let event = Event {
            kind: say.kind.to_owned(),
            reason: say.reason.to_owned(),
            message,
            first_timestamp: Some(now),
            last_timestamp: Some(now),
            count: 1,
            ..event
        };
        let object = Object::Event(Rc::new(event));
        self.recorders.learn(&identity, Key::of(&object));
        Some(self.put(actor, Verb::Created, object, Rule::EventRecorded, cause))
    }

    /// The scheduler says something; it writes events.k8s.io, which has no count and no first time.
    ///
    /// Models client-go/tools/events/event_recorder.go.
    pub(crate) fn say_scheduler(
        &mut self,
        about: &Object,
        kind: &str,
        reason: &str,
        message: String,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        if self.namespace_refusal(&about.metadata().namespace).is_some() {
            return None;
        }
        let event = self.new_event(Actor::Scheduler, "", about, "");
        let event = Event {
            kind: kind.to_owned(),
            reason: reason.to_owned(),
            message,
            event_time: Some(self.now),
            count: 0,
            ..event
        };
        let object = Object::Event(Rc::new(event));
        Some(self.put(Actor::Scheduler, Verb::Created, object, Rule::EventRecorded, cause))
    }

    fn new_event(&mut self, actor: Actor, host: &str, about: &Object, field_path: &str) -> Event {
        let metadata = about.metadata();
        self.recorders.sequence += 1;
        // Real names end in the nanoseconds of the moment; microseconds and a number are as unique.
        let nanos = self.now.unix_seconds() as u64 * 1_000_000_000
            + (self.now.as_micros().rem_euclid(1_000_000) as u64) * 1_000
            + self.recorders.sequence % 1_000;
        let namespace = if metadata.namespace.is_empty() { "default" } else { &metadata.namespace };
        Event {
            metadata: ObjectMeta {
                name: format!("{}.{nanos:x}", metadata.name),
                namespace: namespace.to_owned(),
                uid: format!("event-{}", self.recorders.sequence),
                creation_timestamp: Some(self.now.truncated()),
                ..ObjectMeta::default()
            },
            involved_kind: about.kind().to_owned(),
            involved_name: metadata.name.clone(),
            involved_uid: metadata.uid.clone(),
            field_path: field_path.to_owned(),
            source: actor.name().to_owned(),
            host: host.to_owned(),
            ..Event::default()
        }
    }
}
