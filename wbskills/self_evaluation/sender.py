"""Writing answers that people have sent: at once if possible, else as soon as it is.

Answers wait in the private file (`private_records.self_evaluations`) until they are written, so
that a server that was stopped goes on where it was.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from wbskills.domain import Identity
from wbskills.errors import StoreError, WbskillsError
from wbskills.private_records.self_evaluations import Clock, Draft, SelfEvaluations
from wbskills.tasks.self_evaluation import AnswersRefused, Reason, SelfEvaluation, Sent

WAIT_SECONDS: Final = 5.0  # that a person waits for their answers to be written
_PAUSE: Final = 15.0  # seconds between two looks at what waits
_DAY: Final = 86_400.0

AsPerson = Callable[[Identity], AbstractContextManager[None] | None]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of answers: written, refused for a reason, or neither: they wait."""

    sent: Sent | None = None
    refused: AnswersRefused | None = None


class Sender:
    """Writes the answers to one questionnaire, one person at a time, in a thread of its own.

    `write_lock` is held by whoever changes the Wikibase. `as_person` makes edits as a person, if
    they allowed it.
    """

    def __init__(
        self,
        evaluation: SelfEvaluation,
        private: SelfEvaluations,
        write_lock: AbstractContextManager[object],
        clock: Clock,
        as_person: AsPerson,
    ) -> None:
        self._as_person = as_person
        self._evaluation, self._private, self._clock = evaluation, private, clock
        self._write_lock = write_lock
        self._worker = ThreadPoolExecutor(1, "sender")
        self._closed = threading.Event()
        self._watch = threading.Thread(
            target=self._look_again, name="waiting answers", daemon=True
        )

    def start(self) -> None:
        """Begin to write what was left when the server stopped, and to look for more."""
        self._watch.start()

    def close(self) -> None:
        """Stop after the answers that are being written; the others wait for the next start."""
        self._closed.set()
        self._worker.shutdown(cancel_futures=True)
        if self._watch.is_alive():
            self._watch.join()

    def send(self, draft: Draft, seconds: float = WAIT_SECONDS) -> Outcome:
        """Keep answers as sent, and write them; returns after some seconds in any case.

        Raises `StoreError` if they cannot even be kept.
        """
        self._private.submit(draft)
        future = self._worker.submit(self._write_waiting, draft.identity)
        done = wait([future], seconds).done
        return future.result() if done else Outcome()

    def withdraw(self, identity: Identity) -> bool:
        """Remove a person from the Wikibase and from the private file.

        Returns whether anything was in the Wikibase. Raises `StoreError`.
        """
        with self._write_lock:
            stored = self._evaluation.withdraw(identity)
            self._private.forget([identity])
        return stored

    def _look_again(self) -> None:
        cleaned = 0.0
        waited = 0.0
        while not self._closed.is_set():
            try:
                while (
                    not self._closed.is_set()
                    and self._worker.submit(self._write_waiting, None).result().sent
                ):
                    pass
                if waited >= cleaned:
                    cleaned = waited + _DAY
                    self._private.drop_old()
            except WbskillsError as error:
                _log.warning("answers wait: %s", type(error).__name__)
            except CancelledError:  # the program ends
                return
            except Exception as error:  # noqa: BLE001 - the answers of others must not wait for it
                _log.error("answers wait, for an error of ours: %s", type(error).__name__)
            self._closed.wait(_PAUSE)
            waited += _PAUSE

    def _write_waiting(self, only: Identity | None) -> Outcome:
        """Write what one person sent; of anybody if `only` is None."""
        draft = self._private.take_waiting(only)
        if draft is None:
            return Outcome()
        try:
            with self._write_lock:
                sent = self._sent(draft)
        except AnswersRefused as error:
            self._private.change(draft, {}, refused=error.reason.value)
            return Outcome(refused=error)
        except WbskillsError as error:
            # Its text may name a person.
            _log.warning("answers could not be written yet: %s", type(error).__name__)
            self._private.postpone(draft)
            return Outcome()
        self._private.finish(draft)
        return Outcome(sent=sent)

    def _sent(self, draft: Draft) -> Sent:
        """Write answers as the person, if they and their wiki allow it; else as the program."""
        self._evaluation.prepare(self._clock())
        acting = self._as_person(draft.identity)
        if acting is not None:
            try:
                with acting:
                    return self._evaluation.send(draft, self._clock())
            except AnswersRefused as error:
                if error.reason is not Reason.ITEM_REFUSED:
                    raise
            except StoreError:
                _log.warning("answers could not be written as the person")
        return self._evaluation.send(draft, self._clock())
