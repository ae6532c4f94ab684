"""The server process of the laboratory: `python -m tests.lab.serve FOLDER [--no-worker]`.

It is `fedcop serve` with the settings of its environment and the laboratory's way out. It prints
`ready` when it listens. `--worker-alone` is `fedcop worker` likewise.
"""

import sys
from pathlib import Path

from fedcop.bootstrap import House, build
from fedcop.cli.listening import Manner, serve
from fedcop.cli.opening import read_settings
from fedcop.settings import Settings
from tests.lab.names import Asked
from tests.lab.wires import LabTransport, Ledger

NAMES = "names.json"
LEDGER = "ledger.jsonl"


def main(folder: Path, *, worker: bool) -> None:
    def put_together(settings: Settings) -> House:
        wires = LabTransport(Asked(folder / NAMES), Ledger(folder / LEDGER))
        return build(settings, wires)

    def listens(_: House) -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    serve(read_settings(), Manner(put_together=put_together, worker=worker, listens=listens))


if __name__ == "__main__":
    main(Path(sys.argv[1]), worker="--no-worker" not in sys.argv)
