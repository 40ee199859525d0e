from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('analytics', '0003_score_parts')]

    operations = [migrations.AddField('playbacksession', 'is_renewed', models.BooleanField(default=False))]
