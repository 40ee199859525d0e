from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('analytics', '0005_many_stalls')]

    operations = [migrations.AddField('playbacksession', 'interval_s', models.SmallIntegerField(db_default=10))]
