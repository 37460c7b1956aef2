"""What each web process tidies up on its own machine, where no sweep of another machine reaches."""

from __future__ import annotations

import threading

import structlog

from governance.evidence.pictures import clear_pictures

logger = structlog.get_logger(__name__)
EVERY_SECONDS = 60 * 60


class Housekeeping(threading.Thread):
    """Tidies up at once, then every hour, until the process ends."""

    def __init__(self) -> None:
        super().__init__(name="housekeeping", daemon=True)
        self.done = threading.Event()

    def run(self) -> None:
        """A failure is logged and tried again an hour later."""
        while True:
            try:
                if cleared := clear_pictures():
                    logger.info("pictures_cleared", count=cleared)
            except Exception:
                logger.exception("housekeeping_failed")
            if self.done.wait(EVERY_SECONDS):
                return


def start_housekeeping() -> Housekeeping:
    """Start it in this process."""
    keeper = Housekeeping()
    keeper.start()
    return keeper
