//! Turns what cbindgen writes into a header that is read from top to bottom: plain comments, each enumeration with its
//! numbers in one place, then the types, the table of functions last of them.

/// What stands at the end of the header, inside of its guard.
const LAST: &str = "\
/* The calling line goes into every report of who holds the instance. The function itself is called by putting its name
 * into parentheses, or by its address. */
#define backstay_instance_get_deferral(instance, label, out)                                            \\
    backstay_instance_get_deferral_at((instance), (label), BACKSTAY_STR(__FILE__), __LINE__,            \\
                                      BACKSTAY_LANGUAGE_HERE, (out))

";

/// The enumerations in reading order, each with the prefix of its numbers. The statuses have none of their own.
const ENUMERATIONS: [(&str, &str); 9] = [
    ("backstay_status", "BACKSTAY_"),
    ("backstay_state", "BACKSTAY_STATE_"),
    ("backstay_outcome", "BACKSTAY_OUTCOME_"),
    ("backstay_cancel_reason", "BACKSTAY_CANCEL_"),
    ("backstay_host_state", "BACKSTAY_HOST_"),
    ("backstay_trigger_kind", "BACKSTAY_TRIGGER_"),
    ("backstay_details_kind", "BACKSTAY_DETAILS_"),
    ("backstay_holder_kind", "BACKSTAY_HOLDER_"),
    ("backstay_language", "BACKSTAY_LANGUAGE_"),
];

pub(crate) fn lay_out(header: &str) -> String {
    let header = with_plain_comments(header);
    let begin = header.find("/* How a call was answered").expect("the statuses are the first type");
    let end = header.find("#ifdef __cplusplus\nextern \"C\" {").expect("the functions come last");
    let last = header.rfind("#endif").expect("the header has a guard");
    let types = in_reading_order(&header[begin..end]);
    format!("{}{types}{}{LAST}{}", &header[..begin], &header[end..last], &header[last..])
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

fn in_reading_order(types: &str) -> String {
    let mut blocks: Vec<&str> = types.split("\n\n").filter(|block| !block.trim().is_empty()).collect();
    let mut ordered = String::new();
    for (name, _) in ENUMERATIONS {
        let typedef = format!("_t {name};");
        let at = blocks.iter().position(|block| block.trim_end().ends_with(&typedef));
        let at = at.unwrap_or_else(|| panic!("{name} is in the header"));
        ordered.extend([blocks.remove(at).trim(), "\n"]);
        let numbers: Vec<&str> = blocks.extract_if(.., |block| enumeration_of(block) == Some(name)).collect();
        assert!(!numbers.is_empty(), "{name} has numbers");
        ordered.extend(numbers.into_iter().map(number));
        ordered.push('\n');
    }
    let table =
        blocks.extract_if(.., |block| block.contains("typedef struct backstay_api {")).collect::<Vec<_>>();
    blocks.extend(table);
    ordered.extend(blocks.into_iter().flat_map(|block| [block.trim(), "\n\n"]));
    ordered
}

/// The enumeration that a constant belongs to; the longest prefix counts.
fn enumeration_of(block: &str) -> Option<&'static str> {
    let (_, define) = block.split_once("#define ")?;
    let fitting = ENUMERATIONS.iter().filter(|(_, prefix)| define.starts_with(prefix));
    fitting.max_by_key(|(_, prefix)| prefix.len()).map(|(name, _)| *name)
}

/// `#define NAME NUMBER` with its comment behind it, when that is one line.
fn number(block: &str) -> String {
    let block = block.trim();
    let (comment, define) = block.split_once("\n#define ").expect("a constant has a comment");
    let (name, value) = define.split_once(' ').expect("a constant has a value");
    let value = if value.starts_with('-') { format!("({value})") } else { value.to_owned() };
    if comment.contains('\n') {
        return format!("{comment}\n#define {name} {value}\n");
    }
    format!("#define {name:<40} {value:>5} {comment}\n")
}
