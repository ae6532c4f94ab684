"""The command `python -m tests.quality`: the page is made anew from what is kept."""

from tests.quality.record import PAGE, rendered

if __name__ == "__main__":
    PAGE.write_text(rendered(), "utf-8")
