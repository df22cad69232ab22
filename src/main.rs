//! wasm32: mounts the page. Native: the command line.

#[cfg(target_arch = "wasm32")]
fn main() {
    podarium::ui::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    podarium::cli::main()
}
