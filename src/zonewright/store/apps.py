"""The Django app of the workspace."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from zonewright.store.spatial import sync_after_migration


class StoreConfig(AppConfig):
    """The records, under the label ``store``."""

    name = "zonewright.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep spatial indexes and triggers in step with the tables."""
        post_migrate.connect(sync_after_migration, sender=self)
