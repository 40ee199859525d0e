from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0001_audience'),
    ]

    operations = [
        migrations.AddField(
            model_name='playbacksession',
            name='length_ms',
            field=models.BigIntegerField(null=True),
        ),
    ]
