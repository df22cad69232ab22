//! Debug.
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = std::fs::read_to_string(&a[1]).unwrap();
    let (s, _) = podarium::scenario::Scenario::from_text(&t);
    let lo: f64 = a[2].parse().unwrap();
    let hi: f64 = a[3].parse().unwrap();
    for e in podarium::cluster::Cluster::run(&s).entries() {
        let x = e.at.as_secs_f64();
        if x >= lo && x <= hi {
            let c = format!("{:?}", e.change);
            println!(
                "{:.4} {:?} {} {:?} {}",
                x,
                e.rule,
                e.subject.name,
                e.subject.container,
                &c.chars().take(200).collect::<String>()
            );
        }
    }
}
