"""A form of a page: WTForms over what Starlette received, in the reader's language."""

from collections.abc import Callable
from typing import Any, ClassVar, Self

from starlette.datastructures import FormData
from starlette.requests import Request
from wtforms import Form
from wtforms.i18n import get_translations
from wtforms.meta import DefaultMeta

from fedcop.errors import Invalid
from fedcop.web.locale import SOURCE, Language, language_of, languages

MAX_FIELDS = 200


def _as_it_is(message: str) -> str:
    return message


N_: Callable[[str], str] = _as_it_is
"""Marks a label or a description for translation; the field macro translates it."""


class _Words:
    """Our catalogue first, then that of WTForms, for the messages of validators."""

    def __init__(self, language: Language) -> None:
        self._ours = language.translations
        self._theirs: Any = get_translations([language.code])

    def gettext(self, string: str) -> str:
        own = self._ours.gettext(string)
        return own if own != string else str(self._theirs.gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        own = self._ours.ngettext(singular, plural, n)
        known = own not in {singular, plural}
        return own if known else str(self._theirs.ngettext(singular, plural, n))


class PageForm(Form):
    """The base of every form. Labels, descriptions and choices are written `N_("Title")`.

    Choices are a dict of value to label; WTForms gives up tuples in its next version.
    CSRF is the affair of the route table, not of a hidden field.
    """

    class Meta(DefaultMeta):
        csrf = False
        language: ClassVar[Language | None] = None

        def get_translations(self, form: object) -> Any:
            return _Words(self.language or languages()[SOURCE])

    @classmethod
    def blank(cls, request: Request, **data: object) -> Self:
        """The form as it is first shown, with `data` filled in."""
        return cls(data=data, meta={"language": language_of(request)})

    @classmethod
    async def sent(cls, request: Request, **data: object) -> Self:
        """The form as it was sent; `data` stands in for fields that are not in it.

        A file where words are expected counts as not sent. Raises Starlette's HTTPException 400
        for a body that is no form.
        """
        received = await request.form(max_files=MAX_FIELDS, max_fields=MAX_FIELDS)
        words = FormData([pair for pair in received.multi_items() if isinstance(pair[1], str)])
        return cls(words, data=data, meta={"language": language_of(request)})

    @property
    def errors_by_field(self) -> dict[str, list[str]]:
        """The words for each field that is wrong; those of the form as a whole under ""."""
        return {name or "": [str(words) for words in said] for name, said in self.errors.items()}


def fill_errors(form: PageForm, error: Invalid) -> None:
    """Put what the domain refused beside the fields, or above the form where there is none."""
    say = (form.meta.language or languages()[SOURCE]).said
    for name, said in error.fields.items():
        words = say(said)
        field = form[name] if name in form.data else None
        if field is None:
            form.form_errors.append(words)
        else:
            field.errors = [*field.errors, words]
    if not error.fields:
        form.form_errors.append(say(error.words))
