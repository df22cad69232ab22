//! Points of a curve that are moved by hand: dragged, or stepped with the arrow keys.
//!
//! Owns: which move a gesture makes. Does not own: where the points stand (`draw`), or what is
//! written (`points`).

use web_sys::{Element, KeyboardEvent, PointerEvent};
use yew::html::Scope;
use yew::{Callback, Component, Context, Html, Properties, TargetCast, html};

use crate::draw::{Hand, Knob, Short};
use crate::i18n::Lang;
use crate::time::{Duration, Instant};
use crate::ui::points::PointMove;

/// A press that moves less is none.
const STILL: f64 = 2.0;
/// Where a second is narrower than this, time goes in steps of five seconds.
const NARROW: f64 = 3.0;

/// What the points need.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The points.
    pub hand: Hand,
    /// How wide a second is.
    pub second: f64,
    /// The language.
    pub lang: Lang,
    /// A point was moved.
    pub on_move: Callback<PointMove>,
    /// The scale must stay as it is, or need not any more.
    pub on_grip: Callback<Option<i64>>,
}

/// A point that is held.
struct Drag {
    pointer: i32,
    start: (f64, f64),
    knob: Knob,
    /// Where it is now.
    now: (Instant, i64),
    moved: bool,
}

/// The points.
pub struct Knobs {
    drag: Option<Drag>,
}

/// What happens to them.
pub enum Msg {
    /// A point is pressed.
    Down(Knob, PointerEvent),
    /// It is moved.
    Move(PointerEvent),
    /// It is let go; whether in earnest.
    Up(PointerEvent, bool),
    /// A key.
    Key(Knob, KeyboardEvent),
}

impl Component for Knobs {
    type Message = Msg;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self { drag: None }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Down(knob, event) => self.down(ctx, knob, &event),
            Msg::Move(event) => self.moved(ctx, &event),
            Msg::Up(event, earnest) => self.up(ctx, &event, earnest),
            Msg::Key(knob, event) => key(ctx, knob, &event),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let Props { hand, lang, .. } = ctx.props();
        html! {
            <div class="as-knobs">
                { for hand.knobs.iter().enumerate().map(|(n, knob)| self.knob(ctx, hand, *knob, n + 1, *lang)) }
            </div>
        }
    }
}

impl Knobs {
    fn knob(
        &self,
        ctx: &Context<Self>,
        hand: &Hand,
        knob: Knob,
        number: usize,
        lang: Lang,
    ) -> Html {
        let link = ctx.link();
        let held = self.drag.as_ref().is_some_and(|drag| drag.knob.index == knob.index);
        let class = if held { "as-knob as-held" } else { "as-knob" };
        let amount = hand.kind.text(knob.milli);
        let value = format!("{amount}, {}", knob.at.clock());
        html! {
            <span key={knob.index} {class} role="slider" tabindex="0"
                style={format!("left:{}px;top:{}px", Short(knob.x), Short(knob.y))}
                aria-label={(lang.scaling().knob)(number)} aria-valuemin="0"
                aria-valuemax={hand.ceiling.to_string()} aria-valuenow={knob.milli.to_string()}
                aria-valuetext={value.clone()}
                onpointerdown={ours(link, move |event| Msg::Down(knob, event))}
                onpointermove={ours(link, Msg::Move)}
                onpointerup={ours(link, |event| Msg::Up(event, true))}
                onpointercancel={ours(link, |event| Msg::Up(event, false))}
                onkeydown={keys(link, knob)}>
                <span class="as-tip" aria-hidden="true">{value}</span>
            </span>
        }
    }

    fn down(&mut self, ctx: &Context<Self>, knob: Knob, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        let target: Element = event.target_unchecked_into();
        // Without capture a fast drag would only end early.
        let _ = target.set_pointer_capture(event.pointer_id());
        let start = (f64::from(event.client_x()), f64::from(event.client_y()));
        let now = (knob.at, knob.milli);
        self.drag = Some(Drag { pointer: event.pointer_id(), start, knob, now, moved: false });
        ctx.props().on_grip.emit(Some(ctx.props().hand.ceiling));
    }

    fn moved(&mut self, ctx: &Context<Self>, event: &PointerEvent) {
        let Some(drag) = self.drag.as_mut().filter(|drag| drag.pointer == event.pointer_id())
        else {
            return;
        };
        let Props { hand, second, .. } = ctx.props();
        let x = f64::from(event.client_x()) - drag.start.0;
        let y = f64::from(event.client_y()) - drag.start.1;
        if !drag.moved && x.abs() < STILL && y.abs() < STILL {
            return;
        }
        drag.moved = true;
        let milli = drag.knob.milli - (y * hand.ceiling as f64 / hand.height) as i64;
        let milli = (milli.clamp(0, hand.ceiling) + hand.step / 2) / hand.step * hand.step;
        let grid = if *second < NARROW { 5 } else { 1 };
        let by = Duration::from_micros((x * 1_000_000.0 / second.max(0.001)) as i64);
        // Up or down alone leaves the time as it is.
        let at = if x.abs() < 6.0 { drag.knob.at } else { snapped(drag.knob.at + by, grid) };
        let now = (within(at, &drag.knob), milli);
        if now != drag.now {
            drag.now = now;
            let index = drag.knob.index;
            ctx.props().on_move.emit(to(hand, index, now, false));
        }
    }

    fn up(&mut self, ctx: &Context<Self>, event: &PointerEvent, earnest: bool) {
        let Some(drag) = self.drag.take_if(|drag| drag.pointer == event.pointer_id()) else {
            return;
        };
        if drag.moved {
            let before = (drag.knob.at, drag.knob.milli);
            let now = if earnest { drag.now } else { before };
            let move_ = to(&ctx.props().hand, drag.knob.index, now, true);
            ctx.props().on_move.emit(move_);
        }
        ctx.props().on_grip.emit(None);
    }
}

fn key(ctx: &Context<Knobs>, knob: Knob, event: &KeyboardEvent) {
    let hand = &ctx.props().hand;
    let many = if event.shift_key() { 10 } else { 1 };
    let (milli, seconds) = match event.key().as_str() {
        "ArrowUp" => (hand.step * many, 0),
        "ArrowDown" => (-hand.step * many, 0),
        "ArrowRight" => (0, many),
        "ArrowLeft" => (0, -many),
        _ => return,
    };
    let at = within(knob.at + Duration::from_secs(seconds), &knob);
    let now = (at, (knob.milli + milli).max(0));
    if now != (knob.at, knob.milli) {
        ctx.props().on_move.emit(to(hand, knob.index, now, true));
    }
}

/// A message about an event of which the paper below must not know; it is told so at once, as
/// messages come later.
fn ours(
    link: &Scope<Knobs>,
    msg: impl Fn(PointerEvent) -> Msg + 'static,
) -> Callback<PointerEvent> {
    let link = link.clone();
    Callback::from(move |event: PointerEvent| {
        event.stop_propagation();
        link.send_message(msg(event));
    })
}

/// The arrows; the page's own would move the cursor.
fn keys(link: &Scope<Knobs>, knob: Knob) -> Callback<KeyboardEvent> {
    let link = link.clone();
    Callback::from(move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight") {
            event.prevent_default();
            link.send_message(Msg::Key(knob, event));
        }
    })
}

fn to(hand: &Hand, index: usize, (at, milli): (Instant, i64), done: bool) -> PointMove {
    PointMove { kind: hand.kind, list: hand.list, index, at, milli, done }
}

/// To whole steps of so many seconds.
fn snapped(at: Instant, grid: i64) -> Instant {
    let unit = grid * 1_000_000;
    Instant::from_micros((at.as_micros() + unit / 2).div_euclid(unit) * unit)
}

/// Between the points beside it.
fn within(at: Instant, knob: &Knob) -> Instant {
    at.min(knob.before).max(knob.after)
}
