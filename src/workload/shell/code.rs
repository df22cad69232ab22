//! A script as a flat list of steps, so that a shell can stop anywhere and be copied.
//!
//! Owns: [`Code`] and compiling the library's syntax tree into it. Does not own: words (`word`), or
//! running (`vm`).

use std::rc::Rc;

use brush_parser::ast;

use crate::workload::shell::word::{Word, parse_word};

/// How deep scripts may nest.
///
/// Invented: far beyond what anybody writes; the parsers recurse, and the stack ends somewhere.
const DEEPEST: usize = 25;

/// A redirection.
#[derive(Clone, Debug)]
pub(super) struct Redirect {
    pub(super) fd: i32,
    pub(super) target: Target,
}

/// Where a descriptor leads.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Read(Word),
    Write {
        word: Word,
        append: bool,
    },
    /// `2>&1`, `<&-`.
    Same(Word),
    /// A here-document.
    Text(Word),
    /// `&>file`: both outputs.
    Both {
        word: Word,
        append: bool,
    },
}

/// A simple command.
#[derive(Clone, Debug)]
pub(super) struct Simple {
    pub(super) assignments: Vec<(String, bool, Word)>,
    pub(super) words: Vec<Word>,
    pub(super) redirects: Vec<Redirect>,
    /// The last thing its shell does: the program may take the shell's place.
    pub(super) last: bool,
}

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Simple(Rc<Simple>),
    Jump(usize),
    JumpIfOk(usize),
    JumpIfFailed(usize),
    /// `!`.
    Negate,
    SetStatus(i32),
    /// Ends the shell under `set -e` when the last command failed.
    CheckExit,
    /// Between these, failures are looked at by the script.
    ConditionStart,
    ConditionEnd,
    /// A copy of the shell runs until its `End`, this one goes on at `.0`.
    Subshell(usize),
    Background(usize),
    /// Copies run the parts; each part ends with `End`.
    Pipeline {
        parts: Vec<usize>,
        end: usize,
    },
    /// The end of a copy.
    End,
    RedirectStart(Rc<Vec<Redirect>>),
    RedirectEnd,
    LoopStart {
        again: usize,
        end: usize,
    },
    LoopEnd,
    ForStart {
        words: Option<Rc<Vec<Word>>>,
    },
    ForNext {
        name: String,
        end: usize,
    },
    ForEnd,
    CaseStart(Rc<Word>),
    /// Jumps when no pattern matches.
    CaseTest {
        patterns: Rc<Vec<Word>>,
        otherwise: usize,
    },
    CaseEnd,
    /// `((…))`.
    Arithmetic(Rc<Word>),
    /// `[[ … ]]`.
    Test(Rc<TestExpression>),
    Function {
        name: String,
        end: usize,
    },
    Return,
}

/// An expression of `[[ … ]]`.
#[derive(Clone, Debug)]
pub(super) enum TestExpression {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Unary(String, Word),
    Binary(String, Word, Word),
}

/// A compiled script.
#[derive(Clone, Debug, Default)]
pub(in crate::workload) struct Code {
    pub(super) ops: Vec<Op>,
}

/// Compiles a script; `Err` has what the shell says about its syntax.
pub(in crate::workload) fn compile(script: &str, last: bool) -> Result<Rc<Code>, String> {
    compile_at(script, last, 0)
}

/// Compiles a script that stands inside others.
pub(super) fn compile_at(script: &str, last: bool, depth: usize) -> Result<Rc<Code>, String> {
    if depth > DEEPEST || nesting(script) > DEEPEST {
        return Err("syntax error: nested too deeply".to_owned());
    }
    let tokens = brush_parser::uncached_tokenize_str(
        script,
        &brush_parser::ParserOptions::default().tokenizer_options(),
    )
    .map_err(|_| "syntax error: unterminated quoted string".to_owned())?;
    let program = brush_parser::parse_tokens(&tokens, &brush_parser::ParserOptions::default())
        .map_err(|error| match error {
            brush_parser::ParseError::ParsingNear(position) => {
                let line = script.lines().nth(position.line.saturating_sub(1)).unwrap_or("");
                let rest: String = line.chars().skip(position.column.saturating_sub(1)).collect();
                let near = rest.split_whitespace().next().unwrap_or("newline").to_owned();
                format!("syntax error: unexpected \"{near}\"")
            }
            brush_parser::ParseError::ParsingAtEndOfInput
            | brush_parser::ParseError::Tokenizing { .. } => {
                "syntax error: unexpected end of file".to_owned()
            }
        })?;
    let mut compiler = Compiler { ops: Vec::new(), depth };
    let commands = program.complete_commands;
    let count = commands.len();
    for (index, command) in commands.iter().enumerate() {
        compiler.list(command, last && index + 1 == count)?;
    }
    Ok(Rc::new(Code { ops: compiler.ops }))
}

/// How deep `case` may nest: the parser tries each level twice.
const DEEPEST_CASE: usize = 6;

/// About how deep a script nests, seen without understanding it.
fn nesting(script: &str) -> usize {
    let (mut depth, mut cases, mut deepest, mut open) = (0usize, 0usize, 0usize, 0usize);
    for word in script.split(|c: char| c.is_whitespace() || c == ';') {
        match word {
            "if" | "while" | "until" | "for" | "select" | "coproc" => depth += 1,
            "case" => {
                depth += 1;
                cases += 1;
                if cases > DEEPEST_CASE {
                    return usize::MAX;
                }
            }
            "fi" | "done" => depth = depth.saturating_sub(1),
            "esac" => {
                depth = depth.saturating_sub(1);
                cases = cases.saturating_sub(1);
            }
            _ => {}
        }
        let mut before = b' ';
        for byte in word.bytes() {
            match byte {
                b'(' => open += 1,
                b')' => open = open.saturating_sub(1),
                _ => {}
            }
            match byte {
                b'(' | b'{' => depth += 1,
                b'[' if before.is_ascii_alphanumeric() => depth += 1,
                b')' | b'}' => depth = depth.saturating_sub(1),
                b']' if depth > 0 && before.is_ascii_alphanumeric() => depth -= 1,
                _ => {}
            }
            before = byte;
            deepest = deepest.max(depth);
        }
        deepest = deepest.max(depth);
    }
    // What is never closed is tried in every way before it is refused.
    if open > 8 {
        return usize::MAX;
    }
    deepest.max(script.matches('`').count() / 8).max(script.matches('!').count() / 8)
}

struct Compiler {
    ops: Vec<Op>,
    depth: usize,
}

type Compiled = Result<(), String>;

impl Compiler {
    fn push(&mut self, op: Op) -> usize {
        self.ops.push(op);
        self.ops.len() - 1
    }

    fn here(&self) -> usize {
        self.ops.len()
    }

    fn word(&self, text: &str) -> Result<Word, String> {
        parse_word(text, self.depth)
    }

    fn list(&mut self, list: &ast::CompoundList, last: bool) -> Compiled {
        let count = list.0.len();
        for (index, ast::CompoundListItem(and_or, separator)) in list.0.iter().enumerate() {
            match separator {
                ast::SeparatorOperator::Async => {
                    let start = self.push(Op::Background(0));
                    self.and_or(and_or, true)?;
                    self.push(Op::End);
                    self.ops[start] = Op::Background(self.here());
                }
                ast::SeparatorOperator::Sequence => {
                    self.and_or(and_or, last && index + 1 == count)?;
                }
            }
        }
        Ok(())
    }

    fn and_or(&mut self, list: &ast::AndOrList, last: bool) -> Compiled {
        let count = list.additional.len();
        if count == 0 {
            self.pipeline(&list.first, last)?;
            if !list.first.bang {
                self.push(Op::CheckExit);
            }
            return Ok(());
        }
        self.push(Op::ConditionStart);
        self.pipeline(&list.first, false)?;
        for (index, next) in list.additional.iter().enumerate() {
            let is_last = index + 1 == count;
            let (pipeline, and) = match next {
                ast::AndOr::And(pipeline) => (pipeline, true),
                ast::AndOr::Or(pipeline) => (pipeline, false),
            };
            let jump = self.push(Op::Jump(0));
            if is_last {
                self.push(Op::ConditionEnd);
            }
            self.pipeline(pipeline, last && is_last)?;
            if is_last {
                if !pipeline.bang {
                    self.push(Op::CheckExit);
                }
                let over = self.push(Op::Jump(0));
                let here = self.here();
                self.ops[jump] = if and { Op::JumpIfFailed(here) } else { Op::JumpIfOk(here) };
                self.push(Op::ConditionEnd);
                self.ops[over] = Op::Jump(self.here());
            } else {
                let here = self.here();
                self.ops[jump] = if and { Op::JumpIfFailed(here) } else { Op::JumpIfOk(here) };
            }
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline, last: bool) -> Compiled {
        if pipeline.bang {
            self.push(Op::ConditionStart);
        }
        let last = last && !pipeline.bang && pipeline.timed.is_none();
        match pipeline.seq.as_slice() {
            [] => {}
            [command] => self.command(command, last)?,
            commands => {
                let start = self.push(Op::Return);
                let mut parts = Vec::new();
                for command in commands {
                    parts.push(self.here());
                    self.command(command, true)?;
                    self.push(Op::End);
                }
                self.ops[start] = Op::Pipeline { parts, end: self.here() };
            }
        }
        if pipeline.bang {
            self.push(Op::Negate);
            self.push(Op::ConditionEnd);
        }
        Ok(())
    }

    fn command(&mut self, command: &ast::Command, last: bool) -> Compiled {
        match command {
            ast::Command::Simple(simple) => self.simple(simple, last),
            ast::Command::Compound(compound, redirects) => self
                .redirected(redirects.as_ref(), |compiler, redirected| {
                    compiler.compound(compound, last && !redirected)
                }),
            ast::Command::Function(function) => {
                let start = self.push(Op::Return);
                let ast::FunctionBody(body, redirects) = &function.body;
                self.redirected(redirects.as_ref(), |compiler, _| compiler.compound(body, false))?;
                self.push(Op::Return);
                let name = function.fname.value.clone();
                self.ops[start] = Op::Function { name, end: self.here() };
                Ok(())
            }
            ast::Command::ExtendedTest(test, redirects) => {
                self.redirected(redirects.as_ref(), |compiler, _| {
                    let test = compiler.test(&test.expr)?;
                    compiler.push(Op::Test(Rc::new(test)));
                    Ok(())
                })
            }
        }
    }

    fn redirected(
        &mut self,
        redirects: Option<&ast::RedirectList>,
        inside: impl FnOnce(&mut Self, bool) -> Compiled,
    ) -> Compiled {
        let Some(list) = redirects else { return inside(self, false) };
        let redirects =
            list.0.iter().map(|redirect| self.redirect(redirect)).collect::<Result<_, _>>()?;
        self.push(Op::RedirectStart(Rc::new(redirects)));
        inside(self, true)?;
        self.push(Op::RedirectEnd);
        Ok(())
    }

    fn compound(&mut self, compound: &ast::CompoundCommand, last: bool) -> Compiled {
        match compound {
            ast::CompoundCommand::BraceGroup(group) => self.list(&group.list, last),
            ast::CompoundCommand::Subshell(subshell) => {
                if last {
                    return self.list(&subshell.list, true);
                }
                let start = self.push(Op::Return);
                self.list(&subshell.list, true)?;
                self.push(Op::End);
                self.ops[start] = Op::Subshell(self.here());
                Ok(())
            }
            ast::CompoundCommand::IfClause(clause) => self.if_clause(clause, last),
            ast::CompoundCommand::WhileClause(clause) => self.while_loop(clause, true),
            ast::CompoundCommand::UntilClause(clause) => self.while_loop(clause, false),
            ast::CompoundCommand::ForClause(clause) => self.for_loop(clause),
            ast::CompoundCommand::CaseClause(clause) => self.case(clause, last),
            ast::CompoundCommand::Arithmetic(arithmetic) => {
                let word = self.word(&format!("$(({}))", arithmetic.expr.value))?;
                self.push(Op::Arithmetic(Rc::new(word)));
                Ok(())
            }
            ast::CompoundCommand::ArithmeticForClause(clause) => self.arithmetic_for(clause),
            ast::CompoundCommand::Coprocess(_) => Err("coproc: not supported here".to_owned()),
        }
    }

    fn condition(&mut self, list: &ast::CompoundList) -> Compiled {
        self.push(Op::ConditionStart);
        self.list(list, false)?;
        self.push(Op::ConditionEnd);
        Ok(())
    }

    fn if_clause(&mut self, clause: &ast::IfClauseCommand, last: bool) -> Compiled {
        let mut ends = Vec::new();
        self.condition(&clause.condition)?;
        let mut skip = Some(self.push(Op::Return));
        self.list(&clause.then, last)?;
        ends.push(self.push(Op::Return));
        for branch in clause.elses.iter().flatten() {
            if let Some(skip) = skip.take() {
                self.ops[skip] = Op::JumpIfFailed(self.here());
            }
            if let Some(condition) = &branch.condition {
                self.condition(condition)?;
                skip = Some(self.push(Op::Return));
            }
            self.list(&branch.body, last)?;
            ends.push(self.push(Op::Return));
        }
        if let Some(skip) = skip {
            self.ops[skip] = Op::JumpIfFailed(self.here());
            // An `if` whose conditions all failed succeeds.
            self.push(Op::SetStatus(0));
        }
        let here = self.here();
        for end in ends {
            self.ops[end] = Op::Jump(here);
        }
        Ok(())
    }

    fn while_loop(&mut self, clause: &ast::WhileOrUntilClauseCommand, wanted: bool) -> Compiled {
        let start = self.push(Op::Return);
        let again = self.here();
        // The loop's own status is that of its body; a loop that never ran succeeds.
        self.condition(&clause.0)?;
        let leave = self.push(Op::Return);
        self.list(&clause.1.list, false)?;
        self.push(Op::Jump(again));
        let here = self.here();
        self.ops[leave] = if wanted { Op::JumpIfFailed(here) } else { Op::JumpIfOk(here) };
        self.push(Op::SetStatus(0));
        let end = self.push(Op::LoopEnd);
        self.ops[start] = Op::LoopStart { again, end };
        Ok(())
    }

    fn for_loop(&mut self, clause: &ast::ForClauseCommand) -> Compiled {
        let words = match &clause.values {
            Some(values) => Some(Rc::new(
                values.iter().map(|word| self.word(&word.value)).collect::<Result<_, _>>()?,
            )),
            None => None,
        };
        self.push(Op::ForStart { words });
        let start = self.push(Op::Return);
        let again = self.here();
        let next = self.push(Op::Return);
        self.list(&clause.body.list, false)?;
        self.push(Op::Jump(again));
        let end = self.push(Op::LoopEnd);
        self.push(Op::ForEnd);
        self.ops[next] = Op::ForNext { name: clause.variable_name.clone(), end };
        self.ops[start] = Op::LoopStart { again, end };
        Ok(())
    }

    fn arithmetic_for(&mut self, clause: &ast::ArithmeticForClauseCommand) -> Compiled {
        let arithmetic = |compiler: &Self, expr: &Option<ast::UnexpandedArithmeticExpr>| {
            let text = expr.as_ref().map_or("", |expr| expr.value.as_str());
            let text = if text.trim().is_empty() { "1" } else { text };
            compiler.word(&format!("$(({text}))")).map(Rc::new)
        };
        let first = arithmetic(self, &clause.initializer)?;
        self.push(Op::Arithmetic(first));
        let start = self.push(Op::Return);
        let check = self.push(Op::Return);
        let again = self.here();
        let update = arithmetic(self, &clause.updater)?;
        self.push(Op::Arithmetic(update));
        self.ops[check] = Op::Jump(self.here());
        let condition = arithmetic(self, &clause.condition)?;
        self.push(Op::Arithmetic(condition));
        let leave = self.push(Op::Return);
        self.list(&clause.body.list, false)?;
        self.push(Op::Jump(again));
        self.ops[leave] = Op::JumpIfFailed(self.here());
        self.push(Op::SetStatus(0));
        let end = self.push(Op::LoopEnd);
        self.ops[start] = Op::LoopStart { again, end };
        Ok(())
    }

    fn case(&mut self, clause: &ast::CaseClauseCommand, last: bool) -> Compiled {
        let word = self.word(&clause.value.value)?;
        self.push(Op::CaseStart(Rc::new(word)));
        let mut ends = Vec::new();
        for case in &clause.cases {
            let patterns: Vec<Word> = case
                .patterns
                .iter()
                .map(|pattern| self.word(&pattern.value))
                .collect::<Result<_, _>>()?;
            let test = self.push(Op::Return);
            self.push(Op::SetStatus(0));
            if let Some(commands) = &case.cmd {
                self.list(commands, last)?;
            }
            ends.push(self.push(Op::Return));
            self.ops[test] = Op::CaseTest { patterns: Rc::new(patterns), otherwise: self.here() };
        }
        self.push(Op::SetStatus(0));
        let here = self.here();
        for end in ends {
            self.ops[end] = Op::Jump(here);
        }
        self.push(Op::CaseEnd);
        Ok(())
    }

    fn simple(&mut self, simple: &ast::SimpleCommand, last: bool) -> Compiled {
        let mut result =
            Simple { assignments: Vec::new(), words: Vec::new(), redirects: Vec::new(), last };
        let empty = Vec::new();
        let prefix = simple.prefix.as_ref().map_or(&empty, |prefix| &prefix.0);
        for item in prefix {
            self.item(item, &mut result, true)?;
        }
        if let Some(word) = &simple.word_or_name {
            result.words.push(self.word(&word.value)?);
        }
        for item in simple.suffix.as_ref().map_or(&empty, |suffix| &suffix.0) {
            self.item(item, &mut result, false)?;
        }
        // Each assignment sees those before it, so each is a step of its own.
        if result.words.is_empty() && result.assignments.len() > 1 && result.redirects.is_empty() {
            for assignment in result.assignments {
                self.push(Op::Simple(Rc::new(Simple {
                    assignments: vec![assignment],
                    words: Vec::new(),
                    redirects: Vec::new(),
                    last: false,
                })));
            }
            return Ok(());
        }
        self.push(Op::Simple(Rc::new(result)));
        Ok(())
    }

    fn item(
        &self,
        item: &ast::CommandPrefixOrSuffixItem,
        simple: &mut Simple,
        prefix: bool,
    ) -> Compiled {
        match item {
            ast::CommandPrefixOrSuffixItem::IoRedirect(redirect) => {
                simple.redirects.push(self.redirect(redirect)?);
            }
            ast::CommandPrefixOrSuffixItem::Word(word) => {
                simple.words.push(self.word(&word.value)?);
            }
            ast::CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                let name = match &assignment.name {
                    ast::AssignmentName::VariableName(name) => name.clone(),
                    ast::AssignmentName::ArrayElementName(name, index)
                        if index.parse::<u16>().is_ok() =>
                    {
                        format!("{name}[{index}]")
                    }
                    ast::AssignmentName::ArrayElementName(..) => {
                        return Err("only numbers are indices here".to_owned());
                    }
                };
                match &assignment.value {
                    ast::AssignmentValue::Scalar(value) if prefix => {
                        let value = self.word(&value.value)?;
                        simple.assignments.push((name, assignment.append, value));
                    }
                    ast::AssignmentValue::Scalar(_) => {
                        simple.words.push(self.word(&word.value)?.into_assignment());
                    }
                    ast::AssignmentValue::Array(elements) if !assignment.append => {
                        self.array(&name, elements, simple)?;
                    }
                    ast::AssignmentValue::Array(_) => {
                        return Err("arrays are not appended to here".to_owned());
                    }
                }
            }
            ast::CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {
                return Err("syntax error: unexpected \"(\"".to_owned());
            }
        }
        Ok(())
    }

    /// `name=(a b c)`: each element is a variable of its own, and the name alone is the first.
    fn array(
        &self,
        name: &str,
        elements: &[(Option<ast::Word>, ast::Word)],
        simple: &mut Simple,
    ) -> Compiled {
        for (index, (key, value)) in elements.iter().enumerate() {
            if key.is_some() {
                return Err("only numbers are indices here".to_owned());
            }
            let value = self.word(&value.value)?;
            if index == 0 {
                simple.assignments.push((name.to_owned(), false, value.clone()));
            }
            simple.assignments.push((format!("{name}[{index}]"), false, value));
        }
        Ok(())
    }

    fn redirect(&self, redirect: &ast::IoRedirect) -> Result<Redirect, String> {
        match redirect {
            ast::IoRedirect::File(fd, kind, target) => {
                let word = match target {
                    ast::IoFileRedirectTarget::Filename(word)
                    | ast::IoFileRedirectTarget::Duplicate(word) => self.word(&word.value)?,
                    ast::IoFileRedirectTarget::Fd(fd) => self.word(&fd.to_string())?,
                    ast::IoFileRedirectTarget::ProcessSubstitution(..) => {
                        return Err("syntax error: unexpected \"(\"".to_owned());
                    }
                };
                let (default, target) = match kind {
                    ast::IoFileRedirectKind::Read => (0, Target::Read(word)),
                    ast::IoFileRedirectKind::Write | ast::IoFileRedirectKind::Clobber => {
                        (1, Target::Write { word, append: false })
                    }
                    ast::IoFileRedirectKind::Append => (1, Target::Write { word, append: true }),
                    ast::IoFileRedirectKind::ReadAndWrite => {
                        (0, Target::Write { word, append: true })
                    }
                    ast::IoFileRedirectKind::DuplicateInput => (0, Target::Same(word)),
                    ast::IoFileRedirectKind::DuplicateOutput => (1, Target::Same(word)),
                };
                Ok(Redirect { fd: fd.unwrap_or(default), target })
            }
            ast::IoRedirect::HereDocument(fd, document) => {
                let word = if document.requires_expansion {
                    crate::workload::shell::word::parse_here_document(
                        &document.doc.value,
                        self.depth,
                    )?
                } else {
                    Word::literal(&document.doc.value)
                };
                Ok(Redirect { fd: fd.unwrap_or(0), target: Target::Text(word) })
            }
            ast::IoRedirect::HereString(fd, word) => {
                let word = self.word(&word.value)?.with_newline();
                Ok(Redirect { fd: fd.unwrap_or(0), target: Target::Text(word) })
            }
            ast::IoRedirect::OutputAndError(word, append) => Ok(Redirect {
                fd: 1,
                target: Target::Both { word: self.word(&word.value)?, append: *append },
            }),
        }
    }

    fn test(&self, expression: &ast::ExtendedTestExpr) -> Result<TestExpression, String> {
        Ok(match expression {
            ast::ExtendedTestExpr::And(left, right) => {
                TestExpression::And(Box::new(self.test(left)?), Box::new(self.test(right)?))
            }
            ast::ExtendedTestExpr::Or(left, right) => {
                TestExpression::Or(Box::new(self.test(left)?), Box::new(self.test(right)?))
            }
            ast::ExtendedTestExpr::Not(inner) => TestExpression::Not(Box::new(self.test(inner)?)),
            ast::ExtendedTestExpr::Parenthesized(inner) => self.test(inner)?,
            ast::ExtendedTestExpr::UnaryTest(operator, word) => {
                TestExpression::Unary(operator.to_string(), self.word(&word.value)?)
            }
            ast::ExtendedTestExpr::BinaryTest(operator, left, right) => TestExpression::Binary(
                operator.to_string(),
                self.word(&left.value)?,
                self.word(&right.value)?,
            ),
        })
    }
}
