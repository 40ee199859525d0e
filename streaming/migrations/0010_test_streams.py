from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('streaming', '0009_planned_streams'),
    ]

    operations = [
        migrations.AddField(
            model_name='channel',
            name='test_until',
            field=models.DateTimeField(editable=False, null=True, verbose_name='what begins is a test until'),
        ),
        migrations.AddField(
            model_name='stream',
            name='is_test',
            field=models.BooleanField(default=False, verbose_name='test'),
        ),
    ]
