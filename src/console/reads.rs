//! Whether a command in a container only looks.
//!
//! Owns: [`only_looks`]. What only looks is answered and forgotten; anything else becomes an action
//! of the scenario. A program that is not listed counts as one that changes something.

/// Programs that change nothing, whatever their arguments.
const LOOKS: &str = " ls cat ps echo env printenv hostname id whoami pwd date uname head tail grep \
                     egrep fgrep wc sort uniq cut tr df du free mount ip ifconfig netstat ss route \
                     nslookup ping stat file which test [ true false printf uptime arch nproc getconf \
                     readlink realpath basename dirname sleep seq tree pidof pgrep lsof awk xargs \
                     busybox command type md5sum sha256sum hexdump od strings column locale : ";

/// Programs that ask a server: what they ask for is another's to answer.
const ASKS: &str = " curl wget nc telnet redis-cli psql mysql ";

/// Words after which a command begins.
const LEADS: &str = " ; | || && & ( { do then else ! \n ";

/// Words that are neither a command nor an argument of one.
const KEYWORDS: &str = " if then else elif fi for in do done while until case esac { } ! ";

fn among(list: &str, word: &str) -> bool {
    !word.contains(' ') && list.contains(&format!(" {word} "))
}

/// Whether a command line, cut into words, only looks.
pub fn only_looks(argv: &[String]) -> bool {
    let Some((program, rest)) = argv.split_first() else { return true };
    let name = program.rsplit('/').next().unwrap_or(program);
    match name {
        "sh" | "bash" | "ash" | "dash" => match rest {
            [flag, script, ..] if flag.starts_with('-') && flag.ends_with('c') => {
                script_only_looks(script)
            }
            [] => true,
            _ => false,
        },
        "timeout" | "nice" | "time" | "busybox" => {
            let skip = usize::from(name == "timeout");
            let inner: Vec<String> =
                rest.iter().skip_while(|word| word.starts_with('-')).skip(skip).cloned().collect();
            only_looks(&inner)
        }
        "env" => {
            let inner: Vec<String> =
                rest.iter().skip_while(|word| word.contains('=')).cloned().collect();
            inner.is_empty() || only_looks(&inner)
        }
        "xargs" => {
            let inner: Vec<String> =
                rest.iter().skip_while(|word| word.starts_with('-')).cloned().collect();
            only_looks(&inner)
        }
        "find" => !rest.iter().any(|word| matches!(word.as_str(), "-delete" | "-exec" | "-ok")),
        "sed" => !rest.iter().any(|word| word.starts_with("-i") || word == "--in-place"),
        "curl" | "wget" => asks_only(name, rest),
        "nginx" => rest.iter().any(|word| matches!(word.as_str(), "-t" | "-T" | "-v" | "-V")),
        _ => among(LOOKS, name) || among(ASKS, name),
    }
}

/// Fetching to the screen, or to nowhere.
fn asks_only(name: &str, rest: &[String]) -> bool {
    let to_screen = |word: &String| {
        matches!(word.as_str(), "-" | "/dev/null" | "-O-" | "-qO-" | "-O/dev/null" | "--spider")
            || (word.starts_with('-') && !word.starts_with("--") && word.ends_with("O-"))
    };
    match name {
        "wget" => rest.iter().any(to_screen),
        _ => !rest.iter().any(|word| matches!(word.as_str(), "-o" | "-O" | "--output" | "-T")),
    }
}

/// Cuts a script into commands and judges each; whatever writes into a file changes something.
fn script_only_looks(script: &str) -> bool {
    let mut words: Vec<String> = vec![String::new()];
    let (mut quote, mut began) = (None, false);
    let mut characters = script.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => {
                if let Some(last) = words.last_mut() {
                    last.push(c);
                }
            }
            (None, '\'' | '"') => {
                (quote, began) = (Some(character), true);
            }
            (None, ' ' | '\t') => {
                if began {
                    words.push(String::new());
                }
                began = false;
            }
            (None, ';' | '|' | '&' | '\n' | '(' | ')' | '`') => {
                words.push(";".to_owned());
                words.push(String::new());
                began = false;
            }
            (None, '>') => {
                let rest: String = characters.clone().take(12).collect();
                let rest = rest.trim_start();
                if !rest.starts_with('&') && !rest.starts_with("/dev/null") {
                    return false;
                }
                if characters.peek() == Some(&'&') {
                    characters.next();
                }
            }
            (None, c) => {
                began = true;
                if let Some(last) = words.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    let mut command: Vec<String> = Vec::new();
    let mut all = true;
    // `for NAME in WORDS` names no command.
    let mut listing = false;
    for word in words.iter().chain([&";".to_owned()]) {
        if among(LEADS, word) || (command.is_empty() && among(KEYWORDS, word)) {
            all &= command.is_empty() || only_looks(&command);
            command.clear();
            listing = (listing && word == "in") || word == "for" || word == "case";
        } else if listing || (command.is_empty() && is_assignment(word)) {
            // Words of a list, or a variable: nothing is run.
        } else {
            command.push(word.clone());
        }
    }
    all
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(line: &str) -> bool {
        only_looks(&shell_words::split(line).unwrap())
    }

    #[test]
    fn what_looks_is_told_from_what_changes() {
        for line in [
            "ls -l /data",
            "ps -o pid,comm",
            "sh -c 'cat /data/cmd /data/post; ls -la /data'",
            "sh -c 'ps | grep nginx && echo yes'",
            "sh -c 'for i in 1 2 3; do echo $i; done'",
            "sh -c 'cat /x 2>/dev/null || echo none'",
            "wget -qO- http://127.0.0.1",
            "curl -s localhost",
            "find / -name x",
            "env A=b printenv",
            "timeout 3 cat /x",
            "sed -n 1p /etc/hosts",
        ] {
            assert!(looks(line), "{line}");
        }
        for line in [
            "touch /tmp/x",
            "kill 1",
            "sh -c 'echo a > /tmp/x'",
            "sh -c 'ls; rm -rf /data'",
            "sh -c 'if true; then kill 1; fi'",
            "sh /script.sh",
            "wget http://web/big",
            "find / -delete",
            "sed -i s/a/b/ /x",
            "nginx -s quit",
            "sh -c 'kill -9 $(pidof nginx)'",
            "sh -c 'ls | xargs rm'",
        ] {
            assert!(!looks(line), "{line}");
        }
    }
}
