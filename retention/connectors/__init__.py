"""How the engine reaches into a data store: one connector for each kind.

A connector knows nothing of Django, cases or holds: it is given a :class:`~retention.connectors.base.Place`,
lists what is there, erases what it is told to, and says of each item by name what became of it. What may be
erased, and when, is the engine's word (``retention/services``).
"""
