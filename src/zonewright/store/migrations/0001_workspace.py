"""Make every table of a workspace, its spatial indexes and its triggers."""

import uuid

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import zonewright.store.fields
from zonewright.core.errors import StorageError
from zonewright.store.inspection import APPLICATION_ID
from zonewright.store.spatial import sync


def require_postgis(apps, schema_editor):
    """Switch PostGIS on; say how if that is not allowed."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'postgis'")
        if cursor.fetchone()[0]:
            return
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'")
        if not cursor.fetchone()[0]:
            raise StorageError("postgis-missing")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        trusted = cursor.fetchone()[0]
        if not trusted:
            raise StorageError("postgis-not-enabled")
        cursor.execute("CREATE EXTENSION postgis")


def sign_file(apps, schema_editor):
    """Write the application id by which a workspace file is known."""
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def add_indexes_and_triggers(apps, schema_editor):
    """Add R-trees or GiST indexes, and the triggers that keep them and the change tokens."""
    sync(schema_editor.connection)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(require_postgis, migrations.RunPython.noop),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
                ("by", models.TextField()),
                ("origin", models.TextField(blank=True, default="")),
                ("action", models.TextField()),
                ("table", models.TextField(blank=True, default="")),
                ("code", models.TextField(blank=True, default="")),
                ("before", models.JSONField(blank=True, null=True)),
                ("after", models.JSONField(blank=True, null=True)),
            ],
            options={
                "ordering": ("-at",),
            },
        ),
        migrations.CreateModel(
            name="Indicator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("name_en", models.TextField()),
                ("unit", models.TextField()),
                ("nature", models.TextField()),
                ("basis", models.TextField()),
                ("definition", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("token", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("question", models.TextField()),
                ("params", models.JSONField(default=dict)),
                ("fingerprint", models.CharField(db_index=True, max_length=64)),
                ("engines", models.JSONField(default=dict)),
                ("seed", models.BigIntegerField(blank=True, null=True)),
                ("status", models.TextField(default="running")),
                ("progress", models.FloatField(default=0.0)),
                ("result", models.JSONField(blank=True, null=True)),
                ("error", models.TextField(blank=True, default="")),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("by", models.TextField(blank=True, default="")),
            ],
            options={
                "ordering": ("-started_at",),
            },
        ),
        migrations.CreateModel(
            name="SourceFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("size", models.BigIntegerField()),
                ("columns", models.JSONField(default=dict)),
                ("notice", models.TextField(blank=True, default="")),
                ("findings", models.JSONField(default=list)),
                ("imported_at", models.DateTimeField()),
                ("imported_by", models.TextField()),
            ],
            options={
                "ordering": ("imported_at", "name"),
            },
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identity", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("title", models.TextField(default="")),
                ("title_en", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("engine_version", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=150, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, max_length=150, verbose_name="last name"),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="date joined"
                    ),
                ),
                ("language", models.CharField(blank=True, default="", max_length=7)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="NoGo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("geometry", zonewright.store.fields.GeometryField(blank=True, null=True)),
                ("west", models.FloatField(blank=True, editable=False, null=True)),
                ("south", models.FloatField(blank=True, editable=False, null=True)),
                ("east", models.FloatField(blank=True, editable=False, null=True)),
                ("north", models.FloatField(blank=True, editable=False, null=True)),
                ("code", models.TextField(unique=True)),
                ("kind", models.TextField()),
                ("name", models.TextField(blank=True, db_default="", default="")),
                ("area_m2", models.FloatField(blank=True, null=True)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Zone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("name_en", models.TextField(blank=True, db_default="", default="")),
                ("kind", models.TextField()),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
            ],
            options={
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Work",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("geometry", zonewright.store.fields.GeometryField(blank=True, null=True)),
                ("west", models.FloatField(blank=True, editable=False, null=True)),
                ("south", models.FloatField(blank=True, editable=False, null=True)),
                ("east", models.FloatField(blank=True, editable=False, null=True)),
                ("north", models.FloatField(blank=True, editable=False, null=True)),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("kind", models.TextField()),
                ("status", models.TextField(blank=True, db_default="", default="")),
                (
                    "total_cost_cny",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=20, null=True),
                ),
                (
                    "year_plan_cny",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=20, null=True),
                ),
                ("planned_start", models.DateField(blank=True, null=True)),
                ("started_on", models.DateField(blank=True, null=True)),
                ("planned_finish", models.DateField(blank=True, null=True)),
                ("finished_on", models.DateField(blank=True, null=True)),
                ("funds", models.TextField(blank=True, db_default="", default="")),
                ("owner", models.TextField(blank=True, db_default="", default="")),
                ("floor_area_m2", models.FloatField(blank=True, null=True)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="works",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Venture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("firm", models.TextField(blank=True, db_default="", default="")),
                ("category", models.TextField()),
                ("source_country", models.TextField(blank=True, db_default="", default="")),
                ("source_city", models.TextField(blank=True, db_default="", default="")),
                ("industry", models.TextField(blank=True, db_default="", default="")),
                (
                    "investment",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=20, null=True),
                ),
                (
                    "fixed_investment",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=20, null=True),
                ),
                ("currency", models.CharField(db_default="CNY", default="CNY", max_length=3)),
                ("investment_unit", models.TextField(blank=True, db_default="", default="")),
                (
                    "investment_bound",
                    models.CharField(db_default="exact", default="exact", max_length=6),
                ),
                ("land_m2", models.FloatField(blank=True, null=True)),
                ("floor_area_m2", models.FloatField(blank=True, null=True)),
                ("power_kw", models.FloatField(blank=True, null=True)),
                ("water_m3_d", models.FloatField(blank=True, null=True)),
                ("gas_m3_d", models.FloatField(blank=True, null=True)),
                ("environment", models.TextField(blank=True, db_default="", default="")),
                ("officer", models.TextField(blank=True, db_default="", default="")),
                ("bottleneck", models.TextField(blank=True, db_default="", default="")),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ventures",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="QuotaEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("code", models.TextField(unique=True)),
                ("document", models.TextField(blank=True, db_default="", default="")),
                ("entry", models.TextField()),
                ("on", models.DateField()),
                ("debit", models.TextField(help_text="account that receives")),
                ("credit", models.TextField(help_text="account that gives")),
                ("category", models.TextField()),
                ("area_m2", models.FloatField()),
                ("area_unit", models.TextField(db_default="m2", default="m2")),
                ("project", models.TextField(blank=True, db_default="", default="")),
                ("expires_on", models.DateField(blank=True, null=True)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("on", "code"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("level", models.TextField(blank=True, db_default="", default="")),
                ("kind", models.TextField()),
                ("stage", models.TextField()),
                ("approver", models.TextField(blank=True, db_default="", default="")),
                ("approved_on", models.DateField(blank=True, null=True)),
                ("supersedes", models.TextField(blank=True, db_default="", default="")),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("geometry", zonewright.store.fields.GeometryField(blank=True, null=True)),
                ("west", models.FloatField(blank=True, editable=False, null=True)),
                ("south", models.FloatField(blank=True, editable=False, null=True)),
                ("east", models.FloatField(blank=True, editable=False, null=True)),
                ("north", models.FloatField(blank=True, editable=False, null=True)),
                ("code", models.TextField(unique=True)),
                ("town", models.TextField(blank=True, db_default="", default="")),
                ("bounds_text", models.TextField(blank=True, db_default="", default="")),
                ("area_m2", models.FloatField(blank=True, null=True)),
                ("reported_area_m2", models.FloatField(blank=True, null=True)),
                ("reported_area_unit", models.TextField(blank=True, db_default="", default="")),
                (
                    "reported_area_bound",
                    models.CharField(db_default="exact", default="exact", max_length=6),
                ),
                ("use", models.TextField(blank=True, db_default="", default="")),
                ("current_use", models.TextField(blank=True, db_default="", default="")),
                ("basic_farmland", models.BooleanField(blank=True, null=True)),
                ("batch", models.TextField(blank=True, db_default="", default="")),
                ("acquired_pct", models.FloatField(blank=True, null=True)),
                ("not_acquired_reason", models.TextField(blank=True, db_default="", default="")),
                ("levelling_state", models.TextField(blank=True, db_default="", default="")),
                ("available_on", models.DateField(blank=True, null=True)),
                ("intended_venture", models.TextField(blank=True, db_default="", default="")),
                ("owner", models.TextField(blank=True, db_default="", default="")),
                (
                    "services",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="OutlineItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("code", models.TextField(unique=True)),
                ("chapter", models.TextField()),
                ("position", models.IntegerField(db_default=0, default=0)),
                ("subject", models.TextField(blank=True, db_default="", default="")),
                ("period", models.TextField()),
                ("unit", models.TextField()),
                ("bound", models.CharField(db_default="exact", default="exact", max_length=6)),
                (
                    "step",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=16, null=True),
                ),
                ("wording", models.TextField(blank=True, db_default="", default="")),
                ("wording_en", models.TextField(blank=True, db_default="", default="")),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.indicator",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "code"),
            },
        ),
        migrations.CreateModel(
            name="FundEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("code", models.TextField(unique=True)),
                ("document", models.TextField(blank=True, db_default="", default="")),
                ("entry", models.TextField()),
                ("on", models.DateField()),
                ("debit", models.TextField(help_text="account that receives")),
                ("credit", models.TextField(help_text="account that gives")),
                ("kind", models.TextField()),
                ("amount_cny", models.DecimalField(decimal_places=2, max_digits=20)),
                ("amount_unit", models.TextField(db_default="元", default="元")),
                ("purpose", models.TextField(blank=True, db_default="", default="")),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("on", "code"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Firm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("industry", models.TextField(blank=True, db_default="", default="")),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firms",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="ParcelEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("stage", models.CharField(max_length=2)),
                ("on", models.DateField()),
                ("on_precision", models.CharField(db_default="d", default="d", max_length=1)),
                ("evidence", models.TextField(blank=True, db_default="", default="")),
                (
                    "parcel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="store.parcel",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
            ],
            options={
                "ordering": ("parcel", "stage"),
                "indexes": [models.Index(fields=["stage", "on"], name="parcel_event_stage_on")],
            },
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("step", models.TextField()),
                ("planned_on", models.DateField(blank=True, null=True)),
                ("actual_on", models.DateField(blank=True, null=True)),
                ("actual_precision", models.CharField(db_default="d", default="d", max_length=1)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "venture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="store.venture",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("venture", "step"), name="milestone_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("month", models.DateField(help_text="first day of the month")),
                (
                    "invested_cny",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=20, null=True),
                ),
                (
                    "invested_ytd_cny",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=20, null=True),
                ),
                ("physical_pct", models.FloatField(blank=True, null=True)),
                ("stage_text", models.TextField(blank=True, db_default="", default="")),
                ("issue", models.TextField(blank=True, db_default="", default="")),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "work",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="months",
                        to="store.work",
                    ),
                ),
            ],
            options={
                "ordering": ("work", "month", "recorded_at"),
                "indexes": [models.Index(fields=["month"], name="work_month_month")],
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("year", models.IntegerField()),
                ("value", models.DecimalField(decimal_places=6, max_digits=24)),
                ("unit", models.TextField()),
                ("curve", models.TextField(db_default="linear", default="linear")),
                (
                    "points",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="store.indicator",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("indicator", "zone", "year"), name="target_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Observation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("period", models.TextField()),
                ("value", models.DecimalField(decimal_places=6, max_digits=24)),
                ("unit", models.TextField()),
                ("bound", models.CharField(db_default="exact", default="exact", max_length=6)),
                ("basis", models.TextField(blank=True, db_default="", default="")),
                ("document", models.TextField(blank=True, db_default="", default="")),
                (
                    "firm",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.firm",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="store.indicator",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="store.observation",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["indicator", "period"], name="observation_what_when")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("firm__isnull", True), ("zone__isnull", False)),
                            models.Q(("firm__isnull", False), ("zone__isnull", True)),
                            _connector="OR",
                        ),
                        name="observation_of_zone_or_firm",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("hierarchy", models.TextField()),
                ("valid_from", models.DateField(blank=True, null=True)),
                ("valid_to", models.DateField(blank=True, null=True)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parents",
                        to="store.zone",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("parent", "child", "hierarchy"), name="membership_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ZoneVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.TextField(blank=True, db_default="", default="")),
                ("row", models.IntegerField(blank=True, null=True)),
                (
                    "columns",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                (
                    "origins",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("geometry", zonewright.store.fields.GeometryField(blank=True, null=True)),
                ("west", models.FloatField(blank=True, editable=False, null=True)),
                ("south", models.FloatField(blank=True, editable=False, null=True)),
                ("east", models.FloatField(blank=True, editable=False, null=True)),
                ("north", models.FloatField(blank=True, editable=False, null=True)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("legal_basis", models.TextField(blank=True, db_default="", default="")),
                ("area_m2", models.FloatField(blank=True, null=True)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.sourcefile",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="store.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("zone", "valid_from"),
                "constraints": [
                    models.UniqueConstraint(fields=("zone", "valid_from"), name="zone_version_once")
                ],
            },
        ),
        migrations.RunPython(sign_file, migrations.RunPython.noop),
        migrations.RunPython(add_indexes_and_triggers, migrations.RunPython.noop),
    ]
