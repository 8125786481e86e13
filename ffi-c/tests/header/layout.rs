//! Turns what cbindgen writes into a header that is read from top to bottom: plain comments, each enumeration with its
//! numbers in one place, everything in the order of `contents.in`, and the table of functions in a header of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The reader's order.
const CONTENTS: &str = include_str!("contents.in");

/// What stands before the first declaration and behind the last one.
const OPEN: &str = "#ifdef __cplusplus\nextern \"C\" {\n#endif\n";
const CLOSE: &str = "#ifdef __cplusplus\n} /* extern \"C\" */\n#endif\n";
const LAST: &str = "\
/* The calling line goes into every report of who holds the instance. The function itself is called by putting its name
 * into parentheses, or by its address. */
#define backstay_instance_get_deferral(instance, label, out)                                            \\
    backstay_instance_get_deferral_at((instance), (label), BACKSTAY_STR(__FILE__), __LINE__,            \\
                                      BACKSTAY_LANGUAGE_HERE, (out))

#endif /* BACKSTAY_H */
";

/// The enumerations whose numbers do not just start with the name of the type.
const PREFIXES: [(&str, &str); 7] = [
    ("backstay_event_kind", "BACKSTAY_EVENT_"),
    ("backstay_status", "BACKSTAY_"),
    ("backstay_cancel_reason", "BACKSTAY_CANCEL_"),
    ("backstay_host_state", "BACKSTAY_HOST_"),
    ("backstay_trigger_kind", "BACKSTAY_TRIGGER_"),
    ("backstay_details_kind", "BACKSTAY_DETAILS_"),
    ("backstay_holder_kind", "BACKSTAY_HOLDER_"),
];

const WIDTH: usize = 120;

/// What cbindgen wrote, taken apart.
pub(crate) struct Parts {
    /// The first page, the guard, what is included, macros.
    front: String,
    /// Each declaration with its comment, by its name, in the order of cbindgen.
    declarations: Vec<(String, String)>,
}

impl Parts {
    pub(crate) fn of(header: &str) -> Self {
        let header = with_plain_comments(header);
        let begin = header.find("/* The ABI's major number").expect("the version is the first declaration");
        let (front, rest) = header.split_at(begin);
        let is_declaration = |block: &&str| !block.trim().is_empty() && !block.trim().starts_with("#if");
        let blocks = rest.split("\n\n").filter(is_declaration).filter(|block| !block.contains("#endif"));
        let declarations = blocks.map(|block| {
            let block = without_struct(block.trim());
            (name_of(&block), block)
        });
        Self { front: front.trim_end().to_owned(), declarations: declarations.collect() }
    }

    /// `backstay.h`.
    pub(crate) fn header(&self) -> String {
        let mut left: BTreeMap<&str, &str> =
            self.declarations.iter().map(|(name, block)| (name.as_str(), block.as_str())).collect();
        left.remove("backstay_api");
        let mut header = format!("{}\n\n{OPEN}\n", self.front);
        for line in CONTENTS.lines().skip_while(|line| !line.starts_with('=')).filter(|line| !line.is_empty())
        {
            if let Some(title) = line.strip_prefix("= ") {
                let rule = "-".repeat(WIDTH - 13 - title.len());
                write!(header, "/* ---- {title} {rule} */\n\n").expect("a String takes everything");
                if title.contains("table") {
                    header.push_str("typedef struct backstay_api backstay_api;\n\n");
                }
                continue;
            }
            let block =
                left.remove(line).unwrap_or_else(|| panic!("contents.in names {line}, which is gone"));
            header.extend([&*laid_out(block), "\n"]);
            for number in self.numbers(line) {
                left.remove(number.0.as_str());
                header.push_str(&one_line(&number.1));
            }
            header.push('\n');
        }
        assert!(left.is_empty(), "contents.in does not name {:?}", left.keys());
        header.extend([CLOSE, "\n", LAST]);
        header
    }

    /// The table of functions, for `backstay_table.h`.
    pub(crate) fn table(&self) -> &str {
        let table = self.declarations.iter().find(|(name, _)| name == "backstay_api");
        &table.expect("the table is there").1
    }

    /// The names of all functions.
    pub(crate) fn functions(&self) -> Vec<&str> {
        let is_function = |block: &str| block.ends_with(");") && !block.contains("typedef");
        let functions = self.declarations.iter().filter(|(_, block)| is_function(block));
        functions.map(|(name, _)| name.as_str()).collect()
    }

    /// The numbers of an enumeration, each with its comment.
    fn numbers(&self, of: &str) -> impl Iterator<Item = &(String, String)> {
        let is_number = |name: &str| name.starts_with("BACKSTAY_") && !NO_NUMBERS.contains(&name);
        let types: Vec<(&str, String)> = (self.declarations.iter())
            .filter(|(_, block)| block.contains("typedef uint32_t") || block.contains("typedef int32_t"))
            .map(|(name, _)| (name.as_str(), prefix_of(name)))
            .collect();
        self.declarations.iter().filter(move |(name, _)| {
            let fitting = types.iter().filter(|(_, prefix)| name.starts_with(prefix));
            // The longest prefix counts.
            is_number(name) && fitting.max_by_key(|(_, prefix)| prefix.len()).is_some_and(|(ty, _)| *ty == of)
        })
    }
}

/// Constants that belong to no enumeration.
const NO_NUMBERS: [&str; 4] =
    ["BACKSTAY_ABI_MAJOR", "BACKSTAY_ABI_MINOR", "BACKSTAY_FOREVER", "BACKSTAY_NO_TIME"];

fn prefix_of(ty: &str) -> String {
    let known = PREFIXES.iter().find(|(name, _)| *name == ty);
    known.map_or_else(|| format!("{}_", ty.to_uppercase()), |(_, prefix)| (*prefix).to_owned())
}

/// Puts a comment of one line on one line, and a star before each line of a longer one.
fn with_plain_comments(header: &str) -> String {
    let mut plain = String::new();
    let mut lines = header.lines().peekable();
    while let Some(line) = lines.next() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let is_doc =
            line.trim() == "/*" && lines.peek().is_some_and(|next| !next.trim_start().starts_with('*'));
        if !is_doc {
            plain.extend([line, "\n"]);
            continue;
        }
        let body: Vec<&str> = lines.by_ref().map(str::trim).take_while(|line| *line != "*/").collect();
        let body = body.join(&format!("\n{indent} * ")).replace("* \n", "*\n");
        plain.extend([indent, "/* ", &body, " */\n"]);
    }
    plain
}

/// Every struct has a name of its own in C, so the keyword only stands where one is declared.
fn without_struct(block: &str) -> String {
    let plain = |line: &str| {
        if line.starts_with("typedef struct") {
            line.to_owned()
        } else {
            line.replace("struct backstay_", "backstay_")
        }
    };
    block.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// The comment before a declaration, with its line end, and the declaration.
fn comment_and_declaration(block: &str) -> (&str, &str) {
    let end = if block.starts_with("/*") { block.find("*/\n").map_or(0, |end| end + 3) } else { 0 };
    block.split_at(end)
}

/// The name that a block declares.
fn name_of(block: &str) -> String {
    let (_, declaration) = comment_and_declaration(block);
    let name = if let Some(define) = declaration.strip_prefix("#define ") {
        define.split(' ').next()
    } else if let Some((_, function)) =
        declaration.split_once("(*").filter(|_| declaration.starts_with("typedef"))
    {
        let is_pointer = !declaration.starts_with("typedef struct");
        if is_pointer { function.split(')').next() } else { declaration.split(' ').nth(2) }
    } else if declaration.starts_with("typedef") {
        declaration.trim_end_matches(';').rsplit(' ').next()
    } else {
        declaration.split('(').next().and_then(|before| before.rsplit([' ', '*']).next())
    };
    name.unwrap_or_else(|| panic!("no name in {block}")).to_owned()
}

/// A function on one line where it fits, and else with its parameters below each other.
fn laid_out(block: &str) -> String {
    let (comment, declaration) = comment_and_declaration(block);
    if !declaration.ends_with(");") || declaration.starts_with('#') {
        return block.to_owned();
    }
    let joined = declaration.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = joined.len() <= WIDTH;
    let declaration = if fits { joined } else { declaration.to_owned() };
    format!("{comment}{declaration}")
}

/// `#define NAME NUMBER` with its comment behind it, when that fits into a line.
fn one_line(block: &str) -> String {
    let (comment, define) = block.split_once("\n#define ").expect("a constant has a comment");
    let (name, value) = define.split_once(' ').expect("a constant has a value");
    let value = if value.starts_with('-') { format!("({value})") } else { value.to_owned() };
    let line = format!("#define {name:<39} {value:>5} {comment}\n");
    if comment.contains('\n') || line.len() > WIDTH + 1 {
        return format!("{comment}\n#define {name:<39} {value:>5}\n");
    }
    line
}
