"""The user's own protocols: copies of others, edited in a form that redraws the arc at each change."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from playlistkit.errors import InputError, PlaylistkitError, TemplateError
from playlistkit.figures import counted
from playlistkit.model import Template
from playlistkit.web.call import Call, get, post
from playlistkit.workflow.templates import form as forms
from playlistkit.workflow.templates import own, parts
from playlistkit.workflow.templates.edit import edited

__all__ = ["routes"]


def listing(call: Call) -> Response:
    """List the user's own protocols, and those to copy."""
    from playlistkit.workflow.templates.finding import shipped_templates

    return call.page(
        "arcs.html",
        owned=own.own_templates(),
        shipped=[each for each in shipped_templates() if each.build],
        chosen=call.query.get("from", ""),
    )


def copy(call: Call) -> Response:
    """Make a copy."""
    name = own.copy(call.field("source"), call.field("name"))
    return call.to(_address(name), say=f"“{name}” is yours to change.")


def show(call: Call) -> Response:
    """Show a protocol as a form."""
    name = call.path("name")
    text = own.read(name)
    try:
        form = forms.form_of(text, f"{name}.yaml")
    except TemplateError as error:  # no form can be made; show the text
        return _text_page(call, name, text, str(error).splitlines())
    return _form_page(call, name, form)


def change(call: Call) -> Response:
    """Take the form: redraw it, add or remove a phase, or save."""
    name, what = call.path("name"), call.field("do", "look")
    origin = f"{name}.yaml"
    fields = {key: value for key, value in call.form.items() if isinstance(value, str)}
    text = edited(call.field("text").replace("\r\n", "\n"), fields, origin)
    action, _, number = what.partition(" ")
    at = int(number) if number.isdigit() else 0
    match action:
        case "look":
            pass
        case "save":
            return _save(call, name, text)
        case "add-phase":
            text = parts.add_phase(text, at, origin)
        case "remove-phase":
            text = parts.remove_phase(text, at, origin)
        case "earlier":
            text = parts.move_phase(text, at, -1, origin)
        case "later":
            text = parts.move_phase(text, at, 1, origin)
        case "add-variant":
            text = parts.add_variant(text, origin)
        case "remove-variant":
            text = parts.remove_variant(text, at, origin)
        case _:
            raise InputError(f"this form has no action {what!r}; load the page again")
    return _form_page(call, name, forms.form_of(text, origin))


def show_text(call: Call) -> Response:
    """Show the file's text."""
    name = call.path("name")
    return _text_page(call, name, own.read(name), _faults(own.read(name), name))


def save_text(call: Call) -> Response:
    """Save the text as typed."""
    return _save(call, call.path("name"), call.field("text"), to="/text")


def delete(call: Call) -> Response:
    """Delete a protocol; can be undone."""
    name = call.path("name")
    text = own.delete(name)
    number = call.place.undos.add(lambda: own.write(name, text))
    return call.to("/arcs", say=f"“{name}” is deleted.", undo=("/music/undo", {"number": number}))


def _save(call: Call, name: str, text: str, to: str = "") -> Response:
    before = own.read(name)
    own.write(name, text)
    number = call.place.undos.add(lambda: own.write(name, before))
    faults = _faults(text, name)
    say = (
        f"Saved; correct its {counted(len(faults), 'fault')} before you plan with it." if faults else "Saved."
    )
    return call.to(_address(name) + to, say=say, undo=("/music/undo", {"number": number}))


def _faults(text: str, name: str) -> list[str]:
    from playlistkit.workflow.templates.finding import parse_template

    try:
        parse_template(text, f"{name}.yaml")
    except TemplateError as error:
        return str(error).splitlines()
    return []


def _form_page(call: Call, name: str, form: forms.Form) -> Response:
    notes = [f"told-{row.name}" for section in form.sections for row in section.rows]
    notes += [f"told-{section.kind}-{section.number}" for section in form.sections]
    saved = own.read(name)
    return call.page(
        "arc.html",
        name=name,
        form=form,
        live=" ".join(["drawn", "saving", *notes]),
        before=_template(saved, name),
        changed=form.text != saved,
    )


def _template(text: str, name: str) -> Template | None:
    from playlistkit.workflow.templates.finding import parse_template

    try:
        return parse_template(text, f"{name}.yaml")
    except PlaylistkitError:
        return None


def _text_page(call: Call, name: str, text: str, faults: list[str]) -> Response:
    return call.page("arc_text.html", name=name, text=text, faults=faults)


def _address(name: str) -> str:
    return f"/arcs/{quote(name)}"


routes = [
    get("/arcs", listing),
    post("/arcs", copy),
    get("/arcs/{name}", show),
    post("/arcs/{name}", change),
    get("/arcs/{name}/text", show_text),
    post("/arcs/{name}/text", save_text),
    post("/arcs/{name}/delete", delete),
]
