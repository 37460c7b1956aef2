"""``python -m examples.dispatch_assistant``: post drafts, hear decisions, act once."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# The client is a package of its own; from a checkout it is found without installing it.
sys.path.insert(0, str(Path(__file__).parents[2] / "clients" / "python" / "src"))

from countersign_client import Countersign, ProblemError
from examples.dispatch_assistant.drafting import drafted, site_of
from examples.dispatch_assistant.ledger import Ledger
from examples.dispatch_assistant.orders import Order, from_csv, from_nestor, made_up
from examples.dispatch_assistant.receiver import act_on_events, listen


def arguments() -> argparse.Namespace:
    """What to post, how fast, and where."""
    parser = argparse.ArgumentParser(prog="dispatch_assistant", description=__doc__)
    parser.add_argument(
        "--company", type=Path, default=Path("var/example.json"), help="what manage.py demo --json wrote"
    )
    parser.add_argument("--ledger", type=Path, default=Path("var/example.db"))
    parser.add_argument("--csv", type=Path, help="work orders to post")
    parser.add_argument("--nestor", action="store_true", help="post the 5,485 orders of the nist-nestor wheel")
    parser.add_argument("--limit", type=int, default=40, help="post so many (0: all there are)")
    parser.add_argument("--rate", type=float, default=0, help="so many a second at most (0: as fast as it goes)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--listen", type=int, default=8765, help="port for webhooks")
    parser.add_argument("--tenant", default="acme")
    parser.add_argument("--kind", default="dispatch_record")
    parser.add_argument("--until-decided", action="store_true", help="end when every posted draft has its outcome")
    parser.add_argument("--totals", action="store_true", help="say what was posted, heard and done, and end")
    parser.add_argument("--wait-for", metavar="URL", help="wait until the console answers there, and end")
    return parser.parse_args()


def main() -> int:
    """Post, then listen until Ctrl-C."""
    options = arguments()
    if options.wait_for:
        return wait_for(options.wait_for)
    ledger = Ledger(options.ledger)
    if options.totals:
        print(json.dumps(ledger.totals(), indent=2))
        return 0
    company = json.loads(options.company.read_text("utf-8"))
    account = company["service_tokens"][0]
    client = Countersign(company["url"], account["token"])
    listen(options.listen, account["webhook_secret"], ledger)
    post_all(client, ledger, options)
    say(ledger)
    try:
        hear(client, ledger, options)
    except KeyboardInterrupt:
        say(ledger)
    return 0


def wait_for(url: str) -> int:
    """Until the console answers, for at most five minutes."""
    for _second in range(300):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return 0
        except OSError:
            time.sleep(1)
    return 1


def chosen(options: argparse.Namespace) -> Iterator[Order]:
    """The work orders that were asked for."""
    if options.csv:
        orders: Iterator[Order] = from_csv(options.csv.open(encoding="utf-8", newline=""))
    else:
        orders = from_nestor() if options.nestor else made_up()
    limit = options.limit or (None if options.csv or options.nestor else 40)
    return itertools.islice(orders, limit)


def post_all(client: Countersign, ledger: Ledger, options: argparse.Namespace) -> None:
    """Send each work order and its draft, several at a time; goes on where an earlier run stopped."""

    def post(order: Order) -> None:
        draft = drafted(order, options.tenant, options.kind)
        if ledger.is_posted(draft["reference"]):
            return
        client.put_source(options.tenant, order.number, order.content(), site=site_of(order))
        try:
            item = client.submit(draft, key=f"example-{draft['reference']}")
        except ProblemError as refusal:
            ledger.note_posted(draft["reference"], None, "", refusal.code)
            print(f"{draft['reference']}: {refusal}", file=sys.stderr)
            return
        ledger.note_posted(draft["reference"], item["id"], item["digest"])
        if options.rate:
            time.sleep(options.threads / options.rate)

    with ThreadPoolExecutor(options.threads) as pool:
        for number, _none in enumerate(pool.map(post, chosen(options)), start=1):
            if number % 250 == 0:
                print(f"posted {number} …", flush=True)


def hear(client: Countersign, ledger: Ledger, options: argparse.Namespace) -> None:
    """Act on what comes."""
    while True:
        if act_on_events(client, ledger):
            say(ledger)
        else:
            time.sleep(0.5)
        totals = ledger.totals()
        decided = sum(number for name, number in totals.items() if name.startswith("decided_"))
        if options.until_decided and decided >= totals["posted"]:
            return


def say(ledger: Ledger) -> None:
    """One line of totals."""
    print(", ".join(f"{name.replace('_', ' ')} {number}" for name, number in ledger.totals().items()), flush=True)


if __name__ == "__main__":
    sys.exit(main())
