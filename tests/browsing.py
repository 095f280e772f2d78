"""Forms as a browser would send them back: read from the page, not from what made it."""

from html.parser import HTMLParser

UNSENT = {"submit", "button", "image", "reset", "file"}


class FormReader(HTMLParser):
    """Gathers what each named control of one form holds, in `sent`: {name: [texts]}."""

    def __init__(self, form):
        super().__init__()
        self.form, self.inside, self.sent = form, False, {}
        self.select = self.text = None

    def add(self, name, text):
        self.sent.setdefault(name, []).append(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form":
            self.inside = found.get("id") == self.form
        if not self.inside or "disabled" in found:
            return
        if tag == "input" and found.get("name") and found.get("type") not in UNSENT:
            ticked = found.get("type") in ("checkbox", "radio")
            if not ticked or "checked" in found:
                self.add(found["name"], found.get("value", "on" if ticked else ""))
        elif tag == "select":
            self.select = (found["name"], "multiple" in found, [])
        elif tag == "option" and self.select:
            self.select[2].append((found.get("value", ""), "selected" in found))
        elif tag == "textarea":
            self.text = [found["name"], ""]

    def handle_data(self, data):
        if self.text:
            self.text[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.text:
            name, text = self.text
            text = text.replace("\r\n", "\n").removeprefix("\n")
            self.add(name, text.replace("\n", "\r\n"))
            self.text = None
        elif tag == "select" and self.select:
            name, several, options = self.select
            chosen = [value for value, selected in options if selected]
            if not chosen and options and not several:
                chosen = [options[0][0]]
            for value in chosen:
                self.add(name, value)
            self.select = None


def form_sent(answer, form):
    """What the form of that id would send if nothing were changed on the page."""
    reader = FormReader(form)
    reader.feed(answer.content.decode())
    assert reader.sent, f"No form {form} on the page."
    return reader.sent
