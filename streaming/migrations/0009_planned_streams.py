import django.db.models.deletion
import portal.texts
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('streaming', '0008_live_streams'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlannedStream',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=120, validators=[portal.texts.check_line], verbose_name='title')),
                ('description', models.TextField(blank=True, max_length=2000, validators=[portal.texts.check_prose], verbose_name='description')),
                ('starts_at', models.DateTimeField(verbose_name='begins')),
                ('created_at', models.DateTimeField(editable=False, verbose_name='announced')),
                ('cancelled_at', models.DateTimeField(editable=False, null=True, verbose_name='called off')),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plans', to='streaming.channel', verbose_name='channel')),
            ],
            options={
                'verbose_name': 'announced broadcast',
                'verbose_name_plural': 'announced broadcasts',
                'indexes': [models.Index(condition=models.Q(('cancelled_at', None)), fields=['starts_at', 'id'], name='planned_stream_next')],
                'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='planned_stream_has_title'), models.UniqueConstraint(condition=models.Q(('cancelled_at', None)), fields=('channel', 'starts_at'), name='planned_stream_one_at_a_time')],
            },
        ),
        migrations.AddField(
            model_name='stream',
            name='plan',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='streams', to='streaming.plannedstream', verbose_name='announced as'),
        ),
        migrations.AddField(
            model_name='stream',
            name='title',
            field=models.CharField(blank=True, max_length=120, verbose_name='title'),
        ),
    ]
