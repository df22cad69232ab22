//! A picture along the time, and what moves over it: the timeline, the strips of an autoscaler.
//!
//! The picture is drawn again when the trace, the window, the width or the language changes, or
//! when the cursor enters a torn gap; never while the cursor only moves. Over it lie the labels of
//! the axis, the cursor and the ring around what is pointed at.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions, EventListenerPhase};
use wasm_bindgen::JsCast;
use web_sys::{
    Element, MouseEvent, PointerEvent, ScrollIntoViewOptions, ScrollLogicalPosition, WheelEvent,
};
use yew::{AttrValue, Callback, Component, Context, Html, NodeRef, Properties, html};

use crate::draw::{self, Picture, Short, Spot};
use crate::i18n::Lang;
use crate::time::{Duration, Instant};
use crate::trace::EntryId;
use crate::ui::knobs::Knobs;
use crate::ui::measure::{Drawing, WidthWatch, placed};
use crate::ui::paper::{Paper, Sheet};
use crate::ui::points::PointMove;
use crate::view::axis::{Axis, Fold, Window, folds, opened, panned, zoomed};

/// A press that moves further is no click.
const STILL: f64 = 4.0;
/// So near to the cursor a press takes hold of it.
const GRIP: f64 = 9.0;
/// Above this the axis is pressed, not a lane.
const AXIS: f64 = 48.0;
/// Labels of the axis so near to the cursor are hidden by its pill.
const PILL: f64 = 46.0;
/// A narrower area is no choice.
const AREA: f64 = 6.0;

/// What the timeline needs.
#[derive(Properties)]
pub struct Props {
    /// What is drawn.
    pub paper: Paper,
    /// Where the cursor is.
    pub cursor: Instant,
    /// What is in view; `None` for all.
    #[prop_or_default]
    pub window: Option<Window>,
    /// The entry in question.
    #[prop_or_default]
    pub focus: Option<EntryId>,
    /// The language.
    pub lang: Lang,
    /// The cursor was put somewhere.
    pub on_seek: Callback<Instant>,
    /// Something else shall be in view.
    #[prop_or_default]
    pub on_window: Callback<Option<Window>>,
    /// An entry was pointed out, or none.
    #[prop_or_default]
    pub on_focus: Callback<Option<EntryId>>,
    /// Entries that are lit.
    #[prop_or_default]
    pub lit: Rc<[EntryId]>,
    /// Something is pointed at, or nothing any more.
    #[prop_or_default]
    pub on_hover: Callback<Option<EntryId>>,
    /// A point of a curve was moved; without it the points stay where they are.
    #[prop_or_default]
    pub on_point: Option<Callback<PointMove>>,
    /// Whether the legend stands below.
    #[prop_or(true)]
    pub legend: bool,
    /// Keeps the drawings of a page apart.
    #[prop_or(AttrValue::Static("tl"))]
    pub id: AttrValue,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        self.paper == other.paper
            && (self.cursor, self.window, self.focus, self.lang, self.legend)
                == (other.cursor, other.window, other.focus, other.lang, other.legend)
            && self.on_seek == other.on_seek
            && self.on_window == other.on_window
            && self.on_focus == other.on_focus
            && self.on_hover == other.on_hover
            && self.lit == other.lit
            && self.on_point == other.on_point
            && self.id == other.id
    }
}

/// What happens to it.
pub enum Msg {
    /// It became this wide.
    Width(f64),
    /// A finger or the mouse.
    Down(PointerEvent),
    /// It moved.
    Move(PointerEvent),
    /// It was lifted; whether in earnest.
    Up(PointerEvent, bool),
    /// The mouse left.
    Leave,
    /// The wheel turned.
    Wheel(WheelEvent),
    /// Something was scrolled.
    Scrolled,
    /// A point is moved by hand, and this is the scale that stays meanwhile; or it is no more.
    Grip(Option<i64>),
}

/// A picture and the axis it was drawn on.
struct Drawn {
    axis: Axis,
    picture: Picture,
    svg: AttrValue,
    labels: AttrValue,
}

/// What a press is about.
#[derive(Clone, Copy, PartialEq)]
enum Press {
    /// Not known before it moves.
    Undecided,
    /// The cursor follows.
    Scrub,
    /// The paper follows.
    Pan,
    /// Two fingers.
    Pinch,
    /// An area is chosen, from this place on.
    Area(f64),
}

/// A finger or the mouse that is down.
struct Finger {
    id: i32,
    start: (f64, f64),
    x: f64,
}

/// The timeline.
pub struct TimelineView {
    node: NodeRef,
    width: Option<f64>,
    folds: Vec<Fold>,
    /// The moment around which a fold is open.
    open: Option<Instant>,
    drawn: Option<Drawn>,
    hover: Option<Spot>,
    fingers: Vec<Finger>,
    press: Press,
    /// A window that was asked for and has not come back as a property: events are faster.
    asked: Cell<Option<Window>>,
    watch: Option<WidthWatch>,
    wheel: Option<EventListener>,
    scroll: Option<EventListener>,
    /// What of the height was in view when it was drawn.
    seen: (f64, f64),
    /// Where the area that is chosen ends.
    area: f64,
    /// Another entry is in question: it shall be seen.
    reveal: bool,
    /// The scale of the curve while one of its points is moved.
    ceiling: Option<i64>,
}

impl Component for TimelineView {
    type Message = Msg;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let paper = &ctx.props().paper;
        Self {
            node: NodeRef::default(),
            width: None,
            folds: folds(paper.moments(), paper.horizon()),
            open: None,
            drawn: None,
            hover: None,
            fingers: Vec::new(),
            press: Press::Undecided,
            asked: Cell::new(None),
            watch: None,
            wheel: None,
            scroll: None,
            seen: (0.0, 0.0),
            area: 0.0,
            reveal: false,
            ceiling: None,
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &Props) -> bool {
        self.asked.set(None);
        let props = ctx.props();
        self.reveal |= props.focus.is_some() && props.focus != old.focus;
        if props.paper != old.paper {
            // Under a point that is moved the paper stays as it is.
            if self.ceiling.is_none() {
                self.folds = folds(props.paper.moments(), props.paper.horizon());
            }
            self.hover = None;
            self.draw(ctx);
        } else if (props.window, props.lang, &props.id) != (old.window, old.lang, &old.id) {
            self.hover = None;
            self.draw(ctx);
        } else if props.cursor != old.cursor && self.press == Press::Undecided {
            self.follow(ctx);
        }
        true
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if std::mem::take(&mut self.reveal) {
            self.show_asked();
        }
        let Some(element) = self.node.cast::<Element>().filter(|_| first) else { return };
        self.watch = WidthWatch::new(&element, ctx.link().callback(Msg::Width));
        // Zooming must keep the page where it is, which only an active listener may do.
        let options = EventListenerOptions { phase: EventListenerPhase::Bubble, passive: false };
        let turn = ctx.link().callback(Msg::Wheel);
        self.wheel =
            Some(EventListener::new_with_options(&element, "wheel", options, move |event| {
                if let Some(event) = event.dyn_ref::<WheelEvent>() {
                    turn.emit(event.clone());
                }
            }));
        // Whatever scrolls around it: such events do not bubble, but pass the window first.
        let options = EventListenerOptions { phase: EventListenerPhase::Capture, passive: true };
        let scrolled = ctx.link().callback(|()| Msg::Scrolled);
        self.scroll = web_sys::window().map(|window| {
            EventListener::new_with_options(&window, "scroll", options, move |_| scrolled.emit(()))
        });
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Width(width) => {
                self.width = Some(width);
                self.draw(ctx);
                true
            }
            Msg::Down(event) => self.down(ctx, &event),
            Msg::Move(event) => self.moved(ctx, &event),
            Msg::Up(event, earnest) => self.up(ctx, &event, earnest),
            Msg::Leave => self.points_at(ctx, None),
            Msg::Grip(ceiling) => {
                self.ceiling = ceiling;
                if ceiling.is_none() {
                    let paper = &ctx.props().paper;
                    self.folds = folds(paper.moments(), paper.horizon());
                    self.draw(ctx);
                }
                true
            }
            Msg::Wheel(event) => self.turned(ctx, &event),
            Msg::Scrolled => {
                let height = self.drawn.as_ref().map_or(0.0, |drawn| drawn.picture.height);
                let late =
                    Paper::is_tall(height) && !Paper::covers(height, self.seen, self.seen_now());
                if late {
                    self.draw(ctx);
                }
                late
            }
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let press = match self.press {
            Press::Scrub => "tl-view tl-scrubbing",
            Press::Pan => "tl-view tl-panning",
            Press::Area(_) => "tl-view tl-choosing",
            Press::Undecided | Press::Pinch => "tl-view",
        };
        html! {
            <div class={press}>
                <div class="tl-sheet" ref={self.node.clone()}
                    onpointerdown={link.callback(Msg::Down)} onpointermove={link.callback(Msg::Move)}
                    onpointerup={link.callback(|event| Msg::Up(event, true))}
                    onpointercancel={link.callback(|event| Msg::Up(event, false))}
                    onpointerleave={link.callback(|_| Msg::Leave)}>
                    if let Some(drawn) = &self.drawn { {self.layers(ctx.props(), drawn)} }
                    { self.knobs(ctx) }
                </div>
                if let (Some(drawn), true) = (&self.drawn, ctx.props().legend) {
                    <ul class="tl-legend">
                        { for drawn.picture.legend.iter().map(|(glyph, key)| html! {
                            <li class="tl-key" key={format!("{glyph:?}")}>
                                {Html::from_html_unchecked(draw::glyph(*glyph).into())}
                                {(ctx.props().lang.timeline().legend)(*key)}
                            </li>
                        }) }
                    </ul>
                }
            </div>
        }
    }
}

impl TimelineView {
    fn layers(&self, props: &Props, drawn: &Drawn) -> Html {
        let picture = &drawn.picture;
        let x = picture.plot_x + drawn.axis.x(props.cursor);
        let visible = drawn.axis.window().contains(props.cursor);
        let focus =
            props.focus.and_then(|entry| picture.spots.iter().find(|spot| spot.entry == entry));
        let lit = picture.spots.iter().filter(|spot| props.lit.contains(&spot.entry));
        let ring = |spot: &Spot, class: &'static str| {
            let (left, top) = (spot.x - 2.0, spot.y - 2.0);
            let (width, height) = (spot.width + 4.0, spot.height + 4.0);
            let style = placed([left, top, width, height]);
            html! { <i {class} {style} /> }
        };
        html! {
            <>
                <div class="tl-axis" aria-hidden="true">
                    { for picture.ticks.iter().filter(|tick| !visible || (tick.x - x).abs() >= PILL).map(|tick| html! {
                        <span class="tl-tick" key={tick.label.clone()} style={format!("left:{}px", Short(tick.x))}>
                            {&tick.label}
                        </span>
                    }) }
                    if visible {
                        <span class="tl-pill" style={format!("transform:translateX({}px) translateX(-50%)", Short(x))}>
                            {props.cursor.clock()}
                        </span>
                    }
                </div>
                <Drawing svg={drawn.svg.clone()} />
                { for lit.map(|spot| ring(spot, "tl-ring tl-lit")) }
                if let Some(spot) = &self.hover { {ring(spot, "tl-ring")} }
                if let Some(spot) = focus { {ring(spot, "tl-ring tl-asked")} }
                if visible {
                    <div class="tl-cursor" aria-hidden="true"
                        style={format!("transform:translateX({}px);height:{}px", Short(x), Short(picture.foot - 26.0))}></div>
                }
                <Drawing svg={drawn.labels.clone()} />
                if let Press::Area(from) = self.press {
                    <i class="tl-area" style={area(from, self.area, picture.foot)} />
                }
            </>
        }
    }

    /// The points that can be moved.
    fn knobs(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let Some((drawn, on_move)) = self.drawn.as_ref().zip(props.on_point.clone()) else {
            return Html::default();
        };
        let Some(hand) = drawn.picture.hand.clone() else { return Html::default() };
        let on_grip = ctx.link().callback(Msg::Grip);
        html! {
            <Knobs {hand} second={drawn.axis.second()} lang={props.lang} {on_move} {on_grip} />
        }
    }

    fn window(&self, ctx: &Context<Self>) -> Window {
        let props = ctx.props();
        let shown = self.asked.get().or(props.window);
        shown.unwrap_or(Window::whole(props.paper.horizon()))
    }

    /// Draws the picture; a fold at the cursor is open in it.
    fn draw(&mut self, ctx: &Context<Self>) {
        let Some(width) = self.width else { return };
        let props = ctx.props();
        let hidden = self.folds.iter().any(|fold| fold.hides(props.cursor));
        let still = self.open.is_some_and(|at| near(at, props.cursor));
        if !hidden {
            self.open = None;
        } else if !still {
            self.open = Some(props.cursor);
        }
        let seen = Cell::new(self.seen);
        let folds = self.open.map_or_else(|| self.folds.clone(), |at| opened(&self.folds, at));
        let (axis, picture) = props.paper.draw(&Sheet {
            width,
            window: self.window(ctx),
            folds: &folds,
            lang: props.lang,
            id: &props.id,
            ceiling: self.ceiling,
            seen: &|| {
                seen.set(self.seen_now());
                seen.get()
            },
        });
        self.seen = seen.get();
        let (svg, labels) = (picture.svg.clone().into(), picture.labels.clone().into());
        self.drawn = Some(Drawn { axis, picture, svg, labels });
    }

    /// Scrolls as little as needed to show what is in question.
    fn show_asked(&self) {
        let Some(sheet) = self.node.cast::<Element>() else { return };
        let Ok(Some(ring)) = sheet.query_selector(".tl-asked") else { return };
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        options.set_inline(ScrollLogicalPosition::Nearest);
        ring.scroll_into_view_with_scroll_into_view_options(&options);
    }

    /// What of the height is in view.
    fn seen_now(&self) -> (f64, f64) {
        let whole = (0.0, f64::INFINITY);
        let window = web_sys::window().and_then(|window| window.inner_height().ok()?.as_f64());
        self.node.cast::<Element>().zip(window).map_or(whole, |(element, window)| {
            let rect = element.get_bounding_client_rect();
            let drawn = self.drawn.as_ref().map_or(0.0, |drawn| drawn.picture.width);
            let scale = if rect.width() > 0.0 && drawn > 0.0 { drawn / rect.width() } else { 1.0 };
            (-rect.top() * scale, (window - rect.top()) * scale)
        })
    }

    /// The cursor moved: a fold opens before it enters, and closes behind it.
    fn follow(&mut self, ctx: &Context<Self>) {
        let cursor = ctx.props().cursor;
        let torn = self.drawn.as_ref().is_some_and(|drawn| drawn.axis.tears_at(cursor));
        let left = self.open.is_some_and(|_| !self.folds.iter().any(|fold| fold.hides(cursor)));
        if torn || left {
            self.open = None;
            self.draw(ctx);
        }
    }

    // ── pointing ────────────────────────────────────────────────────────────────────────────

    /// Where an event is, in the picture's own places.
    fn place(&self, event: &MouseEvent) -> (f64, f64) {
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        self.node.cast::<Element>().map_or((x, y), |element| {
            let rect = element.get_bounding_client_rect();
            // A picture that is shown to a room is larger than it was drawn.
            let drawn = self.drawn.as_ref().map_or(0.0, |drawn| drawn.picture.width);
            let scale = if rect.width() > 0.0 && drawn > 0.0 { drawn / rect.width() } else { 1.0 };
            ((x - rect.left()) * scale, (y - rect.top()) * scale)
        })
    }

    fn time(&self, x: f64) -> Option<Instant> {
        self.drawn.as_ref().map(|drawn| drawn.axis.time((x - drawn.picture.plot_x).max(0.0)))
    }

    fn seek(&self, ctx: &Context<Self>, x: f64) {
        if let Some(at) = self.time(x) {
            ctx.props().on_seek.emit(at);
        }
    }

    fn down(&mut self, ctx: &Context<Self>, event: &PointerEvent) -> bool {
        if event.button() != 0 {
            return false;
        }
        let (x, y) = self.place(event);
        if let Some(element) = self.node.cast::<Element>() {
            // Without capture a fast drag would only end early.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        self.fingers.push(Finger { id: event.pointer_id(), start: (x, y), x });
        self.hover = None;
        if self.fingers.len() == 2 {
            self.press = Press::Pinch;
            return true;
        }
        let Some(drawn) = &self.drawn else { return false };
        let cursor = drawn.picture.plot_x + drawn.axis.x(ctx.props().cursor);
        let grips =
            (x - cursor).abs() <= GRIP && drawn.picture.at(x, y).is_none_or(|spot| !spot.is_mark);
        let in_plot = x >= drawn.picture.plot_x - GRIP;
        if in_plot && event.shift_key() {
            self.press = Press::Area(x);
            self.area = x;
        } else if in_plot && (y < AXIS || grips) {
            self.press = Press::Scrub;
            if y < AXIS {
                self.seek(ctx, x);
            }
        }
        true
    }

    fn moved(&mut self, ctx: &Context<Self>, event: &PointerEvent) -> bool {
        let (x, y) = self.place(event);
        let Some(index) = self.fingers.iter().position(|finger| finger.id == event.pointer_id())
        else {
            return self.hovered(ctx, x, y);
        };
        let (before, start) = (self.fingers[index].x, self.fingers[index].start);
        if self.press == Press::Pinch {
            self.pinched(ctx, index, x);
            return false;
        }
        if self.press == Press::Undecided && (x - start.0).abs() > STILL {
            // With everything in view there is nothing to pan to.
            self.press = if ctx.props().window.is_some() { Press::Pan } else { Press::Scrub };
        }
        self.fingers[index].x = x;
        match self.press {
            Press::Scrub => self.seek(ctx, x),
            Press::Pan => self.pan(ctx, before - x),
            Press::Area(_) => self.area = x,
            Press::Undecided | Press::Pinch => {}
        }
        true
    }

    fn hovered(&mut self, ctx: &Context<Self>, x: f64, y: f64) -> bool {
        let spot = self.drawn.as_ref().and_then(|drawn| drawn.picture.at(x, y)).copied();
        self.points_at(ctx, spot)
    }

    fn points_at(&mut self, ctx: &Context<Self>, spot: Option<Spot>) -> bool {
        let changed = spot != self.hover;
        if changed {
            ctx.props().on_hover.emit(spot.map(|spot| spot.entry));
        }
        self.hover = spot;
        changed
    }

    fn up(&mut self, ctx: &Context<Self>, event: &PointerEvent, earnest: bool) -> bool {
        let Some(index) = self.fingers.iter().position(|finger| finger.id == event.pointer_id())
        else {
            return false;
        };
        let finger = self.fingers.remove(index);
        if !self.fingers.is_empty() {
            return true;
        }
        let press = std::mem::replace(&mut self.press, Press::Undecided);
        let (x, y) = self.place(event);
        let still = (x - finger.start.0).abs() <= STILL && (y - finger.start.1).abs() <= STILL;
        if earnest && still && press == Press::Undecided {
            self.clicked(ctx, x, y);
        }
        if let (Press::Area(from), true) = (press, earnest) {
            self.choose(ctx, from, x);
        }
        self.follow(ctx);
        true
    }

    /// A click asks about what is under it and puts the cursor there.
    fn clicked(&mut self, ctx: &Context<Self>, x: f64, y: f64) {
        let Some(drawn) = &self.drawn else { return };
        let props = ctx.props();
        match drawn.picture.at(x, y) {
            Some(spot) if spot.is_mark => {
                props.on_seek.emit(spot.at);
                props.on_focus.emit(Some(spot.entry));
            }
            Some(spot) => {
                let entry = spot.entry;
                self.seek(ctx, x);
                props.on_focus.emit(Some(entry));
            }
            None if x >= drawn.picture.plot_x - GRIP => {
                self.seek(ctx, x);
                props.on_focus.emit(None);
            }
            None => {}
        }
    }

    // ── what is in view ─────────────────────────────────────────────────────────────────────

    fn show(&self, ctx: &Context<Self>, window: Window) {
        let whole = Window::whole(ctx.props().paper.horizon());
        self.asked.set(Some(window));
        ctx.props().on_window.emit((window != whole).then_some(window));
    }

    /// Brings an area into view.
    fn choose(&self, ctx: &Context<Self>, from: f64, to: f64) {
        let (from, to) = (from.min(to), from.max(to));
        let right = self.drawn.as_ref().map_or(0.0, |d| d.picture.plot_x + d.axis.width());
        if let (Some(begin), Some(end)) = (self.time(from), self.time(to.min(right)))
            && to - from >= AREA
        {
            let horizon = ctx.props().paper.horizon();
            self.show(ctx, Window::between(begin, end, horizon));
        }
    }

    fn pan(&self, ctx: &Context<Self>, pixels: f64) {
        let horizon = ctx.props().paper.horizon();
        self.show(ctx, panned(self.window(ctx), &self.folds, horizon, self.span(pixels)));
    }

    fn zoom(&self, ctx: &Context<Self>, x: f64, thousandths: i64) {
        let Some(at) = self.time(x) else { return };
        let horizon = ctx.props().paper.horizon();
        self.show(ctx, zoomed(self.window(ctx), &self.folds, horizon, at, thousandths));
    }

    fn pinched(&mut self, ctx: &Context<Self>, index: usize, x: f64) {
        let Some(other) = self.fingers.get(1 - index.min(1)).map(|finger| finger.x) else { return };
        let was = self.fingers[index].x;
        let (before, after) = ((was - other).abs(), (x - other).abs());
        if after < 8.0 || (x - was).abs() < 2.0 {
            return;
        }
        self.fingers[index].x = x;
        let Some(at) = self.time((x + other) / 2.0) else { return };
        let horizon = ctx.props().paper.horizon();
        let nearer = (before.max(8.0) * 1_000.0 / after) as i64;
        let window = zoomed(self.window(ctx), &self.folds, horizon, at, nearer);
        // What is between the fingers goes with them: two that move alike pan.
        let by = self.span((was - x) / 2.0);
        self.show(ctx, panned(window, &self.folds, horizon, by));
    }

    /// How long so many pixels last.
    fn span(&self, pixels: f64) -> Duration {
        let second = self.drawn.as_ref().map_or(1.0, |drawn| drawn.axis.second());
        Duration::from_micros((pixels * 1_000_000.0 / second) as i64)
    }

    /// The plain wheel scrolls the page; with Ctrl or ⌘ it zooms, sideways it pans.
    fn turned(&mut self, ctx: &Context<Self>, event: &WheelEvent) -> bool {
        let lines = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { 16.0 } else { 1.0 };
        let (across, down) = (event.delta_x() * lines, event.delta_y() * lines);
        if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            let step = (down.clamp(-120.0, 120.0) * 4.0) as i64;
            let (x, _) = self.place(event);
            self.zoom(ctx, x, 1_000 + step.max(-600));
        } else if ctx.props().window.is_some() && across.abs() > down.abs() {
            event.prevent_default();
            self.pan(ctx, across);
        }
        false
    }
}

/// Where the area lies that is chosen.
fn area(from: f64, to: f64, foot: f64) -> String {
    let (left, width) = (from.min(to), (from - to).abs());
    let height = (foot - 38.0).max(0.0);
    format!("left:{}px;width:{}px;height:{}px", Short(left), Short(width), Short(height))
}

/// Whether a fold that is open around one moment shows another.
fn near(open: Instant, at: Instant) -> bool {
    let away = at.since(open);
    away > Duration::from_secs(-3) && away < Duration::from_secs(5)
}
