"""A small client for Countersign's API.

>>> client = Countersign("https://countersign.example", token="cs_production_…")
>>> client.put_source("acme", "WO-4711", {"text": "BUCKET CYL LEAKING"}, site="north")
>>> item = client.submit({...})
>>> receipt = client.finality(item["id"], item["digest"])["receipt"]
>>> client.consume(item["id"], receipt)      # and only then act
"""

from countersign_client.client import Countersign
from countersign_client.digests import digest_of
from countersign_client.errors import ProblemError, UnreachableError
from countersign_client.webhooks import Event, read_webhook

__all__ = ["Countersign", "Event", "ProblemError", "UnreachableError", "digest_of", "read_webhook"]
