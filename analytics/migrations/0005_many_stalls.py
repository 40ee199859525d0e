from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('analytics', '0004_renewed_sessions')]

    operations = [migrations.AlterField('metricday', 'stall_count', models.BigIntegerField(default=0))]
