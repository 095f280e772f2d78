import logging
import os

from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import autoreload
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV
from whitenoise.runserver_nostatic.management.commands.runserver import (
    Command as RunserverCommand,
)


class Command(RunserverCommand):
    help = "Brings the demonstration site up to date, then serves it for development."

    def handle(self, *args, **options):
        logging.getLogger("django.utils.autoreload").setLevel(logging.WARNING)
        # This process prepares; the child that it starts at each change of the code only serves.
        if os.environ.get(DJANGO_AUTORELOAD_ENV) == "true":
            return super().handle(*args, **options)
        try:
            self.prepare()
        except OperationalError as error:
            raise CommandError(f"La base de données ne répond pas : {error}") from error
        finally:
            connection.close()
        super().handle(*args, **options)
        self.stdout.write("\nLe site est arrêté; ses données restent.")

    def prepare(self):
        """Migrate and load what is missing; next to nothing when all is there.

        Of several that start at once, the first does it and the others wait.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('manage.py run'))")
            try:
                executor = MigrationExecutor(connection)
                if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                    self.stdout.write("Mise à jour des tables…")
                    call_command("migrate", interactive=False, verbosity=0)
                call_command("load_demonstration")
            finally:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('manage.py run'))")

    def inner_run(self, *args, **options):
        # Checks that find nothing say nothing.
        autoreload.raise_last_exception()
        if not options["skip_checks"]:
            self.check()
        super().inner_run(*args, **{**options, "skip_checks": True})

    def on_bind(self, server_port):
        everywhere = self.addr in ("0", "0.0.0.0", "::")
        host = "127.0.0.1" if everywhere else f"[{self.addr}]" if self._raw_ipv6 else self.addr
        self.stdout.write(
            f"\nLe site : http://{host}:{server_port}/"
            + (" (et par toutes les adresses de cette machine)" if everywhere else "")
            + "\nL’administration : "
            + f"http://{host}:{server_port}/admin/"
            + "\nCtrl-C arrête le site.\n"
        )
