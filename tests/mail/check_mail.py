#!/usr/bin/python3
"""Reads composed messages back with parsers that are not ours, and lists what is wrong with them.

    check_mail.py FOLDER        every *.eml in it; prints "N messages, 0 defects" or FILE: DEFECT lines, exit code 1

Debian: apt-get install python3-html5lib tidy (tidy is used where it is there).
"""

import email
import email.header
import email.policy
import email.utils
import pathlib
import re
import shutil
import subprocess
import sys

try:
    import html5lib
except ImportError:
    sys.exit("html5lib is not here; install it: apt-get install python3-html5lib tidy")

POLICY = email.policy.default.clone(raise_on_defect=True)
ONCE = {
    "date", "from", "to", "subject", "message-id", "list-id", "auto-submitted", "x-auto-response-suppress",
    "content-language", "mime-version", "content-type",
}
ALLOWED = ONCE | {"reply-to", "in-reply-to", "references"}
FETCHING = {"script", "img", "form", "iframe", "object", "embed", "link", "video", "audio", "svg", "base", "input"}
FETCHING_ATTRIBUTES = {"src", "srcset", "background", "action", "poster", "data"}
ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=")


def wire(octets):
    """RFC 5321 section 2.3.8, RFC 5322 section 2.1.1: line ends, line lengths, octets."""
    if re.search(rb"(?<!\r)\n|\r(?!\n)", octets):
        yield "a bare CR or LF"
    if b"\0" in octets:
        yield "a NUL"
    if not octets.endswith(b"\r\n") or octets.endswith(b"\r\n\r\n"):
        yield "does not end with exactly one CRLF"
    for number, line in enumerate(octets.split(b"\r\n"), 1):
        if len(line) > 998:
            yield f"line {number} has {len(line)} octets"


def header_lines(head):
    """RFC 5322 section 2.2.3: folding; RFC 2047 section 2: encoded words."""
    for line in head.split(b"\r\n"):
        if not line.strip(b" \t"):
            yield "a header line of white space"
        content = line.partition(b": ")[2] if not line.startswith((b" ", b"\t")) else line.lstrip()
        if len(line) > 78 and b" " in content.strip():
            yield f"a header line of {len(line)} octets that could be folded: {line[:40]!r}"
        if b"=?" in line and len(line) > 76:
            yield f"a line with an encoded word has {len(line)} octets"
        for word in ENCODED_WORD.findall(line):
            if len(word) > 75:
                yield f"an encoded word of {len(word)} octets"
            try:
                for text, charset in email.header.decode_header(word.decode("ascii")):
                    text.decode(charset or "ascii") if isinstance(text, bytes) else text
            except (UnicodeDecodeError, LookupError) as error:
                yield f"an encoded word that is no text of its own: {error}"


def fields(message):
    """RFC 5322 section 3.6: which fields, and how often."""
    names = [name.lower() for name in message.keys()]
    for name in sorted(ONCE):
        if names.count(name) != 1:
            yield f"{names.count(name)} fields {name}"
    for name in sorted(set(names) - ALLOWED):
        yield f"a field {name}"
    for name in sorted(ALLOWED - ONCE):
        if names.count(name) > 1:
            yield f"{names.count(name)} fields {name}"
    for name in ("to", "from"):
        if name in names and len(message[name].addresses) != 1:
            yield f"{name} has {len(message[name].addresses)} addresses"
    if re.search(r"[+-]\d{4}$", str(message["date"])) is None or message["date"].datetime is None:
        yield f"a date without a numeric zone: {message['date']}"
    if not re.fullmatch(r"<[^<>@\s]+@[A-Za-z0-9.-]+>", str(message["message-id"])) or len(message["message-id"]) > 250:
        yield f"no message identifier: {message['message-id']}"
    if not re.fullmatch(r"<[A-Za-z0-9.-]+>", str(message["list-id"])):
        yield f"no list identifier: {message['list-id']}"
    if str(message["auto-submitted"]) != "auto-generated":
        yield f"auto-submitted is {message['auto-submitted']}"


def letter(message):
    """The part that is the letter itself: where annexes go with it, the first one (RFC 2046 section 5.1.3)."""
    if message.get_content_type() != "multipart/mixed":
        return message
    return next(message.iter_parts(), message)


def annexes(message, folder):
    """RFC 2183, RFC 2231, RFC 2045 section 6.8; the files themselves lie in FOLDER/annexes, where that is there."""
    if message.get_content_type() != "multipart/mixed":
        return
    _, *found = message.iter_parts()
    if not found:
        yield "a mixture without annexes"
    for part in found:
        name, raw = part.get_filename(), part.as_bytes(policy=email.policy.compat32)
        if part.get_content_disposition() != "attachment" or not name:
            yield f"an annex is {part.get_content_disposition()} with the name {name}"
            continue
        if part.is_multipart() or part.get("content-transfer-encoding") != "base64":
            yield f"{name} is encoded as {part.get('content-transfer-encoding')}"
        if not re.search(rb'filename(\*0)?="[ -~]+"', raw):
            yield f"{name} has no name in ASCII"
        for line in part.get_payload().splitlines():
            if len(line) > 76:
                yield f"{name} has a line of {len(line)} characters"
                break
        if message.get_boundary() in part.get_payload():
            yield f"the boundary stands inside {name}"
        file = folder / "annexes" / name
        if file.parent.is_dir() and (not file.is_file() or file.read_bytes() != part.get_payload(decode=True)):
            yield f"{name} is not the file that was attached"


def parts(message):
    """RFC 2046 section 5.1.4: plain text first; RFC 2045 section 6: transfer encodings."""
    if message.get_content_type() != "multipart/alternative":
        yield f"the message is {message.get_content_type()}"
        return
    kinds = [part.get_content_type() for part in message.iter_parts()]
    if kinds != ["text/plain", "text/html"]:
        yield f"the parts are {kinds}"
    boundary = message.get_boundary()
    for part in message.iter_parts():
        if part.get_content_charset() != "utf-8":
            yield f"{part.get_content_type()} has the charset {part.get_content_charset()}"
        if part.get("content-transfer-encoding", "7bit") not in ("7bit", "quoted-printable", "base64"):
            yield f"{part.get_content_type()} is encoded as {part['content-transfer-encoding']}"
        if boundary in part.get_payload():
            yield "the boundary stands inside a part"


def page(html, language):
    """HTML that says its language and direction, and fetches, runs and asks nothing."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        tree = parser.parse(html)
    except html5lib.html5parser.ParseError as error:
        yield f"html5lib: {error}", None
        return
    if tree.get("lang") != language:
        yield f"lang is {tree.get('lang')}, Content-Language is {language}", None
    if tree.get("dir") != ("rtl" if language in ("ar", "fa", "he", "ur") else "ltr"):
        yield f"dir is {tree.get('dir')}", None
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in FETCHING:
            yield f"an element {element.tag}", None
        for name, value in element.attrib.items():
            if name in FETCHING_ATTRIBUTES or name.startswith("on"):
                yield f"an attribute {name}", None
            if name == "style" and "url(" in value:
                yield "a style that fetches", None
        if element.tag == "style" and re.search(r"url\(|@import", element.text or ""):
            yield "a style sheet that fetches", None
        if element.tag == "a":
            target = element.get("href", "")
            if not re.match(r"(https?://|mailto:)", target):
                yield f"a link to {target!r}", None
            yield None, target


def tidy(html):
    """What HTML Tidy calls an error; its warnings concern taste."""
    found = subprocess.run(["tidy", "-e", "-q", "-utf8"], input=html.encode(), capture_output=True, check=False)
    if found.returncode > 1:
        yield from (f"tidy: {line}" for line in found.stderr.decode().splitlines() if "Error" in line)


def contents(message):
    """Both parts are text, and the plain one has every link of the other."""
    plain, html = (part.get_content() for part in letter(message).iter_parts())
    for name, text in (("text", plain), ("HTML", html)):
        if not text.strip():
            yield f"the {name} part is empty"
        if "\ufffd" in text or re.search("[\U000F0000-\U000FFFFD]", text):
            yield f"the {name} part holds a mark that is no text"
    for defect, target in page(html, str(message["content-language"])):
        if defect:
            yield defect
        elif target and target.removeprefix("mailto:") not in plain:
            yield f"the text part lacks the link {target}"
    if shutil.which("tidy"):
        yield from tidy(html)


def check(octets, folder):
    yield from wire(octets)
    yield from header_lines(octets.partition(b"\r\n\r\n")[0])
    try:
        message = email.message_from_bytes(octets, policy=POLICY)
        defects = list(fields(message)) + list(parts(letter(message))) + list(annexes(message, folder))
        yield from defects
        if not defects:
            yield from contents(message)
    except (email.errors.MessageError, email.errors.MessageDefect, LookupError, ValueError) as error:
        yield f"not parsed: {type(error).__name__}: {error}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.eml"))
    defects, seen = 0, {}
    for file in files:
        octets = file.read_bytes()
        found = list(check(octets, file.parent))
        identifier = re.search(rb"(?im)^message-id:\s*(\S+)", octets)
        if identifier and identifier[1] in seen:
            found.append(f"the Message-ID of {seen[identifier[1]]}")
        elif identifier:
            seen[identifier[1]] = file.name
        for defect in found:
            print(f"{file.name}: {defect}")
        defects += len(found)
    print(f"{len(files)} messages, {defects} defects")
    sys.exit(1 if defects or not files else 0)


if __name__ == "__main__":
    main()
