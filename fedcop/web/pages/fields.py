"""The fields of our forms: text as people type it, without what no database keeps."""

from functools import partial

from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired


def without_nul(value: str | None) -> str | None:
    """The same text without NUL, which PostgreSQL refuses and nobody types."""
    return value.replace("\0", "") if value else value


def tidy(value: str | None) -> str | None:
    """One line, without blanks at its ends."""
    return " ".join((without_nul(value) or "").split())


Line = partial(StringField, filters=[tidy])
Text = partial(TextAreaField, filters=[without_nul])
Secret = PasswordField
Choice = SelectField
Pick = RadioField
Tick = BooleanField
Required = InputRequired
