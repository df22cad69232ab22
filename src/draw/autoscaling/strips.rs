//! The strips, one after the other.

use super::{Hand, Knob, Pen, WINDOW, WINDOWS, steps};
use super::{LOAD, Taken, heights, round_up, text_width};
use crate::draw::glyph::{self, Glyph};
use crate::draw::svg::{Anchor, Path};
use crate::i18n::timeline::Key;
use crate::time::Instant;
use crate::view::autoscaling::{Decision, Look};

/// Least distance of two decisions that are both drawn.
const APART: f64 = 15.0;

impl Pen<'_> {
    /// The scenario's curve, with its points.
    pub(super) fn load(&mut self, y: f64, ceiling: Option<i64>) -> Option<Hand> {
        let scaler = self.scaler;
        let curve = scaler.load.as_ref()?;
        self.strip(y, LOAD, self.texts.load, &[(self.texts.curve)(curve.kind)]);
        let most = curve.points.iter().map(|point| point.milli).max().unwrap_or(0).max(1);
        let ceiling = ceiling.unwrap_or_else(|| round_up(most + most / 4));
        let (floor, height) = (y + LOAD - 5.0, LOAD - 10.0);
        let place = |milli: i64| floor - height * (milli.min(ceiling) as f64 / ceiling as f64);
        let end = self.axis.window().to;
        let mut line = Path::default();
        let mut corners: Vec<(f64, f64)> = Vec::new();
        for (index, point) in curve.points.iter().enumerate() {
            let next = curve.points.get(index + 1);
            corners.push((self.x(point.at), place(point.milli)));
            if next.is_none() && point.at < end {
                // After the last point it stays.
                corners.push((self.x(end), place(point.milli)));
            }
        }
        let mut area = Path::default();
        if let (Some(first), Some(last)) = (corners.first(), corners.last()) {
            area = area.to(first.0, floor);
            for (x, y) in &corners {
                area.push_line(*x, *y);
            }
            area = area.line(last.0, floor).close();
            line = line.to(self.layout.plot_x, floor).line(first.0, floor);
            for (x, y) in &corners {
                line.push_line(*x, *y);
            }
        }
        self.svg.path("as-area", &area, "");
        self.svg.path("as-load", &line, "");
        self.scale.push((place(ceiling), curve.kind.text(ceiling)));
        // The highest stretch says how much it is.
        let top = curve
            .points
            .windows(2)
            .find(|two| two[0].milli == most && two[1].milli == most && two[0].at < two[1].at);
        if let Some([a, b]) = top.map(|two| [two[0], two[1]])
            && let Some((x0, x1)) = self.visible(a.at, b.at)
        {
            let text = curve.kind.text(most);
            let width = text_width(&text, 11.0, true);
            let middle = (x0 + x1) / 2.0;
            if x1 - x0 > width + 12.0 && self.is_clear(middle - width / 2.0, middle + width / 2.0) {
                let y = place(most) + 14.0;
                self.over.text("tl-s tl-m tl-ac tl-halo", middle, y, Anchor::Middle, &text, "");
            }
        }
        let mut knobs = Vec::new();
        for (index, point) in curve.points.iter().enumerate() {
            if !self.shows(point.at) {
                continue;
            }
            let (x, y) = (self.x(point.at), place(point.milli));
            let before = index.checked_sub(1).and_then(|index| curve.points.get(index));
            let behind = curve.points.get(index + 1);
            knobs.push(Knob {
                index: point.index,
                x,
                y,
                at: point.at,
                milli: point.milli,
                after: before.map_or(Instant::ZERO, |point| point.at),
                before: behind.map_or(scaler.horizon, |point| point.at),
            });
        }
        let step = (round_up((ceiling + 99) / 100)).max(1);
        Some(Hand { kind: curve.kind, list: curve.index, knobs, floor, height, ceiling, step })
    }

    /// What was measured, against the target and the band in which nothing changes.
    pub(super) fn usage(&mut self, y: f64) {
        let scaler = self.scaler;
        let aim = &scaler.aim;
        let (high, _) = heights(self.layout.width);
        let notes = (self.texts.usage_notes)(aim.percent);
        self.strip(y, high, self.texts.usage, &notes);
        let most = scaler.measures.iter().map(|measure| measure.value).max().unwrap_or(0);
        let top = round_up(most.max(aim.target + aim.target / 2).max(1));
        let (floor, height) = (y + high - 8.0, high - 20.0);
        let place = |value: i64| floor - height * (value as f64 / top as f64);
        let (left, width) = (self.layout.plot_x, self.layout.plot);
        let (down, up) = aim.tolerance;
        let band = |thousandths: i32| {
            let value = aim.target as f64 * (1.0 + f64::from(thousandths) / 1_000.0);
            floor - height * (value / top as f64)
        };
        let (upper, lower) = (band(up), band(-down));
        self.svg.rect("as-band", [left, upper, width, (lower - upper).max(1.5)], 0.0, "");
        let line = place(aim.target);
        self.svg.line("as-target", [left, line, left + width, line]);
        self.scale.push((line, aim.text(aim.target)));
        if (place(top) - line).abs() > 14.0 {
            self.scale.push((place(top), aim.text(top)));
            self.svg.line("tl-grid", [left, place(top), left + width, place(top)]);
        }
        if (floor - line).abs() > 14.0 {
            self.scale.push((floor, "0".to_owned()));
        }
        // Stretches that follow each other are one line.
        let mut path: Vec<(f64, f64, f64)> = Vec::new();
        let mut taken = Taken::default();
        for measure in &scaler.measures {
            let Some((x0, x1)) = self.visible(measure.from, measure.to) else { continue };
            let at = place(measure.value);
            path.push((x0, x1, at));
            let text = aim.text(measure.value);
            let wide = text_width(&text, 11.0, true);
            let free = taken.is_free(x0, x0 + wide + 6.0) && self.is_clear(x0, x0 + wide + 6.0);
            // Above its step; below where it would cross the target.
            let crosses = |baseline: f64| (baseline - 4.0 - line).abs() < 8.0;
            let places = [at - 5.0, at + 13.0];
            let baseline = places.into_iter().find(|own| !crosses(*own) && *own < floor + 6.0);
            if let Some(baseline) = baseline.filter(|_| free && (at - line).abs() > 3.0) {
                let class = "tl-s tl-m tl-halo";
                self.over.text(class, x0 + 4.0, baseline, Anchor::Start, &text, "");
                taken.take(x0, x0 + wide + 6.0);
            }
        }
        self.svg.path("as-usage", &steps(&path), "");
        self.unknown(y + high / 2.0);
        // What a look read: how far the dot stands from the step is how old the sample was.
        let mut last = f64::MIN;
        for look in &scaler.looks {
            let metric =
                look.scaling.metrics.iter().find(|metric| {
                    metric.result.as_ref().is_ok_and(|own| own.target == aim.target)
                });
            let Some(Ok(own)) = metric.map(|metric| &metric.result) else { continue };
            if !self.shows(look.at) {
                continue;
            }
            let (x, at) = (self.x(look.at), place(own.usage));
            if x - last < 5.0 {
                continue;
            }
            last = x;
            let inside = self.tears.iter().any(|(a, b)| x > *a && x < *b);
            if !inside {
                self.svg.circle("as-dot", x, at, 3.0, "");
                self.spot(look.entry, look.at, [x - 4.0, at - 4.0, 8.0, 8.0], 1);
            }
        }
    }

    /// Stretches in which nothing was known.
    fn unknown(&mut self, y: f64) {
        let looks = &self.scaler.looks;
        let mut from = None;
        let mut stretches: Vec<(Instant, Instant)> = Vec::new();
        for look in looks {
            match (look.decision, from) {
                (Decision::Unknown, None) => from = Some(look.at),
                (Decision::Unknown, Some(_)) | (_, None) => {}
                (_, Some(begin)) => {
                    stretches.push((begin, look.at));
                    from = None;
                }
            }
        }
        stretches.extend(from.map(|begin| (begin, self.scaler.horizon)));
        let width = text_width("<unknown>", 11.0, true);
        for (from, to) in stretches {
            let Some((x0, x1)) = self.visible(from, to) else { continue };
            if x1 - x0 > width + 8.0 && self.is_clear(x0, x0 + width + 8.0) {
                let class = "tl-s tl-m tl-mu tl-halo";
                self.over.text(class, x0 + 4.0, y + 4.0, Anchor::Start, "<unknown>", "");
            }
        }
    }

    /// Ready as an area, made as a tint, wanted as a line, the bounds as rails.
    pub(super) fn replicas(&mut self, y: f64) {
        let scaler = self.scaler;
        let (_, high) = heights(self.layout.width);
        self.strip(y, high, self.texts.replicas, &[self.texts.wanted, self.texts.ready]);
        let most = scaler.counts.iter().map(|own| own.wanted.max(own.made)).max().unwrap_or(1);
        let top = most.max(scaler.most).max(1);
        let (floor, height) = (y + high - 4.0, high - 22.0);
        let place = |count: i32| floor - height * (f64::from(count) / f64::from(top));
        let (mut wanted, mut areas) = (Vec::new(), [Vec::new(), Vec::new()]);
        let mut labels: Vec<(f64, f64, i32)> = Vec::new();
        let mut last = None;
        for (index, count) in scaler.counts.iter().enumerate() {
            let to = scaler.counts.get(index + 1).map_or(scaler.horizon, |next| next.at);
            let Some((x0, x1)) = self.visible(count.at, to) else { continue };
            wanted.push((x0, x1, place(count.wanted)));
            for (area, number) in areas.iter_mut().zip([count.made, count.ready]) {
                if number > 0 {
                    area.push([x0, place(number), x1 - x0, floor - place(number)]);
                }
            }
            if last != Some(count.wanted) {
                labels.push((x0, place(count.wanted), count.wanted));
                self.spot(count.entry, count.at, [x0 - 3.0, y + 2.0, 6.0, high - 4.0], 2);
            }
            last = Some(count.wanted);
        }
        for (class, area) in ["as-made", "as-ready"].into_iter().zip(areas) {
            for place in area {
                self.svg.rect(class, place, 0.0, "");
            }
        }
        let (left, width) = (self.layout.plot_x, self.layout.plot);
        let right = left + width;
        for (bound, word) in [(scaler.most, "max"), (scaler.least, "min")] {
            self.svg.line("as-rail", [left, place(bound), right, place(bound)]);
            // On narrow paper the steps say it.
            if !self.layout.stacked {
                self.scale.push((place(bound), format!("{word} {bound}")));
            }
        }
        self.svg.path("as-wanted", &steps(&wanted), "");
        let mut taken = Taken::default();
        for (x, at, number) in labels {
            let text = number.to_string();
            let wide = text_width(&text, 13.0, true) + 6.0;
            if taken.is_free(x, x + wide) && self.is_clear(x, x + wide) {
                let class = "tl-l tl-m tl-bold tl-halo";
                self.over.text(class, x + 4.0, at - 5.0, Anchor::Start, &text, "");
                taken.take(x, x + wide);
            }
        }
        self.keys.insert((Key::Ready, Glyph::Ready));
        self.keys.insert((Key::Running, Glyph::Running));
    }

    /// What each look wanted, and what it did.
    pub(super) fn decisions(&mut self, y: f64) {
        let scaler = self.scaler;
        self.strip(y, super::DECISIONS, self.texts.decisions, &[self.texts.wants]);
        let x = self.layout.name_x;
        if !self.layout.stacked {
            self.svg.text("tl-s tl-mu", x, y + 43.0, Anchor::Start, self.texts.does, "");
        }
        let acts = |look: &&Look| matches!(look.decision, Decision::Up | Decision::Down);
        let mut taken = Taken::default();
        // What changed something is drawn in any case.
        for important in [true, false] {
            for look in scaler.looks.iter().filter(|look| acts(look) == important) {
                if !self.shows(look.at) {
                    continue;
                }
                let x = self.x(look.at);
                let hidden = self.tears.iter().any(|(a, b)| x > a - 5.0 && x < b + 4.0);
                let (from, to) = (x - APART / 2.0, x + APART / 2.0);
                if hidden || !(important || taken.is_free(from, to)) {
                    continue;
                }
                taken.take(from, to);
                self.decision(look, x, y);
            }
        }
        self.counted(y);
    }

    fn decision(&mut self, look: &Look, x: f64, y: f64) {
        let (key, mark) = match look.decision {
            Decision::Up => (Key::ScaledUp, Glyph::Up),
            Decision::Down => (Key::ScaledDown, Glyph::Down),
            Decision::Steady => (Key::Steady, Glyph::Equal),
            Decision::Stabilizing => (Key::Stabilizing, Glyph::Pause),
            Decision::Unknown => (Key::NoMetrics, Glyph::Unknown),
        };
        self.keys.insert((key, mark));
        if let Some(wants) = look.scaling.recommended {
            let acts = matches!(look.decision, Decision::Up | Decision::Down);
            let class = if acts { "tl-s tl-m tl-bold" } else { "tl-s tl-m tl-mu" };
            self.svg.text(class, x, y + 17.0, Anchor::Middle, &wants.to_string(), "");
        }
        let title = (self.texts.title)(look);
        glyph::draw(self.svg, mark, x, y + 33.0, &title);
        let [width, height] = [12.0, super::DECISIONS - 8.0];
        self.spot(look.entry, look.at, [x - 6.0, y + 4.0, width, height], 3);
    }

    /// How many looks a torn gap hides.
    fn counted(&mut self, y: f64) {
        let tears: Vec<_> = self.axis.tears().collect();
        for tear in tears {
            let hidden = self.scaler.looks.iter();
            let hidden = hidden.filter(|look| look.at > tear.from && look.at < tear.to).count();
            if hidden > 0 {
                let x = self.layout.plot_x + (tear.x0 + tear.x1) / 2.0;
                let text = format!("×{hidden}");
                self.over.text("tl-xs tl-m tl-mu", x + 1.0, y + 36.0, Anchor::Middle, &text, "");
            }
        }
    }

    /// From the recommendation that held a step down back, to that step.
    pub(super) fn windows(&mut self, y: f64) {
        let scaler = self.scaler;
        let window = scaler.looks.iter().map(|look| look.scaling.window).max().unwrap_or_default();
        for (row, (from, to)) in scaler.windows().take(WINDOWS).enumerate() {
            let Some((x0, x1)) = self.visible(from, to) else { continue };
            let line = y + 5.0 + WINDOW * row as f64;
            let path =
                Path::default().to(x0, y - 2.0).line(x0, line).line(x1, line).line(x1, y - 2.0);
            self.svg.path("as-window", &path, "");
            if row > 0 {
                continue;
            }
            let text = (self.texts.window)(window);
            let wide = text_width(&text, 11.0, false);
            let class = "tl-s tl-mu tl-halo";
            if x0 - wide - 8.0 >= self.layout.plot_x {
                self.over.text(class, x0 - 6.0, line + 5.0, Anchor::End, &text, "");
            } else if self.is_clear(x1 + 6.0, x1 + 6.0 + wide) {
                self.over.text(class, x1 + 6.0, line + 5.0, Anchor::Start, &text, "");
            } else if x1 - x0 > wide + 8.0 {
                self.over.text(class, x0 + 4.0, line + 13.0, Anchor::Start, &text, "");
            }
        }
    }
}
