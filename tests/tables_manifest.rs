//! Holds quantities and QoS classes against tables of Kubernetes' own behaviour.

use podarium::manifest::quantity::{Format, Quantity};
use podarium::manifest::{Object, load};
use serde_json::Value;

fn cases(table: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/tables/{table}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let table: Value = serde_json::from_str(&text).unwrap();
    let cases = table["cases"].as_array().unwrap().clone();
    cases.into_iter().filter(|case| case["caution"].is_null()).collect()
}

#[test]
fn quantities_are_read_and_printed_as_kubernetes_does() {
    let mut wrong = Vec::new();
    let cases = cases("quantity_parse");
    assert_eq!(cases.len(), 182);
    for case in cases {
        let text = case["input"]["text"].as_str().unwrap();
        let expect = &case["expect"];
        let found = match Quantity::parse(text) {
            Ok(quantity) => {
                let format = match quantity.format() {
                    Format::DecimalExponent => "DecimalExponent",
                    Format::BinarySI => "BinarySI",
                    Format::DecimalSI => "DecimalSI",
                };
                let (value, milli) = (quantity.value(), quantity.milli_value());
                format!("{} {format} {value} {milli}", quantity.text())
            }
            Err(error) => error,
        };
        let word = |key: &str| expect[key].as_str().unwrap_or_default().to_owned();
        let wanted = match expect["error"].as_str() {
            Some(error) => error.to_owned(),
            None => format!(
                "{} {} {} {}",
                word("canonical"),
                word("format"),
                word("value"),
                word("milliValue")
            ),
        };
        if found != wanted {
            wrong.push(format!("{text:?}: {found}, wanted {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn quantities_are_added_as_kubernetes_does() {
    let cases = cases("quantity_arith");
    assert_eq!(cases.len(), 8);
    for case in cases {
        let input = &case["input"];
        let quantity =
            |key: &str| Quantity::parse(input[key].as_str().unwrap_or("0")).expect("a quantity");
        let (a, b) = (quantity("a"), quantity("b"));
        let result = match input["op"].as_str().unwrap() {
            "add" => a.plus(&b),
            "sub" => a.minus(&b),
            _ => a.negated(),
        };
        assert_eq!(result.text(), case["expect"]["result"].as_str().unwrap(), "{}", case["name"]);
    }
}

#[test]
fn pods_have_the_class_that_kubernetes_gives_them() {
    for table in ["qos", "qos_recent"] {
        let cases = cases(table);
        assert!(cases.len() >= 9);
        for case in cases {
            let mut spec = case["input"]["spec"].clone();
            // The tables leave out what has no part in the class, and use one name twice.
            for list in ["containers", "initContainers"] {
                for (index, container) in
                    spec[list].as_array_mut().into_iter().flatten().enumerate()
                {
                    container["image"] = "nginx".into();
                    container["name"] = format!("{list}{index}").to_lowercase().into();
                }
            }
            let pod = serde_json::json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec
            });
            let loaded = load(&pod.to_string());
            let Some(Object::Pod(pod)) = loaded.objects.first() else {
                panic!("{table} {}: {:?}", case["name"], loaded.diagnostics);
            };
            let class = case["expect"]["qosClass"].as_str().unwrap();
            assert_eq!(pod.status.qos_class, class, "{table} {}", case["name"]);
        }
    }
}
