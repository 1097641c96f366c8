"""`manage.py up`: everything, in one command, until Ctrl-C. `make run` calls it."""

import signal
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from connected import embedded
from connected.embedded.layout import Layout
from connected.embedded.locks import FileLock
from connected.embedded.process import die_with_parent
from connected.models import Workspace
from connected.supervisor import Failed, Supervisor, parts, port_is_free

SIGN_INS = ("consultant@sample.test", "manager@sample.test", "owner@sample.test")


class Command(BaseCommand):
    help = "Start PostgreSQL, Valkey, web, workers and beat; stop them with Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this ends")

    def handle(self, *, with_parent: bool, **options: Any) -> None:
        if with_parent:
            die_with_parent(signal.SIGTERM)
        for number in (signal.SIGTERM, signal.SIGHUP):
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
        handle = embedded.start(layout.data_dir, settings.EMBEDDED)
        stack.callback(handle.stop)
        call_command("setup", sample=settings.SAMPLE, stdout=self.stdout)
        with_sample = settings.SAMPLE and Workspace.objects.filter(slug="sample").exists()
        connections.close_all()
        supervisor = Supervisor(
            parts(settings.PORT, layout.data_dir),
            logs=layout.logs,
            env={"DATA_DIR": str(layout.data_dir), "PORT": str(settings.PORT)},
            services_failed=handle.failure,
            say=self.stderr.write,
        )
        stack.callback(supervisor.stop)
        supervisor.start()
        supervisor.wait_until_ready(settings.PORT, settings.ALLOWED_HOSTS[0])
        self.announce(layout.data_dir, with_sample=with_sample)
        supervisor.watch()

    def announce(self, data_dir: Path, *, with_sample: bool) -> None:
        self.stdout.write(f"Ready: http://127.0.0.1:{settings.PORT}")
        if with_sample:
            self.stdout.write("Sign in with the password connected-demo as")
            for email in SIGN_INS:
                self.stdout.write(f"  {email}")
        self.stdout.write(f"Ctrl-C stops everything; the data stays in {data_dir}.")
        self.stdout.flush()
