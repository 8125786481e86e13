"""Compares how two libraries lay out what is called backstay_*: the fields of structs, and the arguments of functions.

    layout.py HEADER LIBRARY        descriptions written by abidw

The header is made from the Rust sources, and this is where it is seen that the compiled library agrees with it: names
and offsets of fields, sizes of structs, of arguments and of results. Types are compared by their size alone, since
those of Rust have other names.
"""

import sys
import xml.etree.ElementTree as ET

# For each struct its size and its fields, for each function its arguments and its result.
Layouts = dict[str, dict[str, object]]


def read(path: str) -> Layouts:
    root = ET.parse(path).getroot()
    types = {element.get("id"): element for element in root.iter() if element.get("id")}

    def size(type_id: str) -> int:
        element = types[type_id]
        bits = element.get("size-in-bits")
        if element.get("name") == "void":
            return 0
        # A name for a type, or a const one, is as large as the type itself.
        return int(bits) if bits else size(element.attrib["type-id"])

    layouts: Layouts = {}
    for struct in root.iter("class-decl"):
        name, members = struct.attrib["name"], struct.findall("data-member")
        # One without fields is only announced: its description stands elsewhere.
        if not name.startswith("backstay_") or not members:
            continue
        fields: dict[str, object] = {"size": struct.attrib["size-in-bits"]}
        for member in members:
            field = member.find("var-decl")
            assert field is not None
            offset = int(member.attrib["layout-offset-in-bits"])
            fields["." + field.attrib["name"]] = f"{size(field.attrib['type-id'])} at {offset}"
        layouts["struct " + name] = fields
    for function in root.iter("function-decl"):
        if function.get("elf-symbol-id", "").startswith("backstay_"):
            arguments = [size(argument.attrib["type-id"]) for argument in function.findall("parameter")]
            result = function.find("return")
            layouts["function " + function.attrib["name"]] = {
                "arguments": arguments,
                "result": 0 if result is None else size(result.attrib["type-id"]),
            }
    return layouts


def main() -> int:
    header, library = map(read, sys.argv[1:3])
    wrong = 0
    for name, wanted in header.items():
        found = library.get(name, {})
        for part in sorted(wanted.keys() | found.keys()):
            if wanted.get(part) != found.get(part):
                print(f"{name} {part}: {wanted.get(part)} in the header, {found.get(part)} in the library")
                wrong += 1
    print(f"{len(header)} structs and functions compared, in bits; {wrong} differences")
    return 1 if wrong or not header else 0


if __name__ == "__main__":
    sys.exit(main())
