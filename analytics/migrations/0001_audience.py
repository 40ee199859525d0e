import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _partitioned(table, keys):
    """Return SQL that puts a table in partitions by the second of its keys, or the first where that is a day.

    Django has no words for that. The table is empty yet, and gets its indexes and foreign keys afterwards, so it is made anew.
    """
    span = next(key for key in keys if key != "subject_id")
    return [
        f"CREATE TABLE {table}_anew (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ({span})",
        f"DROP TABLE {table}",
        f"ALTER TABLE {table}_anew RENAME TO {table}",
        f"ALTER TABLE {table} ADD PRIMARY KEY ({', '.join(keys)})",
    ]


_PARTITIONS = [
    *_partitioned("analytics_metricsecond", ("subject_id", "at")),
    *_partitioned("analytics_metricminute", ("subject_id", "at")),
    *_partitioned("analytics_playbacksession", ("day", "session")),
]


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0009_uploads_outlive_accounts'),
        ('streaming', '0011_channel_pictures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Subject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('PORTAL', 'portal'), ('MOVIE', 'movie'), ('STREAM', 'stream')], max_length=6, verbose_name='kind')),
                ('name', models.CharField(max_length=50, unique=True, verbose_name='name')),
                ('title', models.CharField(blank=True, max_length=255, verbose_name='title')),
                ('movie', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='audience', to='catalog.movie', verbose_name='movie')),
                ('stream', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='audience', to='streaming.stream', verbose_name='stream')),
            ],
            options={
                'verbose_name': 'subject of figures',
                'verbose_name_plural': 'subjects of figures',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RetentionEdge',
            fields=[
                ('pk', models.CompositePrimaryKey('subject_id', 'day', 'bucket', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('bucket', models.SmallIntegerField()),
                ('views', models.IntegerField(default=0)),
                ('viewers', models.IntegerField(default=0)),
                ('subject', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analytics.subject')),
            ],
            options={
                'verbose_name': 'edge of a retention curve',
                'verbose_name_plural': 'edges of retention curves',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PlaybackSession',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'session', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('session', models.UUIDField()),
                ('viewer_key', models.UUIDField()),
                ('device', models.CharField(blank=True, max_length=10)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('started_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, choices=[('ENDED', 'watched to the end'), ('QUIT', 'left'), ('FAILED', 'failed'), ('SILENT', 'not heard of any more')], max_length=6)),
                ('state', models.CharField(max_length=1)),
                ('first_frame_ms', models.IntegerField(null=True)),
                ('watch_ms', models.BigIntegerField(default=0)),
                ('stall_count', models.IntegerField(default=0)),
                ('stall_ms', models.BigIntegerField(default=0)),
                ('seek_ms', models.BigIntegerField(default=0)),
                ('switches_up', models.IntegerField(default=0)),
                ('switches_down', models.IntegerField(default=0)),
                ('dropped_frames', models.IntegerField(default=0)),
                ('received_bytes', models.BigIntegerField(default=0)),
                ('bitrate_ms', models.BigIntegerField(default=0)),
                ('bitrate_kbps', models.IntegerField(null=True)),
                ('quality', models.CharField(blank=True, max_length=12)),
                ('latency_ms', models.IntegerField(null=True)),
                ('errors', models.IntegerField(default=0)),
                ('fatal_code', models.CharField(blank=True, max_length=32)),
                ('is_business', models.BooleanField(default=False)),
                ('upscale_average', models.FloatField(null=True)),
                ('upscale_most', models.FloatField(null=True)),
                ('sections', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None)),
                ('score', models.FloatField(null=True)),
                ('score_version', models.SmallIntegerField(null=True)),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analytics.subject')),
            ],
            options={
                'verbose_name': 'playback session',
                'verbose_name_plural': 'playback sessions',
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='MetricSecond',
            fields=[
                ('pk', models.CompositePrimaryKey('subject_id', 'at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('viewers', models.IntegerField()),
                ('sessions', models.IntegerField()),
                ('joins', models.IntegerField(default=0)),
                ('leaves', models.IntegerField(default=0)),
                ('rebuffering', models.IntegerField(default=0)),
                ('errors', models.IntegerField(default=0)),
                ('ingress_bps', models.BigIntegerField(null=True)),
                ('egress_bps', models.BigIntegerField(default=0)),
                ('shown_bps', models.IntegerField(null=True)),
                ('latency_ms', models.IntegerField(null=True)),
                ('qualities', models.JSONField(default=dict)),
                ('is_sealed', models.BooleanField(default=False)),
                ('subject', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analytics.subject')),
            ],
            options={
                'verbose_name': 'figures of a second',
                'verbose_name_plural': 'figures of seconds',
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='MetricMinute',
            fields=[
                ('pk', models.CompositePrimaryKey('subject_id', 'at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('seconds', models.IntegerField()),
                ('viewers_sum', models.BigIntegerField()),
                ('viewers_peak', models.IntegerField()),
                ('sessions_peak', models.IntegerField()),
                ('joins', models.IntegerField()),
                ('leaves', models.IntegerField()),
                ('rebuffering_sum', models.BigIntegerField()),
                ('errors', models.IntegerField()),
                ('ingress_bps', models.BigIntegerField(null=True)),
                ('egress_bps', models.BigIntegerField()),
                ('shown_bps', models.IntegerField(null=True)),
                ('latency_ms', models.IntegerField(null=True)),
                ('qualities', models.JSONField(default=dict)),
                ('subject', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analytics.subject')),
            ],
            options={
                'verbose_name': 'figures of a minute',
                'verbose_name_plural': 'figures of minutes',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='MetricHour',
            fields=[
                ('pk', models.CompositePrimaryKey('subject_id', 'at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('seconds', models.IntegerField()),
                ('viewers_sum', models.BigIntegerField()),
                ('viewers_peak', models.IntegerField()),
                ('sessions_peak', models.IntegerField()),
                ('joins', models.IntegerField()),
                ('leaves', models.IntegerField()),
                ('rebuffering_sum', models.BigIntegerField()),
                ('errors', models.IntegerField()),
                ('ingress_bps', models.BigIntegerField(null=True)),
                ('egress_bps', models.BigIntegerField()),
                ('shown_bps', models.IntegerField(null=True)),
                ('latency_ms', models.IntegerField(null=True)),
                ('qualities', models.JSONField(default=dict)),
                ('subject', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analytics.subject')),
            ],
            options={
                'verbose_name': 'figures of an hour',
                'verbose_name_plural': 'figures of hours',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='MetricDay',
            fields=[
                ('pk', models.CompositePrimaryKey('subject_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('views', models.IntegerField(default=0)),
                ('viewers', models.IntegerField(default=0)),
                ('plays', models.IntegerField(default=0)),
                ('exits', models.IntegerField(default=0)),
                ('failures', models.IntegerField(default=0)),
                ('startup_ms', models.BigIntegerField(default=0)),
                ('watch_ms', models.BigIntegerField(default=0)),
                ('stall_ms', models.BigIntegerField(default=0)),
                ('stall_count', models.IntegerField(default=0)),
                ('received_bytes', models.BigIntegerField(default=0)),
                ('scores', models.FloatField(default=0)),
                ('scored', models.IntegerField(default=0)),
                ('subject', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analytics.subject')),
            ],
            options={
                'verbose_name': 'figures of a day',
                'verbose_name_plural': 'figures of days',
                'default_permissions': (),
            },
        ),
        migrations.RunSQL(_PARTITIONS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='subject',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '^(portal|movie:[0-9]{1,19}|stream:[0-9a-f-]{36})$')), name='subject_name'),
        ),
        migrations.AddIndex(
            model_name='playbacksession',
            index=models.Index(fields=['subject', 'started_at'], name='session_subject'),
        ),
        migrations.AddIndex(
            model_name='playbacksession',
            index=models.Index(condition=models.Q(('user__isnull', False)), fields=['user'], name='session_user'),
        ),
        migrations.AddIndex(
            model_name='metricsecond',
            index=django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='metric_second_at', pages_per_range=32),
        ),
        migrations.AddIndex(
            model_name='metrichour',
            index=models.Index(fields=['at', 'subject'], name='metric_hour_at'),
        ),
        migrations.AddIndex(
            model_name='metricday',
            index=models.Index(fields=['day', 'subject'], name='metric_day_day'),
        ),
    ]
