from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('analytics', '0006_session_intervals')]

    operations = [migrations.AddField('metricday', 'drops', models.IntegerField(default=0))]
