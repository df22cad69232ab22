//! Holds quantities and QoS classes against tables of Kubernetes' own behaviour.

use podarium::manifest::decode::{Decode, Decoder};
use podarium::manifest::parse::parse;
use podarium::manifest::pod::PodSpec;
use podarium::manifest::qos::qos_class;
use podarium::manifest::quantity::{Format, Quantity};
use serde_json::Value;

fn cases(table: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/tables/{table}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the data is there");
    let table: Value = serde_json::from_str(&text).expect("the data is JSON");
    let cases = table["cases"].as_array().expect("a table has cases").clone();
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
            let text = case["input"]["spec"].to_string();
            let documents = parse(&text, &mut Vec::new());
            let spec = documents[0].root.as_ref().expect("JSON is YAML");
            let spec = PodSpec::decode(spec, &mut Decoder::default());
            let class = case["expect"]["qosClass"].as_str().unwrap();
            assert_eq!(qos_class(&spec), class, "{table} {}", case["name"]);
        }
    }
}
