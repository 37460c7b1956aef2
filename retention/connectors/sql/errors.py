"""What a database's own error codes mean, in one place: SQLSTATE, MySQL's numbers, SQLite's result codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pymysql
from sqlalchemy import exc

from retention.connectors.base import TroubleError

#: PostgreSQL: a whole SQLSTATE, or its class, the first two characters.
SQLSTATES = {
    "08": "unreachable", "57P": "unreachable", "58": "unreachable", "XX": "unreachable",
    "28": "credentials",
    "42501": "denied", "25006": "denied", "0L": "denied",
    "3D": "vanished", "3F": "vanished", "42P01": "vanished",
    "22": "wrong_kind", "42": "wrong_kind", "0A": "wrong_kind", "27": "wrong_kind",
    "40": "throttled", "53": "throttled", "55": "throttled", "57014": "throttled", "25P": "throttled",
}  # fmt: skip
#: PostgreSQL says why it refuses a connection in words only; these are its own, in English.
REFUSALS = (
    ("password authentication failed", "28P01"), ("no password supplied", "28P01"), ("no pg_hba.conf entry", "28000"),
    ("authentication failed", "28000"), ("is not permitted to log in", "28000"), ('role "', "28000"),
    ("does not exist", "3D000"),
    ("permission denied for database", "42501"), ("too many", "53300"), ("connection slots", "53300"),
    ("the database system is", "57P03"),
)  # fmt: skip
MYSQL = {
    "credentials": (1045, 1698, 1820, 1862, 3118, 3159, 4151),
    "denied": (1044, 1142, 1143, 1227, 1290, 1370, 1792, 1836),
    "vanished": (1049, 1051, 1146),
    "wrong_kind": (1054, 1064, 1264, 1292, 1347, 1366, 1411, 1525),
    "throttled": (1040, 1203, 1205, 1213, 1226, 1317, 1969, 3024, 3572),
}
SQLITE = {
    3: "denied", 5: "throttled", 6: "throttled", 7: "throttled", 8: "denied", 9: "throttled", 10: "unreachable",
    11: "wrong_kind", 13: "unreachable", 14: "vanished", 23: "denied", 26: "wrong_kind",
}  # fmt: skip


@contextmanager
def told(operation: str) -> Iterator[None]:
    """Turn what a database or its driver raises into a :class:`TroubleError`: its code and the operation, no more.

    The driver's own text may hold values, names and the address, so it is never passed on.
    """
    try:
        yield
    except exc.DBAPIError as error:
        raise trouble_of(error.orig, operation) from None
    except exc.TimeoutError:
        raise TroubleError("throttled", f"no free connection for {operation}") from None
    except (exc.NoSuchTableError, exc.UnreflectableTableError):
        raise TroubleError("vanished", f"a table went away during {operation}") from None
    except (exc.ArgumentError, exc.NoSuchModuleError, exc.InvalidRequestError) as error:
        raise TroubleError("wrong_kind", f"{type(error).__name__} on {operation}") from None
    except (pymysql.err.Error, OSError) as error:
        raise trouble_of(error, operation) from None


def trouble_of(error: BaseException | None, operation: str) -> TroubleError:
    """The trouble that a driver's exception stands for."""
    code, own = _coded(error)
    return TroubleError(code, f"{own} on {operation}")


@contextmanager
def told_but_integrity(operation: str) -> Iterator[None]:
    """The same, but a constraint's refusal goes through: it is about a row, not about the store."""
    with told(operation):
        try:
            yield
        except exc.IntegrityError as error:
            refusal = error
        else:
            return
    raise refusal


def _coded(error: BaseException | None) -> tuple[str, str]:
    if isinstance(error, pymysql.err.Error):
        return _mysql(error)
    number = getattr(error, "sqlite_errorcode", None)
    if number is not None:
        return _sqlite(int(number), str(error))
    state = getattr(error, "sqlstate", None) or _refusal(str(error))
    for length in (5, 3, 2):
        if state[:length] in SQLSTATES:
            return SQLSTATES[state[:length]], state
    return "unreachable", state or type(error).__name__


def _refusal(text: str) -> str:
    return next((state for words, state in REFUSALS if words in text), "")


def _mysql(error: pymysql.err.Error) -> tuple[str, str]:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    own = str(number or type(error).__name__)
    return next((code for code, numbers in MYSQL.items() if number in numbers), "unreachable"), own


def _sqlite(number: int, text: str) -> tuple[str, str]:
    if "no such table" in text:
        return "vanished", f"SQLite {number}"
    return SQLITE.get(number & 0xFF, "wrong_kind"), f"SQLite {number}"
