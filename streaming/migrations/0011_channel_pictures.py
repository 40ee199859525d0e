import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('streaming', '0010_test_streams'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChannelPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_hash', models.CharField(max_length=64)),
                ('blurhash', models.CharField(max_length=40)),
                ('edition', models.CharField(max_length=16, unique=True)),
                ('widths', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), size=None)),
                ('formats', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=4), size=None)),
                ('created_at', models.DateTimeField(verbose_name='added')),
                ('channel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='picture', to='streaming.channel', verbose_name='channel')),
            ],
            options={
                'verbose_name': 'picture of a channel',
                'verbose_name_plural': 'pictures of channels',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('formats__len__gte', 1), ('widths__len__gte', 1)), name='channel_picture_has_files')],
            },
        ),
    ]
