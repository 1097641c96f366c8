"""Doors to the services of the shared words: one call each. Every task may run twice without harm."""

from celery import shared_task

from connected import services


@shared_task(name="connected.tasks.tidy")
def tidy() -> None:
    """Delete what was kept for a time that is over."""
    services.drop_expired_answers()
    services.drop_old_deliveries()


@shared_task(name="connected.tasks.send")
def send() -> None:
    """Send the events that are due."""
    services.send_due()
