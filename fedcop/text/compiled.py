"""Keeps compiled templates in `__pycache__` beside them, as Python keeps compiled modules.

Compiling takes some eight milliseconds a template: much of the first answers after a start.
"""

import os
from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError

from jinja2 import BytecodeCache, compiler
from jinja2.bccache import Bucket


def _stamp(path: str) -> str:
    """Whether a file is still the same, by what Python itself asks of a module's file.

    Whole seconds, as there: in the layers of an image there are no others.
    """
    about = Path(path).stat()
    return f"{int(about.st_mtime)}:{about.st_size}"


class Compiled(BytecodeCache):
    """The compiled templates of `folder` for one language; made again when anything has changed.

    That is the template, Jinja2, Python, or `made_by`, the file that sets the options of the
    environment. Where nothing may be written, nothing is kept.
    """

    def __init__(self, folder: Path, language: str, made_by: str) -> None:
        self._folder = folder / "__pycache__"
        self._language = language  # what is constant, a filter too, is worked out when compiling
        self._stamps = f"{_stamp(made_by)}|{_stamp(compiler.__file__)}|"

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(self._stamps + source)

    def load_bytecode(self, bucket: Bucket) -> None:
        cut_off = (EOFError, UnpicklingError)  # Jinja2 itself passes over what else is wrong
        with suppress(OSError, *cut_off), self._file(bucket).open("rb") as kept:
            bucket.load_bytecode(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        made = self._file(bucket).with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            try:
                made.write_bytes(bucket.bytecode_to_string())
                made.replace(self._file(bucket))
            finally:
                made.unlink(missing_ok=True)

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}-{self._language}.jinja"
