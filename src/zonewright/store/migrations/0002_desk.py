"""Grants, places, the queue, the log of changed parcels, map layers, attachments."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import zonewright.store.fields


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0001_workspace"),
    ]

    operations = [
        migrations.CreateModel(
            name="Blob",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("media_type", models.TextField()),
                ("content", models.BinaryField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(help_text="table, as in `Revision`")),
                ("row", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="MapLayer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(unique=True)),
                ("name", models.TextField()),
                ("kind", models.TextField()),
                ("url", models.TextField(blank=True, default="")),
                ("attribution", models.TextField(blank=True, default="")),
                ("min_zoom", models.IntegerField(default=0)),
                ("max_zoom", models.IntegerField(default=18)),
                ("tile_size", models.IntegerField(default=256)),
                ("color", models.CharField(blank=True, default="", max_length=7)),
                ("shown", models.BooleanField(default=True)),
                ("position", models.IntegerField(default=0)),
                (
                    "added_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("added_by", models.TextField(blank=True, default="")),
            ],
            options={
                "ordering": ("position", "code"),
            },
        ),
        migrations.CreateModel(
            name="RunFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("given", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AlterModelOptions(
            name="auditentry",
            options={"ordering": ("-at", "-id")},
        ),
        migrations.AlterModelOptions(
            name="run",
            options={"ordering": ("-id",)},
        ),
        migrations.AddField(
            model_name="auditentry",
            name="reason",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="record",
            field=models.TextField(blank=True, db_default="", db_index=True, default=""),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="undoes",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="store.auditentry",
            ),
        ),
        migrations.AddField(
            model_name="parcel",
            name="stage",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=2
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="attempts",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="run",
            name="cancel_requested",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="run",
            name="heartbeat_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=7),
        ),
        migrations.AddField(
            model_name="run",
            name="message",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="run",
            name="queued_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name="run",
            name="worker",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="run",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="run",
            name="status",
            field=models.TextField(db_index=True, default="running"),
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("prefix", models.CharField(max_length=12)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("role", models.TextField(blank=True, default="")),
                ("hierarchy", models.TextField(blank=True, default="")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record", models.TextField(db_index=True)),
                ("name", models.TextField()),
                ("note", models.TextField(blank=True, default="")),
                (
                    "added_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("added_by", models.TextField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("removed_by", models.TextField(blank=True, default="")),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.blob",
                    ),
                ),
            ],
            options={
                "ordering": ("added_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.TextField()),
                ("hierarchy", models.TextField(blank=True, default="")),
                (
                    "granted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("granted_by", models.TextField(blank=True, default="")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("user", "zone", "role"),
            },
        ),
        migrations.CreateModel(
            name="MapFeature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("geometry", zonewright.store.fields.GeometryField(blank=True, null=True)),
                ("west", models.FloatField(blank=True, editable=False, null=True)),
                ("south", models.FloatField(blank=True, editable=False, null=True)),
                ("east", models.FloatField(blank=True, editable=False, null=True)),
                ("north", models.FloatField(blank=True, editable=False, null=True)),
                ("name", models.TextField(blank=True, db_default="", default="")),
                (
                    "properties",
                    models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
                ),
                (
                    "layer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="features",
                        to="store.maplayer",
                    ),
                ),
            ],
            options={
                "ordering": ("layer", "id"),
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField(unique=True)),
                ("zones", models.ManyToManyField(related_name="+", to="store.zone")),
            ],
        ),
        migrations.AddField(
            model_name="nogo",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="store.place",
            ),
        ),
        migrations.AddField(
            model_name="parcel",
            name="place",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="store.place",
            ),
        ),
        migrations.AddField(
            model_name="work",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="store.place",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(fields=["stage", "code"], name="parcel_stage_code"),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(fields=["area_m2", "code"], name="parcel_area_code"),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(fields=["place", "code"], name="parcel_place_code"),
        ),
        migrations.AddField(
            model_name="runfile",
            name="blob",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.blob"
            ),
        ),
        migrations.AddField(
            model_name="runfile",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="files", to="store.run"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                fields=("user", "role", "zone", "hierarchy"), name="grant_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("zone__isnull", True)),
                fields=("user", "role"),
                name="grant_everywhere_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="runfile",
            constraint=models.UniqueConstraint(fields=("run", "name"), name="run_file_once"),
        ),
    ]
