"""`manage.py up`: everything, in one command, until Ctrl-C. `make run` calls it."""

import errno
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from connected import embedded
from connected.embedded.forks import Fork
from connected.embedded.layout import Layout
from connected.embedded.locks import FileLock
from connected.embedded.process import catches_interrupts, die_with_parent
from connected.supervisor import HOST, Failed, Supervisor, parts, port_is_free, preload

SIGN_INS = ("consultant@sample.test", "manager@sample.test", "owner@sample.test")


def follow_parent() -> Callable[[], bool]:
    """End when `make` ends, and tell when it has been interrupted.

    A terminal interrupts both of us. A script may interrupt only make, which then restores the default
    action and waits for us without a word.
    """
    die_with_parent(signal.SIGTERM)
    make = os.getppid()
    if not catches_interrupts(make):
        return lambda: False
    return lambda: not catches_interrupts(make)


class Console:
    """Where is spoken to somebody who may stop listening (`make run | head`): then all goes on unsaid."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError as error:
            if error.errno in {errno.EPIPE, errno.EIO}:
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def flush(self) -> None:
        """Nothing is kept back."""

    def isatty(self) -> bool:
        return self._stream.isatty()


class Command(BaseCommand):
    help = "Start PostgreSQL, Valkey, web, workers and beat; stop them with Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with-parent", action="store_true", help="stop when the process that started this ends"
        )

    def handle(self, *, with_parent: bool, **options: Any) -> None:
        self.stdout = OutputWrapper(Console(sys.stdout))  # type: ignore[arg-type]
        self.stderr = OutputWrapper(Console(sys.stderr))  # type: ignore[arg-type]
        self.stderr.style_func = self.style.ERROR
        self.told_to_stop = follow_parent() if with_parent else lambda: False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # A shell starts what goes on in the background deaf to interrupts; `nohup` means what it says.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)
        layout = Layout.of(settings.DATA_DIR)
        try:
            with ExitStack() as stack:
                self.claim(layout, stack)
                self.run_parts(layout, stack)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except (Failed, embedded.EmbeddedError) as failure:
            raise CommandError(str(failure)) from failure

    def claim(self, layout: Layout, stack: ExitStack) -> None:
        """Say what is in the way before anything is started."""
        layout.make()
        lock = FileLock(layout.locks / "up")
        if not lock.try_exclusive():
            raise CommandError(
                f"Connected already runs on {layout.data_dir}. Stop it, or choose another folder: "
                "make run DATA_DIR=.data-two PORT=8001"
            )
        stack.callback(lock.release)
        if not port_is_free(settings.PORT):
            raise CommandError(
                f"Port {settings.PORT} is in use by another program. Stop it, or choose another port: "
                f"make run PORT={settings.PORT + 1}"
            )

    def run_parts(self, layout: Layout, stack: ExitStack) -> None:
        services = embedded.begin(layout.data_dir, settings.EMBEDDED)
        stack.callback(services.stop)
        preload()
        services.wait()
        self.set_up(stack)
        supervisor = Supervisor(
            layout.logs,
            services_failed=services.failure,
            told_to_stop=self.told_to_stop,
            say=self.stderr.write,
        )
        stack.callback(supervisor.stop)
        supervisor.start(parts(settings.PORT, layout.data_dir))
        supervisor.wait_until_ready(settings.PORT, settings.ALLOWED_HOSTS[0].strip("*.") or HOST)
        self.announce(layout.data_dir)
        supervisor.watch()

    def set_up(self, stack: ExitStack) -> None:
        """Run `setup` in a child: what it opens must not reach the parts."""

        def setup() -> None:
            out: Any = Console(sys.stdout)
            err: Any = Console(sys.stderr)
            try:
                with redirect_stdout(out), redirect_stderr(err):
                    call_command("setup", sample=settings.SAMPLE)
            except CommandError as odd:
                self.stderr.write(str(odd))
                raise SystemExit(1) from odd

        child = Fork(setup, name="setup")
        stack.callback(child.kill_group)
        if child.wait():
            raise Failed("Setting up did not work; see above.")

    def announce(self, data_dir: Path) -> None:
        self.stdout.write(f"Ready: http://127.0.0.1:{settings.PORT}")
        if settings.SAMPLE:
            self.stdout.write("Sign in with the password connected-demo as")
            for email in SIGN_INS:
                self.stdout.write(f"  {email}")
        self.stdout.write(f"Ctrl-C stops everything; the data stays in {data_dir}.")
