"""Returns and publications, supervision orders, versions of targets."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.TextField(unique=True)),
                ("rule", models.TextField(blank=True, default="")),
                ("matter", models.TextField(db_index=True)),
                ("period", models.CharField(max_length=7)),
                ("subject", models.TextField(blank=True, default="")),
                ("cause", models.JSONField(default=dict)),
                ("title", models.TextField(blank=True, default="")),
                ("owner", models.TextField(blank=True, default="")),
                ("due_on", models.DateField()),
                ("state", models.TextField(db_default="open", db_index=True, default="open")),
                ("level", models.IntegerField(db_default=0, default=0)),
                ("raised_on", models.DateField()),
                ("raised_by", models.TextField()),
                ("closed_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ("-raised_on", "code"),
            },
        ),
        migrations.CreateModel(
            name="OrderStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("text", models.TextField(blank=True, default="")),
                ("due_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(db_index=True, max_length=7)),
                ("title", models.TextField(blank=True, default="")),
                ("as_of", models.DateTimeField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("values", models.JSONField(default=dict)),
                ("by", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Return",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField()),
                ("period", models.CharField(max_length=7)),
                ("state", models.TextField(db_default="draft", db_index=True, default="draft")),
                ("due_on", models.DateField()),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "ordering": ("-period", "kind", "zone"),
            },
        ),
        migrations.CreateModel(
            name="ReturnStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("remark", models.TextField(blank=True, default="")),
            ],
            options={
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="ReturnVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("rows", models.JSONField(default=dict)),
                ("findings", models.JSONField(default=list)),
                ("name", models.TextField(blank=True, default="")),
                ("origin", models.TextField(default="excel")),
                ("made_by", models.TextField()),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "ordering": ("of", "number"),
            },
        ),
        migrations.CreateModel(
            name="TargetVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("value", models.DecimalField(decimal_places=6, max_digits=24)),
                ("unit", models.TextField()),
                ("curve", models.TextField(default="linear")),
                ("points", models.JSONField(blank=True, default=dict)),
                ("reason", models.TextField(blank=True, default="")),
                ("by", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ("target", "number"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="target",
            name="target_once",
        ),
        migrations.AddField(
            model_name="target",
            name="subject",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(
                fields=["period", "indicator", "zone", "recorded_at"], name="observation_month"
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(
                fields=("indicator", "zone", "year", "subject"), name="target_once"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="indicator",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.indicator",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="zone",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="store.zone"
            ),
        ),
        migrations.AddField(
            model_name="orderstep",
            name="of",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="store.order"
            ),
        ),
        migrations.AddField(
            model_name="return",
            name="zone",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="store.zone"
            ),
        ),
        migrations.AddField(
            model_name="returnstep",
            name="of",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="store.return"
            ),
        ),
        migrations.AddField(
            model_name="returnversion",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.blob",
            ),
        ),
        migrations.AddField(
            model_name="returnversion",
            name="of",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="store.return",
            ),
        ),
        migrations.AddField(
            model_name="returnversion",
            name="source",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.sourcefile",
            ),
        ),
        migrations.AddField(
            model_name="returnstep",
            name="version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.returnversion",
            ),
        ),
        migrations.AddField(
            model_name="return",
            name="locked",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.returnversion",
            ),
        ),
        migrations.AddField(
            model_name="return",
            name="version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.returnversion",
            ),
        ),
        migrations.AddField(
            model_name="targetversion",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="store.target",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("open", "replied"))),
                fields=("matter",),
                name="order_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnversion",
            constraint=models.UniqueConstraint(fields=("of", "number"), name="return_version_once"),
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(fields=["period", "kind"], name="return_when_kind"),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.UniqueConstraint(
                fields=("kind", "zone", "period"), name="return_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="targetversion",
            constraint=models.UniqueConstraint(
                fields=("target", "number"), name="target_version_once"
            ),
        ),
    ]
