from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('streaming', '0001_channels_keys_streams'),
    ]

    operations = [
        migrations.AlterField(
            model_name='stream',
            name='video_codec',
            # The longest of HEVC's: hvc1.A31.FFFFFFFF.H255.FF.FF.FF.FF.FF.FF
            field=models.CharField(blank=True, help_text='RFC 6381: avc1.640028.', max_length=48, verbose_name='video'),
        ),
    ]
