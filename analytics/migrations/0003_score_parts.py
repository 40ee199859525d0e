from django.db import migrations, models

_SUMS = ("success_scores", "startup_scores", "smoothness_scores", "quality_scores")
_COUNTS = ("started_scored", "quality_scored")
_PARTS = ("score_success", "score_startup", "score_smoothness", "score_quality")


class Migration(migrations.Migration):

    dependencies = [('analytics', '0002_session_length')]

    operations = [
        *(migrations.AddField('metricday', name, models.FloatField(default=0)) for name in _SUMS),
        *(migrations.AddField('metricday', name, models.IntegerField(default=0)) for name in _COUNTS),
        *(migrations.AddField('playbacksession', name, models.FloatField(null=True)) for name in _PARTS),
        migrations.AddIndex(
            model_name='playbacksession',
            index=models.Index(
                condition=models.Q(('ended_at', None)), fields=['subject', 'started_at', 'session'], name='session_open'
            ),
        ),
    ]
