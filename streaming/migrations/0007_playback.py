import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0009_uploads_outlive_accounts'),
        ('streaming', '0006_first_quality_levels'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PlaybackRevocation',
            fields=[
                ('subject', models.CharField(max_length=50, primary_key=True, serialize=False, verbose_name='subject')),
                ('issued_before', models.DateTimeField(verbose_name='tokens issued before')),
                ('expires_at', models.DateTimeField(verbose_name='forgotten after')),
            ],
            options={
                'verbose_name': 'playback revocation',
                'verbose_name_plural': 'playback revocations',
                'default_permissions': ('add',),
                'indexes': [models.Index(fields=['expires_at'], name='playback_revocation_expiry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('subject__regex', '^(movie:[0-9]{1,19}|session:[0-9a-f-]{36})$')), name='playback_revocation_subject')],
            },
        ),
        migrations.CreateModel(
            name='WatchPosition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position_s', models.FloatField(verbose_name='position in seconds')),
                ('duration_s', models.FloatField(verbose_name='length in seconds')),
                ('updated_at', models.DateTimeField(verbose_name='last watched')),
                ('movie', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.movie', verbose_name='movie')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'watch position',
                'verbose_name_plural': 'watch positions',
                'default_permissions': (),
                'indexes': [models.Index(fields=['updated_at'], name='watch_position_age')],
                'constraints': [models.UniqueConstraint(fields=('user', 'movie'), name='watch_position_one_per_movie'), models.CheckConstraint(condition=models.Q(('duration_s__gt', 0), ('position_s__gte', 0)), name='watch_position_within_reason')],
            },
        ),
    ]
