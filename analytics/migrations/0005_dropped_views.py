from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('analytics', '0004_renewed_sessions')]

    operations = [migrations.AddField('metricday', 'drops', models.IntegerField(default=0))]
