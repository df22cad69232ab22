//! wasm32: mounts the page. Native: the command line.

fn main() {}
